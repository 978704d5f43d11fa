# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guide on secondary addresses says that a task prints is what it prints; its plays are run elsewhere."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.task import apply
from exchange_lab.windows.host import WindowsHost
from exchange_lab.windows.record import Record
from exchange_lab.windows.record import parse_address as ip

GUIDE = Path(__file__).parents[5] / "docs" / "docsite" / "rst" / "guide_secondary_ip.rst"
TEXT = " ".join(GUIDE.read_text(encoding="utf-8").split())


class Check:
    """A task in check mode."""

    check_mode = True

    def warn(self, text: str) -> None:
        raise AssertionError(text)


def task(host: Any, **given: Any) -> Any:
    return apply(host, {"skip_as_source": True, **given}, Check(), dict, "ex01")


def test_the_diff(lab_host: Any) -> None:
    shown = task(lab_host(WindowsHost("ex01", "192.0.2.10")), address="192.0.2.26/24")["diff"]
    before, after = (json.dumps(shown[name], indent=4, sort_keys=True).splitlines() for name in ("before", "after"))
    lines = list(difflib.unified_diff(before, after, lineterm=""))[3:]
    assert " ".join(" ".join(lines).split()) in TEXT.split(":name: " + "secondary-ip-diff")[1]


@pytest.mark.parametrize(
    ("given", "about"),
    [
        ({"address": "192.0.2.10/24"}, {}),
        ({"address": "198.51.100.25/24"}, {}),
        ({"address": "192.0.2.26/24"}, {"dhcp": True}),
        ({"address": "192.0.2.26/24", "skip_as_source": False}, {}),
        ({"address": "192.0.2.28/24"}, {}),
        ({"address": "192.0.2.26/24"}, {"flavour": "2008", "hotfix": False}),
    ],
)
def test_the_refusals(lab_host: Any, given: dict[str, Any], about: dict[str, Any]) -> None:
    windows = WindowsHost("ex01", "192.0.2.10", **about)
    windows.add(Record(ip("192.0.2.28"), 24, 7, True), "ActiveStore")
    with pytest.raises(ShellError) as refused:
        task(lab_host(windows), **given)
    assert str(refused.value).partition(" on mail01: ")[2] in TEXT
