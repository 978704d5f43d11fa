# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an audit finds: a rule, how grave it is, the evidence, and the way out."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.literal import render

SEVERITIES = ("info", "low", "medium", "high", "critical")


@dataclass(frozen=True)
class Rule:
    """A rule by name; ``title`` fits on a line, ``severities`` are those its findings have, ``why`` is at stake."""

    name: str
    title: str
    severities: tuple[str, ...]
    why: str


_RULES = (
    Rule(
        "open_relay",
        "Relay for everyone",
        ("critical",),
        "Whoever reaches the server can send mail through it to anybody, in the organization's name. Such a server is"
        " found within hours and put on block lists.",
    ),
    Rule(
        "accept_all_domain",
        "Accepted domain *",
        ("critical",),
        "Every recipient counts as one of the organization, so every connector that takes anonymous mail relays.",
    ),
    Rule(
        "wide_relay",
        "Relay for a wide range",
        ("medium",),
        "Any machine in the range can relay, also one that nobody thought of.",
    ),
    Rule(
        "externally_secured_wide",
        "Externally secured and wide",
        ("critical", "high"),
        "Clients of an externally secured connector are trusted like servers of the organization: no anti-spam, no"
        " size limit, any sender taken for a colleague.",
    ),
    Rule(
        "exchange_server_in_range",
        "Exchange server in a relay range",
        ("high",),
        "Mail between Exchange servers arrives at the relay connector and fails with 5.7.3 Cannot achieve Exchange"
        " Server authentication.",
    ),
    Rule(
        "load_balancer_in_range",
        "Load balancer in a relay range",
        ("critical",),
        "Everybody who comes through the load balancer appears under its address and may relay.",
    ),
    Rule(
        "relay_on_default_connector",
        "Relay right on a default connector",
        ("critical", "high"),
        "A default connector takes mail from everywhere, so a relay right on it reaches far more than the devices"
        " that were meant.",
    ),
    Rule(
        "organization_headers",
        "Organization headers from anonymous clients",
        ("high",),
        "Clients can claim that a message is internal or free of spam, and Exchange believes them.",
    ),
    Rule(
        "everyone_entry",
        "Relay right for Everyone",
        ("high",),
        "Whether Everyone includes anonymous clients is a policy of Windows; with it, everybody relays.",
    ),
    Rule("ineffective_deny", "Denial that does nothing", ("low",), "It looks like protection and is none."),
    Rule(
        "shadowed_connector",
        "Connector that serves nobody",
        ("medium",),
        "Other connectors with narrower ranges get all its clients, so its settings and rights have no effect.",
    ),
    Rule(
        "unreachable_connector",
        "Connector that cannot be reached",
        ("medium",),
        "Nothing can connect to it, so its clients are served by another connector or not at all.",
    ),
    Rule(
        "role_conflict",
        "Transport roles share a port",
        ("high",),
        "Only one transport service gets the port, and the next cumulative update stops halfway at this conflict.",
    ),
    Rule(
        "range_conflict",
        "Ranges that are equal or cross",
        ("high",),
        "Exchange forbids this between connectors on one port; which of the two serves a client is not certain.",
    ),
    Rule(
        "undetermined_connector",
        "Undetermined connector",
        ("medium",),
        "One connector names the address, another has the narrower range. Which of them serves these clients is not"
        " documented, and they differ in what they allow.",
    ),
    Rule(
        "binding_absent",
        "Binding on an address that the host does not have",
        ("high", "low"),
        "The connector does not listen there, and the transport service may fail at its next start.",
    ),
    Rule(
        "client_expired", "Client past its expiry", ("medium",), "Its permission has run out, but it may still relay."
    ),
    Rule(
        "unexplained_clients",
        "Clients nobody answers for",
        ("medium", "low"),
        "Addresses that may relay and that no registered client explains.",
    ),
)
RULES: Mapping[str, Rule] = {rule.name: rule for rule in _RULES}
_PLACES = {rule.name: number for number, rule in enumerate(_RULES)}


def place(severity: str, rule: str) -> tuple[int, int]:
    """Where a finding belongs: the gravest first, then as the rules are listed; a rule of another version last."""
    return -SEVERITIES.index(severity), _PLACES.get(rule, len(_PLACES))


@dataclass(frozen=True)
class Fix:
    """One step of a remedy: in words, as a cmdlet, and as a module with its arguments, where there is one."""

    words: str
    command: Command | None = None
    module: str = ""
    arguments: Mapping[str, Plain] | None = None

    def as_result(self) -> dict[str, Plain]:
        """Return the step; ``task`` can be put into a playbook as it is.

        A name with control characters cannot be typed, so there is no command then.
        """
        shown: dict[str, Plain] = {"words": self.words}
        if self.command:
            with suppress(ValueError):
                shown["command"] = render((self.command,))
        if self.module:
            shown["task"] = {"name": self.words, f"relayops.exchange.{self.module}": dict(self.arguments or {})}
        return shown


@dataclass(frozen=True)
class Finding:
    """One finding; ``connector`` is its identity, or "" where the finding is about the organization."""

    rule: str
    severity: str
    server: str
    connector: str
    message: str
    evidence: tuple[str, ...]
    remedy: str
    fixes: tuple[Fix, ...] = ()

    @property
    def subject(self) -> str:
        """What it is about."""
        return self.connector or self.server or "the organization"

    @property
    def order(self) -> tuple[int, int, str, str]:
        """The gravest first, then as the rules are listed."""
        return *place(self.severity, self.rule), self.subject, self.message

    def as_result(self) -> dict[str, Plain]:
        """Return it as the module shows it."""
        return {
            "rule": self.rule,
            "title": RULES[self.rule].title,
            "severity": self.severity,
            "server": self.server,
            "connector": self.connector,
            "message": self.message,
            "why": RULES[self.rule].why,
            "evidence": list[Plain](self.evidence),
            "remedy": self.remedy,
            "fixes": [fix.as_result() for fix in self.fixes],
        }
