# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the steps of a plan in as few calls as is safe, and keeps account of what is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import reading
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.batches import ADD, NEW, Unit, batches, layers
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.calls import Calls, needs_a_look
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.made import (
    Made,
    is_among,
    is_as_made,
    learnt,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import Caller
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.step import Step
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.view import View


def make(caller: Caller, steps: Sequence[Step], seen: Mapping[str, View], warn: Callable[[str], None]) -> Made:
    """Make the steps in order; where one fails, say how far the plan came before the error goes on.

    Most have a call each: of several statements in one pipeline a later one runs although an earlier one failed, and
    then the order would guarantee nothing. ``batches`` tells where that does not matter.
    """
    maker = _Maker(caller, steps, seen)
    todo = batches(steps)
    for batch, following in zip_longest(todo, todo[1:]):
        try:
            maker.batch(batch, last=not following or following[0][0].server != batch[0][0].server)
        except BaseException:  # a deadline's too
            warn(
                f"{maker.done} of {len(steps)} steps were made before the one that failed ({maker.step.words}). No "
                "client can do more than it could before or is meant to; running the play again goes on from here"
            )
            raise
    return maker.made


class _Maker:
    """Makes batches; ``done`` counts the steps that are made, ``step`` is the one at hand."""

    def __init__(self, caller: Caller, steps: Sequence[Step], seen: Mapping[str, View]) -> None:
        self.caller = caller
        self.seen = seen
        self.done = 0
        self.step = steps[0]
        names = {
            server: {key: connector.distinguished_name for key, connector in view.connectors.items()}
            for server, view in seen.items()
        }
        new = {(step.server, step.connector) for step in steps if step.cmdlet == NEW}
        changed = {step.server for step in steps if (step.server, step.connector) not in new}
        self.made = Made(names, {server: [] for server in {step.server for step in steps} - changed})
        self._pipes = True
        self.calls = Calls(caller, seen, self.made)

    def batch(self, units: Sequence[Unit], last: bool) -> None:
        """Make a batch in one call where that can be, else by single calls.

        Where pipes turn out to be refused, the rest of the batch goes in layers.
        """
        self.step = units[0][0]
        piped = self._pipes and any(len(unit) > 1 for unit in units)
        left = self._together(units, last)
        if piped and len(left) == len(units) > 1:
            self._unit(left[0])
            left = left[1:]
            if not self._pipes:
                for layer in layers([(step,) for unit in left for step in unit]):
                    self._alone(self._together(layer, look=False))
                return
        self._alone(left)

    def _alone(self, units: Iterable[Unit]) -> None:
        for unit in units:
            self._unit(unit)

    def _together(self, units: Sequence[Unit], look: bool) -> Sequence[Unit]:
        """Make units in one call and return what is left to be made by single calls: all of it where that cannot be.

        Where one of them fails, the others are made or not; what is not known to be made is left, so that the call
        that fails is made again by itself and named. With ``look`` the connectors are listed in the same call, and
        also where a pipe swallows what New-ReceiveConnector returns.
        """
        server = self.step.server
        look = (look and server in self.made.added) or any(len(unit) > 1 for unit in units)
        if len(units) + look < 2 or any(needs_a_look(step) for unit in units for step in unit):
            return units
        outcome = self.caller.together(*map(self.calls.pipeline, units), *[(reading.listing(server),)] * look)
        if outcome is None:
            return units
        shown = [item for item in outcome.objects if "RemoteIPRanges" in item.properties]
        connectors = {reading.text(item, "Name").lower(): item for item in shown}
        told = [item for item in outcome.objects if "ExtendedRights" in item.properties]
        if look:
            self.made.listed[server] = list(connectors.values())
        if outcome.errors:
            self.made.added.pop(server, None)
            return self._granted(self._unmade(units, connectors, told, look))
        self.made.added.get(server, []).extend(told)
        self._appeared(server, connectors)
        left = [unit for unit in units if unit[0].cmdlet == NEW and unit[0].connector.lower() not in connectors]
        self.done += sum(map(len, units)) - sum(map(len, left))
        return left

    def _appeared(self, server: str, connectors: Mapping[str, WireObject]) -> None:
        found = {key: reading.text(item, "DistinguishedName") for key, item in connectors.items()}
        self.made.names[server].update(found)

    def _unmade(
        self, units: Sequence[Unit], connectors: Mapping[str, WireObject], told: Sequence[WireObject], listed: bool
    ) -> list[Unit]:
        """What is left of a batch in which something failed.

        In a list a connector of that name may be somebody else's, who was faster, so it has to be as it was to be made.
        """
        left: list[Unit] = []
        for unit in units:
            first, found = unit[0], connectors.get(unit[0].connector.lower())
            if first.cmdlet != NEW:
                left.append(tuple(replace(step, recheck=True) for step in unit))
            elif found is None or (listed and not is_as_made(found, first, self.seen[first.server])):
                left.append(unit)
            else:
                self._appeared(first.server, {first.connector.lower(): found})
                rest = [(replace(step, recheck=True),) for step in unit[1:] if not is_among(told, step, found)]
                self.done += len(unit) - len(rest)
                left += rest
        return left

    def _granted(self, units: list[Unit]) -> list[Unit]:
        """What is left after rights were granted to an account by its name in the server's language.

        Where no entry was read, it was tried by its English name.
        """
        adds = [unit for unit in units if unit[0].cmdlet == ADD]
        if len(adds) < 2:
            return units
        first = adds[0][0]
        user = str(first.parameters["User"])
        entries = reading.entries(self.caller, self.made.names[first.server][first.connector.lower()])
        account = learnt(entries, self.seen[first.server].principals).account(user)
        if account == user or any(unit[0].parameters["User"] != user for unit in adds):
            return units
        self.calls.accounts[user] = account
        outcome = self.caller.together(*map(self.calls.pipeline, adds))
        if outcome is None or outcome.errors:
            return units
        self.done += len(adds)
        return [unit for unit in units if unit not in adds]

    def _unit(self, unit: Unit) -> None:
        """Make one unit; what is joined by a pipe step by step where the server refuses pipes."""
        if len(unit) > 1 and self._pipes:
            self._piped(unit)
            return
        for step in unit:
            self._single(step)

    def _single(self, step: Step) -> None:
        self.step = step
        self.calls.make(step)
        self.done += 1

    def _piped(self, unit: Unit) -> None:
        """A connector and its right in one call; where that fails, as much of it as is not done yet by itself.

        A cmdlet that the session does not offer fails the whole pipeline before anything is made.
        """
        self.step, server = unit[0], unit[0].server
        try:
            told = self.caller.pipe(self.calls.pipeline(unit), "; ".join(step.words for step in unit))
        except Exception as failure:
            record = getattr(failure, "record", None)
            if record is None or record.error_id.startswith("CommandNotFound"):
                raise
            self.made.added.pop(server, None)
            self._rest(unit, reading.find(reading.receive_connectors(self.caller, server), unit[0].connector))
            return
        self.made.added.get(server, []).extend(told)
        self.done += len(unit)

    def _rest(self, unit: Unit, found: WireObject | None) -> None:
        first = unit[0]
        if found is None or not is_as_made(found, first, self.seen[first.server]):
            self._single(first)
            self._pipes = False
        else:
            self._appeared(first.server, {first.connector.lower(): found})
            self.done += 1
        for step in unit[1:]:
            self._single(replace(step, recheck=True))
