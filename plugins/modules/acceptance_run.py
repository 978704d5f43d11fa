# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of acceptance_run; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: acceptance_run
short_description: Tells an acceptance run from others that are at work
version_added: 1.0.0
description:
  - Begins and ends an acceptance run, as the role C(relayops.exchange.relay_acceptance) makes it, so that no two of
    them change the same connector.
  - Says in a file on the controller that the run is at work, and fails if the file says so of another run, or if a
    connector is of another one.
  - Another run counts as over if it was begun an hour ago, or if its process was one of this machine and is no more. A
    container counts as a machine of its own.
  - It runs on the controller and contacts nobody.
author:
  - The relayops.exchange contributors (@relayops)
extends_documentation_fragment:
  - relayops.exchange.attributes
attributes:
  check_mode:
    support: partial
    details: The file is neither looked at nor written.
  diff_mode:
    support: none
  idempotent:
    support: full
  platform:
    support: full
    platforms: posix
options:
  file:
    description:
      - The file on the controller that is there while a run is at work.
    type: path
    required: true
  comment:
    description:
      - What the comments of the connectors of all runs begin with.
    type: str
    required: true
  run:
    description:
      - What RV(run) was in the beginning. Left out, a new run begins.
    type: str
  server:
    description:
      - The server of the connectors, for the message.
    type: str
  connectors:
    description:
      - Connectors of acceptance runs that the server has, as M(relayops.exchange.receive_connector_info) returns them.
        Only C(name) and C(comment) are looked at.
    type: list
    elements: dict
    default: []
  take_over:
    description:
      - Whether all other runs are over, since somebody knows that they were killed.
    type: bool
    default: false
  state:
    description:
      - V(ended) removes the file.
    type: str
    choices: [begun, ended]
    default: begun
seealso:
  - module: relayops.exchange.acceptance_promise
"""

EXAMPLES = r"""
- name: Begin a run
  relayops.exchange.acceptance_run:
    file: /tmp/acceptance.running
    comment: Made by an acceptance run
  register: begun

- name: End it
  relayops.exchange.acceptance_run:
    file: /tmp/acceptance.running
    comment: Made by an acceptance run
    run: "{{ begun.run }}"
    state: ended
"""

RETURN = r"""
run:
  description: The comment of the connectors of this run.
  returned: success
  type: str
  sample: Made by an acceptance run (begun 2026-01-31 12:00:00 UTC by process 4711 of app1/4026531836)
"""
