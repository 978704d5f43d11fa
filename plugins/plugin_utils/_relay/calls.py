# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A step of a plan as the cmdlet call that makes it, by what was made before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, Pipeline, Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import (
    ANONYMOUS_SID,
    Entry,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, Version
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import reading
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.batches import ADD, NEW, Unit
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.made import Made, learnt, rights
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import Caller
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.step import Step
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.view import View


class Calls:
    """Writes and makes calls; ``accounts`` are the names that the server turned out to have for accounts."""

    def __init__(self, caller: Caller, seen: Mapping[str, View], made: Made) -> None:
        self.caller = caller
        self.seen = seen
        self.made = made
        self.accounts: dict[str, str] = {}

    def pipeline(self, unit: Unit) -> Pipeline:
        """A unit as it is sent."""
        return tuple(self._command(step, piped=number > 0) for number, step in enumerate(unit))

    def _command(self, step: Step, piped: bool = False) -> Command:
        parameters = dict(step.parameters)
        if "User" in parameters:
            parameters["User"] = self.accounts.get(str(parameters["User"]), parameters["User"])
        if step.cmdlet == NEW or piped:
            return Command(step.cmdlet, parameters)
        return Command(step.cmdlet, {"Identity": self.made.names[step.server][step.connector.lower()], **parameters})

    def make(self, step: Step) -> None:
        """Make one step in a call of its own, and remember what it tells."""
        names, place = self.made.names[step.server], step.connector.lower()
        command = self._command(step)
        parameters = dict(command.parameters)
        if step.cmdlet == "Remove-ReceiveConnector" and not _asks(self.seen[step.server].facts):
            del parameters["Confirm"]
        if needs_a_look(step):
            parameters |= self._looked_at_again(step, reading.entries(self.caller, names[place]))
            if not parameters["ExtendedRights"]:
                return
        objects = self.caller.call(Command(step.cmdlet, parameters), step.words)
        if step.cmdlet == NEW:
            names[place] = _distinguished_name(
                self.caller, step, [reading.text(item, "DistinguishedName") for item in objects]
            )
        elif step.cmdlet == ADD:
            self.made.added.get(step.server, []).extend(objects)
        elif step.cmdlet == "Remove-ReceiveConnector":
            del names[place]

    def _looked_at_again(self, step: Step, entries: Sequence[Entry]) -> dict[str, Plain]:
        """The parameters with what is still missing (or there), under the name that the server has for the account."""
        principals = learnt(entries, self.seen[step.server].principals)
        user, deny = str(step.parameters["User"]), step.parameters.get("Deny") is True
        present = {
            entry.right
            for entry in entries
            if principals.same(entry.user, user) and entry.deny == deny and not entry.inherited
        }
        adds = step.cmdlet.startswith("Add")
        left: list[Plain] = [right for right in rights(step) if (right in present) != adds]
        self.accounts[user] = principals.account(user)
        return {"User": self.accounts[user], "ExtendedRights": left}


def needs_a_look(step: Step) -> bool:
    """Whether the entries have to be read before the call."""
    return step.cmdlet.endswith("-ADPermission") and (step.recheck or step.parameters["User"] == ANONYMOUS_SID)


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


def _asks(facts: ServerFacts) -> bool:
    """Exchange 2007 before service pack 1 asks nothing, and knows no Confirm."""
    return facts.version > Version.EXCHANGE_2007 or facts.service_pack > 0
