# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded probes are answered in order, each as it was, and only what was said then is answered."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest
from exchange_lab.lab import Lab
from exchange_lab.replay.mail import dialogues
from exchange_lab.replay.recording import Recording, Round

GREETED = ["-: connected from 192.0.2.7 to 192.0.2.25 port 25", "S: 220 mail ready", "C: EHLO [192.0.2.7]"]
TAKEN = ["S: 250-mail", "S: 250 SIZE", "C: MAIL FROM:<a@example.com>", "S: 250 ok", "C: QUIT", "S: 221 bye"]


def probe(number: int, *transcript: str) -> Round:
    return Round(f"s{number}", 1, "x1", "smtp", {"probe": []}, {"transcript": list(transcript)}, {})


@pytest.fixture
def replay() -> Iterator[Lab]:
    """Three probes: one that reconnected, one that was never answered, and a busy server."""
    probes = [
        probe(1, *GREETED, "S: 421 busy", *GREETED, *TAKEN),
        probe(2),
        probe(3, GREETED[0], "S: 421 busy"),
    ]
    with Lab(recording=Recording({"x1": probes})) as lab:
        yield lab


def place(lab: Lab) -> tuple[str, int]:
    return lab.servers[0].address, lab.smtp_port(25)


def banner(lab: Lab) -> str:
    with socket.create_connection(place(lab), 10) as plain:
        said = b""
        with suppress(OSError):
            while not said.endswith(b"\n") and (part := plain.recv(1000)):
                said += part
    return said.decode()


def test_each_connection_is_the_next_that_was_recorded(replay: Lab) -> None:
    with smtplib.SMTP(*place(replay), timeout=10) as smtp:
        assert smtp.docmd("ehlo", "[127.0.0.1]") == (421, b"busy")
    with smtplib.SMTP(*place(replay), timeout=10) as smtp:
        assert smtp.ehlo("[127.0.0.1]")[0] == 250
        assert smtp.docmd("mail", "FROM:<A@example.com>") == (250, b"ok")
        assert smtp.quit() == (221, b"bye")
    assert banner(replay) == ""
    assert banner(replay) == "421 busy\r\n"
    assert "another probe was asked of x1, which is not what was recorded: no probe is left" in banner(replay)
    (player,) = replay.players
    assert (player.left, len(player.missing)) == (0, 1)


def test_what_was_not_said_then_is_refused_for_good(replay: Lab) -> None:
    banner(replay)
    with smtplib.SMTP(*place(replay), timeout=10) as smtp:
        smtp.ehlo("[127.0.0.1]")
        code, text = smtp.docmd("mail", "FROM:<b@example.com>")
    assert code == 554
    assert b"mail FROM:<b@example.com> in a probe was asked of x1" in text
    assert b"MAIL FROM:<a@example.com> is next" in text


def test_a_transcript_is_cut_where_the_probe_connected() -> None:
    assert dialogues([]) == [[]]
    assert dialogues([*GREETED, "-: TLS is on: TLSv1.3", *GREETED[:2]]) == [GREETED[1:], GREETED[1:2]]
