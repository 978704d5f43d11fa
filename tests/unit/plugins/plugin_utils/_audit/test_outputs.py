# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as SARIF and JUnit, the join of several hosts, and what changed since an earlier report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit import task
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.audit import at_least, audit
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.changes import changes
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.finding import RULES
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.junit import junit
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.report import report
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.sarif import sarif

ANY = "0.0.0.0-255.255.255.255"
NO_REPORT = '{"servers": [{"name": "EX01"}], "findings": [], "access": [{"server": "EX01"}]}'


@pytest.fixture
def bad(make_estate: Any, make_connector: Any) -> Any:
    """An estate with findings of several severities, and a name that is hard to write."""
    odd = 'Relay <"&\x07\uffffé> \\ %20'
    return make_estate(
        make_connector(odd, ANY, relay=True),
        make_connector("Wide", "10.0.0.0/16", relay=True),
        make_connector("Off", bindings="192.0.2.99:25", enabled=False),
        domains="example.com *",
    )


def test_sarif_has_what_its_specification_requires(bad: Any) -> None:
    _result, findings = audit(bad)
    log = json.loads(json.dumps(sarif(findings)))
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    (run,) = log["runs"]
    rules, results = run["tool"]["driver"]["rules"], run["results"]
    assert run["tool"]["driver"]["name"]
    assert len(results) == len(findings) > 3
    assert [rule["id"] for rule in rules] == sorted({finding.rule for finding in findings})
    for result, finding in zip(results, findings, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.rule
        assert result["level"] == {"critical": "error", "high": "error", "medium": "warning"}.get(
            finding.severity, "note"
        )
        assert finding.message in result["message"]["text"]
        assert finding.remedy in result["message"]["text"]
        place = result["locations"][0]["physicalLocation"]
        assert urlsplit(place["artifactLocation"]["uri"]).scheme == ""
        assert place["artifactLocation"]["uri"].isascii()
        assert place["region"]["startLine"] == 1
    prints = [result["partialFingerprints"]["finding/v1"] for result in results]
    assert len(set(prints)) == len(prints)


def test_junit_is_xml_with_a_test_for_each_rule_and_suite(bad: Any) -> None:
    _result, findings = audit(bad)
    root = ElementTree.fromstring(junit(findings, ["EX01"], "medium"))
    assert [suite.get("name") for suite in root] == ["organization", "EX01"]
    assert int(root.get("tests", 0)) == 2 * len(RULES) == len(root.findall(".//testcase"))
    grave = {(finding.server, finding.rule) for finding in at_least(findings, "medium")}
    assert int(root.get("failures", 0)) == len(root.findall(".//failure")) == len(grave)
    for suite in root:
        assert int(suite.get("failures", 0)) == len(suite.findall(".//failure"))
    said = [element.text or "" for element in root.iter("system-out")]
    assert any("[low]" in text for text in said)
    (opened,) = (case for case in root.iter("failure") if case.get("type") == "open_relay")
    assert "Remedy: " in (opened.text or "")
    assert "\uffff" not in (opened.text or "")


def test_a_report_joins_hosts_and_counts_once(bad: Any, make_estate: Any, make_connector: Any) -> None:
    one, _ = audit(bad)
    other, _ = audit(make_estate(make_connector("Open", ANY, relay=True, server="EX02"), domains="example.com *"))
    joined = report([one, other, one], "high")
    assert [server["name"] for server in joined["servers"]] == ["EX01", "EX02"]
    assert [each["rule"] for each in joined["findings"]].count("accept_all_domain") == 1
    assert joined["summary"]["critical"] == 3
    severities = [each["severity"] for each in joined["findings"]]
    assert severities == sorted(severities, key=["critical", "high", "medium", "low", "info"].index)
    assert {each["severity"] for each in joined["grave"]} == {"critical"}
    assert report([one])["grave"] == []
    assert "changes" not in joined


def test_changes_tell_who_gained_and_lost(make_estate: Any, make_connector: Any) -> None:
    before, _ = audit(
        make_estate(make_connector("Relay", "192.0.2.77 192.0.2.78", relay=True), make_connector("Old", "10.0.0.1"))
    )
    now, _ = audit(
        make_estate(
            make_connector("Relay", "192.0.2.77 192.0.2.80 10.9.0.0/16", relay=True), make_connector("New", "10.9.0.2")
        )
    )
    found = changes({**before, "generated": "2026-11-01T00:00:00+00:00"}, now)
    assert found["since"] == "2026-11-01T00:00:00+00:00"
    assert [each["rule"] for each in found["findings_new"]] == ["wide_relay"]
    assert changes(now, before)["findings_gone"] == found["findings_new"]
    rows = {row["connector"]: row for row in found["access"]}
    assert {name: row["what"] for name, row in rows.items()} == {"New": "added", "Old": "removed", "Relay": "changed"}
    assert rows["Relay"]["lost"] == ["192.0.2.78"]
    assert rows["Relay"]["gained"] == ["10.9.0.0/31", "10.9.0.3-10.9.255.255", "192.0.2.80"]
    nothing = {name: [] for name in ("servers_new", "findings_new", "findings_gone", "access")}
    assert changes(now, now) == {"since": "", **nothing}


def test_changes_of_servers_that_are_not_looked_at_do_not_count(make_estate: Any, make_connector: Any) -> None:
    one, two = make_connector("Open", ANY, relay=True), make_connector("Open", ANY, relay=True, server="EX02")
    both, _ = audit(make_estate(one, two))
    alone, _ = audit(make_estate(one))
    assert changes(both, alone)["findings_gone"] == []
    # what the earlier report could not look at is not new, it is unknown
    since = changes(alone, both)
    assert (since["servers_new"], since["findings_new"], since["access"]) == (["EX02"], [], [])


@pytest.mark.parametrize("text", ["[]", "{", '{"findings": [], "access": []}', '{"findings": 1}', NO_REPORT])
def test_what_is_no_earlier_report_is_refused_before_anything_is_asked(text: str, tmp_path: Path) -> None:
    (tmp_path / "before.json").write_text(text)
    with pytest.raises(ValueError, match="is not a report of this module"):
        task.apply(None, {"previous": str(tmp_path / "before.json")}, check_mode=True)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"load_balancers": ["lb1"]}, "load_balancers: 'lb1' is not an IP address"),
        ({"max_ranges": 0}, "max_ranges must be at least 1, not 0"),
        ({"sarif": "/no/such/folder/relay.sarif"}, "sarif: /no/such/folder/relay.sarif cannot be written"),
        ({"previous": "/no/such/file"}, "previous: /no/such/file cannot be read"),
    ],
)
def test_names_the_option_that_is_wrong_before_anything_is_asked(arguments: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        task.apply(None, arguments, check_mode=False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["192.0.2.256"], "clients[0]: '192.0.2.256' is not an IP address"),
        ([{"name": "copier"}], "clients[0] needs an address"),
        (["192.0.2.1", {"address": "192.0.2.2", "until": "x"}], "clients[1] has the unknown key until"),
        ([{"address": "192.0.2.2", "expires": "soon"}], "clients[0]: Invalid isoformat string: 'soon'"),
    ],
)
def test_names_the_client_that_is_wrong(given: Any, words: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        task.registered(given)
    assert words in str(caught.value)


def test_clients_of_the_relay_connectors_fit() -> None:
    (client,) = task.registered(
        [
            {
                "name": "copier",
                "address": "192.0.2.77",
                "owner": "facilities",
                "note": "2nd floor",
                "expires": "2027-03-31",
            }
        ]
    )
    assert (client.name, str(client.address), str(client.expires)) == ("copier", "192.0.2.77", "2027-03-31")
