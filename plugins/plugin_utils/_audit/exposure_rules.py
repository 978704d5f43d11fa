# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about who may relay, and who is trusted, without proof of identity."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ansible_collections.relayops.exchange.plugins.plugin_utils._audit import capability, remedies
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.capability import ANYONE, EVERYONE, EXTERNAL
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.estate import Connector, Estate
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.finding import RULES, Finding, Fix
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.view import ServerView, everyone
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import rights
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.guard import is_default

SHOWN = 5


class Reach(NamedTuple):
    """Who may relay through a connector: everybody, or a range that is ``wide``."""

    default: bool
    secured: bool
    everybody: bool
    wide: bool


class Case(NamedTuple):
    """When a connector that relays is a finding; ``fixed_by_right`` tells that taking the right away mends it."""

    rule: str
    applies: Callable[[Reach], bool]
    message: str
    remedy: str
    fixed_by_right: bool = True


RELAYING = (
    Case(
        "relay_on_default_connector",
        lambda reach: reach.default,
        "{title} came with Exchange, and anonymous clients may relay through it.",
        "Take the right away, and make a connector of its own for the clients that are to relay.",
    ),
    Case(
        "externally_secured_wide",
        lambda reach: reach.secured and (reach.everybody or reach.wide),
        "{title} trusts {whom} like Exchange servers.",
        "Make it an ordinary connector, or narrow its ranges to the hosts that are really secured otherwise.",
    ),
    Case(
        "open_relay",
        lambda reach: reach.everybody and not reach.secured,
        "Everybody who reaches {title} may relay.",
        "Take the right away, or narrow the ranges to the clients that are to relay.",
    ),
    Case(
        "wide_relay",
        lambda reach: reach.wide and not reach.everybody and not reach.secured,
        "{title} lets more than one network segment relay: {wide}.",
        "Narrow the ranges to the clients that are to relay.",
        fixed_by_right=False,
    ),
)


def exposure(estate: Estate, servers: Sequence[ServerView]) -> Iterator[Finding]:
    """Give the findings about relaying and trust."""
    yield from _catch_all(estate)
    for view in servers:
        for connector in view.server.connectors:
            if not connector.enabled:
                continue
            if view.relays(connector) and view.cells_of[connector]:
                yield from _relaying(estate, view, connector)
            yield from _headers(estate, view, connector)
            yield from _everyone_entries(estate, view, connector)


def _catch_all(estate: Estate) -> Iterator[Finding]:
    domain = estate.catch_all
    if domain is not None:
        yield Finding(
            "accept_all_domain",
            "critical",
            "",
            "",
            f"The accepted domain {domain.name} is *, so every recipient counts as one of the organization.",
            (f"{domain.name}: * ({domain.kind})",),
            "Remove it, and list the domains that are meant. Devices that are to write to any recipient get a relay"
            " connector.",
            (remedies.remove_domain(domain),),
        )


def _relaying(estate: Estate, view: ServerView, connector: Connector) -> Iterator[Finding]:
    grant = view.access[connector][ANYONE][capability.RELAY]
    extent = view.extents[connector]
    reach = Reach(
        is_default(connector.name, connector.server), EXTERNAL in connector.auth, everyone(extent), bool(extent.wide)
    )
    fixes = remedies.take_away(estate, connector, grant)
    evidence = (
        f"grant: {grant}",
        f"bindings: {', '.join(map(str, connector.bindings))}",
        f"ranges: {listed(extent.wide or connector.ranges)}",
    )
    words = {"title": connector.title, "wide": listed(extent.wide)}
    words["whom"] = "everybody" if reach.everybody else words["wide"]
    for case in RELAYING:
        if case.applies(reach):
            severity = RULES[case.rule].severities[0 if reach.everybody else -1]
            text = (case.message.format(**words), evidence, case.remedy, fixes if case.fixed_by_right else ())
            yield _finding(case.rule, severity, view, connector, text)
    if not reach.everybody:
        yield from _foreign_hosts(estate, view, connector)


def _foreign_hosts(estate: Estate, view: ServerView, connector: Connector) -> Iterator[Finding]:
    narrow = view.extents[connector].narrow
    servers = [(IPRange.parse(address), name) for address, name in sorted(estate.exchange_addresses.items())]
    inside = [(one, name) for one, name in servers if narrow.overlaps(one)]
    if inside and "ExchangeServer" not in connector.auth:
        hosts = ", ".join(f"{one} ({name})" for one, name in inside)
        words = f"Take the addresses of Exchange servers out of {connector.title}"
        yield _finding(
            "exchange_server_in_range",
            "high",
            view,
            connector,
            (
                f"{connector.title} holds addresses of Exchange servers in its ranges: {hosts}.",
                (f"addresses: {hosts}",),
                "Take them out of the ranges.",
                (remedies.without(connector, [one for one, _name in inside], words),),
            ),
        )
    balancers = [one for one in estate.load_balancers if narrow.overlaps(one)]
    if balancers:
        words = f"Take the load balancer out of {connector.title}"
        yield _finding(
            "load_balancer_in_range",
            "critical",
            view,
            connector,
            (
                f"Everybody behind the load balancer {listed(balancers)} may relay through {connector.title}.",
                (f"addresses: {listed(balancers)}",),
                "Take the load balancer's address out of the ranges, and have it pass on the clients' own addresses.",
                (remedies.without(connector, balancers, words),),
            ),
        )


def _headers(estate: Estate, view: ServerView, connector: Connector) -> Iterator[Finding]:
    grant = view.access[connector].get(ANYONE, {}).get(capability.ORGANIZATION_HEADERS)
    if grant is not None:
        yield _finding(
            "organization_headers",
            "high",
            view,
            connector,
            (
                f"{connector.title} keeps X-MS-Exchange-Organization headers that anonymous clients send.",
                (f"grant: {grant}",),
                "Take the right away; only Exchange servers need it.",
                remedies.take_away(estate, connector, grant),
            ),
        )


def _everyone_entries(estate: Estate, view: ServerView, connector: Connector) -> Iterator[Finding]:
    for entry in connector.entries:
        if entry.right == rights.RELAY and not entry.deny and estate.principals.key(entry.user) in EVERYONE:
            inherited = entry.inherited
            grant = capability.Grant("inherited" if inherited else "entry", entry.user, entry.right)
            yield _finding(
                "everyone_entry",
                "high",
                view,
                connector,
                (
                    f"{connector.title} grants the relay right to {entry.user}.",
                    (f"grant: {grant}",),
                    "Take the right away, and grant it to the accounts that are meant.",
                    remedies.take_away(estate, connector, grant),
                ),
            )


def _finding(
    rule: str,
    severity: str,
    view: ServerView,
    connector: Connector,
    text: tuple[str, tuple[str, ...], str, tuple[Fix, ...]],
) -> Finding:
    message, evidence, remedy, fixes = text
    return Finding(rule, severity, view.server.name, connector.title, message, evidence, remedy, fixes)


def listed(items: Sequence[object], count: int | None = None) -> str:
    """Return the first few items as text, and how many more there are of ``count``, by default of these."""
    rest = (len(items) if count is None else count) - SHOWN
    return ", ".join(str(item) for item in items[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
