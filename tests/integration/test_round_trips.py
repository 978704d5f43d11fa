# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests a task sends, exactly.

Receives are counted apart from the others: a server sends as many answers as its output fills, and on a busy machine
the lab may cut an answer short.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rights import RELAY
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import relay_task
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ExchangeError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.transport import Transport

AHEAD = ["Get-ExchangeServer", "Get-ReceiveConnector", "Get-NetworkConnectionInfo"]
TOGETHER = "; ".join(AHEAD)
ENTRIES = "Get-ReceiveConnector | Get-ADPermission"
MADE = "New-ReceiveConnector | Add-ADPermission"


def listed(count: int) -> list[dict[str, Any]]:
    return [{"name": f"R{number}", "port": 30 + number, "clients": [100 + number]} for number in range(count)]


def pipelines(stand: Any) -> list[str]:
    """What was sent, a statement after the other; the requests of one session are all that there are."""
    journal = stand.lab.journal
    sent = [each.text.replace("\n", "; ") for each in journal.pipelines]
    verbs = Counter(request.verb for request in journal.requests)
    assert verbs == {"Create": 1, "Command": len(sent), "Receive": verbs["Receive"], "Delete": 1}
    assert verbs["Receive"] > len(sent)
    journal.clear()
    return sent


@pytest.mark.parametrize(
    ("switches", "reads"),
    [({}, [TOGETHER, ENTRIES]), ({"statements": "single"}, [TOGETHER, *AHEAD, ENTRIES])],
    ids=["several statements", "single statements"],
)
def test_a_rerun_costs_the_same_however_many_connectors_there_are(
    relay_stand: Callable[..., Any], switches: dict[str, str], reads: list[str]
) -> None:
    stand = relay_stand(whole=True, **switches)
    for count in (1, 6):
        stand.apply(listed(count))
        stand.lab.journal.clear()
        assert not stand.apply(listed(count))["changed"]
        assert pipelines(stand) == reads, count


def test_a_rerun_where_no_cmdlet_may_be_piped(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand(pipelines="single")
    stand.apply(listed(2))
    stand.lab.journal.clear()
    assert not stand.apply(listed(2))["changed"]
    assert pipelines(stand) == [TOGETHER, ENTRIES, "; ".join(["Get-ADPermission"] * 3)]


def test_a_list_is_made_in_one_call_however_long_it_is(relay_stand: Callable[..., Any]) -> None:
    for count in (1, 4):
        stand = relay_stand(whole=True)
        stand.apply(listed(count))
        assert pipelines(stand) == [TOGETHER, "; ".join([*[MADE] * count, "Get-ReceiveConnector"])]


def test_a_list_is_made_in_a_call_for_each_where_statements_are_refused(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand(whole=True, statements="single")
    stand.apply(listed(3))
    assert pipelines(stand) == [TOGETHER, *AHEAD, *[MADE] * 3, "Get-ReceiveConnector"]


def test_a_list_is_made_in_layers_where_no_cmdlet_may_be_piped(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand(pipelines="single")
    stand.apply(listed(3))
    tried = ["; ".join([*[MADE] * 3, "Get-ReceiveConnector"]), MADE, "Get-ReceiveConnector"]
    first = ["New-ReceiveConnector", "Get-ADPermission", "Add-ADPermission"]
    rest = ["; ".join([cmdlet] * 2) for cmdlet in ("New-ReceiveConnector", "Add-ADPermission")]
    again = [*["Get-ReceiveConnector", ENTRIES] * 2, "; ".join(["Get-ADPermission"] * 4)]
    assert pipelines(stand) == [TOGETHER, *tried, *first, *rest, f"Get-ReceiveConnector; {ENTRIES}", *again]


def test_a_list_on_a_server_in_another_language(relay_stand: Callable[..., Any]) -> None:
    """No entry was read, so the account's name is learnt from the first connector that was made."""
    stand = relay_stand(language="de", sid_user="refused")
    stand.apply(listed(3))
    sent = pipelines(stand)
    assert sent[:4] == [
        TOGETHER,
        "; ".join([*[MADE] * 3, "Get-ReceiveConnector"]),
        "Get-ADPermission",
        "; ".join(["Add-ADPermission"] * 3),
    ]
    assert len(sent) == 5


def test_what_has_to_be_set_later_costs_no_more_for_many(relay_stand: Callable[..., Any]) -> None:
    """Made closed, for a denial or for what only Set-ReceiveConnector takes."""
    stand = relay_stand()
    wanted = [{**each, "bare_linefeed_rejection_enabled": True} for each in listed(3)]
    stand.apply(wanted)
    cmdlets = ["New-ReceiveConnector", "Set-ReceiveConnector", "Add-ADPermission", "Set-ReceiveConnector"]
    writes = ["; ".join([cmdlet] * 3) for cmdlet in cmdlets]
    assert pipelines(stand) == [TOGETHER, *writes[:-1], f"{writes[-1]}; Get-ReceiveConnector"]


def test_a_change_costs_a_call_and_reading_again(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand()
    stand.apply(listed(2))
    stand.lab.journal.clear()
    stand.apply([{**listed(2)[0], "clients": [100, 120]}, listed(2)[1]])
    again = "Get-ReceiveConnector; Get-ADPermission"
    assert pipelines(stand) == [TOGETHER, ENTRIES, "Set-ReceiveConnector", again]


def test_the_one_of_many_that_fails_is_named(relay_stand: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody makes a connector of the same name between the read and the first write."""
    stand = relay_stand()
    make = relay_task.execution.make
    theirs = {
        "Name": "R1",
        "Server": "EX01",
        "Bindings": ["0.0.0.0:99"],
        "RemoteIPRanges": ["192.0.2.9"],
        "Custom": True,
    }

    def beside_somebody_else(*arguments: Any) -> Any:
        with stand.session() as exchange:
            exchange.call(Command("New-ReceiveConnector", {**theirs, "TransportRole": "FrontendTransport"}))
        return make(*arguments)

    monkeypatch.setattr(relay_task.execution, "make", beside_somebody_else)
    with pytest.raises(ExchangeError, match=r"Create EX01\\R1 on.*is there already"):
        stand.apply(listed(3))
    made = {each.name: each for each in stand.lab.organisation.connectors("EX01")}
    assert [made[name].properties["Bindings"][0][1] for name in ("R0", "R1", "R2")] == [30, 99, 32]
    assert any(warning.startswith("4 of 6 steps were made") for warning in stand.warnings)
    assert [any(entry.right == RELAY for entry in made[name].acl) for name in ("R0", "R1", "R2")] == [True, False, True]


def test_a_server_whose_protocol_has_no_statements_is_sent_none(
    relay_stand: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PowerShell 2.0 would take the commands of all statements for one pipeline."""
    monkeypatch.setattr(Transport, "protocol", (2, 1))
    stand = relay_stand()
    stand.apply(listed(2))
    assert not any(";" in each for each in pipelines(stand))


def test_addresses_of_other_servers_are_read_in_one_call(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand(servers=3)
    stand.apply(listed(1))
    others = "; ".join(["Get-NetworkConnectionInfo"] * 2)
    assert pipelines(stand)[:2] == [TOGETHER, others]
    with pytest.raises(ValueError, match="an address of the Exchange server EX02"):
        stand.apply([{"name": "Wide", "clients": [(11, 12)]}])
    assert pipelines(stand) == [TOGETHER, others, *["Get-NetworkConnectionInfo"] * 2]
