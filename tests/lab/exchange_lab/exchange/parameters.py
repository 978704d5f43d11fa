# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What New- and Set-ReceiveConnector take and Get-ReceiveConnector shows, in one table.

The rows are in the order of the properties in a Get-ReceiveConnector object of Exchange 2019; "New-ReceiveConnector"
and "Set-ReceiveConnector" list the parameters and, by "Applicable", the first version of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from exchange_lab.exchange.quantities import UNLIMITED
from exchange_lab.exchange.versions import Profile, Version

_KB, _MB = 1024, 1024**2
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Attribute:
    """A property of a receive connector and the parameter of the same name.

    ``writable`` tells which of the two cmdlets has the parameter: "both", "set" or "" for output only. ``minimum``
    and ``maximum`` bound a value that is not Unlimited.
    """

    name: str
    kind: str
    default: Any
    since: Version = Version.E2007
    writable: str = "both"
    minimum: Any = None
    maximum: Any = None

    def exists(self, profile: Profile) -> bool:
        """Whether this version has it."""
        return profile.version >= self.since


_V2010, _V2013, _V2016 = Version.E2010, Version.E2013, Version.E2016

ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute("AuthMechanism", "auth_mechanisms", frozenset({"Tls"})),
    Attribute("Banner", "text", ""),
    Attribute("BinaryMimeEnabled", "boolean", True),
    Attribute("Bindings", "bindings", ()),
    Attribute("ChunkingEnabled", "boolean", True),
    Attribute("DefaultDomain", "accepted_domain", None),
    Attribute("DeliveryStatusNotificationEnabled", "boolean", True),
    Attribute("EightBitMimeEnabled", "boolean", True),
    Attribute("SmtpUtf8Enabled", "boolean", True, _V2013, "set"),
    Attribute("BareLinefeedRejectionEnabled", "boolean", False, _V2010, "set"),
    Attribute("DomainSecureEnabled", "boolean", False),
    Attribute("EnhancedStatusCodesEnabled", "boolean", True),
    Attribute("LongAddressesEnabled", "boolean", False),
    Attribute("OrarEnabled", "boolean", False),
    Attribute("SuppressXAnonymousTls", "boolean", False, _V2010),
    Attribute("ProxyEnabled", "boolean", False, _V2013, ""),
    Attribute("AdvertiseClientSettings", "boolean", False, _V2010),
    Attribute("Fqdn", "fqdn", None),
    Attribute("ServiceDiscoveryFqdn", "fqdn", None, _V2013),
    Attribute("TlsCertificateName", "certificate", None, _V2013),
    Attribute("Comment", "text", ""),
    Attribute("Enabled", "boolean", True),
    Attribute("ConnectionTimeout", "timespan", timedelta(minutes=10), minimum=_SECOND, maximum=_DAY),
    Attribute("ConnectionInactivityTimeout", "timespan", timedelta(minutes=5), minimum=_SECOND, maximum=_DAY),
    Attribute("MessageRateLimit", "unlimited", UNLIMITED, minimum=1, maximum=2**31 - 1),
    Attribute("MessageRateSource", "rate_source", "IPAddress", _V2010),
    Attribute("MaxInboundConnection", "unlimited", 5000, minimum=1, maximum=2**31 - 1),
    Attribute("MaxInboundConnectionPerSource", "unlimited", 20, minimum=1, maximum=10000),
    Attribute("MaxInboundConnectionPercentagePerSource", "integer", 2, minimum=1, maximum=100),
    Attribute("MaxHeaderSize", "size", 256 * _KB, minimum=1, maximum=2**31 - 1),
    Attribute("MaxHopCount", "integer", 60, minimum=1, maximum=500),
    Attribute("MaxLocalHopCount", "integer", 5, minimum=0, maximum=50),
    Attribute("MaxLogonFailures", "integer", 3, minimum=0, maximum=10),
    Attribute("MaxMessageSize", "size", 36 * _MB, minimum=64 * _KB, maximum=2**31 - 1),
    Attribute("MaxProtocolErrors", "unlimited", 5, minimum=0, maximum=2**31 - 1),
    Attribute("MaxRecipientsPerMessage", "integer", 200, minimum=1, maximum=512000),
    Attribute("PermissionGroups", "permission_groups", frozenset()),
    Attribute("PipeliningEnabled", "boolean", True),
    Attribute("ProtocolLoggingLevel", "protocol_logging", "None"),
    Attribute("RemoteIPRanges", "ranges", ()),
    Attribute("RequireEHLODomain", "boolean", False),
    Attribute("RequireTLS", "boolean", False),
    Attribute("EnableAuthGSSAPI", "boolean", False),
    Attribute("ExtendedProtectionPolicy", "extended_protection", "None", _V2010),
    Attribute("LiveCredentialEnabled", "boolean", False, _V2010, ""),
    Attribute("TlsDomainCapabilities", "capabilities", (), _V2010),
    Attribute("Server", "server", None, writable=""),
    Attribute("TransportRole", "transport_role", "HubTransport", _V2013),
    Attribute("RejectReservedTopLevelRecipientDomains", "boolean", False, _V2016),
    Attribute("RejectReservedSecondLevelRecipientDomains", "boolean", False, _V2016),
    Attribute("RejectSingleLabelRecipientDomains", "boolean", False, _V2016),
    Attribute("AcceptConsumerMail", "boolean", False, _V2016, ""),
    Attribute("SizeEnabled", "size_mode", "Enabled"),
    Attribute("TarpitInterval", "timespan", timedelta(seconds=5), minimum=timedelta(), maximum=timedelta(minutes=10)),
    Attribute(
        "AuthTarpitInterval",
        "timespan",
        timedelta(seconds=5),
        _V2016,
        minimum=timedelta(),
        maximum=timedelta(minutes=10),
    ),
    Attribute("MaxAcknowledgementDelay", "timespan", timedelta(seconds=30), _V2010, minimum=timedelta(), maximum=_DAY),
)

BY_NAME = {attribute.name: attribute for attribute in ATTRIBUTES}


def attributes(profile: Profile) -> Iterator[Attribute]:
    """The properties that a connector of this version shows, in order."""
    return (attribute for attribute in ATTRIBUTES if attribute.exists(profile))


def writable(profile: Profile, *, new: bool) -> Iterator[Attribute]:
    """The attributes that New- (or else Set-) ReceiveConnector takes as a parameter."""
    for attribute in attributes(profile):
        if attribute.writable == "both" or (attribute.writable == "set" and not new):
            yield attribute
