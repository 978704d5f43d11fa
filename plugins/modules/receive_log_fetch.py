#!/usr/bin/python
# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This is a virtual module that is entirely implemented as an action plugin and runs on the controller

from __future__ import annotations

DOCUMENTATION = r"""
---
module: receive_log_fetch
short_description: Bring Exchange's receive logs to the controller, each file as long as it grows
version_added: 1.0.0
author:
  - The relayops.exchange contributors (@relayops)
description:
  - Asks Exchange in which folders the transport services of a server log what is said at receive connectors, and copies
    the files from there over the host's own connection, for M(relayops.exchange.smtp_receive_log) to read.
  - A file that is here already and has not grown is not fetched again.
  - Where the controller sees the files anyway, on a share or at a log collector, there is no need for this.
extends_documentation_fragment:
  - relayops.exchange.attributes
  - relayops.exchange.attributes.exchange
  - relayops.exchange.session
attributes:
  check_mode:
    support: full
    details: Lists the files on the host, and fetches none.
  diff_mode:
    support: none
    details: Logs are no state of anything.
  idempotent:
    support: partial
    details: Logs grow, so a later run fetches what has been added.
options:
  dest:
    description:
      - A folder on the controller, of its own for each server. It is made if need be.
      - It gets a folder for each transport service, V(FrontEnd), V(Hub), V(Edge), or V(Logs) before Exchange 2013.
    type: path
    required: true
  paths:
    description:
      - Folders on the host. By default Exchange is asked for C(ReceiveProtocolLogPath) of its transport services.
    type: list
    elements: str
  server:
    description: The Exchange server on the host, by name or FQDN; by default the one that the session is on.
    type: str
seealso:
  - module: relayops.exchange.smtp_receive_log
"""

EXAMPLES = r"""
- name: Bring the receive logs here
  relayops.exchange.receive_log_fetch:
    dest: logs/{{ inventory_hostname }}

- name: Count in them
  relayops.exchange.smtp_receive_log:
    paths: logs/{{ inventory_hostname }}
    accepted_domains: [example.com]
  delegate_to: localhost
"""

RETURN = r"""
fetched:
  description: The files on the controller that are new or have grown.
  returned: success
  type: list
  elements: str
unchanged:
  description: How many files were here already.
  returned: success
  type: int
folders:
  description: The folders on the host.
  returned: success
  type: list
  elements: str
dest:
  description: The folder on the controller.
  returned: success
  type: str
"""
