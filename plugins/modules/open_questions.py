#!/usr/bin/python
# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This is a virtual module that is entirely implemented as an action plugin and runs on the controller

from __future__ import annotations

DOCUMENTATION = r"""
---
module: open_questions
short_description: How a server answers to what nobody has written down about Exchange
version_added: 1.0.0
author:
  - The relayops.exchange contributors (@relayops)
description:
  - Makes a receive connector that is disabled, is bound to a port that nothing uses and serves addresses that nobody
    has, tries with it what no public source says about Exchange, and removes it in any case.
  - The role C(relayops.exchange.relay_acceptance) writes the answers into its report.
  - Afterwards the server is as it was, so the task counts as not changed. Exchange's log of administrators' cmdlets has
    all of it.
extends_documentation_fragment:
  - relayops.exchange.attributes
  - relayops.exchange.attributes.exchange
  - relayops.exchange.session
attributes:
  check_mode:
    support: partial
    details: Nothing is asked in check mode but the version.
  diff_mode:
    support: N/A
    details: The server is as it was.
  idempotent:
    support: full
options:
  name:
    description:
      - The name of the connector. For some questions there is a second one for a moment, with C(2) after that name.
    type: str
    required: true
  comment:
    description:
      - A comment, by which people know the connector should it ever be left behind.
    type: str
    required: true
  port:
    description:
      - A port of the server that nothing uses.
    type: int
    default: 50265
  server:
    description:
      - The Exchange server to ask. The default is the one that the session is on.
    type: str
seealso:
  - ref: What nobody has written down about Exchange <ansible_collections.relayops.exchange.docsite.guide_unknowns>
    description: The questions, and what is done about each.
"""

EXAMPLES = r"""
- name: See how this server answers
  relayops.exchange.open_questions:
    name: Open questions
    comment: To be removed at once
"""

RETURN = r"""
answers:
  description: One entry for each question of the guide to the unknown, by its name there.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The question.
      type: str
      sample: set_groups
    outcome:
      description: Whether this server answered.
      type: str
      choices: [answered, not_seen]
    answer:
      description: The answer in the guide's word for it, or what the server said.
      type: str
      sample: keep
    why:
      description: Why there is no answer, else empty.
      type: str
    commands:
      description: The cmdlets with which it was found out.
      type: list
      elements: str
    errors:
      description: What the server refused meanwhile, in its words.
      type: list
      elements: str
server:
  description: The server's name.
  returned: success
  type: str
version:
  description: The version of Exchange.
  returned: success
  type: str
  sample: Exchange 2019
build:
  description: Its build.
  returned: success
  type: str
  sample: 15.2.986.5
"""
