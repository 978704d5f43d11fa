# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's own connection plugins as a task is given them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible import constants
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader
from ansible.template import Templar


def connection(plugin: str, variables: Mapping[str, Any], shell: Any = None) -> Any:
    """A connection plugin with its options taken from variables of a host; it connects when it is used."""
    # None stands where ansible-core before 2.19 wants the standard input
    made = connection_loader.get(plugin, PlayContext(), None, shell=shell)
    given = dict(variables)
    if hasattr(made, "_resolve_option_variables"):
        made.set_options(var_options=made._resolve_option_variables(given, Templar(DataLoader(), given)))
    else:  # what the task executor did itself before ansible-core 2.19
        names = constants.config.get_plugin_vars("connection", made._load_name)
        known = {name: given[name] for name in names if name in given}
        extras = {name: value for name, value in given.items() if name.startswith(f"ansible_{plugin}_")}
        made.set_options(var_options=known | ({"_extras": extras} if made.allow_extras else {}))
    return made
