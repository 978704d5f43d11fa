#!/usr/bin/python
# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This is a virtual module that is entirely implemented as an action plugin and runs on the controller

from __future__ import annotations

DOCUMENTATION = r"""
---
module: connector_permission
short_description: Extended rights on a receive or send connector of Exchange
version_added: 1.0.0
author:
  - The relayops.exchange contributors (@relayops)
description:
  - Grants, denies and takes away extended rights of one account on one connector, as C(Add-ADPermission) and
    C(Remove-ADPermission) do.
  - By default the account is the anonymous logon, whose right C(ms-Exch-SMTP-Accept-Any-Recipient) is what lets
    devices relay. For dedicated relay connectors M(relayops.exchange.relay_connector) does connector and right
    together, in a safe order.
  - Rights that a permission group grants are told from those that somebody granted. The first kind goes away with
    its group only (O(relayops.exchange.receive_connector#module:permission_groups)), the second kind is what this
    module writes.
  - Allowing and denying are separate entries, changing one never touches the other. Inherited entries are never
    touched.
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
  connector:
    description:
      - The connector by its name, as C(SERVER\Name), or by its distinguished name.
    type: str
    required: true
    aliases: [name]
  connector_type:
    description:
      - What kind of connector is meant. Send connectors belong to the organization and need no O(server).
    type: str
    choices: [receive, send]
    default: receive
  server:
    description:
      - The Exchange server that has the receive connector.
      - By default the one before the backslash in O(connector), or else the server that the session is on.
    type: str
  user:
    description:
      - The account or group, as C(DOMAIN\name), user principal name or SID.
      - By default the anonymous logon, whatever its name in the server's language. Its English name and its SID,
        V(S-1-5-7), mean the same on every server.
    type: str
  rights:
    description:
      - Extended rights, in any case. A name that no connector knows is refused with the nearest one that exists.
      - An empty list together with O(state=exact) takes away every right that was granted to (or denied) this account
        by an entry of its own.
    type: list
    elements: str
    required: true
    aliases: [extended_rights]
  access:
    description:
      - Whether the entries meant allow or deny. A denial outweighs a grant.
    type: str
    choices: [allow, deny]
    default: allow
  state:
    description:
      - V(present) makes sure that the account has the rights, by an entry of its own or by a permission group.
      - V(absent) removes the account's own entries. It is an error if a permission group grants one of the rights.
      - V(exact) adds what is missing and removes the account's other entries of this O(access).
    type: str
    choices: [present, absent, exact]
    default: present
  allow_wide_range:
    description:
      - Allow the relay right on a connector that has a range wider than a /24, or a /64 of IPv6.
    type: bool
    default: false
  allow_any_range:
    description:
      - Allow the relay right on a connector that is open to every address, which makes it an open relay.
    type: bool
    default: false
  allow_server_address:
    description:
      - Allow the relay right on a connector whose ranges hold an address of the Exchange server itself.
    type: bool
    default: false
  allow_default_connector:
    description:
      - Allow the relay right on a connector that Exchange's setup made.
    type: bool
    default: false
notes:
  - Needs the management role Active Directory Permissions, which only Organization Management has by default, beside
    Receive Connectors or Send Connectors.
seealso:
  - module: relayops.exchange.relay_connector
  - module: relayops.exchange.receive_connector
  - name: Allow anonymous relay on Exchange servers
    description: The recipe of Exchange's documentation.
    link: https://learn.microsoft.com/exchange/mail-flow/connectors/allow-anonymous-relay
"""

EXAMPLES = r"""
- name: Let the devices of one connector relay
  relayops.exchange.connector_permission:
    connector: RelayConnector
    rights: ms-Exch-SMTP-Accept-Any-Recipient

- name: Let nobody relay through it any longer
  relayops.exchange.connector_permission:
    connector: RelayConnector
    rights: ms-Exch-SMTP-Accept-Any-Recipient
    state: absent

- name: Let one application skip the anti-spam agents, and nothing else
  relayops.exchange.connector_permission:
    server: EX1
    connector: Applications
    user: EXAMPLE\invoices
    rights:
      - ms-Exch-Bypass-Anti-Spam
      - ms-Exch-SMTP-Submit
    state: exact

- name: Deny a sender of the own domains to strangers
  relayops.exchange.connector_permission:
    connector: Default Frontend EX1
    rights: ms-Exch-SMTP-Accept-Authoritative-Domain-Sender
    access: deny
"""

RETURN = r"""
connector:
  description: The connector, with its server unless it is a send connector.
  returned: success
  type: str
  sample: EX1\RelayConnector
distinguished_name:
  description: The connector's distinguished name.
  returned: success
  type: str
user:
  description: The account under the name that Exchange gives it.
  returned: success
  type: str
  sample: NT AUTHORITY\ANONYMOUS LOGON
allowed:
  description: The rights that the account has by entries of its own.
  returned: success
  type: list
  elements: str
  sample: [ms-Exch-SMTP-Accept-Any-Recipient]
denied:
  description: The rights that are denied to the account.
  returned: success
  type: list
  elements: str
granted_by_group:
  description: The rights that the account has by a permission group of the connector, each with that group.
  returned: success
  type: dict
  sample:
    ms-Exch-SMTP-Submit: AnonymousUsers
permission_groups:
  description: The connector's permission groups.
  returned: success
  type: list
  elements: str
  sample: [AnonymousUsers]
steps:
  description: What was written, or would be in check mode, in words and in order.
  returned: success
  type: list
  elements: str
  sample: ['Grant ms-Exch-SMTP-Accept-Any-Recipient to NT AUTHORITY\ANONYMOUS LOGON on EX01\RelayConnector']
"""
