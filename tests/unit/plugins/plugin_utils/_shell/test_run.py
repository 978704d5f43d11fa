# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.run import Run


@pytest.mark.parametrize(("check_mode", "shown"), [(False, ["in use"]), (True, [])])
def test_what_is_announced_is_shown_at_once_where_something_will_be_written(check_mode: bool, shown: list[str]) -> None:
    seen: list[str] = []
    run = Run(check_mode, diff_mode=False, show=seen.append)
    run.announce("in use")
    run.warn("in use")
    run.warn("later")
    assert (seen, run.warnings) == (shown, ["in use", "later"])
