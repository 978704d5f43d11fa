#!/usr/bin/python
# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This is a virtual module that is entirely implemented as an action plugin and runs on the controller

from __future__ import annotations

DOCUMENTATION = r"""
---
module: receive_connector
short_description: A receive connector of Exchange, with every parameter that it has
version_added: 1.0.0
author:
  - The relayops.exchange contributors (@relayops)
description:
  - Creates, changes, renames, copies and removes one receive connector, through C(New-ReceiveConnector),
    C(Set-ReceiveConnector) and C(Remove-ReceiveConnector).
  - Only what is given is compared and sent; everything else stays as it is, or as Exchange makes it. Values are
    compared by meaning. No form of a range, a size, a time, a number or a name, and no order of a list, makes a change.
  - An empty string or a null counts as not given; O(clear) empties an option.
  - Before anything is written, addresses and ranges are compared with the server's other connectors, bindings with the
    addresses that the server holds, and values with each other. After a change Exchange is read again; where it does
    not agree, the task fails and names the option.
  - For connectors that let devices relay, M(relayops.exchange.relay_connector) does connector and right together.
extends_documentation_fragment:
  - relayops.exchange.attributes
  - relayops.exchange.attributes.exchange
  - relayops.exchange.session
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  name:
    description:
      - The connector's name, or its distinguished name or GUID where it exists already. C(SERVER\Name) names the server
        as well.
      - Required unless O(settings) has it. Names know no case.
      - At most 64 characters.
      - C(Name) of C(New-ReceiveConnector).
    type: str
  bindings:
    description:
      - Local addresses and ports to listen on, such as V(192.0.2.25:25) or V([2001:db8::25]:25); V(0.0.0.0:25) and
        V([::]:25) stand for every address.
      - An address without a port means port 25.
      - A new connector of O(usage=Custom), V(Internet) or V(Partner) needs it.
      - >-
        A list gives exactly these; V({add: […], remove: […]}) changes some and leaves all others, V({set: […]}) is
        the same as a list.
      - C(Bindings) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: raw
  remote_ip_ranges:
    description:
      - Clients that the connector serves. Single addresses, first-last ranges, CIDR (with or without host bits) and
        netmasks such as V(10.0.0.0(255.0.0.0\)); IPv6 with or without scope.
      - Compared by first and last address, whatever the form and the order.
      - A new connector needs it, but for O(usage=Internet).
      - Ranges of two connectors on one address and port must be disjoint, or one inside the other.
      - >-
        A list gives exactly these; V({add: […], remove: […]}) changes some and leaves all others, V({set: […]}) is
        the same as a list.
      - C(RemoteIPRanges) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: raw
  auth_mechanism:
    description:
      - Authentication mechanisms that it offers. Any of V(Tls), V(Integrated), V(BasicAuth), V(BasicAuthRequireTLS),
        V(ExchangeServer) and V(ExternalAuthoritative), or V(None) alone.
      - V(ExternalAuthoritative) needs O(acknowledge_trust).
      - Exchange's default is V(Tls) with O(usage=Custom); each usage has its own.
      - >-
        A list gives exactly these; V({add: […], remove: […]}) changes some and leaves all others, V({set: […]}) is
        the same as a list.
      - C(AuthMechanism) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: raw
  permission_groups:
    description:
      - Groups that may use the connector. Any of V(AnonymousUsers), V(ExchangeUsers), V(ExchangeServers),
        V(ExchangeLegacyServers) and V(Partners), or V(None) alone.
      - V(Custom), which Exchange shows when somebody granted a right beyond the groups, is neither compared nor sent.
        Use M(relayops.exchange.connector_permission) for such rights; they are kept when groups change.
      - Exchange's default is V(None) with O(usage=Custom); each usage has its own.
      - >-
        A list gives exactly these; V({add: […], remove: […]}) changes some and leaves all others, V({set: […]}) is
        the same as a list.
      - C(PermissionGroups) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: raw
  transport_role:
    description:
      - The transport service that has the connector, V(FrontendTransport) or V(HubTransport).
      - Always sent for a new connector, V(FrontendTransport) unless it is given. An existing connector changes its role
        only when this option is given.
      - Not on Edge Transport servers.
      - Exchange 2013 and later.
      - C(TransportRole) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  enabled:
    description:
      - Whether it accepts connections.
      - Exchange's default is V(true).
      - C(Enabled) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: bool
  comment:
    description:
      - A comment.
      - C(Comment) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  banner:
    description:
      - The SMTP banner; it must begin with V(220).
      - C(Banner) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  fqdn:
    description:
      - The name that it shows in banner, EHLO answer and Received header. Exchange's default is the server's own name.
      - C(Fqdn) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  service_discovery_fqdn:
    description:
      - The service discovery name.
      - Exchange 2013 and later.
      - C(ServiceDiscoveryFqdn) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  tls_certificate_name:
    description:
      - The certificate for TLS as V(<I>issuer<S>subject).
      - Exchange 2013 and later.
      - C(TlsCertificateName) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  tls_domain_capabilities:
    description:
      - What a domain may do over TLS, one text for each domain, such as V(example.com:AcceptCloudServicesMail).
        V(AcceptOorgProtocol) is for 2010, V(AcceptCloudServicesMail) for 2013 and later.
      - >-
        A list gives exactly these; V({add: […], remove: […]}) changes some and leaves all others, V({set: […]}) is
        the same as a list.
      - Exchange 2010 and later.
      - C(TlsDomainCapabilities) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: raw
  require_tls:
    description:
      - Whether clients must use TLS. Needs V(Tls) in O(auth_mechanism).
      - Exchange's default is V(false).
      - C(RequireTLS) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: bool
  require_ehlo_domain:
    description:
      - Whether clients must give a domain in EHLO.
      - Exchange's default is V(false).
      - C(RequireEHLODomain) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: bool
  enable_auth_gssapi:
    description:
      - Whether Kerberos is offered where O(auth_mechanism) has V(Integrated).
      - Exchange's default is V(false).
      - Exchange 2007 with service pack 1 and later.
      - C(EnableAuthGSSAPI) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: bool
  extended_protection_policy:
    description:
      - Extended protection of Integrated Windows authentication, V(None), V(Allow) or V(Require).
      - Exchange's default is V(None).
      - Exchange 2010 and later.
      - C(ExtendedProtectionPolicy) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  domain_secure_enabled:
    description:
      - Whether mutual TLS is used. Needs V(Tls) and not V(ExternalAuthoritative) in O(auth_mechanism).
      - Exchange's default is V(false).
      - C(DomainSecureEnabled) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: bool
  suppress_x_anonymous_tls:
    description:
      - Whether X-ANONYMOUSTLS is left out of the EHLO answer.
      - Exchange's default is V(false).
      - Exchange 2010 and later.
      - C(SuppressXAnonymousTls) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: bool
  advertise_client_settings:
    description:
      - Whether its name, port and authentication are shown to users of Outlook on the web.
      - Exchange's default is V(false).
      - Exchange 2010 and later.
      - C(AdvertiseClientSettings) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: bool
  default_domain:
    description:
      - The accepted domain for sender addresses without one.
      - C(DefaultDomain) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  max_message_size:
    description:
      - The largest message, such as V(36MB) or a number of bytes.
      - From 64KB to 2147483647 bytes. Exchange's default is V(36MB).
      - C(MaxMessageSize) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  max_header_size:
    description:
      - The largest message header, such as V(256KB) or a number of bytes.
      - From 1 to 2147483647 bytes. Exchange's default is V(256KB).
      - C(MaxHeaderSize) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  max_recipients_per_message:
    description:
      - How many recipients one message may have.
      - From V(1) to V(512000). Exchange's default is V(200).
      - C(MaxRecipientsPerMessage) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: int
  max_hop_count:
    description:
      - How many hops a message may have made. The cmdlet's documentation says V(30), servers have V(60).
      - From V(1) to V(500). Exchange's default is V(60).
      - C(MaxHopCount) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: int
  max_local_hop_count:
    description:
      - How many hops in the own organization a message may have made, V(0) for any number. The cmdlet's documentation
        says V(8), servers have V(5).
      - From V(0) to V(50). Exchange's default is V(5).
      - C(MaxLocalHopCount) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: int
  max_logon_failures:
    description:
      - After how many failed logons the connection is closed, V(0) for never.
      - From V(0) to V(10). Exchange's default is V(3).
      - C(MaxLogonFailures) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: int
  max_protocol_errors:
    description:
      - After how many protocol errors the connection is closed.
      - From V(0) to V(2147483647), or V(Unlimited). Exchange's default is V(5).
      - C(MaxProtocolErrors) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  max_inbound_connection:
    description:
      - How many connections at a time.
      - From V(1) to V(2147483647), or V(Unlimited). Exchange's default is V(5000).
      - C(MaxInboundConnection) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  max_inbound_connection_per_source:
    description:
      - How many connections at a time from one address.
      - From V(1) to V(10000), or V(Unlimited). Exchange's default is V(20).
      - C(MaxInboundConnectionPerSource) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  max_inbound_connection_percentage_per_source:
    description:
      - How much of the connections that are left one address may take, in percent.
      - From V(1) to V(100). Exchange's default is V(2).
      - C(MaxInboundConnectionPercentagePerSource) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: int
  message_rate_limit:
    description:
      - How many messages a client may send in a minute.
      - From V(1) to V(2147483647), or V(Unlimited). Exchange's default is V(Unlimited).
      - C(MessageRateLimit) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  message_rate_source:
    description:
      - What the rate is counted by, V(None), V(IPAddress), V(User) or V(All).
      - Exchange's default is V(IPAddress).
      - Exchange 2010 and later.
      - C(MessageRateSource) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  connection_timeout:
    description:
      - How long a connection may stay open. Must be longer than O(connection_inactivity_timeout).
      - From V(00:00:01) to V(1.00:00:00). Written as V(00:10:00), V(10m), V(PT10M) or a number of seconds. Exchange's
        default is V(00:10:00).
      - C(ConnectionTimeout) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  connection_inactivity_timeout:
    description:
      - How long a connection may stay idle.
      - From V(00:00:01) to V(1.00:00:00). Written as V(00:10:00), V(10m), V(PT10M) or a number of seconds. Exchange's
        default is V(00:05:00).
      - C(ConnectionInactivityTimeout) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  tarpit_interval:
    description:
      - How long an answer is delayed for a client that may be an attacker.
      - Written as V(00:10:00), V(10m), V(PT10M) or a number of seconds. Exchange's default is V(00:00:05).
      - C(TarpitInterval) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  auth_tarpit_interval:
    description:
      - How long an answer is delayed after a failed logon.
      - Written as V(00:10:00), V(10m), V(PT10M) or a number of seconds. Exchange's default is V(00:00:05).
      - Exchange 2016 and later.
      - C(AuthTarpitInterval) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  max_acknowledgement_delay:
    description:
      - How long the acknowledgement is delayed for shadow redundancy. Only Exchange 2010 uses it.
      - Written as V(00:10:00), V(10m), V(PT10M) or a number of seconds. Exchange's default is V(00:00:30).
      - Exchange 2010 and later.
      - C(MaxAcknowledgementDelay) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  protocol_logging_level:
    description:
      - Whether the SMTP dialogue is logged, V(None) or V(Verbose).
      - Exchange's default is V(None).
      - C(ProtocolLoggingLevel) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  size_enabled:
    description:
      - How SIZE is announced, V(Enabled), V(Disabled) or V(EnabledWithoutValue).
      - Exchange's default is V(Enabled).
      - C(SizeEnabled) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: str
  pipelining_enabled:
    description:
      - Whether PIPELINING is offered.
      - Exchange's default is V(true).
      - C(PipeliningEnabled) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: bool
  chunking_enabled:
    description:
      - Whether CHUNKING is offered.
      - Exchange's default is V(true).
      - C(ChunkingEnabled) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: bool
  binary_mime_enabled:
    description:
      - Whether BINARYMIME is offered. Needs O(chunking_enabled).
      - Exchange's default is V(true).
      - C(BinaryMimeEnabled) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: bool
  eight_bit_mime_enabled:
    description:
      - Whether 8BITMIME is offered.
      - Exchange's default is V(true).
      - C(EightBitMimeEnabled) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: bool
  delivery_status_notification_enabled:
    description:
      - Whether DSN is offered.
      - Exchange's default is V(true).
      - C(DeliveryStatusNotificationEnabled) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: bool
  enhanced_status_codes_enabled:
    description:
      - Whether ENHANCEDSTATUSCODES is offered.
      - Exchange's default is V(true).
      - C(EnhancedStatusCodesEnabled) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: bool
  long_addresses_enabled:
    description:
      - Whether long X.400 addresses are accepted. Only for connectors of the role V(HubTransport).
      - Exchange's default is V(false).
      - Exchange 2007 with service pack 1 and later.
      - C(LongAddressesEnabled) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: bool
  orar_enabled:
    description:
      - Whether Originator Requested Alternate Recipient is offered.
      - Exchange's default is V(false).
      - Exchange 2007 with service pack 1 and later.
      - C(OrarEnabled) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: bool
  reject_reserved_second_level_recipient_domains:
    description:
      - Whether recipients in example.com, example.net and example.org are refused.
      - Exchange's default is V(false).
      - Exchange 2016 and later.
      - C(RejectReservedSecondLevelRecipientDomains) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: bool
  reject_reserved_top_level_recipient_domains:
    description:
      - Whether recipients in .test, .example, .invalid and .localhost are refused.
      - Exchange's default is V(false).
      - Exchange 2016 and later.
      - C(RejectReservedTopLevelRecipientDomains) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: bool
  reject_single_label_recipient_domains:
    description:
      - Whether recipients in domains of one label are refused.
      - Exchange's default is V(false).
      - Exchange 2016 and later.
      - C(RejectSingleLabelRecipientDomains) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
    type: bool
  bare_linefeed_rejection_enabled:
    description:
      - Whether messages with bare line feeds are refused.
      - Exchange's default is V(false).
      - Exchange 2010 and later.
      - C(BareLinefeedRejectionEnabled) of C(Set-ReceiveConnector); a new connector gets it right after its creation,
        before anybody may use it.
    type: bool
  smtp_utf8_enabled:
    description:
      - Whether SMTPUTF8 is offered. Reserved by Microsoft.
      - Exchange 2013 and later.
      - C(SmtpUtf8Enabled) of C(Set-ReceiveConnector); a new connector gets it right after its creation, before anybody
        may use it.
    type: bool
  usage:
    description:
      - What a new connector is made for, V(Client), V(Custom), V(Internal), V(Internet) or V(Partner), in any case. It
        decides which permission groups and mechanisms the connector begins with.
      - Matters at creation only; Exchange does not keep it, so it is never compared. V(Client) does not exist on Edge
        Transport servers.
      - Exchange's default is V(Custom).
      - C(Usage) of C(New-ReceiveConnector).
    type: str
  server:
    description:
      - The Exchange server that has the connector.
      - By default the one before the backslash in O(name), or else the server that the session is on.
    type: str
  state:
    description:
      - V(present) makes sure that the connector is there and has the values given; what is not given stays as it is,
        or as Exchange makes it.
      - V(absent) removes it.
    type: str
    choices: [present, absent]
    default: present
  new_name:
    description:
      - Rename the connector to this. Nothing happens where a connector of the new name is there and none of the old.
    type: str
  settings:
    description:
      - A connector as RV(relayops.exchange.receive_connector_info#module:connectors) has it, unchanged. Options beside
        it win.
      - On another server than the one it was read from, that server's name is replaced in O(name) and O(fqdn), a
        certificate that names it is left out, and so is what the Exchange version there lacks. Addresses in
        O(bindings) are not replaced; give them.
    type: dict
  clear:
    description:
      - Options to empty, since an empty string or a null counts as not given.
      - Any of V(banner), V(comment), V(default_domain), V(service_discovery_fqdn), V(tls_certificate_name) and
        V(tls_domain_capabilities).
    type: list
    elements: str
  merge_ranges:
    description:
      - Where O(remote_ip_ranges) has more entries than the about 1,200 that Active Directory holds, join neighbours to
        ranges that have exactly the same addresses.
      - Refused where it would change which connector serves a client. Needs the Python package netaddr.
    type: bool
    default: false
  recent_use:
    description:
      - A C(relay-usage.json) that the role C(relayops.exchange.relay_usage) has written on the controller.
      - Then each client that the task takes away from the connector, and that has sent mail through it, is a warning
        with the time when it was last seen, which is shown before the change is made; in check mode as well.
    type: path
  allow_absent_address:
    description:
      - Allow a binding to an address that the server does not hold, or that is not in the state C(Preferred), such as
        one whose duplicate detection is not over. The transport service may then fail to start.
      - Exchange itself tells which addresses the server has (C(Get-NetworkConnectionInfo)). The state, and on Exchange
        2007 and Edge Transport servers the addresses too, are read over the host's own connection where the inventory
        has one to Windows (C(winrm), C(psrp) or C(ssh) with C(powershell) or C(cmd) as its shell).
      - Without such a connection the state is not looked at. Where it fails, or where nobody can tell the address, the
        task warns and goes on.
      - In check mode such an address is a warning, since a task before may be about to add it.
      - Only addresses that a task adds to O(bindings) are looked at; V(true) spares that.
    type: bool
    default: false
  allow_wide_range:
    description:
      - Allow a range wider than a /24, or a /64 of IPv6, on a connector whose clients may relay.
    type: bool
    default: false
  allow_any_range:
    description:
      - Allow every address on a connector whose clients may relay, which makes it an open relay.
    type: bool
    default: false
  allow_server_address:
    description:
      - Allow a range that holds an address of the Exchange server itself on a connector whose clients may relay.
    type: bool
    default: false
  acknowledge_trust:
    description:
      - Allow V(ExternalAuthoritative) in O(auth_mechanism). Every client in O(remote_ip_ranges) is then trusted like
        an Exchange server.
    type: bool
    default: false
notes:
  - Needs the management role Receive Connectors, which members of Organization Management, Server Management and
    Hygiene Management have.
  - Connectors are read by C(Get-ReceiveConnector -Server), all of the server at once. To ask for one that does not
    exist would log an error on the server each time.
  - Items that O(bindings), O(remote_ip_ranges) and O(tls_domain_capabilities) add and remove are sent as
    C(@{Add=…; Remove=…}), so that an entry which somebody else adds meanwhile is not lost. Where the server refuses
    that form, the full list is made from a fresh read.
seealso:
  - module: relayops.exchange.receive_connector_info
  - module: relayops.exchange.connector_permission
  - module: relayops.exchange.relay_connector
  - ref: ansible_collections.relayops.exchange.docsite.guide_moving
    description: What xExchReceiveConnector, Copy-ReceiveConnector and Add-ReceiveConnectorIpAddress are called here.
  - name: New-ReceiveConnector
    description: The cmdlet's own page.
    link: https://learn.microsoft.com/powershell/module/exchangepowershell/new-receiveconnector
"""

EXAMPLES = r"""
- name: A connector for the copiers, on an address of its own
  relayops.exchange.receive_connector:
    name: RelayConnector
    bindings: 192.0.2.25:25
    remote_ip_ranges:
      - 192.0.2.64/28
      - 192.0.2.101-192.0.2.120
    permission_groups: AnonymousUsers
    fqdn: relay.example.com
    max_message_size: 20MB

- name: One more device, and one less, whatever else is there
  relayops.exchange.receive_connector:
    name: RelayConnector
    remote_ip_ranges:
      add: 192.0.2.130
      remove: 192.0.2.64/28

- name: Log its dialogue, and show the server's standard banner again
  relayops.exchange.receive_connector:
    name: RelayConnector
    protocol_logging_level: verbose
    clear:
      - banner

- name: Give it another name
  relayops.exchange.receive_connector:
    name: RelayConnector
    new_name: Copiers and scanners

- name: Make the same connector on a new server, on an address there
  relayops.exchange.receive_connector:
    server: EX02
    settings: "{{ connector }}" # an item of receive_connector_info's connectors
    bindings: 192.0.2.35:25

- name: Remove it
  relayops.exchange.receive_connector:
    name: RelayConnector
    state: absent
"""

RETURN = r"""
changed_options:
  description: The options whose values changed, or would change in check mode.
  returned: unless O(state=absent)
  type: list
  elements: str
  sample: [max_message_size, remote_ip_ranges]
connector:
  description:
    - The connector as Exchange shows it after the task, like an item of
      RV(relayops.exchange.receive_connector_info#module:connectors) without its permissions.
    - In check mode what it would be, as far as that is known. Empty with O(state=absent).
  returned: success
  type: dict
  sample:
    name: RelayConnector
    bindings: ["192.0.2.25:25"]
    remote_ip_ranges: [192.0.2.64/28, 192.0.2.101-192.0.2.120]
    identity: EX01\RelayConnector
diff:
  description: The options that were given, before and after; everything that is removed with O(state=absent).
  returned: success
  type: dict
"""
