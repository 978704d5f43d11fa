#!/usr/bin/python
# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This is a virtual module that is entirely implemented as an action plugin and runs on the controller

from __future__ import annotations

DOCUMENTATION = r"""
---
module: accepted_domain_info
short_description: Accepted domains of Exchange, and which recipients need a relay at all
version_added: 1.0.0
author:
  - The relayops.exchange contributors (@relayops)
description:
  - Reads the domains that Exchange takes mail for from anybody, and says of each recipient whether a device that writes
    to it needs a relay.
  - Most devices write to colleagues only. They need no relay connector, no right and no secondary address.
extends_documentation_fragment:
  - relayops.exchange.attributes
  - relayops.exchange.attributes.info
  - relayops.exchange.attributes.exchange
  - relayops.exchange.session
options:
  recipients:
    description:
      - Whom the devices write to, as addresses or domains.
      - An empty string counts as not given.
    type: list
    elements: str
  server:
    description:
      - The Exchange server to ask, by name or FQDN; by default the one that the session is on. All answer the same.
    type: str
seealso:
  - module: relayops.exchange.relay_connector
  - module: relayops.exchange.smtp_probe
"""

EXAMPLES = r"""
- name: Ask whether the copiers need a relay at all
  relayops.exchange.accepted_domain_info:
    recipients:
      - helpdesk@example.com
      - archive@example.net
  register: need

- name: Show the answer
  ansible.builtin.debug:
    msg: "{{ need.verdict }}"
"""

RETURN = r"""
domains:
  description: The accepted domains.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The accepted domain's name.
      type: str
    domain:
      description: The domain, as V(example.com), V(*.example.com) for one with those below it, or V(*).
      type: str
    type:
      description: V(Authoritative), V(InternalRelay) or V(ExternalRelay).
      type: str
    default:
      description: Whether it is the default one.
      type: bool
recipients:
  description: The recipients, in the order in which they were given.
  returned: success
  type: list
  elements: dict
  contains:
    recipient:
      description: The recipient as it was given.
      type: str
    accepted_domain:
      description: The accepted domain that decides, empty where there is none.
      type: str
    internal:
      description: Whether mail for the recipient stays inside.
      type: bool
    needs_relay:
      description: Whether Exchange refuses anonymous mail for the recipient without the right to relay.
      type: bool
    reason:
      description: The same in a sentence.
      type: str
      sample: helpdesk@example.com is internal, in the accepted domain example.com (Authoritative), and needs no relay
needs_relay:
  description: Whether any recipient needs a relay.
  returned: success
  type: bool
verdict:
  description: The answer in a sentence, empty without O(recipients).
  returned: success
  type: str
  sample: A relay is needed for archive@example.net only; the other recipients need none
"""
