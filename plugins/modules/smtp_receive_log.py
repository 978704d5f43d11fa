#!/usr/bin/python
# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smtp_receive_log
short_description: Count in Exchange's receive logs who uses which connector, and for what
version_added: 1.0.0
author:
  - The relayops.exchange contributors (@relayops)
description:
  - Reads the protocol logs that Exchange writes for receive connectors with C(ProtocolLoggingLevel) V(Verbose), of
    Exchange 2007 to Subscription Edition, front end, hub and Edge Transport, plain or packed with gzip.
  - Counts for each connector and client address sessions, messages, recipients inside and outside the accepted
    domains, refusals, versions of TLS, names given with C(EHLO) and senders' domains, and when the client was first
    and last seen.
  - Runs wherever the files can be seen, on the controller, on a log collector or on a host that has the share mounted.
    Gigabytes are read in one pass; the memory needed does not depend on them.
  - Lines that are cut, that belong to another log or that another program has written into the file are counted in
    RV(lines_skipped) and do no harm. So does a file that is being written.
extends_documentation_fragment:
  - relayops.exchange.attributes
attributes:
  check_mode:
    support: full
    details: Reading changes nothing, so it reads in check mode as well.
  diff_mode:
    support: N/A
    details: Reading changes nothing.
  idempotent:
    support: full
    details: Reading changes nothing.
  platform:
    support: full
    platforms: posix
    details: Needs Python 3.9 or later on the machine it runs on, and nothing else.
options:
  paths:
    description:
      - Folders, files and globs. In folders, files that match O(patterns) are read.
      - By default Exchange 2013 and later logs to C(TransportRoles\Logs\FrontEnd\ProtocolLog\SmtpReceive) and
        C(TransportRoles\Logs\Hub\ProtocolLog\SmtpReceive) below its folder, Edge Transport to
        C(TransportRoles\Logs\Edge\ProtocolLog\SmtpReceive), Exchange 2007 and 2010 to
        C(TransportRoles\Logs\ProtocolLog\SmtpReceive).
      - The files of a folder are read as one log, in the order of their names. Keep files of different servers in
        different folders.
    type: list
    elements: str
    required: true
  patterns:
    description: Which names in a folder are logs. Case does not matter.
    type: list
    elements: str
    default: ["RECV*.log", "RECV*.log.gz"]
  recurse:
    description: Whether to look into the folders of a folder.
    type: bool
    default: true
  accepted_domains:
    description:
      - The accepted domains, V(example.org), V(*.example.org) for that domain and all below it, or V(*). Recipients in
        them are inside, all others outside. M(relayops.exchange.accepted_domain_info) returns them.
      - With an empty list everything is outside.
    type: list
    elements: str
    required: true
  since:
    description:
      - Leave out what was before, in UTC as V(2026-11-24) or V(2026-11-24T12:00:00Z), with the offset of another time
        as V(2026-11-24T13:00:00+01:00), or as a span back from now, such as V(30d), V(12h) or V(90m).
      - A time that is still to come is refused.
    type: str
  until:
    description: Leave out what was at this time or later, in the same forms.
    type: str
  max_clients:
    description:
      - How many pairs of connector and client address to keep apart. Further clients of a connector share one row,
        whose client is empty. It bounds the memory that a log full of strangers needs.
    type: int
    default: 20000
seealso:
  - module: relayops.exchange.relay_audit
  - module: relayops.exchange.accepted_domain_info
  - name: Protocol logging
    description: What Exchange writes, and where.
    link: https://learn.microsoft.com/exchange/mail-flow/connectors/protocol-logging
"""

EXAMPLES = r"""
- name: Who has used this server in the last 30 days
  relayops.exchange.smtp_receive_log:
    paths: /mnt/ex1/TransportRoles/Logs/FrontEnd/ProtocolLog/SmtpReceive
    accepted_domains: [example.org, "*.example.com"]
    since: 30d
  delegate_to: localhost
  register: log

- name: The clients of one connector that wrote outside, as a list for relay_connector
  ansible.builtin.set_fact:
    clients: >-
      {{ log.usage | selectattr('connector', 'equalto', 'Relay copiers')
      | selectattr('recipients_outside', 'gt', 0) | map(attribute='client') | unique }}

- name: Logs of many servers that a collector keeps, each in a folder of its own
  relayops.exchange.smtp_receive_log:
    paths:
      - /srv/logs/*/SmtpReceive
    accepted_domains: "{{ domains }}"
    since: "2026-10-01"
    until: "2026-11-01"
  delegate_to: collector.example.org
"""

RETURN = r"""
usage:
  description: One entry for each connector and client address, the busiest first.
  returned: success
  type: list
  elements: dict
  contains:
    server:
      description: The server's name as the connector has it.
      type: str
    connector:
      description: The connector's name.
      type: str
    client:
      description: The client's address. Empty for all those beyond O(max_clients).
      type: str
    sessions:
      description: How many sessions it had.
      type: int
    messages:
      description: How many messages the server accepted.
      type: int
    recipients_inside:
      description: How many recipients in accepted domains, or without a domain, the server accepted.
      type: int
    recipients_outside:
      description: How many other recipients the server accepted. A client with none needs no right to relay.
      type: int
    refused_outside:
      description: How many recipients outside the server refused.
      type: int
    refusals:
      description: Refusals by reply code and enhanced status code. RV(replies) has their words.
      type: dict
    tls:
      description: Sessions under TLS by version, V(unknown) where the log does not say.
      type: dict
    authenticated:
      description: Sessions in which the client logged on.
      type: int
    proxied:
      description: Sessions in which a front end spoke for a client. They are in the front end's log as well.
      type: int
    helo_names:
      description: The names that the client gave with C(HELO) and C(EHLO), and how often. V(…) counts further names.
      type: dict
    sender_domains:
      description: The domains of senders, and how often. The null sender has an empty one. V(…) counts further domains.
      type: dict
    first_seen:
      description: When its first session began, in UTC.
      type: str
    last_seen:
      description: When it was last seen, in UTC.
      type: str
  sample:
    - server: EX1
      connector: Relay copiers
      client: 192.0.2.77
      sessions: 412
      messages: 409
      recipients_inside: 366
      recipients_outside: 51
      refused_outside: 0
      refusals: {"421 4.4.1": 3}
      tls: {}
      authenticated: 0
      proxied: 0
      helo_names: {"copier-77": 412}
      sender_domains: {"example.org": 409}
      first_seen: "2026-10-26T05:12:09.114Z"
      last_seen: "2026-11-24T16:40:51.482Z"
connectors:
  description:
    - The connectors that have logged, with C(server), C(connector), the number of their C(clients), and C(days), a list
      with C(day), C(sessions) and C(messages). A session and its messages count on the day on which it ended.
  returned: success
  type: list
  elements: dict
replies:
  description: The words of each refusal where it came first.
  returned: success
  type: dict
  sample: {"550 5.7.54": "SMTP; Unable to relay recipient in non-accepted domain"}
files:
  description: How many files were read.
  returned: success
  type: int
bytes:
  description: How many bytes were read, unpacked.
  returned: success
  type: int
lines:
  description: How many lines were read.
  returned: success
  type: int
lines_skipped:
  description:
    - How many lines count for nothing. C(headers) are those of the log's headers, C(truncated) lines are cut before
      what they would be counted by, C(unfinished) ones were still being written at the end of a file, C(foreign) ones
      are none of this log or longer than 64 KiB, C(late) ones belong to a session that had ended, and
      C(outside_window) ones are outside O(since) and O(until).
  returned: success
  type: dict
problems:
  description:
    - Files that could not be read to their ends or of which no line belongs to a receive log, and folders that could
      not be looked into, with C(path) and C(problem).
  returned: success
  type: list
  elements: dict
overflowed:
  description: How often a client had no row of its own because of O(max_clients).
  returned: success
  type: int
given_up:
  description: Sessions whose ends were not found, and that were ended because too many were open.
  returned: success
  type: int
since:
  description: O(since) as a time.
  returned: success
  type: str
until:
  description: O(until) as a time.
  returned: success
  type: str
first_seen:
  description: The earliest of the clients' times.
  returned: success
  type: str
last_seen:
  description: The latest of the clients' times.
  returned: success
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.relayops.exchange.plugins.module_utils import _receive_log_files as log_files
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_report import Reading


def arguments() -> dict[str, dict[str, object]]:
    """Return the argument spec."""
    return {
        "paths": {"type": "list", "elements": "str", "required": True},
        "patterns": {"type": "list", "elements": "str", "default": ["RECV*.log", "RECV*.log.gz"]},
        "recurse": {"type": "bool", "default": True},
        "accepted_domains": {"type": "list", "elements": "str", "required": True},
        "since": {"type": "str"},
        "until": {"type": "str"},
        "max_clients": {"type": "int", "default": 20000},
    }


def main() -> None:
    """Read and count."""
    module = AnsibleModule(argument_spec=arguments(), supports_check_mode=True)
    given = module.params
    try:
        reading = Reading(given)
    except ValueError as problem:
        module.fail_json(msg=f"Receive logs not read: {problem}.")
    found = log_files.find(given["paths"], given["patterns"], given["recurse"])
    if not found.files:
        closed = "".join(f" {path} cannot be read: {reason}." for path, reason in found.closed)
        module.fail_json(
            msg=f"Receive logs not read: there is no log at {', '.join(found.nothing) or 'paths'}.{closed}"
            " Check the path, and that ProtocolLoggingLevel of the connectors is Verbose."
        )
    for path in found.nothing:
        module.warn(f"There is no log at {path}.")
    reading.read(found.files, found.closed)
    for warning in reading.warnings():
        module.warn(warning)
    module.exit_json(changed=False, **reading.result())


if __name__ == "__main__":
    main()
