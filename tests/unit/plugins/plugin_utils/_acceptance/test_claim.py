# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that says which run is at work."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from ansible_collections.relayops.exchange.plugins.plugin_utils._acceptance.claim import (
    claim,
    is_alive,
    place,
    release,
)


def test_of_many_that_claim_at_once_one_gets_it(tmp_path: Path) -> None:
    file = tmp_path / "running"
    for _turn in range(20):
        names = [f"run {number}" for number in range(8)]
        with ThreadPoolExecutor(8) as pool:
            told = dict(zip(names, pool.map(lambda name: claim(file, name, lambda _found: True), names), strict=True))
        (first,) = [name for name, holder in told.items() if not holder]
        assert {holder for holder in told.values() if holder} == {first} == {file.read_text()}
        for name in names:
            release(file, name)
            assert file.exists() is (names.index(name) < names.index(first))


def test_who_comes_while_another_claims_waits_and_sees_that_one(tmp_path: Path) -> None:
    file = tmp_path / "running"
    file.write_text("of a run that is over")
    with ThreadPoolExecutor(1) as pool:
        late = []

        def is_at_work(_found: str) -> bool:
            late.append(pool.submit(claim, file, "second", lambda _found: True))
            assert wait(late, 0.2).done == set()
            return False

        assert claim(file, "first", is_at_work) == ""
        assert late[0].result(10) == "first" == file.read_text()


def test_who_waits_for_one_that_ends_meanwhile_begins_anew(tmp_path: Path) -> None:
    file = tmp_path / "running"
    file.write_text("of a run that is over")
    with ThreadPoolExecutor(1) as pool:
        late = []

        def is_at_work(_found: str) -> bool:
            late.append(pool.submit(claim, file, "second", lambda _found: True))
            wait(late, 0.2)
            # as its release does
            file.unlink()
            return False

        claim(file, "first", is_at_work)
        assert late[0].result(10) == ""
    assert file.read_text() == "second"


def test_a_run_that_is_over_gives_way_and_takes_nothing_back(tmp_path: Path) -> None:
    file = tmp_path / "running"
    assert claim(file, "a long text of the first", lambda _found: True) == ""
    # the same once more
    assert claim(file, "a long text of the first", lambda _found: True) == ""
    asked: list[str] = []
    assert claim(file, "second", lambda found: bool(asked.append(found))) == ""
    assert (asked, file.read_text()) == (["a long text of the first"], "second")
    release(file, "a long text of the first")
    assert file.read_text() == "second"
    release(file, "second")
    release(file, "second")
    assert list(tmp_path.iterdir()) == []


def test_a_process_is_alive_until_it_is_over() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert is_alive(process.pid)
    assert not is_alive(process.pid)
    # it is not ours to signal, or it is
    assert is_alive(1)
    assert is_alive(os.getpid())
    assert not any(character.isspace() for character in place())
