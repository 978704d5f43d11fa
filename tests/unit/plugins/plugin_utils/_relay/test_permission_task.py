# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of connector_permission against a scripted session: these requests, in this order, and no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import (
    Command,
    Outcome,
    Pipeline,
    Plain,
    WireObject,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rights import GROUP_RIGHTS, RELAY, SUBMIT
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, Version
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import permission_task

GERMAN = "NT-AUTORITÄT\\ANONYMOUS-ANMELDUNG"
DN = "CN=Copiers,CN=SMTP Receive Connectors,CN=Protocols,CN=EX1,CN=Servers,DC=lab"
FACTS = ServerFacts("EX1", "ex1.lab", Version.EXCHANGE_2019, False, "15.2.986.5", frozenset(), "CN=EX1,DC=lab")


def connector(name: str = "Copiers", groups: str = "AnonymousUsers, Custom", **more: Plain) -> WireObject:
    properties: dict[str, Plain] = {
        "Name": name,
        "DistinguishedName": DN.replace("Copiers", name),
        "PermissionGroups": groups,
        "RemoteIPRanges": ["192.0.2.10"],
        "Bindings": ["192.0.2.1:25"],
        **more,
    }
    return WireObject(f"EX1\\{name}", (), properties)


def ace(user: str, right: str, **more: Plain) -> WireObject:
    return WireObject("", (), {"User": user, "ExtendedRights": [right], "Deny": False, "IsInherited": False, **more})


OF_GROUP = [ace(GERMAN, right) for right in GROUP_RIGHTS["AnonymousUsers"]["anonymous logon"]]
READ = Command("Get-ReceiveConnector", {"Server": "EX1"})
PERMISSIONS = Command("Get-ADPermission", {"Identity": DN})
ADDRESSES = Command("Get-NetworkConnectionInfo", {"Identity": "EX1"})


def write(verb: str, right: str = RELAY, user: str = GERMAN, **more: Plain) -> Command:
    parameters: dict[str, Plain] = {"Identity": DN, "User": user, "ExtendedRights": [right], **more, "Confirm": False}
    return Command(f"{verb}-ADPermission", parameters)


class Scripted:
    """A session that accepts the scripted commands in their order only."""

    server = "192.0.2.1"
    facts = FACTS
    servers = (FACTS,)
    likely, has_endpoint, crowded, early = "", True, False, None

    def __init__(self, *script: tuple[Command, list[WireObject]]) -> None:
        self.script = list(script)

    def ahead(self, *pipelines: Pipeline) -> None:
        """The script has a call for each read."""

    def facts_of(self, name: str) -> ServerFacts:
        return self.facts

    def call(self, command: Command, what: str = "") -> list[WireObject]:
        expected, answer = self.script.pop(0)
        assert command == expected
        return answer

    def run(self, *pipelines: Pipeline) -> list[Outcome]:
        return [Outcome(output=self.call(pipeline[0])) for pipeline in pipelines]


def run(
    script: Sequence[tuple[Command, list[WireObject]]], check_mode: bool = False, **arguments: Any
) -> dict[str, Any]:
    session = Scripted(*script)
    warnings: list[str] = []
    options: dict[str, Plain] = {"connector": "copiers", "rights": [RELAY], **arguments}
    result: dict[str, Any] = permission_task.apply(session, options, check_mode, warnings.append)
    assert not session.script, "not everything was asked"
    return {**result, "warnings": warnings}


GRANT = [(READ, [connector()]), (PERMISSIONS, OF_GROUP), (ADDRESSES, []), (write("Add"), [])]
GRANTED = [*OF_GROUP, ace(GERMAN, RELAY)]


def test_the_relay_right_goes_to_the_anonymous_logon_of_the_server() -> None:
    result = run([*GRANT, (PERMISSIONS, GRANTED)])
    assert result["changed"]
    assert result["user"] == GERMAN
    assert result["allowed"] == [RELAY]
    assert result["granted_by_group"][SUBMIT] == "AnonymousUsers"
    assert result["steps"] == [f"Grant {RELAY} to {GERMAN} on EX1\\Copiers"]
    assert result["diff"]["before"] == {"permissions": []}
    assert result["diff"]["after"] == {"permissions": [f"allow {GERMAN}: {RELAY}"]}


def test_check_mode_predicts_the_same() -> None:
    assert run(GRANT[:-1], check_mode=True) == run([*GRANT, (PERMISSIONS, GRANTED)])


def test_a_second_run_writes_nothing() -> None:
    result = run([(READ, [connector()]), (PERMISSIONS, GRANTED)])
    assert not result["changed"]
    assert result["steps"] == []
    assert result["diff"]["before"] == result["diff"]["after"]


def test_a_connector_without_the_group_learns_the_name_from_another_one() -> None:
    other = connector("Default Frontend EX1", "AnonymousUsers, ExchangeServers")
    script = [
        (READ, [connector(groups="None"), other]),
        (PERMISSIONS, []),
        (Command("Get-ADPermission", {"Identity": other.properties["DistinguishedName"]}), OF_GROUP),
        (ADDRESSES, []),
        (write("Add"), []),
        (PERMISSIONS, [ace(GERMAN, RELAY)]),
    ]
    assert run(script)["user"] == GERMAN


def test_where_no_entry_tells_the_name_the_sid_is_used() -> None:
    script = [
        (READ, [connector(groups="None")]),
        (PERMISSIONS, []),
        (ADDRESSES, []),
        (write("Add", user="S-1-5-7"), []),
        (PERMISSIONS, [ace("NT AUTHORITY\\ANONYMOUS LOGON", RELAY)]),
    ]
    assert run(script)["user"] == "NT AUTHORITY\\ANONYMOUS LOGON"


def test_a_write_that_did_not_stick_is_an_error() -> None:
    with pytest.raises(ValueError, match=rf"reading again shows {RELAY} missing"):
        run([*GRANT, (PERMISSIONS, OF_GROUP)])


def test_a_user_principal_name_is_looked_up_by_exchange() -> None:
    script = [
        (READ, [connector()]),
        (PERMISSIONS, [*OF_GROUP, ace("LAB\\scan", RELAY)]),
        (Command("Get-ADPermission", {"Identity": DN, "User": "scan@lab"}), [ace("LAB\\scan", RELAY)]),
    ]
    assert not run(script, user="scan@lab")["changed"]


def test_removing_a_denial_leaves_the_grant() -> None:
    both = [*GRANTED, ace(GERMAN, RELAY, Deny=True)]
    script = [
        (READ, [connector()]),
        (PERMISSIONS, both),
        (ADDRESSES, []),
        (write("Remove", Deny=True), []),
        (PERMISSIONS, GRANTED),
    ]
    result = run(script, access="deny", state="absent")
    assert result["steps"] == [f"Stop denying {RELAY} to {GERMAN} on EX1\\Copiers"]
    assert result["allowed"] == [RELAY]


def test_a_right_of_a_group_is_not_removed() -> None:
    with pytest.raises(ValueError, match=r"connector Copiers: .*permission group AnonymousUsers"):
        run([(READ, [connector()]), (PERMISSIONS, OF_GROUP)], rights=[SUBMIT], state="absent")


@pytest.mark.parametrize(
    ("name", "ranges", "option"),
    [
        ("Default Frontend EX1", ["192.0.2.10"], "allow_default_connector"),
        ("Copiers", ["0.0.0.0-255.255.255.255"], "allow_any_range"),
        ("Copiers", ["192.0.2.10", "10.0.0.0/23"], "allow_wide_range"),
        ("Copiers", ["2001:db8::/63"], "allow_wide_range"),
        ("Copiers", ["192.0.2.0/30"], "allow_server_address"),
    ],
)
def test_danger_is_refused_unless_its_option_allows_it(name: str, ranges: list[Plain], option: str) -> None:
    found = connector(name, RemoteIPRanges=ranges)
    permissions = Command("Get-ADPermission", {"Identity": found.properties["DistinguishedName"]})
    script = [(READ, [found]), (permissions, OF_GROUP), (ADDRESSES, [])]
    refused_early = option != "allow_server_address"
    with pytest.raises(ValueError, match=option):
        run(script[:2] if refused_early else script, connector=name, check_mode=True)
    assert run(script, connector=name, check_mode=True, **{option: True})["changed"]


def test_a_denial_that_holds_back_a_grant_is_guarded_like_the_grant() -> None:
    name = "Default Frontend EX1"
    found = connector(name)
    dn = found.properties["DistinguishedName"]
    permissions = Command("Get-ADPermission", {"Identity": dn})
    denial = ace(GERMAN, RELAY, Deny=True)
    asked = {"connector": name, "access": "deny", "state": "absent", "check_mode": True}
    with pytest.raises(ValueError, match="allow_default_connector"):
        run([(READ, [found]), (permissions, [*GRANTED, denial])], **asked)
    script = [(READ, [found]), (permissions, [*GRANTED, denial]), (ADDRESSES, [])]
    assert run(script, **asked, allow_default_connector=True)["changed"]
    assert run([(READ, [found]), (permissions, [*OF_GROUP, denial])], **asked)["changed"]


def test_an_address_of_an_adapter_counts_as_the_servers_own() -> None:
    adapter = WireObject("", (), {"IPAddresses": ["192.0.2.10", "fe80::1"]})
    script = [(READ, [connector()]), (PERMISSIONS, OF_GROUP), (ADDRESSES, [adapter])]
    with pytest.raises(ValueError, match=r"holds 192\.0\.2\.10, an address of the Exchange server EX1"):
        run(script)


def test_a_connector_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(ValueError, match="receive connector Scanners does not exist on EX1; there are: Copiers"):
        run([(READ, [connector()])], connector="Scanners")


def test_a_send_connector_belongs_to_no_server() -> None:
    right = "ms-Exch-Send-Headers-Routing"
    script = [
        (Command("Get-SendConnector"), [connector(groups="")]),
        (PERMISSIONS, []),
        (write("Add", right, "LAB\\smart hosts"), []),
        (PERMISSIONS, [ace("LAB\\smart hosts", right)]),
    ]
    result = run(script, connector_type="send", rights=[right], user="LAB\\smart hosts")
    assert result["connector"] == "Copiers"
    assert result["allowed"] == [right]


def test_the_server_before_the_backslash_counts() -> None:
    assert not run([(READ, [connector()]), (PERMISSIONS, GRANTED)], connector="EX1\\Copiers")["changed"]
    with pytest.raises(ValueError, match="leave one out"):
        run([], connector="EX2\\Copiers", server="EX1.lab")


def test_a_right_that_the_server_does_not_have_is_refused_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = replace(FACTS, version=Version.EXCHANGE_2010)
    monkeypatch.setattr(Scripted, "facts", old)
    right = "ms-Exch-SMTP-Accept-XProxyFrom"
    with pytest.raises(ValueError, match=r"^ms-Exch-SMTP-Accept-XProxyFrom needs Exchange 2013 or later; EX1 runs"):
        run([], rights=[right])
    for server in ("", "EX1"):
        with pytest.raises(ValueError, match=r"Take it out of rights for this host$"):
            run([], rights=[right], server=server)
    assert not run([(READ, [connector()]), (PERMISSIONS, OF_GROUP)], rights=[right], state="absent")["changed"]
