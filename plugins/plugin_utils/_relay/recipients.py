# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module accepted_domain_info: the accepted domains, and which recipients need a relay at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.accepted_domain import (
    EVERYTHING,
    AcceptedDomain,
    deciding,
    domain_of,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import Caller


def read(caller: Caller, arguments: Mapping[str, Plain]) -> dict[str, Plain]:
    """Read the accepted domains and judge the recipients; the result of the module."""
    listed = arguments.get("recipients")
    recipients = [str(one).strip() for one in (listed if isinstance(listed, list) else []) if str(one).strip()]
    wanted = {recipient: domain_of(recipient) for recipient in recipients}
    found = caller.call(Command("Get-AcceptedDomain"), "Reading the accepted domains")
    domains = sorted((AcceptedDomain.from_object(item) for item in found), key=lambda one: one.domain)
    judged = [_judged(recipient, deciding(domains, domain)) for recipient, domain in wanted.items()]
    return {
        "changed": False,
        "domains": [_described(domain) for domain in domains],
        "recipients": list[Plain](judged),
        "needs_relay": any(one["needs_relay"] for one in judged),
        "verdict": _verdict(judged),
    }


def _described(domain: AcceptedDomain) -> Plain:
    return {"name": domain.name, "domain": str(domain), "type": domain.kind, "default": domain.default}


def _judged(recipient: str, domain: AcceptedDomain | None) -> dict[str, Plain]:
    return {
        "recipient": recipient,
        "accepted_domain": str(domain) if domain else "",
        "internal": domain is not None and domain.inside,
        "needs_relay": domain is None,
        "reason": f"{recipient} {_reason(domain)}",
    }


def _reason(domain: AcceptedDomain | None) -> str:
    if domain is None:
        return "is in no accepted domain: whoever writes to it needs a relay, or an account to log on with"
    if domain.domain == EVERYTHING:
        return (
            f"needs no relay because the accepted domain {domain.name} is every domain there is, which makes an open "
            "relay of the organization"
        )
    if domain.inside:
        return f"is internal, in the accepted domain {domain} ({domain.kind}), and needs no relay"
    return f"is outside, but Exchange takes mail for the accepted domain {domain} ({domain.kind}) without a relay"


def _verdict(judged: Sequence[Mapping[str, Plain]]) -> str:
    if not judged:
        return ""
    need = [str(one["recipient"]) for one in judged if one["needs_relay"]]
    if not need:
        return (
            "None of the recipients needs a relay: Exchange takes this mail from anybody who reaches a connector for "
            "anonymous clients, such as the default one. Mode internal_only is the most that is needed"
        )
    return f"A relay is needed for {', '.join(need)}" + (
        " only; the other recipients need none" if len(need) < len(judged) else ""
    )
