# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import receive_log
import receive_log_module
from receive_log_lines import NAME

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run smtp_receive_log with the generator's accepted domains or others; warnings are under ``warned``."""

    def call(**arguments: Any) -> dict[str, Any]:
        given = {"accepted_domains": list(receive_log.ACCEPTED), **arguments}
        return receive_log_module.run(monkeypatch, capsys, **given)

    return call


@pytest.fixture
def read(tmp_path: Path, run: Run) -> Callable[..., dict[str, Any]]:
    """Read one file with this content; the accepted domain is example.org."""

    def call(data: bytes, name: str = NAME, **options: Any) -> dict[str, Any]:
        (tmp_path / name).write_bytes(data)
        return run(paths=[str(tmp_path)], **{"accepted_domains": ["example.org"], **options})

    return call
