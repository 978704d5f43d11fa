# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the steps of a plan, one call after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import (
    ANONYMOUS_SID,
    Entry,
    Principals,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, Version
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import reading
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.batches import batches
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import Caller
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.step import Step
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.view import View


def make(
    caller: Caller, steps: Sequence[Step], views: Mapping[str, View], warn: Callable[[str], None]
) -> dict[str, dict[str, str]]:
    """Make the steps in order; where one fails, say how far the plan came before the error goes on.

    Returns the distinguished names of the connectors that are there then, by server and key.

    Most have a call each: of several statements in one pipeline a later one runs although an earlier one failed, and
    then the order would guarantee nothing. ``batches`` tells where that does not matter.
    """
    known = {
        server: {key: connector.distinguished_name for key, connector in view.connectors.items()}
        for server, view in views.items()
    }
    made = 0
    for batch in batches(steps):
        step = batch[0]
        try:
            left = _together(caller, batch, known[step.server])
            made += len(batch) - len(left)
            for step in left:
                _make(caller, step, known[step.server], views[step.server])
                made += 1
        except BaseException:  # a deadline's too
            warn(
                f"{made} of {len(steps)} steps were made before the one that failed ({step.words}). No client can do "
                "more than it could before or is meant to; running the play again goes on from here"
            )
            raise
    return known


def _together(caller: Caller, batch: Sequence[Step], known: dict[str, str]) -> Sequence[Step]:
    """Make a batch in one call and return what is left to be made by single calls: all of it where that cannot be.

    Where one of the batch fails, the others are made or not; what is not known to be made is left, so that the call
    that fails is made again by itself and named. ``known`` has the connectors that are made by now.
    """
    if len(batch) < 2 or any(_needs_a_look(step) for step in batch):
        return batch
    outcome = caller.together(*((_command(step, known),) for step in batch))
    if outcome is None:
        return batch
    for item in outcome.objects:
        if "RemoteIPRanges" in item.properties:
            known[reading.text(item, "Name").lower()] = reading.text(item, "DistinguishedName")
    if batch[0].cmdlet == "New-ReceiveConnector":
        return [step for step in batch if step.connector.lower() not in known]
    return [replace(step, recheck=True) for step in batch] if outcome.errors else []


def _command(step: Step, known: Mapping[str, str]) -> Command:
    if step.cmdlet == "New-ReceiveConnector":
        return Command(step.cmdlet, step.parameters)
    return Command(step.cmdlet, {"Identity": known[step.connector.lower()], **step.parameters})


def _needs_a_look(step: Step) -> bool:
    """Whether the entries have to be read before the call."""
    return step.cmdlet.endswith("-ADPermission") and (step.recheck or step.parameters["User"] == ANONYMOUS_SID)


def _make(caller: Caller, step: Step, known: dict[str, str], view: View) -> None:
    place = step.connector.lower()
    if step.cmdlet == "New-ReceiveConnector":
        made = caller.call(Command(step.cmdlet, step.parameters), step.words)
        known[place] = _distinguished_name(caller, step, [reading.text(item, "DistinguishedName") for item in made])
        return
    identity = known[place]
    parameters = dict(step.parameters)
    if step.cmdlet.endswith("-ADPermission"):
        if _needs_a_look(step):
            parameters = _looked_at_again(step, reading.entries(caller, identity), view.principals)
        if not parameters["ExtendedRights"]:
            return
    elif step.cmdlet == "Remove-ReceiveConnector" and not _asks(view.facts):
        del parameters["Confirm"]
    caller.call(Command(step.cmdlet, {"Identity": identity, **parameters}), step.words)
    if step.cmdlet == "Remove-ReceiveConnector":
        del known[place]


def _distinguished_name(caller: Caller, step: Step, told: Sequence[str]) -> str:
    """From what New-ReceiveConnector returned, else from the server's list."""
    if told and told[0]:
        return told[0]
    found = reading.find(reading.receive_connectors(caller, step.server), step.connector)
    if found is None:
        raise ValueError(
            f"{step.words}: Exchange took the command but does not show the connector. Run the play again, and look "
            "for replication problems"
        )
    return reading.text(found, "DistinguishedName")


def _looked_at_again(step: Step, entries: Sequence[Entry], principals: Principals) -> dict[str, Plain]:
    """The parameters with what is still missing (or there), under the name that the server has for the account."""
    learnt = Principals.learn([(("AnonymousUsers",), entries)])
    principals = learnt if learnt.anonymous else principals
    user, deny = str(step.parameters["User"]), step.parameters.get("Deny") is True
    present = {
        entry.right
        for entry in entries
        if principals.same(entry.user, user) and entry.deny == deny and not entry.inherited
    }
    listed = step.parameters["ExtendedRights"]
    rights = [str(right) for right in listed] if isinstance(listed, list) else []
    adds = step.cmdlet.startswith("Add")
    left: list[Plain] = [right for right in rights if (right in present) != adds]
    return {**step.parameters, "User": principals.account(user), "ExtendedRights": left}


def _asks(facts: ServerFacts) -> bool:
    """Exchange 2007 before service pack 1 asks nothing, and knows no Confirm."""
    return facts.version > Version.EXCHANGE_2007 or facts.service_pack > 0
