# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Iterator

import pytest
from exchange_lab.transport.bench import Bench


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A running transport; an indirect parameter names the version of Exchange."""
    made = Bench(getattr(request, "param", "2019"))
    made.transport.start()
    yield made
    made.transport.stop()
