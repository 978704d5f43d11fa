# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
import time
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_connection import Connection, Target
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_reply import ProbeError
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_tls import tls_context


def kind_of(call: Any) -> str:
    with pytest.raises(ProbeError) as caught:
        call()
    assert caught.value.reason
    return caught.value.kind


def target(port: int, **other: Any) -> Target:
    return Target(**{"host": "127.0.0.1", "port": port, "timeout": 0.5, **other})


def test_connection_refused() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert kind_of(lambda: Connection(target(unused.getsockname()[1]), [])) == "refused"


def test_a_name_that_does_not_resolve() -> None:
    assert kind_of(lambda: Connection(target(25, host="no-such-host.invalid"), [])) == "unresolved"
    assert kind_of(lambda: Connection(target(25, host="a" * 70 + ".test"), [])) == "unresolved"


def test_a_source_address_we_do_not_have(scripted: Any) -> None:
    server = scripted((b"220 x\r\n",))
    assert kind_of(lambda: Connection(target(server.port, source_address="198.51.100.9"), [])) == "source_address"
    assert kind_of(lambda: Connection(target(server.port, source_address="::1"), [])) == "unreachable"


def test_the_source_address_is_used(scripted: Any) -> None:
    connection = Connection(target(scripted((b"220 x\r\n", None)).port, source_address="127.0.3.4"), [])
    assert (connection.local, connection.peer) == ("127.0.3.4", "127.0.0.1")
    connection.abandon()


def test_silence_is_a_timeout(scripted: Any) -> None:
    connection = Connection(target(scripted((None,)).port), [])
    assert kind_of(connection.read) == "timeout"


def test_a_trickle_does_not_outlive_the_timeout(scripted: Any) -> None:
    drops = [step for _ignored in range(20) for step in (b"raw:2", 0.1)]
    connection = Connection(target(scripted((*drops, b"\n")).port), [])
    start = time.monotonic()
    assert kind_of(connection.read) == "timeout"
    assert time.monotonic() - start < 1.5


def test_the_deadline_ends_a_long_dialogue(scripted: Any) -> None:
    lines = [step for _ignored in range(20) for step in (b"250-more\r\n", 0.1)]
    connection = Connection(target(scripted((*lines,)).port, timeout=10, deadline=0.5), [])
    with pytest.raises(ProbeError, match="longer than") as caught:
        connection.read()
    assert caught.value.kind == "timeout"


@pytest.mark.parametrize("said", [(), (b"220-half\r\n",), (b"raw:220 half a line",)])
def test_an_early_end_is_closed(scripted: Any, said: tuple[bytes, ...]) -> None:
    connection = Connection(target(scripted(said).port), [])
    assert kind_of(connection.read) == "closed"


def test_a_line_without_end_is_broken(scripted: Any) -> None:
    connection = Connection(target(scripted((b"raw:220 " + b"x" * 200_000, None)).port), [])
    assert kind_of(connection.read) == "broken"


def test_a_huge_banner_is_broken(scripted: Any) -> None:
    transcript: list[str] = []
    connection = Connection(target(scripted((b"220-" + b"x" * 30_000 + b"\r\n",) * 3 + (None,)).port), transcript)
    assert kind_of(connection.read) == "broken"
    assert len("".join(transcript)) < 5_000


def test_a_late_banner_and_bare_line_feeds_are_fine(scripted: Any) -> None:
    connection = Connection(target(scripted((0.2, b"220-a\n220 b\n", None)).port), [])
    assert connection.read().text == "a\nb"


def test_the_transcript_has_both_sides(scripted: Any, greeting: tuple[bytes, ...]) -> None:
    transcript: list[str] = []
    connection = Connection(target(scripted((*greeting, None)).port), transcript)
    connection.read()
    connection.ask("EHLO me")
    assert [line[:7] for line in transcript] == ["-: conn", "S: 220 ", "C: EHLO", "S: 250-", "S: 250 "]


def test_plain_text_after_starttls_is_refused(scripted: Any) -> None:
    connection = Connection(target(scripted((b"220 x\r\n", b"STARTTLS", b"220 go\r\n250 injected\r\n", None)).port), [])
    connection.read()
    connection.ask("STARTTLS")
    assert kind_of(lambda: connection.start_tls(tls_context(False))) == "broken"


def test_a_server_that_cannot_do_tls_after_all(scripted: Any) -> None:
    connection = Connection(
        target(scripted((b"220 x\r\n", b"STARTTLS", b"220 go\r\n", 0.1, b"500 what\r\n", None)).port), []
    )
    connection.read()
    connection.ask("STARTTLS")
    assert kind_of(lambda: connection.start_tls(tls_context(False))) == "tls"
