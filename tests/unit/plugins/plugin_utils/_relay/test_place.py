# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connector's place as people write it."""

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.place import place


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"name": "Printers"}, ("", "Printers")),
        ({"name": "Printers", "server": " EX01 "}, ("EX01", "Printers")),
        ({"name": "EX01\\Printers"}, ("EX01", "Printers")),
        ({"name": "ex01\\Printers", "server": "EX01.lab.example"}, ("EX01.lab.example", "Printers")),
        ({"name": "Käse, \"2\" & 'Wurst'; $x"}, ("", "Käse, \"2\" & 'Wurst'; $x")),
    ],
)
def test_server_and_name(options: dict[str, Plain], found: tuple[str, str]) -> None:
    assert place(options) == found


@pytest.mark.parametrize("name", ["", "  ", None, "EX01\\"])
def test_an_empty_name_is_refused(name: Plain) -> None:
    with pytest.raises(ValueError, match="Name the connector"):
        place({"name": name})


def test_two_servers_contradict_each_other() -> None:
    with pytest.raises(ValueError, match="not on the server EX02 that is given beside it"):
        place({"name": "EX01\\Printers", "server": "EX02"})
