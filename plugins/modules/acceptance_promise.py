#!/usr/bin/python
# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This is a virtual module that is entirely implemented as an action plugin and runs on the controller

from __future__ import annotations

DOCUMENTATION = r"""
---
module: acceptance_promise
short_description: Runs a module and notes whether it does what is promised of it
version_added: 1.0.0
author:
  - The relayops.exchange contributors (@relayops)
description:
  - One step of an acceptance run, as the role C(relayops.exchange.relay_acceptance) makes it. Runs another module of
    this collection, compares its result with what is expected, and adds an entry to the list of the run.
  - The name of the task is the promise as a sentence.
  - A promise that is not kept is a warning and an entry, and no failure of the task, so that the run goes on.
extends_documentation_fragment:
  - relayops.exchange.attributes
  - relayops.exchange.attributes.exchange
  - relayops.exchange.session
attributes:
  check_mode:
    support: partial
    details: Nothing is run in check mode, and the promise counts as not seen.
  diff_mode:
    support: none
    details: Shows no difference.
  idempotent:
    support: N/A
    details: Does what the module does that it runs.
options:
  promise:
    description:
      - The name of the promise, which other promises can need. Left out, the module is only run, and there is no entry.
    type: str
  runs:
    description:
      - The module to run, in the session that the options of this one describe.
      - M(relayops.exchange.smtp_probe) runs on the host of the task, or the one that the task is delegated to.
    type: str
    choices: [relay_connector, receive_connector, receive_connector_info, connector_permission, smtp_probe]
    required: true
  options:
    description:
      - The options of that module.
    type: dict
    default: {}
  server:
    description:
      - The option C(server) of that module, where it has one.
    type: str
  expect:
    description:
      - What its result shall be, with only the keys that matter. C(failed) and C(changed) are always there.
      - A dictionary is met key by key, a list of dictionaries item by item, another list whatever its order.
      - In place of a value there may be a dictionary of one word and what it compares to. C(matches) takes a regular
        expression, C(one_of) values, C(has) items that a list has among others, C(without) items that it has not,
        and C(same) a value that nothing may have changed in.
    type: dict
    default: {}
  needs:
    description:
      - The promises that this one builds on. Unless they all were kept, this one is not seen.
    type: list
    elements: str
    default: []
  not_seen_because:
    description:
      - A reason why this promise cannot be seen. Then nothing is run.
    type: str
  patience:
    description:
      - Seconds to go on asking while the result is another one. Only for modules that change nothing.
    type: int
    default: 0
seealso:
  - module: relayops.exchange.exchange_debug
"""

EXAMPLES = r"""
- name: Changing a connector to what it is changes nothing
  relayops.exchange.acceptance_promise:
    promise: idempotence
    runs: receive_connector
    options: {name: Scanners, max_message_size: 20MB}
    expect: {failed: false, changed: false}
"""

RETURN = r"""
entry:
  description: What came of it. The list of all entries is the fact C(__relay_acceptance_entries).
  returned: success, with O(promise)
  type: dict
  contains:
    name:
      description: The name of the promise.
      type: str
    says:
      description: The promise as a sentence.
      type: str
    outcome:
      description: What came of it.
      type: str
      choices: [passed, failed, not_seen]
    expected:
      description: What was expected.
      type: dict
    seen:
      description: Of the result, what the expectation speaks of. Null when it was not seen.
      type: dict
    why:
      description: What differs, or why it was not seen. Else empty.
      type: str
    task:
      description: The module that ran, with its options.
      type: dict
    steps:
      description: What the module says that it wrote.
      type: list
      elements: str
    warnings:
      description: What the module warned of.
      type: list
      elements: str
    milliseconds:
      description: How long it took, waiting included.
      type: int
result:
  description: The result of the module, also where it failed.
  returned: success, without O(promise)
  type: dict
"""
