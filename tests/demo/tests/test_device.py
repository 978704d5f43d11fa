# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device's question and its mail, against a small SMTP server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from relay_demo.device import Device

COPIER = Device("copier", "127.0.0.77", "example.com")


class Relay:
    """Takes mail from the copier for one outside domain and remembers it."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.peers: list[str] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.peers.append(session.peer[0])
        if not address.endswith("@outside.example"):
            return "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.messages.append(envelope)
        return "250 2.6.0 Queued mail for delivery"


@pytest.fixture
def relay() -> Iterator[tuple[Relay, int]]:
    handler = Relay()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


def test_asks_from_its_own_address(relay: tuple[Relay, int]) -> None:
    COPIER.ask("127.0.0.1", relay[1], "a@outside.example")
    assert relay[0].peers == ["127.0.0.77"]


def test_a_question_sends_no_message(relay: tuple[Relay, int]) -> None:
    dialogue = COPIER.ask("127.0.0.1", relay[1], "a@outside.example")
    assert dialogue.code == 250
    assert relay[0].messages == []


def test_a_refusal_is_shown_in_the_words_of_the_server(relay: tuple[Relay, int]) -> None:
    dialogue = COPIER.ask("127.0.0.1", relay[1], "a@elsewhere.example")
    assert dialogue.reply == "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain"
    assert dialogue.lines[-2:] == ["C: RCPT TO:<a@elsewhere.example>", f"S: {dialogue.reply}"]


def test_sends_a_message(relay: tuple[Relay, int]) -> None:
    dialogue = COPIER.send("127.0.0.1", relay[1], "a@outside.example", "Scan")
    assert dialogue.reply == "250 2.6.0 Queued mail for delivery"
    assert b"Subject: Scan" in relay[0].messages[0].original_content
