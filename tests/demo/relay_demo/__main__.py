# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m relay_demo``: the demo; exits with 1 if anything did not come as promised."""

from __future__ import annotations

import argparse
import email
import sys
import tempfile
import time
from collections.abc import Sequence
from email.message import Message
from pathlib import Path

from exchange_lab.control import ControlClient

from .stage import Stage
from .stand import lab
from .story import Story
from .terminal import BOLD, Terminal

CHECKOUT = Path(__file__).resolve().parents[3]


def collections() -> Path:
    """Link this checkout where Ansible finds it as relayops.exchange, below build/collections."""
    root = CHECKOUT / "build" / "collections"
    link = root / "ansible_collections" / "relayops" / "exchange"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(CHECKOUT)
    return root


def outside(control: ControlClient, recipient: str) -> list[Message]:
    """Return what the lab delivered to a recipient outside."""
    mail = [each for each in control.get("/mail") if each["sink"] == "outside" and recipient in each["recipients"]]
    return [email.message_from_string(each["content"]) for each in mail]


def main(given: Sequence[str] | None = None) -> int:
    """Run the demo and return its exit status."""
    parser = argparse.ArgumentParser(prog="relay_demo", description=__doc__)
    parser.add_argument("--exchange", default="2019", help="version of Exchange that the lab plays (2010, 2013, …)")
    options = parser.parse_args(given)
    terminal, begun = Terminal(), time.monotonic()
    terminal.line("Who may relay through Exchange? A copier may, and nobody else.", BOLD)
    terminal.line()
    with tempfile.TemporaryDirectory(prefix="relay-demo-") as folder, lab(options.exchange, Path(folder)) as details:
        control = ControlClient(details["control"])
        stage = Stage.build(details, Path(folder), collections(), lambda recipient: outside(control, recipient))
        failures = Story(stage, terminal, control).play()
    terminal.line()
    if failures:
        terminal.line(f"{len(failures)} of the promises did not hold: {'; '.join(failures)}", BOLD)
        return 1
    terminal.line(f"All of it held, in {time.monotonic() - begun:.0f} s.", BOLD)
    return 0


if __name__ == "__main__":
    sys.exit(main())
