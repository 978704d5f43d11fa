# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab in this process: what it takes and gives back, also when it cannot be made."""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import Path

import pytest
from exchange_lab import kerberos, names
from exchange_lab.lab import Lab


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the labs of a test put their folders."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def threads() -> list[str]:
    """Threads that a lab may have left, after a moment in which they may end."""
    found: list[str] = []
    for _ in range(100):
        found = [each.name for each in threading.enumerate() if each.name.startswith(("smtp-", "winrm", "exchange"))]
        if not found:
            break
        time.sleep(0.02)
    return found


def test_stops_without_a_trace_and_only_once(folder: Path) -> None:
    lab = Lab("2016", servers=3)
    lab.start()
    assert list(folder.iterdir()) == [lab.folder]
    lab.stop()
    lab.stop()
    assert list(folder.iterdir()) == []
    assert threads() == []


def test_a_lab_that_was_never_started(folder: Path) -> None:
    before = time.monotonic()
    Lab().stop()
    assert list(folder.iterdir()) == []
    assert time.monotonic() - before < 5


def test_the_network_is_free_again_when_a_lab_cannot_be_made(folder: Path) -> None:
    with Lab() as first:
        network = str(first.network.block)
        with pytest.raises(OSError, match="in use"):
            Lab(network=network)
    for change in ({"exchange": "2003"}, {"servers": 0}, {"latency": "moon"}, {"password": "with:colon"}):
        with pytest.raises(ValueError):  # noqa: PT011 - the texts belong to who refuses
            Lab(network=network, **change)  # type: ignore[arg-type]
    assert list(folder.iterdir()) == []
    with Lab(network=network) as again:
        assert again.servers[0].winrm_port == 5985


def test_what_kerberos_lacks_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kerberos, "PROGRAMS", {"no-such-kdc": "its-package"})
    monkeypatch.setattr(kerberos, "MODULES", {"no_such_gssapi": "its-wheel"})
    assert kerberos.missing() == "no-such-kdc (Debian: its-package), Python's no_such_gssapi"
    with pytest.raises(OSError, match="Kerberos cannot be played here without no-such-kdc"):
        Lab(kerberos=True)
    assert list(folder.iterdir()) == []


def test_what_name_resolution_lacks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "_LIBRARIES", (tmp_path,))
    assert "libnss-wrapper" in names.missing()
    with pytest.raises(OSError, match="libnss-wrapper"):
        names.child_environment(tmp_path / "hosts")
