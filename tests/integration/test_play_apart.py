# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A play that a failing test leaves behind ends with the process that started it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from process_watch import runs

FAILING = """
import sys
from pathlib import Path
from play_apart import PlayApart
task = {"name": "Stay", "ansible.builtin.pause": {"minutes": 30}}
run = PlayApart(Path(sys.argv[1]), {"hosts": "localhost", "gather_facts": False, "tasks": [task]}, {})
run.start()
assert run.reaches(lambda: "Pausing for" in run.printed.read_text()), run.printed.read_text()
print(run.process.pid, flush=True)
raise AssertionError("a test that fails")
"""


def test_a_play_does_not_outlive_the_test_that_started_it(tmp_path: Path) -> None:
    failed = subprocess.run(
        [sys.executable, "-c", FAILING, str(tmp_path / "play")],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "a test that fails" in failed.stderr
    until = time.monotonic() + 10
    while runs(int(failed.stdout)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not runs(int(failed.stdout))
