# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""playbooks/audit.yml and the role relay_audit, by ansible-playbook over real sessions to a lab."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import sample_report
import yaml
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab

AUDIT = Path(__file__).resolve().parents[2] / "playbooks" / "audit.yml"
NASTY = "<img src=x onerror=alert(1)> | {{ 7*7 }} \u202egnp.*exe*"
SHOWN = NASTY.replace("\u202e", "\ufffd")


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """Two servers; one has a wide relay connector with a name that means harm to a page, a table and a template."""
    with Lab("2019", servers=2) as made:
        estate = sample_report.Estate(made)
        estate.connector("EX01", NASTY, ["10.0.0.0/16"])
        estate.grant("EX01", NASTY, ExtendedRights=["ms-Exch-SMTP-Accept-Any-Sender"], Deny=...)
        yield made


@pytest.fixture
def play(lab: Lab, ansible_playbook: Any, tmp_path: Path) -> Callable[..., Any]:
    def run(*options: str, **variables: Any) -> Any:
        given = {"relay_audit_folder": str(tmp_path / "reports"), **variables}
        return ansible_playbook(AUDIT, inventory(lab.details(), **given), *options)

    return run


class Page(HTMLParser):
    """Elements and texts of a page, and whatever leads out of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "action", "data", "srcset")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_one_report_for_all_servers_in_three_formats(play: Callable[..., Any], tmp_path: Path) -> None:
    played = play(relay_audit_fail_on="high")  # the gravest finding is medium
    assert played.code == 0, played.output
    assert {host: stats["changed"] for host, stats in played.stats.items()} == {"ex01": 0, "ex02": 0}
    reports = tmp_path / "reports"
    assert sorted(path.name for path in reports.iterdir()) == ["relay-audit.html", "relay-audit.json", "relay-audit.md"]
    read = json.loads((reports / "relay-audit.json").read_text())
    assert [server["name"] for server in read["servers"]] == ["EX01", "EX02"]
    assert read["not_audited"] == []
    assert [(each["rule"], each["connector"]) for each in read["findings"]] == [
        ("wide_relay", f"EX01\\{NASTY}"),
        ("ineffective_deny", f"EX01\\{NASTY}"),
    ]
    page = Page((reports / "relay-audit.html").read_text())
    assert "img" not in page.tags
    assert all(link.startswith("#") or link == "data:," for link in page.links)
    assert any(SHOWN in text for text in page.texts)
    assert not any("\u202e" in text for text in page.texts)
    (task,) = (yaml.safe_load(text) for text in page.texts if text.startswith("- name: "))
    (fix,) = read["findings"][1]["fixes"]
    assert task == [json.loads(json.dumps(fix["task"]).replace(json.dumps(NASTY)[1:-1], json.dumps(SHOWN)[1:-1]))]
    markdown = (reports / "relay-audit.md").read_text()
    assert "<img" not in re.sub("```powershell\n[^\n]*\n```\n", "", markdown)
    assert "\u202e" not in markdown
    assert "gnp.\\*exe\\*" in markdown
    rows = [line for line in markdown.splitlines() if line.startswith("| EX01")]
    assert rows
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {9}


def test_check_mode_audits_and_writes_nothing(play: Callable[..., Any], tmp_path: Path) -> None:
    played = play("--check", relay_audit_formats=["html", "sarif", "junit"])
    assert played.code == 0, played.output
    assert not (tmp_path / "reports").exists()
    assert len(played.results("relayops.exchange.relay_audit : Audit who may relay")) == 2


def test_wrong_words_are_refused_before_anything_is_asked(play: Callable[..., Any], lab: Lab) -> None:
    lab.journal.clear()
    severity, formats = play(relay_audit_fail_on="serious"), play(relay_audit_formats="json, pdf")
    assert severity.code != 0
    assert "'serious' is no severity" in severity.output
    assert formats.code != 0
    assert "relay_audit_formats has json, pdf; there are html" in formats.output
    assert not lab.journal.sessions


def test_fails_after_the_report_is_written_then_formats_of_ci_systems_and_changes(
    play: Callable[..., Any], lab: Lab, tmp_path: Path
) -> None:
    reports = tmp_path / "reports"
    played = play(relay_audit_fail_on="medium", relay_audit_formats="json")
    assert played.code != 0
    assert "1 finding of severity medium or graver, the gravest:" in played.output.replace("\n", " ")
    assert [path.name for path in reports.iterdir()] == ["relay-audit.json"]
    before = tmp_path / "before.json"
    (reports / "relay-audit.json").rename(before)
    sample_report.Estate(lab).connector("EX02", "Late", ["10.9.0.0/16"])
    try:
        played = play(relay_audit_formats=["json", "html", "sarif", "junit"], relay_audit_previous=str(before))
    finally:
        sample_report.Estate(lab).run(
            "EX02",
            "Remove-ReceiveConnector",
            Identity=lab.organisation.naming.receive_connector("EX02", "Late"),
            Confirm=False,
        )
    assert played.code == 0, played.output
    read = json.loads((reports / "relay-audit.json").read_text())
    assert [each["connector"] for each in read["changes"]["findings_new"]] == ["EX02\\Late"]
    assert [row["what"] for row in read["changes"]["access"]] == ["changed", "added"]
    assert "Changed since the last report" in (reports / "relay-audit.html").read_text()
    sarif = json.loads((reports / "ex02.sarif").read_text())
    assert [each["ruleId"] for each in sarif["runs"][0]["results"]] == ["wide_relay"]
    root = ElementTree.parse(reports / "ex02.junit.xml").getroot()
    assert root.get("failures") == "1"


def test_a_host_that_cannot_be_asked_is_named(make_lab: Any, ansible_playbook: Any, tmp_path: Path) -> None:
    lab, reports = make_lab("2019", servers=2), tmp_path / "reports"
    lab.servers[1].listeners["exchange_tls"].stop()
    played = ansible_playbook(AUDIT, inventory(lab.details(), relay_audit_folder=str(reports)))
    assert played.code != 0
    (missing,) = json.loads((reports / "relay-audit.json").read_text())["not_audited"]
    assert missing["host"] == "ex02"
    assert "nothing listens on port" in missing["reason"]
    page = "".join(Page((reports / "relay-audit.html").read_text()).texts)
    assert "Incomplete.\nNo rule found anything on 1 server; 1 host not audited." in page
    assert "Nothing to mend" not in page
    assert page.count(missing["reason"]) == 2  # at the top, and in the table of servers
    assert f"**ex02**: {missing['reason'].replace('_', chr(92) + '_')}" in (reports / "relay-audit.md").read_text()


def test_empty_answers_count_as_not_given(play: Callable[..., Any], tmp_path: Path) -> None:
    nothing = {"servers": "", "clients": None, "load_balancers": "", "fail_on": "", "formats": None, "previous": ""}
    played = play(**{f"relay_audit_{name}": value for name, value in nothing.items()}, relay_audit_title="")
    assert played.code == 0, played.output
    assert (tmp_path / "reports" / "relay-audit.html").exists()


def test_the_sample_in_the_documentation_is_what_the_playbook_writes(tmp_path: Path) -> None:
    sample_report.write(tmp_path / "sample", "127.99.8")
    names = sorted(path.name for path in sample_report.SAMPLE.iterdir())
    assert names == ["relay-audit.html", "relay-audit.json", "relay-audit.md"]
    for name in names:
        written, kept = ((folder / name).read_text() for folder in (tmp_path / "sample", sample_report.SAMPLE))
        moment = r"2\d\d\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d\+00:00)?"
        assert re.sub(moment, "", written) == re.sub(moment, "", kept), f"run {sample_report.__file__}"
