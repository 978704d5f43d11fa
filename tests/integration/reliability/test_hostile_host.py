# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows hosts and endpoints that mean ill, where the libraries of others have read before us.

The bytes of a host's standard output and error are read by Ansible's own connection plugins (winrm, psrp, ssh), however
many there are, and those of an object by pypsrp; neither is ours. What they hand over is, and is read here in a process
of its own: a clear error or a value, within bounds of memory and of time that was worked.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_host import READERS

# MB: an answer of 60 MB whose letters take four bytes each is 240 as text, and is copied once
MEMORY = 550
# of one processor; Ansible's deadline is the bound of all together
SECONDS = 30
# what makes sense to a reader that asks for nothing of it, and what merely is large
READ = {
    "psrp": {"in a circle", "entities in a text", "a huge list", "wrong types"},
    "json": {"infinity", "wrong types", "an address of a number", "a length of no address", "many interfaces", "lines"},
    "addresses": {"many interfaces", "lines"},
    "netsh": {"many interfaces"},
    "files": {
        "a name of another folder",
        "a plain name",
        "sizes that are none",
        "a size of a million figures",
        "lines",
        "what turns a terminal",
    },
}
CASES = [(reader, name) for reader, answers in READERS.items() for name in answers]


def read(reader: str, name: str) -> dict[str, object]:
    """What became of an answer."""
    stands = str(Path(__file__).resolve().parents[2] / "stands")
    done = subprocess.run(
        [sys.executable, "-m", "hostile_host", reader, name],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([stands, *sys.path])},
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.timeout(250)
@pytest.mark.parametrize(("reader", "name"), CASES)
def test_what_reaches_us_is_read_or_refused(reader: str, name: str) -> None:
    told = read(reader, name)
    said, kinds = str(told["said"]), str(told["kind"]).split()
    if name in READ.get(reader, ()):
        assert (said, kinds) == ("", [])
    else:
        assert "Failure" in kinds, told
        assert "EX01" in said
        assert not any(ord(letter) < 32 or letter in "\u202e\u2066" for letter in said)
        assert len(said) < 25_000
    if reader.endswith("write"):
        assert "UnknownOutcome" in kinds
    assert float(str(told["mb"])) < MEMORY
    assert float(str(told["cpu"])) < SECONDS
