#!/usr/bin/python
# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This is a virtual module that is entirely implemented as an action plugin and runs on the controller

from __future__ import annotations

DOCUMENTATION = r"""
---
module: relay_audit
short_description: Who may relay through Exchange, how, and what is wrong with that
version_added: 1.0.0
author:
  - The relayops.exchange contributors (@relayops)
description:
  - Reads receive connectors, their permissions and the accepted domains of one or many servers in one session, and
    works out what a client really gets. Where the ranges of connectors overlap, Exchange takes the one whose range is
    the most specific, so the answer is a partition of the address space for every endpoint.
  - Judges it by rules, each finding with its severity, the evidence and a remedy that can be put into a playbook.
  - Nothing is changed on any server. For a look from outside, ask with M(relayops.exchange.smtp_probe).
  - An empty string or a null counts as not given.
extends_documentation_fragment:
  - relayops.exchange.attributes
  - relayops.exchange.attributes.exchange
  - relayops.exchange.session
attributes:
  check_mode:
    support: full
    details: In check mode O(sarif) and O(junit) are not written.
  diff_mode:
    support: N/A
    details: Nothing changes. What is different from an earlier report is in RV(changes).
  idempotent:
    support: full
options:
  servers:
    description:
      - The servers to audit, by name or FQDN; V(*) stands for every server of the organization.
      - By default the server that the session is on.
    type: list
    elements: str
  clients:
    description:
      - The clients that somebody answers for. Addresses or ranges, or entries with V(address), and V(name), V(owner),
        V(note), V(expires) and V(connector) where they are known. The clients of
        O(relayops.exchange.relay_connector#module:connectors[].clients) fit as they are.
      - With it, addresses that may relay and that no client explains are a finding, and clients past their expiry too.
    type: list
    elements: raw
  load_balancers:
    description:
      - Addresses or ranges of load balancers and NAT devices, behind which clients cannot be told apart.
    type: list
    elements: str
  fail_on:
    description:
      - Fail if there is a finding of this severity or a graver one. The result is the same otherwise.
    type: str
    choices: [info, low, medium, high, critical]
  max_ranges:
    description:
      - How many ranges a row of RV(access) lists at most.
    type: int
    default: 1000
  previous:
    description:
      - The JSON file of an earlier result of this module, on the controller. What is different is in RV(changes).
    type: path
  sarif:
    description:
      - A file on the controller to write the findings to as SARIF 2.1.0, for code scanning.
    type: path
  junit:
    description:
      - A file on the controller to write the findings to as JUnit XML, for the test view of CI systems. Findings of
        O(fail_on), by default of V(low), and graver count as failures.
    type: path
seealso:
  - module: relayops.exchange.smtp_probe
  - module: relayops.exchange.relay_connector
"""

EXAMPLES = r"""
- name: Who may relay through any server, as far as nobody answers for it
  relayops.exchange.relay_audit:
    servers: ["*"]
    clients:
      - name: copier
        address: 192.0.2.77
        owner: facilities
        expires: "2037-03-31"
      - 192.0.2.64/28
  register: audit

- name: Fail a pipeline for grave findings, and show them in it
  relayops.exchange.relay_audit:
    fail_on: high
    sarif: relay.sarif
    junit: relay.xml
"""

RETURN = r"""
summary:
  description: How many findings there are of each severity.
  returned: success
  type: dict
  sample: {critical: 0, high: 1, medium: 0, low: 2, info: 0}
findings:
  description: What is wrong, the gravest first.
  returned: success
  type: list
  elements: dict
  contains:
    rule:
      description: The rule's name, such as V(open_relay).
      type: str
    title:
      description: The rule in a line.
      type: str
    severity:
      description: V(info), V(low), V(medium), V(high) or V(critical).
      type: str
    server:
      description: The server, empty for the organization.
      type: str
    connector:
      description: The connector's identity, empty where it is not about one.
      type: str
    message:
      description: What was found.
      type: str
    why:
      description: What is at stake.
      type: str
    evidence:
      description: What it was concluded from.
      type: list
      elements: str
    remedy:
      description: The way out.
      type: str
    fixes:
      description: The steps of the remedy, each in V(words), as V(command) of Exchange, and as V(task) for a playbook.
      type: list
      elements: dict
access:
  description:
    - Who may do what. A row for each connector and the endpoints where it serves the same clients. The rows of an
      endpoint are disjoint, and together they are every address that is served there.
  returned: success
  type: list
  elements: dict
  contains:
    server:
      description: The server's name.
      type: str
    connector:
      description: The connector's name.
      type: str
    role:
      description: Its transport role.
      type: str
    endpoints:
      description: Local addresses and ports.
      type: list
      elements: str
    ranges:
      description: The clients' addresses.
      type: list
      elements: str
    exact:
      description: Whether RV(access[].ranges) are these clients exactly, and not less those of others.
      type: bool
    less_those_of:
      description: Connectors whose clients are to be left out of RV(access[].ranges) where they are not exact.
      type: list
      elements: str
    addresses:
      description: How many addresses, as text since IPv6 goes beyond what JSON numbers hold.
      type: str
    contested:
      description: Whether it is not certain which connector serves these clients.
      type: bool
    authentication:
      description: Ways to authenticate.
      type: list
      elements: str
    permission_groups:
      description: The connector's permission groups.
      type: list
      elements: str
    may:
      description: Who may do what by which grant; by V(anyone) and by authenticated principals, the capabilities.
      type: dict
    words:
      description: The same in words.
      type: dict
clients:
  description: What each registered client really gets, a row for each connector that serves it.
  returned: success
  type: list
  elements: dict
servers:
  description: The servers that were audited.
  returned: success
  type: list
  elements: dict
accepted_domains:
  description: The accepted domains with their kind.
  returned: success
  type: list
  elements: dict
changes:
  description:
    - What is different from O(previous); C(findings_new) and C(findings_gone), who gained and lost C(access), and as
      C(servers_new) the servers that the earlier result knows nothing of, where nothing is compared.
  returned: when O(previous) is given
  type: dict
generated:
  description: When, in UTC.
  returned: success
  type: str
  sample: "2027-01-31T06:00:00+00:00"
"""
