# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook in a process group of its own, to be interrupted or killed."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass
class PlayApart:
    """A play for hosts of an inventory; ``folder`` gets both and what it prints.

    It ends with the process that started it at the latest: a test that fails may leave one that pauses for long.
    """

    folder: Path
    play: Mapping[str, Any]
    hosts: Mapping[str, Any]

    def start(self) -> None:
        """Start it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "play.yml").write_text(yaml.safe_dump([dict(self.play)]))
        (self.folder / "inventory.yml").write_text(yaml.safe_dump(dict(self.hosts)))
        program = Path(sys.executable).with_name("ansible-playbook")
        with self.printed.open("w") as printed:
            self.process = subprocess.Popen(
                [str(program), "-i", str(self.folder / "inventory.yml"), str(self.folder / "play.yml")],
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                env=os.environ
                | {
                    "ANSIBLE_HOME": str(self.folder),
                    "ANSIBLE_LOCAL_TEMP": str(self.folder / "tmp"),
                    "PYTHONUNBUFFERED": "1",
                    "no_proxy": "*",
                },
            )
        atexit.register(self._leave_nothing)

    def _leave_nothing(self) -> None:
        if self.process.poll() is None:
            # another process may be faster
            with suppress(OSError):
                self.kill()

    @property
    def printed(self) -> Path:
        """The file of what it has printed."""
        return self.folder / "printed"

    def reaches(self, happened: Callable[[], bool]) -> bool:
        """Whether something happens before the play is over."""
        while not happened():
            if self.process.poll() is not None:
                return False
            time.sleep(0.02)
        return True

    def kill(self) -> None:
        """The play and its workers, which are in sessions of their own, without a chance to tidy up."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for each in (self.process.pid, *map(int, children)):
            os.kill(each, signal.SIGKILL)
        self.process.wait(timeout=20)

    def interrupt(self) -> None:
        """As Ctrl-C does."""
        os.kill(self.process.pid, signal.SIGINT)
        self.process.wait(timeout=60)

    def end(self) -> str:
        """Wait until it is over, and return what it has printed."""
        code = self.process.wait(timeout=60)
        output = self.printed.read_text()
        assert code == 0, output
        return output
