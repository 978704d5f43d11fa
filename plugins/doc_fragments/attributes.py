# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the attributes that the modules have in common."""

from __future__ import annotations


class ModuleDocFragment:
    """What each attribute means; a module says for itself how far it has it."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and predict the changed status without changing anything on the server.
  diff_mode:
    description: Returns what changed, or in check mode would change, in the words of the options.
  idempotent:
    description:
      - When run twice in a row outside check mode with the same arguments, the second run changes nothing.
      - This assumes that nobody else changes the same settings between the two runs.
  platform:
    description: The system that the module acts on.
"""

    # For modules that only read
    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    details: The module only reads.
  diff_mode:
    support: N/A
    details: The module only reads.
  idempotent:
    support: full
    details: The module only reads.
"""

    # For modules that open a session with Exchange
    EXCHANGE = r"""
options: {}
attributes:
  action:
    description: Runs on the controller.
    support: full
  async:
    description: Supports being run with C(async).
    support: none
  action_group:
    description: Use C(group/relayops.exchange.exchange) in C(module_defaults) to set options of the session once.
    support: full
    membership:
      - relayops.exchange.exchange
  platform:
    support: full
    platforms: windows
    details: The module runs on the controller and talks to Microsoft Exchange Server 2007 to Subscription Edition.
"""
