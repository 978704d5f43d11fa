# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo as a whole, and what it does when a promise does not hold."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from relay_demo.device import Dialogue
from relay_demo.story import Story
from relay_demo.terminal import Terminal

TESTS = Path(__file__).resolve().parents[2]


def demo(exchange: str) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"PYTHONPATH": f"{TESTS / 'demo'}:{TESTS / 'lab'}"}
    command = [sys.executable, "-m", "relay_demo", "--exchange", exchange]
    return subprocess.run(command, capture_output=True, text=True, env=environ, timeout=100, check=False)


@pytest.mark.parametrize(
    ("exchange", "refusal"),
    [
        ("2019", "S: 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain"),
        ("2010", "S: 550 5.7.1 Unable to relay"),
    ],
)
def test_all_of_the_demo_holds(exchange: str, refusal: str) -> None:
    done = demo(exchange)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "NOT SO" not in done.stdout
    assert done.stdout.count(refusal) == 2
    assert "X-MS-Exchange-Organization-AuthAs: Anonymous" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_a_lab_that_does_not_start_fails_the_demo() -> None:
    done = demo("1999")
    assert done.returncode != 0
    assert "the lab did not start" in done.stderr


class Refusing:
    """A device that is always refused."""

    name, address, mailbox = "copier", "127.0.0.77", "copier@example.com"

    def ask(self, server: str, port: int, recipient: str) -> Dialogue:
        return Dialogue(["C: …", "S: 421 4.3.2 Service not available"], 421, "421 4.3.2 Service not available")


class Stage:
    """A stage with nothing behind it."""

    exchange, server, relay, smtp_port = "2019", "127.0.0.10", "127.0.0.25", 25
    copier = neighbour = Refusing()


def test_another_answer_than_the_promised_one_is_noted() -> None:
    seen = io.StringIO()
    story = Story(Stage(), Terminal(seen), None)  # type: ignore[arg-type]
    story.before()
    story.after()
    assert len(story.failures) == 3
    assert seen.getvalue().count("NOT SO") == 3
