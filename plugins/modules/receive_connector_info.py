#!/usr/bin/python
# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This is a virtual module that is entirely implemented as an action plugin and runs on the controller

from __future__ import annotations

DOCUMENTATION = r"""
---
module: receive_connector_info
short_description: Receive connectors of an Exchange server with their permissions
version_added: 1.0.0
author:
  - The relayops.exchange contributors (@relayops)
description:
  - Reads all receive connectors of a server, or one, with every setting in the words of
    M(relayops.exchange.receive_connector) and the entries of their access control lists that are not inherited.
  - What it returns is a backup, and the source of a copy. O(relayops.exchange.receive_connector#module:settings) takes
    an item of RV(connectors) unchanged.
extends_documentation_fragment:
  - relayops.exchange.attributes
  - relayops.exchange.attributes.info
  - relayops.exchange.attributes.exchange
  - relayops.exchange.session
options:
  name:
    description:
      - Only the connector of this name, distinguished name or GUID. C(SERVER\Name) names the server as well.
      - A connector that does not exist is no error; the list is empty then.
    type: str
  server:
    description:
      - The Exchange server whose connectors are meant.
      - By default the one before the backslash in O(name), or else the server that the session is on.
    type: str
  permissions:
    description:
      - Whether to read the permissions too. Without the management role Active Directory Permissions they are left out,
        with a warning.
    type: bool
    default: true
seealso:
  - module: relayops.exchange.receive_connector
  - module: relayops.exchange.connector_permission
  - module: relayops.exchange.relay_audit
"""

EXAMPLES = r"""
- name: Show the connectors and who may use them
  hosts: exchange
  gather_facts: false
  tasks:
    - name: Read them
      relayops.exchange.receive_connector_info:
      register: there

    - name: Show their ranges
      ansible.builtin.debug:
        msg: "{{ item.name }}: {{ item.remote_ip_ranges | join(', ') }}"
      loop: "{{ there.connectors }}"
      loop_control:
        label: "{{ item.name }}"

- name: Keep a backup, and copy the connectors that are not the server's own to another server
  hosts: ex01.example.com
  gather_facts: false
  vars:
    to_server: EX02
    to_address: 192.0.2.35
    setup_made: [Default, Default Frontend, Client Frontend, Client Proxy, Outbound Proxy Frontend]
  tasks:
    - name: Read the connectors
      relayops.exchange.receive_connector_info:
        server: EX01
      register: source

    - name: Write them to a file
      ansible.builtin.copy:
        content: "{{ source.connectors | to_nice_yaml }}"
        dest: connectors-ex01.yml
        mode: "0600"
      delegate_to: localhost

    - name: Make the same connectors there
      relayops.exchange.receive_connector:
        server: "{{ to_server }}"
        settings: "{{ item }}"
        bindings: "{{ item.bindings | map('regex_replace', '^.*:', to_address ~ ':') | unique }}"
      loop: "{{ own }}"
      loop_control:
        label: "{{ item.name }}"
      register: copies
      vars:
        own: "{{ source.connectors | rejectattr('name', 'in', setup_made | map('regex_replace', '$', ' EX01')) }}"

    - name: Grant the rights that were granted one by one
      relayops.exchange.connector_permission:
        server: "{{ to_server }}"
        connector: "{{ item.0.connector.name }}" # the name of EX01 in it has become that of EX02
        user: "{{ item.1.user }}"
        access: "{{ item.1.access }}"
        rights: "{{ item.1.rights }}"
      loop: "{{ copies.results | subelements('item.permissions', skip_missing=true) }}"
      loop_control:
        label: "{{ item.0.connector.name }}: {{ item.1.user }}"
      when: item.1.granted_by == ''
"""

RETURN = r"""
server:
  description: The server's name.
  returned: success
  type: str
  sample: EX01
connectors:
  description:
    - The connectors, sorted by name. Every option of M(relayops.exchange.receive_connector) that the server shows is
      there under its name, lists sorted; besides, the keys below.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The connector's name.
      returned: success
      type: str
      sample: Default Frontend EX01
    empty:
      description: The options that are empty, so that the item as a whole makes an equal connector.
      returned: success
      type: list
      elements: str
      sample: [banner, comment]
    server:
      description: The server that has it.
      returned: success
      type: str
      sample: EX01
    identity:
      description: Server and name.
      returned: success
      type: str
      sample: EX01\Default Frontend EX01
    distinguished_name:
      description: Its distinguished name, which identifies it in every cmdlet.
      returned: success
      type: str
    guid:
      description: Its GUID.
      returned: success
      type: str
    originating_server:
      description: The domain controller that answered.
      returned: success
      type: str
    custom_permissions:
      description: Whether Exchange shows V(Custom) among its permission groups, for rights beyond the groups.
      returned: success
      type: bool
    permissions:
      description: The entries of its access control list that are not inherited, by account, access and group.
      returned: when they could be read
      type: list
      elements: dict
      contains:
        user:
          description: The account or group as Exchange names it.
          returned: success
          type: str
          sample: NT AUTHORITY\ANONYMOUS LOGON
        access:
          description: V(allow) or V(deny).
          returned: success
          type: str
        rights:
          description: The extended rights.
          returned: success
          type: list
          elements: str
          sample: [ms-Exch-SMTP-Accept-Any-Recipient]
        granted_by:
          description: The permission group that brings these rights, or an empty string where somebody granted them.
          returned: success
          type: str
          sample: AnonymousUsers
"""
