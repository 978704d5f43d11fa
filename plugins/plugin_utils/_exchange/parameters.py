# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every parameter of New- and Set-ReceiveConnector: one table that the options, the checks and the comparison follow.

The source of each row is the documentation page of the two cmdlets: "Applicable" for the first release, the text for
bounds and defaults. Defaults are Exchange's own and are never sent; they are here for the reader and the documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import kind
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Kind
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, Version

EXCHANGE_2007, EXCHANGE_2010 = Version.EXCHANGE_2007, Version.EXCHANGE_2010
EXCHANGE_2013, EXCHANGE_2016 = Version.EXCHANGE_2013, Version.EXCHANGE_2016

USAGES = ("Client", "Custom", "Internal", "Internet", "Partner")
TRANSPORT_ROLES = ("FrontendTransport", "HubTransport")


@dataclass(frozen=True)
class Parameter:
    """One parameter under the name of its option.

    ``default`` is what Exchange documents, as people write it; "" where it documents none. ``service_pack`` refines
    ``since``. ``minimum`` and ``maximum`` are in the kind's own values. ``clears`` tells that ``$null`` is a value,
    ``directory_name`` that an object in the directory is named so, which keeps no white space around it.
    """

    option: str
    name: str
    kind: Kind
    since: Version = EXCHANGE_2007
    default: str = ""
    on_new: bool = True
    on_set: bool = True
    minimum: Any = None
    maximum: Any = None
    clears: bool = False
    edge: bool = True
    service_pack: int = 0
    directory_name: bool = False

    def missing_from(self, server: ServerFacts) -> str:
        """Say why this server does not have the parameter, or "" if it has."""
        if server.version < self.since:
            return f"it came with {self.since} and this is {server.version}"
        if server.version == self.since and server.service_pack < self.service_pack:
            return f"it came with service pack {self.service_pack} of {self.since}"
        return "an Edge Transport server does not have it" if server.edge and not self.edge else ""

    def refusal(self, server: ServerFacts) -> str:
        """The sentence that says that this server does not have the parameter, or "" if it has."""
        if server.version < self.since:
            return f"{self.option} needs {self.since} or later; {server.name} runs {server.version}"
        missing = self.missing_from(server)
        return f"{self.option} is not there on {server.name}: {missing}" if missing else ""

    def check(self, value: Any) -> str:
        """Say what is wrong with a value, or "" if it lies within the bounds."""
        if value is None or (isinstance(value, str) and self.kind is kind.UNLIMITED_NUMBER):
            return ""
        if self.directory_name and (value != value.strip() or not value.isprintable()):
            return f"{value[:80]!r} has white space around it or characters that cannot be seen; remove them"
        low, high, write = self.minimum, self.maximum, self.kind.render
        measured = len(value) if self.kind is kind.TEXT else value
        if (low is None or measured >= low) and (high is None or measured <= high):
            return ""
        unit = " characters" if self.kind is kind.TEXT else ""
        return f"{str(write(value))[:80]} is not between {_shown(low, write)} and {_shown(high, write)}{unit}"


def _shown(bound: Any, write: Any) -> str:
    return str(write(bound)) if bound is not None else "0"


def _switch(option: str, name: str, since: Version = EXCHANGE_2007, default: str = "", **more: Any) -> Parameter:
    return Parameter(option, name, kind.BOOLEAN, since, default, **more)


def _delay(option: str, name: str, since: Version = EXCHANGE_2007, default: str = "", **more: Any) -> Parameter:
    return Parameter(option, name, kind.TIMESPAN, since, default, **more)


def _count(option: str, name: str, low: int, high: int, default: str) -> Parameter:
    return Parameter(option, name, kind.NUMBER, default=default, minimum=low, maximum=high)


def _limit(option: str, name: str, low: int, high: int, default: str) -> Parameter:
    return Parameter(option, name, kind.UNLIMITED_NUMBER, default=default, minimum=low, maximum=high)


_MAX_INT = 2147483647
_AUTH_MECHANISMS = kind.flags(
    "None", "Tls", "Integrated", "BasicAuth", "BasicAuthRequireTLS", "ExchangeServer", "ExternalAuthoritative"
)
# Custom is read and left out: Exchange derives it from the access control list and it cannot be set
_PERMISSION_GROUPS = kind.flags(
    "None",
    "AnonymousUsers",
    "ExchangeUsers",
    "ExchangeServers",
    "ExchangeLegacyServers",
    "Partners",
    derived=("Custom",),
)
_ROWS = (
    Parameter("name", "Name", kind.TEXT, minimum=1, maximum=64, directory_name=True),
    Parameter("bindings", "Bindings", kind.BINDINGS),
    Parameter("remote_ip_ranges", "RemoteIPRanges", kind.RANGES),
    Parameter("auth_mechanism", "AuthMechanism", _AUTH_MECHANISMS, default="Tls"),
    Parameter("permission_groups", "PermissionGroups", _PERMISSION_GROUPS, default="None"),
    Parameter("transport_role", "TransportRole", kind.one_of(*TRANSPORT_ROLES), EXCHANGE_2013, edge=False),
    _switch("enabled", "Enabled", default="true"),
    Parameter("comment", "Comment", kind.TEXT, clears=True),
    Parameter("banner", "Banner", kind.TEXT, clears=True),
    Parameter("fqdn", "Fqdn", kind.FQDN),
    Parameter("service_discovery_fqdn", "ServiceDiscoveryFqdn", kind.FQDN, EXCHANGE_2013, clears=True),
    Parameter("tls_certificate_name", "TlsCertificateName", kind.CERTIFICATE, EXCHANGE_2013, clears=True),
    Parameter("tls_domain_capabilities", "TlsDomainCapabilities", kind.CAPABILITIES, EXCHANGE_2010, clears=True),
    _switch("require_tls", "RequireTLS", default="false"),
    _switch("require_ehlo_domain", "RequireEHLODomain", default="false"),
    _switch("enable_auth_gssapi", "EnableAuthGSSAPI", default="false", service_pack=1),
    Parameter(
        "extended_protection_policy",
        "ExtendedProtectionPolicy",
        kind.one_of("None", "Allow", "Require"),
        EXCHANGE_2010,
        "None",
    ),
    _switch("domain_secure_enabled", "DomainSecureEnabled", default="false"),
    _switch("suppress_x_anonymous_tls", "SuppressXAnonymousTls", EXCHANGE_2010, "false"),
    _switch("advertise_client_settings", "AdvertiseClientSettings", EXCHANGE_2010, "false"),
    Parameter("default_domain", "DefaultDomain", kind.DOMAIN, clears=True),
    Parameter("max_message_size", "MaxMessageSize", kind.SIZE, default="36MB", minimum=64 << 10, maximum=_MAX_INT),
    Parameter("max_header_size", "MaxHeaderSize", kind.SIZE, default="256KB", minimum=1, maximum=_MAX_INT),
    _count("max_recipients_per_message", "MaxRecipientsPerMessage", 1, 512000, "200"),
    _count("max_hop_count", "MaxHopCount", 1, 500, "60"),
    _count("max_local_hop_count", "MaxLocalHopCount", 0, 50, "5"),
    _count("max_logon_failures", "MaxLogonFailures", 0, 10, "3"),
    _limit("max_protocol_errors", "MaxProtocolErrors", 0, _MAX_INT, "5"),
    _limit("max_inbound_connection", "MaxInboundConnection", 1, _MAX_INT, "5000"),
    _limit("max_inbound_connection_per_source", "MaxInboundConnectionPerSource", 1, 10000, "20"),
    _count("max_inbound_connection_percentage_per_source", "MaxInboundConnectionPercentagePerSource", 1, 100, "2"),
    _limit("message_rate_limit", "MessageRateLimit", 1, _MAX_INT, "Unlimited"),
    Parameter(
        "message_rate_source",
        "MessageRateSource",
        kind.one_of("None", "IPAddress", "User", "All"),
        EXCHANGE_2010,
        "IPAddress",
    ),
    _delay(
        "connection_timeout",
        "ConnectionTimeout",
        default="00:10:00",
        minimum=timedelta(seconds=1),
        maximum=timedelta(days=1),
    ),
    _delay(
        "connection_inactivity_timeout",
        "ConnectionInactivityTimeout",
        default="00:05:00",
        minimum=timedelta(seconds=1),
        maximum=timedelta(days=1),
    ),
    _delay("tarpit_interval", "TarpitInterval", default="00:00:05"),
    _delay("auth_tarpit_interval", "AuthTarpitInterval", EXCHANGE_2016, "00:00:05"),
    _delay("max_acknowledgement_delay", "MaxAcknowledgementDelay", EXCHANGE_2010, "00:00:30"),
    Parameter("protocol_logging_level", "ProtocolLoggingLevel", kind.one_of("None", "Verbose"), default="None"),
    Parameter(
        "size_enabled", "SizeEnabled", kind.one_of("Enabled", "Disabled", "EnabledWithoutValue"), default="Enabled"
    ),
    _switch("pipelining_enabled", "PipeliningEnabled", default="true"),
    _switch("chunking_enabled", "ChunkingEnabled", default="true"),
    _switch("binary_mime_enabled", "BinaryMimeEnabled", default="true"),
    _switch("eight_bit_mime_enabled", "EightBitMimeEnabled", default="true"),
    _switch("delivery_status_notification_enabled", "DeliveryStatusNotificationEnabled", default="true"),
    _switch("enhanced_status_codes_enabled", "EnhancedStatusCodesEnabled", default="true"),
    _switch("long_addresses_enabled", "LongAddressesEnabled", default="false", service_pack=1),
    _switch("orar_enabled", "OrarEnabled", default="false", service_pack=1),
    _switch(
        "reject_reserved_second_level_recipient_domains",
        "RejectReservedSecondLevelRecipientDomains",
        EXCHANGE_2016,
        "false",
    ),
    _switch(
        "reject_reserved_top_level_recipient_domains",
        "RejectReservedTopLevelRecipientDomains",
        EXCHANGE_2016,
        "false",
    ),
    _switch("reject_single_label_recipient_domains", "RejectSingleLabelRecipientDomains", EXCHANGE_2016, "false"),
    _switch("bare_linefeed_rejection_enabled", "BareLinefeedRejectionEnabled", EXCHANGE_2010, "false", on_new=False),
    _switch("smtp_utf8_enabled", "SmtpUtf8Enabled", EXCHANGE_2013, on_new=False),
    Parameter("usage", "Usage", kind.one_of(*USAGES), default="Custom", on_set=False),
)

PARAMETERS: Mapping[str, Parameter] = {row.option: row for row in _ROWS}
# What a connector shows of itself: everything but the usage, which Exchange does not keep
SETTINGS: Mapping[str, Parameter] = {row.option: row for row in _ROWS if row.on_set}


def argument_spec() -> dict[str, dict[str, Any]]:
    """Derive the options of receive_connector that are parameters of Exchange's; none has a default."""
    return {row.option: {"type": row.kind.ansible} for row in _ROWS}
