# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of five hundred connectors costs as many calls as one; only its size takes more requests, as it must."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from request_counts import nochange, patient


@pytest.mark.timeout(600)
def test_requests_of_five_hundred(relay_stand: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    patient(monkeypatch)
    ours, least = nochange(relay_stand(whole=True), 500)
    assert ours <= least + 2
    # what 13 MB take in envelopes of 500 KiB
    assert ours <= 42
