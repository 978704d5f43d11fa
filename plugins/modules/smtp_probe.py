#!/usr/bin/python
# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smtp_probe
short_description: Ask an SMTP server whether it would relay, without sending a message
version_added: 1.0.0
author:
  - The relayops.exchange contributors (@relayops)
description:
  - Connects to an SMTP server from where the module runs, names a sender and one or many recipients, and leaves again
    before any message. The server's replies tell whether it would take mail for each recipient.
  - The module speaks C(EHLO), C(STARTTLS), C(MAIL), C(RCPT), C(RSET) and C(QUIT), never C(DATA).
  - What a client may do depends on its address. So delegate the task to the machine that is to relay, or choose one of
    the machine's addresses with O(source_address).
  - A refused connection, a timeout and a broken dialogue fail the task, whatever is expected. They are not the answer
    that the server would not relay.
extends_documentation_fragment:
  - relayops.exchange.attributes
attributes:
  check_mode:
    support: full
    details: A probe changes nothing, so it asks in check mode as well.
  diff_mode:
    support: N/A
    details: A probe changes nothing.
  idempotent:
    support: full
    details: A probe changes nothing. The server may count it against a limit of connections.
  platform:
    support: full
    platforms: posix
    details: Needs Python 3.9 or later on the machine it runs on, and nothing else.
options:
  host:
    description: Name or address of the SMTP server.
    type: str
    required: true
    aliases: [server]
  port:
    description: The server's port.
    type: int
    default: 25
  source_address:
    description:
      - Address to connect from. It must be one that the machine has on which the module runs.
      - By default the system chooses.
    type: str
  mail_from:
    description: The sender. An empty text is the null sender.
    type: str
    default: probe@example.com
  rcpt_to:
    description: The recipients to ask for.
    type: list
    elements: str
    required: true
  helo_name:
    description: The name to introduce oneself with. By default it is the address one connects from, in brackets.
    type: str
  starttls:
    description:
      - Whether to start TLS before asking. With V(required) a server that does not offer it fails the task.
    type: str
    choices: [never, if_offered, required]
    default: never
  validate_certs:
    description: Whether the server's certificate must be trustworthy and name O(host), when TLS is started.
    type: bool
    default: true
  ca_path:
    description: File with certificates of authorities to trust, instead of the system's.
    type: path
  connect_timeout:
    description: Seconds to wait for a connection.
    type: int
    default: 10
  timeout:
    description:
      - Seconds to wait for each complete reply. Exchange delays refusals (C(TarpitInterval), by default 5 seconds).
    type: int
    default: 30
  deadline:
    description: Seconds that the whole probe may take.
    type: int
    default: 300
  forms:
    description:
      - With V(all), also try each recipient and sender in the forms that tests for open relays use, such as the
        percent hack, the source route, the bang path, a quoted local part, null and local senders, address literals
        and mixed domains.
      - Where the outside address hides in the local part of an address of the server's own, acceptance proves nothing,
        as Exchange takes a local part literally. Such forms are RV(doubtful_forms), not RV(open_forms).
    type: str
    choices: [given, all]
    default: given
  local_domain:
    description: A domain that the server accepts mail for, for the address forms of O(forms=all) that need one.
    type: str
  expect:
    description:
      - Fail unless the answer is this, for every recipient.
      - V(refused) wants refusals for good (5yz). A refusal for now (4yz) proves nothing and does not count. With
        O(forms=all) no address form may get through either.
    type: str
    choices: [allowed, refused]
seealso:
  - module: relayops.exchange.relay_audit
  - module: relayops.exchange.relay_connector
  - plugin: relayops.exchange.connector_for
    plugin_type: filter
"""

EXAMPLES = r"""
- name: The application server may relay
  relayops.exchange.smtp_probe:
    host: relay.example.com
    rcpt_to: someone@example.org
    expect: allowed
  delegate_to: app1.example.com

- name: Nobody else may, in no address form
  relayops.exchange.smtp_probe:
    host: relay.example.com
    rcpt_to: someone@example.org
    forms: all
    local_domain: example.com
    expect: refused
  delegate_to: app2.example.com

- name: Ask as one of several devices whose addresses this machine has
  relayops.exchange.smtp_probe:
    host: 192.0.2.25
    source_address: 198.51.100.{{ item }}
    mail_from: copier@example.com
    rcpt_to:
      - someone@example.org
      - ada@example.com
  loop: [10, 11]
  register: answers

- name: Ask under TLS with the certificate of an authority of our own
  relayops.exchange.smtp_probe:
    host: mail.example.com
    port: 587
    starttls: required
    ca_path: /etc/pki/example.pem
    rcpt_to: ada@example.com
"""

RETURN = r"""
verdict:
  description:
    - V(allowed), V(refused) or V(deferred) if that is the answer for every recipient, V(mixed) otherwise.
    - V(deferred) is a refusal for now (4yz), which tells nothing about whether the server would relay.
  returned: when the server answered
  type: str
  sample: refused
recipients:
  description: The answer for each recipient, in the order of O(rcpt_to).
  returned: when the server answered
  type: list
  elements: dict
  contains:
    address:
      description: The recipient.
      type: str
    verdict:
      description: V(allowed), V(refused) or V(deferred).
      type: str
    stage:
      description: What the server answered with that, one of V(connect), V(ehlo), V(mail) and V(rcpt).
      type: str
    code:
      description: The reply code.
      type: int
    enhanced:
      description: The enhanced status code, or an empty text.
      type: str
    reply:
      description: The reply on one line.
      type: str
    refusal:
      description:
        - Which of Exchange's known refusals it was, or an empty text. One of V(unable_to_relay), V(not_authenticated),
          V(tls_required), V(sender_not_permitted), V(per_source_limit), V(connection_limit), V(rate_limit),
          V(exchange_authentication), V(message_too_big), V(too_many_errors), V(transport_inactive),
          V(insufficient_resources), V(unknown_recipient), V(invalid_address), V(blocked).
      type: str
    cause:
      description: The usual cause of that refusal.
      type: str
    remedy:
      description: What to do if the refusal is not wanted.
      type: str
  sample:
    - address: someone@example.org
      verdict: refused
      stage: rcpt
      code: 550
      enhanced: 5.7.54
      reply: 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain
      refusal: unable_to_relay
      cause: >-
        The recipient is in no accepted domain, and the connector that served this client gives it no right to relay.
      remedy: >-
        If it is meant to relay, put its address into the ranges of a connector that grants
        ms-Exch-SMTP-Accept-Any-Recipient, and check with connector_for which connector serves it.
forms:
  description:
    - The answers to the address forms, with the same keys as RV(recipients) and C(form), C(sender), C(recipient) (as
      sent) and C(conclusive).
  returned: with O(forms=all)
  type: list
  elements: dict
open_forms:
  description: The names of the forms that got through and with which mail would leave the organization.
  returned: with O(forms=all)
  type: list
  elements: str
doubtful_forms:
  description: The names of the forms that were accepted as an address of the server's own, which proves nothing.
  returned: with O(forms=all)
  type: list
  elements: str
banner:
  description: The server's greeting without its code.
  returned: when the server answered
  type: str
  sample: mail.example.com Microsoft ESMTP MAIL Service ready at Tue, 24 Nov 2026 03:00:00 +0000
extensions:
  description: The service extensions that the server offered last.
  returned: when the server answered
  type: list
  elements: str
tls:
  description:
    - Facts about TLS, empty without it. C(version), C(cipher), C(verified), C(sha256) of the certificate and, where it
      was verified, C(subject), C(issuer), C(names) and C(not_after).
  returned: when the server answered
  type: dict
source_address:
  description: The address that was connected from.
  returned: when the server answered
  type: str
peer_address:
  description: The server's address.
  returned: when the server answered
  type: str
failure:
  description:
    - Why there is no answer. One of V(unresolved), V(source_address), V(refused) (the connection, that is),
      V(unreachable), V(timeout), V(closed), V(broken) and V(tls).
  returned: when the question could not be put
  type: str
transcript:
  description:
    - Both sides of the dialogue, line by line, the server's marked C(S:) and the probe's C(C:). Lines of more than 1000
      characters are cut.
  returned: always
  type: list
  elements: str
  sample:
    - "-: connected from 198.51.100.10 to 192.0.2.25 port 25"
    - "S: 220 mail.example.com Microsoft ESMTP MAIL Service ready at Tue, 24 Nov 2026 03:00:00 +0000"
    - "C: EHLO [198.51.100.10]"
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_connection import Target
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_probe import Manners, Probe
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_reply import ProbeError
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_report import (
    check_words,
    disappointment,
    report,
    run,
)


def arguments() -> dict[str, dict[str, object]]:
    """Return the argument spec."""
    return {
        "host": {"type": "str", "required": True, "aliases": ["server"]},
        "port": {"type": "int", "default": 25},
        "source_address": {"type": "str"},
        "mail_from": {"type": "str", "default": "probe@example.com"},
        "rcpt_to": {"type": "list", "elements": "str", "required": True},
        "helo_name": {"type": "str"},
        "starttls": {"type": "str", "choices": ["never", "if_offered", "required"], "default": "never"},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "connect_timeout": {"type": "int", "default": 10},
        "timeout": {"type": "int", "default": 30},
        "deadline": {"type": "int", "default": 300},
        "forms": {"type": "str", "choices": ["given", "all"], "default": "given"},
        "local_domain": {"type": "str"},
        "expect": {"type": "str", "choices": ["allowed", "refused"]},
    }


def main() -> None:
    """Ask and answer."""
    module = AnsibleModule(argument_spec=arguments(), supports_check_mode=True)
    given = module.params
    place = f"{given['host']}:{given['port']}"
    wrong = check_words(given)
    if wrong:
        module.fail_json(msg=f"Probe of {place} not started: {wrong}.", transcript=[])
    target = Target(
        given["host"],
        given["port"],
        given["source_address"] or "",
        given["connect_timeout"],
        given["timeout"],
        given["deadline"],
    )
    manners = Manners(given["helo_name"] or "", given["starttls"], given["validate_certs"], given["ca_path"] or "")
    probe = Probe(target, manners)
    try:
        answers, forms = run(probe, given)
    except ProbeError as error:
        text = f"Probe of {place} failed: {error.reason}. {error.remedy}".rstrip()
        module.fail_json(msg=text, failure=error.kind, transcript=probe.transcript)
    result = report(probe, answers, forms, given["forms"] == "all")
    for doubt in sorted(set(result.get("doubtful_forms", []))):
        module.warn(f"{place} accepts the address form {doubt}; that proves nothing if the address is its own.")
    unmet = disappointment(given["expect"], place, probe, answers, forms)
    if unmet:
        module.fail_json(msg=unmet, **result)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
