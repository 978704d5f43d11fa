# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook acceptance on every version, on servers that do not keep a promise, and after a run that was cut off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from acceptance import NAME, accepted, own_connectors
from exchange_lab.defects import DEFECTS
from exchange_lab.exchange.versions import PROFILES

# the one promise that is seen not to be kept
SEEN_BY = {
    "ignores_deny": "probe_denied",
    "relays_for_all": "probe_no_client",
    "relays_without_right": "probe_internal",
    "ignores_changes": "probe_client",
    "forgets_ranges": "ranges_add",
    "keeps_ranges": "ranges_remove",
    "grants_everyone": "grant_nothing_else",
    "forgets_grants": "grant",
    "keeps_denials": "deny_no_more",
    "touches_others": "others_untouched",
}

# some fifty tasks, on 2007 and Edge Transport with a process for each command
pytestmark = pytest.mark.timeout(600)
# a request in the middle of the walk
CUT = 150


def test_every_defect_is_tried() -> None:
    assert set(SEEN_BY) == set(DEFECTS)


@pytest.mark.parametrize("version", PROFILES)
def test_every_version_keeps_the_promises(
    version: str, relay_stand: Any, ansible_playbook: Any, state: Any, tmp_path: Path
) -> None:
    lab = relay_stand(exchange=version, whole=version == "edge").lab
    before = state(lab)
    run = accepted(lab, ansible_playbook, tmp_path)
    assert run.played.code == 0, run.played.output
    assert (run.having("failed"), run.having("not_seen")) == ([], [])
    answered = {each["name"] for each in run.report["answers"] if each["outcome"] == "answered"}
    assert {"set_groups", "custom_group", "wildcard_conflict", "host_bits"} <= answered
    assert ("edge_role" in answered) is (version == "edge")
    assert state(lab) == before
    assert lab.journal.open_sessions == []


@pytest.mark.parametrize("defect", SEEN_BY)
def test_a_defect_is_reported_as_the_promise_that_it_breaks(
    defect: str, relay_stand: Any, ansible_playbook: Any, tmp_path: Path
) -> None:
    lab = relay_stand(defect=defect).lab
    run = accepted(lab, ansible_playbook, tmp_path, questions=False)
    assert run.having("failed") == [SEEN_BY[defect]], run.played.output
    assert run.played.code == 2
    assert run.report["outcome"] == "failed"
    assert f"1 of {len(run.report['promises'])} promises failed: {SEEN_BY[defect]}" in run.played.output
    assert own_connectors(lab) == run.report["left_behind"] == []
    assert lab.journal.open_sessions == []


def test_what_a_broken_run_left_is_removed_by_the_next(relay_stand: Any, ansible_playbook: Any, tmp_path: Path) -> None:
    lab = relay_stand().lab
    # from then on nobody gets in any more
    lab.faults.inject("unauthorized", at=CUT, times=100_000, endpoint="exchange")
    broken = accepted(lab, ansible_playbook, tmp_path, questions=False)
    assert broken.played.code == 2
    assert own_connectors(lab) == [NAME], broken.played.output
    assert broken.report["outcome"] == "failed"
    assert broken.report["cleaning_failed"]
    assert "create" in broken.having("passed")

    lab.faults.clear()
    again = accepted(lab, ansible_playbook, tmp_path, questions=False)
    assert again.played.code == 0, again.played.output
    assert again.report["removed_from_an_earlier_run"] == [NAME]
    assert own_connectors(lab) == []
    # the session from which access was taken away cannot be closed by anybody
    assert len(lab.journal.open_sessions) <= 1


def test_a_connector_that_somebody_else_made_is_refused(
    relay_stand: Any, ansible_playbook: Any, tmp_path: Path
) -> None:
    stand = relay_stand()
    stand.apply([{"name": NAME, "clients": [77], "address": 25}])
    refused = accepted(stand.lab, ansible_playbook, tmp_path)
    assert refused.played.code == 2
    assert f"EX01 has {NAME}, which no acceptance run made" in " ".join(refused.played.output.split())
    assert (own_connectors(stand.lab), refused.report) == ([NAME], {})
