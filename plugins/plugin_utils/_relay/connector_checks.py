# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is checked before a receive connector is written: the neighbours, the host's addresses and the dangers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import conflicts
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.conflicts import Claim
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector import ReceiveConnector
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Value, items_of
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import (
    IPRange,
    address_text,
    parse_address,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, Version
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import Caller, texts

# The state of each address that the host holds; None where the host cannot be asked, ValueError where that failed
States = Callable[[], Mapping[str, str] | None]
_REMEDY = "Add it anew with relayops.exchange.secondary_ip, which waits until it is"
_REMEDIES = {
    "Tentative": "Wait until duplicate detection is over, as relayops.exchange.secondary_ip does",
    "Duplicate": "Another device has the address: take it from that one, or choose another address",
}


def claim(name: str, settings: Mapping[str, Value]) -> Claim:
    """Reduce settings to what they claim on the server."""
    return Claim(
        name,
        str(settings.get("transport_role") or ""),
        items_of(settings.get("bindings")),
        items_of(settings.get("remote_ip_ranges")),
    )


def refuse_conflicts(name: str, server: str, settings: Mapping[str, Value], others: Iterable[ReceiveConnector]) -> None:
    """Raise ValueError when another connector of the server leaves no room for these bindings and ranges."""
    claims = [claim(name, settings), *(claim(other.name, other.settings) for other in others)]
    found = conflicts.find(claims, of={name})
    if found:
        raise ValueError(
            f"receive connector {name} on {server}: {'; '.join(map(str, found[:3]))}. Give the connector an address or "
            "port of its own, or ranges that are disjoint from the other's, or wholly inside or around them"
        )


def neighbours(settings: Mapping[str, Value], others: Iterable[ReceiveConnector]) -> list[IPRange]:
    """Return the ranges of other connectors that answer on one of the same addresses and ports."""
    bindings = items_of(settings.get("bindings"))
    return [
        item
        for other in others
        if bindings & items_of(other.settings.get("bindings"))
        for item in items_of(other.settings.get("remote_ip_ranges"))
    ]


def held_addresses(caller: Caller, facts: ServerFacts) -> set[str] | None:
    """Return the addresses of the server's adapters; None where Exchange cannot tell.

    Get-NetworkConnectionInfo came with Exchange 2010, does not exist on Edge, and RBAC may have left it out.
    """
    if not tells_addresses(facts):
        return None
    outcome = caller.run((Command("Get-NetworkConnectionInfo", {"Identity": facts.name}),))[0]
    found = None if outcome.errors else addresses_of(outcome.objects)
    return None if found is None else set(found)


def held_by_others(
    caller: Caller, servers: Sequence[ServerFacts], clients: Collection[IPRange]
) -> dict[str, Collection[str] | None]:
    """Return the addresses of other servers, by server, as far as ``clients`` hold some; else there is nothing to tell.

    All are asked in one call, of which nobody can tell whose an address is; only where that matters, one by one.
    """
    asked = [facts for facts in servers if tells_addresses(facts)]
    outcome = caller.gather(*((Command("Get-NetworkConnectionInfo", {"Identity": facts.name}),) for facts in asked))
    found = {IPRange.parse(address) for address in addresses_of(outcome.objects) or ()}
    wide = [item for item in clients if not item.single]
    if not outcome.errors and not any(one in clients or any(item.covers(one) for item in wide) for one in found):
        return {}
    return {facts.name: held_addresses(caller, facts) for facts in servers}


def tells_addresses(facts: ServerFacts) -> bool:
    """Whether the server has Get-NetworkConnectionInfo at all."""
    return facts.version >= Version.EXCHANGE_2010 and not facts.edge


def addresses_of(adapters: Iterable[WireObject]) -> frozenset[str] | None:
    """The addresses of objects as Get-NetworkConnectionInfo returns them, None where there are none."""
    return frozenset(_canonical(text) for adapter in adapters for text in texts(adapter, "IPAddresses")) or None


def check_addresses(
    caller: Caller,
    facts: ServerFacts,
    bindings: Collection[Binding],
    problem: Callable[[str], None],
    states: States,
    warn: Callable[[str], None],
) -> None:
    """Report bindings to addresses that the server does not hold or cannot use yet: Transport may then not start.

    (New-ReceiveConnector, Bindings.) Exchange tells which addresses there are, the host itself in which state they
    are. Where the host cannot be asked, the state stays unknown; where neither can, a warning says so.
    """
    specific = [binding for binding in sorted(bindings) if not binding.wildcard]
    if not specific:
        return
    held = held_addresses(caller, facts)
    found = _known(states, warn)
    if found is None and held is None:
        warn(
            f"bindings: nobody could tell whether {facts.name} holds {', '.join(one.address for one in specific)}. "
            "Give the host a winrm, psrp or ssh connection, or set allow_absent_address"
        )
    report_unusable(found or {}, facts, specific, problem)
    there = [one for one in specific if (found or {}).get(_canonical(one.address), "Preferred") == "Preferred"]
    report_absent(held if held is not None else found, facts, there, problem)


def _known(states: States, warn: Callable[[str], None]) -> dict[str, str] | None:
    try:
        known = states()
    except ValueError as failure:
        warn(f"bindings: the state of addresses could not be looked at. {failure}")
        return None
    return None if known is None else {_canonical(address): state for address, state in known.items()}


def report_unusable(
    states: Mapping[str, str], facts: ServerFacts, bindings: Iterable[Binding], problem: Callable[[str], None]
) -> None:
    """Report bindings to addresses that the host holds in another state than Preferred."""
    for binding in bindings:
        state = states.get(_canonical(binding.address), "Preferred")
        if state != "Preferred":
            problem(
                f"bindings: the address {binding.address} of {binding} is {state} on {facts.name}, not Preferred. "
                f"{_REMEDIES.get(state, _REMEDY)}, or set allow_absent_address"
            )


def report_absent(
    held: Collection[str] | None, facts: ServerFacts, bindings: Collection[Binding], problem: Callable[[str], None]
) -> None:
    """Report bindings to addresses that are not among those that the server holds; None where that is not known."""
    for binding in sorted(bindings):
        if held is not None and not binding.wildcard and _canonical(binding.address) not in held:
            problem(
                f"bindings: {facts.name} does not hold the address {binding.address} of {binding}; it holds "
                f"{', '.join(sorted(held))}. Add the address with relayops.exchange.secondary_ip first, correct the "
                "binding, or set allow_absent_address"
            )


def _canonical(text: str) -> str:
    """Write an address in one form; scope and prefix length do not count."""
    try:
        version, number, _scope = parse_address(text.strip().partition("/")[0])
    except (ValueError, OSError):
        return text
    return address_text(version, number)
