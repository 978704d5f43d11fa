# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as JUnit XML: every rule is a test, and those with findings fail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.finding import RULES, SEVERITIES, Finding

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(findings: Sequence[Finding], servers: Sequence[str], fail_on: str = "low") -> str:
    """Return a document with a suite for each server and one for the organization.

    Findings below ``fail_on`` are printed but do not fail their test.
    """
    root = ElementTree.Element("testsuites", name="relay_audit")
    totals = [0, 0]
    for server in ("", *servers):
        mine = [finding for finding in findings if finding.server == server]
        suite = ElementTree.SubElement(root, "testsuite", name=server or "organization")
        failed = sum(_case(suite, name, server, mine, SEVERITIES.index(fail_on)) for name in RULES)
        suite.set("tests", str(len(RULES)))
        suite.set("failures", str(failed))
        suite.set("errors", "0")
        totals = [totals[0] + len(RULES), totals[1] + failed]
    root.set("tests", str(totals[0]))
    root.set("failures", str(totals[1]))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ElementTree.Element, rule: str, server: str, findings: Sequence[Finding], least: int) -> bool:
    case = ElementTree.SubElement(suite, "testcase", name=RULES[rule].title, classname=f"relay_audit.{rule}")
    mine = [finding for finding in findings if finding.rule == rule]
    grave = [finding for finding in mine if SEVERITIES.index(finding.severity) >= least]
    if grave:
        failure = ElementTree.SubElement(case, "failure", type=rule, message=_clean(grave[0].message))
        failure.text = "\n\n".join(_text(finding) for finding in grave)
    elif mine:
        ElementTree.SubElement(case, "system-out").text = "\n\n".join(_text(finding) for finding in mine)
    return bool(grave)


def _text(finding: Finding) -> str:
    lines = [f"[{finding.severity}] {finding.message}", *finding.evidence, f"Remedy: {finding.remedy}"]
    return _clean("\n".join(lines))


def _clean(text: str) -> str:
    """Drop what XML 1.0 cannot carry; names of connectors may hold anything."""
    return _NOT_XML.sub("", text)
