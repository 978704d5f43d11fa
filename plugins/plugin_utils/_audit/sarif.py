# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as SARIF 2.1.0 (OASIS), which code scanning services show."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.finding import RULES, Finding

# result.level and the score by which GitHub sorts ("security-severity")
_LEVELS = {
    "critical": ("error", "9.5"),
    "high": ("error", "8.0"),
    "medium": ("warning", "5.5"),
    "low": ("note", "3.0"),
    "info": ("note", "1.0"),
}


def sarif(findings: Sequence[Finding], version: str = "1.0.0") -> dict[str, Any]:
    """Return a log with one run; places are logical (organization, server, connector), as there are no files."""
    names = sorted({finding.rule for finding in findings})
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "relayops.exchange.relay_audit",
                        "version": version,
                        "informationUri": "https://github.com/relayops/exchange",
                        "rules": [_rule(name, findings) for name in names],
                    }
                },
                "results": [_result(finding, names.index(finding.rule)) for finding in findings],
            }
        ],
    }


def _rule(name: str, findings: Sequence[Finding]) -> dict[str, Any]:
    rule = RULES[name]
    worst = next(finding.severity for finding in findings if finding.rule == name)
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in name.split("_")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "defaultConfiguration": {"level": _LEVELS[worst][0]},
        "properties": {"security-severity": _LEVELS[worst][1], "tags": ["security", "mail"]},
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    subject = finding.subject
    evidence = "".join(f"\n- {line}" for line in finding.evidence)
    key = f"{finding.rule}|{finding.server}|{finding.connector}|{finding.evidence}"
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity][0],
        "message": {"text": f"{finding.message}{evidence}\nRemedy: {finding.remedy}"},
        "locations": [
            {
                # a physical place is what GitHub insists on; the path is made of the subject's name
                "physicalLocation": {
                    "artifactLocation": {"uri": "exchange/" + _path(subject)},
                    "region": {"startLine": 1},
                },
                "logicalLocations": [
                    {
                        "name": finding.connector.rpartition("\\")[2] or subject,
                        "fullyQualifiedName": subject,
                        "kind": "object" if finding.connector else "module",
                    }
                ],
            }
        ],
        "partialFingerprints": {"finding/v1": hashlib.sha256(key.encode()).hexdigest()},
        "properties": {"severity": finding.severity},
    }


def _path(subject: str) -> str:
    return "/".join(quote(part) for part in subject.split("\\"))
