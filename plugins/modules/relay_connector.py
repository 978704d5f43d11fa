#!/usr/bin/python
# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This is a virtual module that is entirely implemented as an action plugin and runs on the controller

from __future__ import annotations

DOCUMENTATION = r"""
---
module: relay_connector
short_description: Dedicated relay connectors, connector and right together
version_added: 1.0.0
author:
  - The relayops.exchange contributors (@relayops)
description:
  - Takes what a mail administrator thinks in, I(these devices may relay through that address), and gets there with
    receive connectors of their own, the right to relay included.
  - All connectors of the list are read, planned and changed in one session, those of several servers as well.
  - What has to change becomes an ordered list of steps, RV(steps). After each of them, and if anything breaks between
    two, no client can do more than before or than it is meant to. New connectors open last, or come open where nothing
    else has to change, ranges shrink before rights grow. The plan is judged before the first step is taken. A task that
    was broken off is finished by running it again.
  - What somebody else changes on these connectors while the steps are taken is put right at once, with a warning, and
    those steps are in RV(steps) too. If it is changed again, the task fails.
  - That is about rights. A client whose connector goes or moves falls to another one for a moment, most often the
    default one, and to the limits of that, such as O(connectors[].max_message_size).
  - Rights that anybody else holds on a connector of the list are taken away. Denied rights stay, unless they contradict
    O(connectors[].mode).
  - Connectors that this module makes carry a mark in their comment, which O(purge) knows them by. One that somebody
    else made is changed to what the list says, and gets no mark.
  - An empty string or a null counts as not given.
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
  connectors:
    description:
      - The connectors, none twice.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - The connector's name, or C(SERVER\Name) in place of O(connectors[].server). Names know no case.
        type: str
        required: true
      server:
        description:
          - The Exchange server whose connector is meant, by name or FQDN; by default that of O(server).
        type: str
      state:
        description:
          - Whether the connector shall be there.
        type: str
        choices: [present, absent]
        default: present
      mode:
        description:
          - V(internal_only) lets the clients write to the accepted domains only, which is all that most devices need.
            Permission group C(AnonymousUsers) and no right.
            M(relayops.exchange.accepted_domain_info) says whether that is enough.
          - V(anonymous) lets them write to anybody. Anti-spam, size limits and the anonymous sender stay in
            force. Permission group C(AnonymousUsers) and the right C(ms-Exch-SMTP-Accept-Any-Recipient).
          - V(externally_secured) trusts them like Exchange servers. Anti-spam and size limits are bypassed, senders
            resolved to people of the organisation. C(ExternalAuthoritative) and group C(ExchangeServers). Needs
            O(connectors[].acknowledge_trust).
          - A connector that is there moves from one mode to another in place.
        type: str
        choices: [internal_only, anonymous, externally_secured]
        default: anonymous
      address:
        description:
          - The local address to listen on, such as V(192.0.2.25); a prefix length is left out.
          - Without O(connectors[].address) and O(connectors[].bindings) a new connector listens on every
            address of the
            server, which serves where the clients' addresses tell this connector from others. One that is there keeps
            its addresses.
          - Not together with O(connectors[].bindings).
        type: str
      port:
        description:
          - The port to listen on, V(25) for a new connector. O(connectors[].bindings) names its own.
          - A connector that is there moves to it on all its addresses, or keeps its ports where it is left out.
        type: int
      bindings:
        description:
          - The local addresses and ports to listen on, such as V(192.0.2.25:25), where there are several.
        type: raw
      clients:
        description:
          - Who may use the connector. Addresses, ranges, CIDR or netmasks as in
            O(relayops.exchange.receive_connector#module:remote_ip_ranges), or entries that say whose they are.
          - An entry has V(address) and may have V(name), V(owner), V(note) and V(expires), a date such as
            V(2037-03-31), the last day on which the client may use the connector. An expired client is taken off, with
            a warning.
          - The same address twice, an address inside another client's range, and a range that holds an address of any
            Exchange server are refused. Clients that have expired count too, since they would still be served.
          - A connector that all clients have left stays, closed and without a right.
        type: raw
      rights:
        description:
          - Further extended rights for anonymous clients, such as V(ms-Exch-SMTP-Accept-Authoritative-Domain-Sender).
        type: list
        elements: str
      auth_mechanism:
        description:
          - Authentication mechanisms that it offers. Any of V(Tls), V(Integrated), V(BasicAuth),
            V(BasicAuthRequireTLS),
            V(ExchangeServer) and V(ExternalAuthoritative), or V(None) alone.
          - V(ExternalAuthoritative) needs O(connectors[].acknowledge_trust).
          - Exchange's default is V(Tls) with usage V(Custom); each usage has its own.
          - C(AuthMechanism) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
        type: raw
      transport_role:
        description:
          - The transport service that has the connector, V(FrontendTransport) or V(HubTransport).
          - Always sent for a new connector, V(FrontendTransport) unless it is given. An existing connector
            changes its role
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
          - The name that it shows in banner, EHLO answer and Received header. Exchange's default is the
            server's own name.
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
          - Exchange 2010 and later.
          - C(TlsDomainCapabilities) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
        type: raw
      require_tls:
        description:
          - Whether clients must use TLS. Needs V(Tls) in O(connectors[].auth_mechanism).
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
          - Whether Kerberos is offered where O(connectors[].auth_mechanism) has V(Integrated).
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
          - Whether mutual TLS is used. Needs V(Tls) and not V(ExternalAuthoritative) in
            O(connectors[].auth_mechanism).
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
          - How many hops in the own organization a message may have made, V(0) for any number. The cmdlet's
            documentation
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
          - How long a connection may stay open. Must be longer than O(connectors[].connection_inactivity_timeout).
          - From V(00:00:01) to V(1.00:00:00). Written as V(00:10:00), V(10m), V(PT10M) or a number of
            seconds. Exchange's
            default is V(00:10:00).
          - C(ConnectionTimeout) of C(New-ReceiveConnector) and C(Set-ReceiveConnector).
        type: str
      connection_inactivity_timeout:
        description:
          - How long a connection may stay idle.
          - From V(00:00:01) to V(1.00:00:00). Written as V(00:10:00), V(10m), V(PT10M) or a number of
            seconds. Exchange's
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
          - Whether BINARYMIME is offered. Needs O(connectors[].chunking_enabled).
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
          - C(BareLinefeedRejectionEnabled) of C(Set-ReceiveConnector); a new connector gets it right after
            its creation,
            before anybody may use it.
        type: bool
      smtp_utf8_enabled:
        description:
          - Whether SMTPUTF8 is offered. Reserved by Microsoft.
          - Exchange 2013 and later.
          - C(SmtpUtf8Enabled) of C(Set-ReceiveConnector); a new connector gets it right after its creation,
            before anybody
            may use it.
        type: bool
      acknowledge_trust:
        description:
          - Say V(true) to know what O(connectors[].mode=externally_secured) does.
        type: bool
        default: false
      merge_ranges:
        description:
          - Whether clients may be merged into fewer ranges that hold the same addresses, where there are more than
            Exchange takes.
        type: bool
        default: false
      allow_wide_range:
        description:
          - Take a client wider than a /24, or than a /64 for IPv6.
        type: bool
        default: false
      allow_any_range:
        description:
          - Take a client that is every address there is.
        type: bool
        default: false
      allow_server_address:
        description:
          - Take a client whose range holds an address of an Exchange server.
          - Without it such a client is refused as far as addresses are known. Those of the task's own servers are, and
            those of 16 others, the first by name. In a play on more than 16 hosts no other server is asked.
          - A warning says with which servers clients were not compared. M(relayops.exchange.relay_audit) of all
            servers finds what got through.
        type: bool
        default: false
      allow_default_connector:
        description:
          - Take a connector that Exchange's setup made, give it over to these clients or remove it. Other mail flows
            through it.
        type: bool
        default: false
      allow_absent_address:
        description:
          - Take a binding to an address that the server does not hold.
        type: bool
        default: false
  server:
    description:
      - The Exchange server whose connectors are meant, by name or FQDN; by default the one that the session is on.
    type: str
  purge:
    description:
      - Whether to remove relay connectors that this module made and that the list does not name. Never any other.
      - Of the servers that the list names, and of O(server) where an entry names none.
    type: bool
    default: false
  recent_use:
    description:
      - A C(relay-usage.json) that the role C(relayops.exchange.relay_usage) has written on the controller.
      - Then each client that the task takes away, because the list no longer has it or it has expired, and that has
        sent mail through the connector, is a warning with the time when it was last seen, which is shown before the
        change is made; in check mode as well.
    type: path
seealso:
  - module: relayops.exchange.receive_connector
  - module: relayops.exchange.accepted_domain_info
  - module: relayops.exchange.connector_permission
  - module: relayops.exchange.smtp_probe
"""

EXAMPLES = r"""
- name: Copiers may relay through an address of their own
  relayops.exchange.relay_connector:
    connectors:
      - name: RelayConnector
        address: 192.0.2.25
        fqdn: relay.example.com
        clients:
          - 192.0.2.64/28
          - name: erp
            address: 192.0.2.101
            owner: finance
            expires: "2037-03-31"

- name: Scanners only write to colleagues; what this module made and the list does not name goes
  relayops.exchange.relay_connector:
    connectors:
      - name: Scanners
        mode: internal_only
        port: 2525
        clients: [192.0.2.80/28]
        max_message_size: 20MB
    purge: true

- name: Read what would be done
  relayops.exchange.relay_connector:
    connectors:
      - name: RelayConnector
        state: absent
  check_mode: true
  register: planned
"""

RETURN = r"""
steps:
  description: What was done, in words and in order; in check mode what would be done.
  returned: success
  type: list
  elements: str
  sample:
    - Create EX01\RelayConnector on 192.0.2.25:25 for 192.0.2.64/28 with AnonymousUsers
    - Grant ms-Exch-SMTP-Accept-Any-Recipient to NT AUTHORITY\ANONYMOUS LOGON on EX01\RelayConnector
connectors:
  description:
    - The list's connectors as they are now, in check mode as they would be, with their clients.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The connector's name.
      type: str
    server:
      description: The Exchange server's name.
      type: str
    state:
      description: V(present) or V(absent).
      type: str
    mode:
      description: The mode asked for.
      type: str
    clients:
      description: The clients with name, address, owner, note, expires, and state, which is V(active) or V(expired).
      type: list
      elements: dict
    bindings:
      description: The local addresses and ports.
      type: list
      elements: str
    remote_ip_ranges:
      description: The addresses that the connector serves.
      type: list
      elements: str
    auth_mechanism:
      description: The authentication mechanisms.
      type: list
      elements: str
    permission_groups:
      description: The permission groups.
      type: list
      elements: str
    enabled:
      description: Whether it answers.
      type: bool
    transport_role:
      description: The transport role, on Exchange 2013 and later.
      type: str
    permissions:
      description: Explicit permissions, allowed or denied, with account and right.
      type: list
      elements: str
    relays:
      description: Whether its clients may relay.
      type: bool
expired:
  description: Clients whose last day is over, as in RV(connectors[].clients), with C(connector) and C(server).
  returned: success
  type: list
  elements: dict
removed:
  description: Connectors that were removed, as C(SERVER\Name).
  returned: success
  type: list
  elements: str
diff:
  description: The connectors that change, before and after.
  returned: success
  type: dict
"""
