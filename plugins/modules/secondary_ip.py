#!/usr/bin/python
# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This is a virtual module that is entirely implemented as an action plugin and runs on the controller

from __future__ import annotations

DOCUMENTATION = r"""
---
module: secondary_ip
short_description: A secondary IP address on an Exchange server's Windows host
version_added: 1.0.0
author:
  - The relayops.exchange contributors (@relayops)
description:
  - Gives a Windows host another IP address for a dedicated receive connector to listen on, without what usually goes
    wrong with that. The server does not send from it (PTR and SPF bounces), does not register it in DNS, does not
    lose it at a restart, does not lose DHCP over it, and does not keep an address that another machine holds.
  - The address is made active and persistent at once, and read back. The module succeeds when the address is in both
    stores, with the prefix length and the flag that are asked for, and C(Preferred), that is, free to be used.
  - On Windows Server 2012 and later it uses the NetTCPIP cmdlets; on Windows Server 2008 and 2008 R2
    C(netsh interface ipv4) and C(netsh interface ipv6), in any display language.
  - A second address is needed less often than one thinks, see the guide
    R(When a relay needs an IP address of its own, ansible_collections.relayops.exchange.docsite.guide_secondary_ip).
extends_documentation_fragment:
  - relayops.exchange.attributes
  - relayops.exchange.session
options:
  address:
    description:
      - The address with its prefix length (V(192.0.2.25/24), V(2001:db8::25/64)) or mask
        (V(192.0.2.25/255.255.255.0)). Without one it takes that of the interface's subnet that it lies in.
      - With O(state=absent) the prefix length does not matter.
      - One of O(address) and O(addresses) is required.
    type: str
  addresses:
    description:
      - Several addresses, each in the form of O(address). All other options hold for each of them.
      - They are checked together before the first one is made. An empty list asks for nothing.
    type: list
    elements: str
  interface:
    description:
      - The interface by its alias (V(Ethernet)), its index (V(7)) or its hardware address (V(00-15-5D-00-0A-46)), or
        V(default_route) for the one that has the default route.
      - By default the interface that has the address already, or else the one with a subnet that the address lies
        in, or else the one with the default route.
    type: str
  skip_as_source:
    description:
      - Whether Windows must not use the address as the source of its own connections (C(SkipAsSource)). Such an address
        is not registered in DNS either.
      - Windows Server 2008 and 2008 R2 know this flag only with a hotfix (KB975808, KB2386184); without it V(true) is
        refused.
    type: bool
    default: true
  register_in_dns:
    description:
      - Whether the address is meant to be registered in DNS under the host's name.
      - An address with O(skip_as_source=true) never is. For any other address this is a setting of the whole interface,
        so that a wish that differs from it is refused unless O(allow_dns_change=true).
    type: bool
    default: false
  state:
    description:
      - V(present) makes or corrects the address.
      - V(absent) removes it from both stores, from O(interface) where that is given. Nothing else is removed.
    type: str
    choices: [present, absent]
    default: present
  timeout:
    description:
      - Seconds to wait for the end of duplicate address detection, while the address is C(Tentative).
      - An address that turns out to be C(Duplicate) is removed again, and the message names the hardware address that
        disputes it, as far as the event log knows it. One that was there before the task stays, and is a failure too.
    type: int
    default: 30
  bound_connectors:
    description:
      - Names of the receive connectors that are bound to the addresses to be removed. An empty list says that there
        are none.
      - By default Exchange is asked, by a session as the options of this module say, for the receive connectors of the
        server. If that is not possible, the removal is refused; say here what is bound, or set O(force=true).
      - Only O(state=absent) looks at it.
    type: list
    elements: str
  allow_static:
    description:
      - Allow to add an address to an interface that is configured by DHCP. Windows switches DHCP off for that
        (C(New-NetIPAddress)), and with it goes the leased address.
      - The module therefore makes the present lease static first, with its default gateway and DNS servers. The
        connection is cut for a moment.
      - IPv6 has DHCP enabled on almost every interface, whether a server answers or not. There only a lease counts.
        Where there is none, a warning says that Windows may switch DHCPv6 off, or that it did.
      - Windows Server 2008 and 2008 R2 cannot do this, so that DHCP is always a refusal there.
    type: bool
    default: false
  allow_foreign_subnet:
    description:
      - Allow an address whose subnet is not within a subnet that the interface has already.
    type: bool
    default: false
  allow_interruption:
    description:
      - Allow to drop an existing address for a moment where it cannot be corrected in place, namely with C(netsh), if
        it is missing in the persistent store, or if it is on another interface.
    type: bool
    default: false
  allow_dns_change:
    description:
      - Allow to switch the DNS registration of the whole interface (C(Set-DnsClient)), as O(register_in_dns) says.
    type: bool
    default: false
  force:
    description:
      - Remove an address although a receive connector is bound to it. Exchange is not asked then, nor is
        O(bound_connectors) looked at.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    support: full
    platforms: windows
notes:
  - The addresses are read and changed over the host's own P(ansible.builtin.winrm#connection),
    P(ansible.builtin.psrp#connection) or P(ansible.builtin.ssh#connection) connection, whose account must be an
    administrator of the host. The options of the session serve only to learn, before an address is removed, whether a
    receive connector is bound to it.
  - The primary address of an interface is never touched. Windows marks none as such, so it is the lease, the address
    that Ansible is connected to, or the first address of the interface that Windows sends from.
  - Refused before anything is written are also the address of a default gateway, the first and the last one of a
    subnet, and an interface that is disconnected, on which Windows cannot look for a duplicate.
  - When the change cuts the connection in use, the module connects again, reads what was done and completes it.
seealso:
  - module: relayops.exchange.receive_connector
  - name: When a relay needs an IP address of its own
    description: Often another port or other remote ranges serve as well.
    link: https://docs.ansible.com/ansible/latest/collections/relayops/exchange/docsite/guide_secondary_ip.html
"""

EXAMPLES = r"""
- name: An address for the relay connector
  relayops.exchange.secondary_ip:
    address: 192.0.2.25/24

- name: Two addresses on a named interface
  relayops.exchange.secondary_ip:
    addresses:
      - 192.0.2.25/24
      - 2001:db8::25/64
    interface: Ethernet

- name: See what would be corrected, without doing it
  relayops.exchange.secondary_ip:
    address: 192.0.2.25/24
    interface: 00-15-5D-00-0A-46
  check_mode: true
  diff: true

- name: Take the address away again, after the connector
  relayops.exchange.secondary_ip:
    address: 192.0.2.25
    state: absent

- name: The same where Exchange cannot be asked, as on a server that has left the organization
  relayops.exchange.secondary_ip:
    address: 192.0.2.25
    state: absent
    bound_connectors: []
"""

RETURN = r"""
steps:
  description: What was done, or in check mode would be, one sentence for each step.
  returned: success
  type: list
  elements: str
  sample:
    - add 192.0.2.25/24 to interface 7, not as a source
before:
  description: The interfaces concerned, each with all its addresses, before the change.
  returned: success
  type: list
  elements: dict
  contains: &interface
    index:
      description: Index of the interface.
      type: int
      sample: 7
    alias:
      description: Its name.
      type: str
      sample: Ethernet
    mac_address:
      description: Its hardware address.
      type: str
      sample: 00-15-5D-00-0A-46
    dhcp:
      description: Whether DHCP is enabled, for either version of IP.
      type: bool
    dhcp_versions:
      description: The versions of IP for which DHCP is enabled; that of IPv6 only with a lease where C(netsh) is used.
      type: list
      elements: int
      sample: [6]
    default_gateways:
      description: The next hops of its default routes.
      type: list
      elements: str
      sample: [192.0.2.1]
    dns_servers:
      description: Its DNS servers, empty where C(netsh) is used.
      type: list
      elements: str
    registers_in_dns:
      description: Whether its addresses are registered in DNS, null where that is unknown.
      type: bool
    addresses:
      description: Its addresses.
      type: list
      elements: dict
      contains:
        address:
          description: The address.
          type: str
          sample: 192.0.2.25
        prefix_length:
          description: Its prefix length.
          type: int
          sample: 24
        skip_as_source:
          description: Whether Windows does not send from it, null where Windows does not know the flag.
          type: bool
          sample: true
        state:
          description:
            - State of the active address, C(Invalid), C(Tentative), C(Duplicate), C(Deprecated) or C(Preferred).
            - Empty for an address that is not active.
          type: str
          sample: Preferred
        origin:
          description: Where it comes from, C(Manual), C(WellKnown), C(Dhcp), C(RouterAdvertisement) or C(Other).
          type: str
          sample: Manual
        active:
          description: Whether it is in use now.
          type: bool
        persistent:
          description: Whether it is there after a restart.
          type: bool
        primary:
          description: Whether it is taken for the primary address of the interface.
          type: bool
after:
  description: The same after the change, or in check mode as it would be.
  returned: success
  type: list
  elements: dict
  contains: *interface
"""
