# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole audit as one pure function: an estate in, the module's result out."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.access_rows import client_rows, rows
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.client_rules import clients
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.estate import Estate
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.exposure_rules import exposure
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.finding import SEVERITIES, Finding
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.order_rules import order
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.view import view
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain


def audit(estate: Estate, most_ranges: int = 1000) -> tuple[dict[str, Plain], list[Finding]]:
    """Return the result and the findings, the gravest first; ``most_ranges`` bounds how many a row lists."""
    servers = view(estate)
    findings = [*exposure(estate, servers), *order(servers), *clients(estate, servers)]
    findings.sort(key=lambda finding: finding.order)
    result: dict[str, Plain] = {
        "servers": [
            {
                "name": each.server.name,
                "fqdn": each.server.facts.fqdn,
                "version": str(each.server.facts.version),
                "edge": each.server.facts.edge,
                "build": each.server.facts.build,
                "connectors": len(each.server.connectors),
            }
            for each in servers
        ],
        "accepted_domains": [
            {"name": domain.name, "domain": domain.domain, "kind": domain.kind} for domain in estate.domains
        ],
        "access": list[Plain](rows(servers, most_ranges)),
        "clients": list[Plain](client_rows(estate, servers)),
        "findings": [finding.as_result() for finding in findings],
        "summary": dict[str, Plain](summary(findings)),
    }
    return result, findings


def summary(findings: Sequence[Finding]) -> dict[str, int]:
    """Count findings by severity, the gravest first."""
    return {name: sum(finding.severity == name for finding in findings) for name in reversed(SEVERITIES)}


def at_least(findings: Sequence[Finding], severity: str) -> list[Finding]:
    """Return the findings that are as grave as this, or graver."""
    return [each for each in findings if SEVERITIES.index(each.severity) >= SEVERITIES.index(severity)]
