# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever Exchange and Windows do where no public source says it: a connector's whole life under each answer.

The ordinary suite covers every answer once; ``RELAYOPS_PAIRS=1`` every pair of answers, versions and languages.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from itertools import combinations, product
from typing import Any

import pytest
from exchange_lab.exchange.versions import PROFILES
from exchange_lab.inventory import inventory
from exchange_lab.pairs import each_choice, pairwise
from exchange_lab.switches import Switches
from exchange_lab.windows.record import HostSwitches

LONG = any(os.environ.get(name) == "1" for name in ("RELAYOPS_PAIRS", "RELAYOPS_LONG"))
EXCHANGE, WINDOWS = Switches.choices(), HostSwitches.choices()
SURROUNDINGS = {
    "version": ("2019", *(version for version in PROFILES if version != "2019")),
    "language": ("en", "de", "fr"),
    "connection": ("winrm", "psrp"),
    "replication_lag": ("0", "60"),
}
FACTORS = {**EXCHANGE, **WINDOWS, **SURROUNDINGS}
# the lab has Windows Server 2008, which knows netsh alone, beneath these; what is asked of one version alone, or of
# servers in other languages, says nothing elsewhere
WITH_2008 = ("2007", "2010")
SINCE_2012 = tuple(version for version in SURROUNDINGS["version"] if version not in WITH_2008)
CONDITIONS = {
    **{name: {"version": WITH_2008 if name == "dump_shows_flag" else SINCE_2012} for name in WINDOWS},
    "edge_role": {"version": ("edge",)},
    "se_version": {"version": ("se",)},
    "foreign_account_names": {"language": ("de", "fr")},
}
# one answer each with Exchange 2019 in English, German and French, or every pair of everything
ROWS = list(pairwise(FACTORS, CONDITIONS)) if LONG else list(each_choice({**FACTORS, "version": ("2019",)}))
NAME, OUTSIDE = "Relay of the copiers", "someone@example.net"
RIGHT = "ms-Exch-SMTP-Accept-Any-Recipient"


def task(name: str, module: str, changed: bool | None = None, /, **options: Any) -> dict[str, Any]:
    """A task on the connector; ``changed`` is what it is expected to be."""
    made: dict[str, Any] = {"name": name, f"relayops.exchange.{module}": options}
    if changed is not None:
        made |= {"register": "done", "failed_when": f"done is failed or done.changed != {changed}"}
    return made


def twice(name: str, module: str, /, **options: Any) -> list[dict[str, Any]]:
    """A task that changes something, and the same again, which must not."""
    return [
        task(name, module, True, **options),
        task(f"{name} again", module, False, **options),
    ]


class Story:
    """The plays of a connector's life, and the devices that take part in it."""

    def __init__(self, lab: Any, address: Any) -> None:
        self.lab = lab
        self.relay, self.device, self.other, self.last = (address(lab, number) for number in (25, 77, 82, 80))
        self.second = address(lab, 26)
        self.port = lab.smtp_port(25)

    def asks(self, device: str, expect: str) -> dict[str, Any]:
        """Have a device ask whether it may relay, until Transport has seen the change."""
        question = {"host": self.relay, "port": self.port, "source_address": device, "rcpt_to": OUTSIDE}
        asked = task(f"{device} is {expect}", "smtp_probe", **question, expect=expect)
        patience = {"until": "answer is succeeded", "retries": 8, "delay": 0.4, "register": "answer"}
        return asked | patience | {"delegate_to": "localhost"}

    def plays(self) -> list[dict[str, Any]]:
        """Everything, from the first run of the role to the removal."""
        common = {
            "hosts": "exchange",
            "gather_facts": False,
            "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        }
        role = common | {"roles": [{"role": "relayops.exchange.relay"}]}
        return [
            role,
            common | {"tasks": [self.asks(self.other, "refused")]},
            role | {"name": "again"},
            common | {"tasks": self.addresses()},
            common | {"tasks": [*self.ranges(), *self.groups(), *self.denial(), *self.right()]},
            role | {"name": "gone", "vars": {"relay_state": "absent"}},
        ]

    def addresses(self) -> list[dict[str, Any]]:
        """Addresses come, change and go beside the relay's; netsh makes one anew for that, which has to be allowed."""
        sent_from = {"address": f"{self.second}/24", "skip_as_source": False, "register_in_dns": True}
        mended = {"address": f"{self.second}/25", "allow_interruption": True}
        sixth = {"address": "2001:db8::26/64", "interface": "7", "allow_foreign_subnet": True}
        return [
            *twice("Add an address", "secondary_ip", **sent_from),
            *twice("Send from it no more", "secondary_ip", **mended),
            *twice("Add an IPv6 address", "secondary_ip", **sixth),
            *twice("Take both", "secondary_ip", addresses=[self.second, "2001:db8::26"], state="absent"),
            task("The relay's is there still", "secondary_ip", False, address=f"{self.relay}/24"),
        ]

    def ranges(self) -> list[dict[str, Any]]:
        """Clients come and go beside what is there, in forms that Exchange may write otherwise."""
        added = [f"{self.other}/30", "2001:0DB8::0:5"]
        gone = [f"{self.last}-{self.last.rpartition('.')[0]}.83", "2001:db8::5"]
        return [
            *twice("Add clients", "receive_connector", name=NAME, remote_ip_ranges={"add": added}),
            self.asks(self.other, "allowed"),
            *twice("Remove clients", "receive_connector", name=NAME, remote_ip_ranges={"remove": gone}),
            self.asks(self.other, "refused"),
            self.asks(self.device, "allowed"),
        ]

    def groups(self) -> list[dict[str, Any]]:
        """A change of permission groups leaves the right in place."""
        return [
            *twice("Add a group", "receive_connector", name=NAME, permission_groups={"add": ["ExchangeUsers"]}),
            task("The right is there still", "connector_permission", False, connector=NAME, rights=[RIGHT]),
            self.asks(self.device, "allowed"),
            *twice("Set groups", "receive_connector", name=NAME, permission_groups=["AnonymousUsers"]),
            task("The right is there still", "connector_permission", False, connector=NAME, rights=[RIGHT]),
        ]

    def denial(self) -> list[dict[str, Any]]:
        """A denial comes and goes and leaves the right alone."""
        denied = {"connector": NAME, "rights": [RIGHT], "access": "deny"}
        return [
            *twice("Deny", "connector_permission", **denied),
            self.asks(self.device, "refused"),
            *twice("Deny no more", "connector_permission", **denied, state="absent"),
            self.asks(self.device, "allowed"),
        ]

    def right(self) -> list[dict[str, Any]]:
        """The right is taken away and given back."""
        right = {"connector": NAME, "rights": [RIGHT]}
        return [
            *twice("Take the right", "connector_permission", **right, state="absent"),
            self.asks(self.device, "refused"),
            *twice("Give the right", "connector_permission", **right),
            self.asks(self.device, "allowed"),
        ]


def answers(row: Mapping[str, str], questions: Iterable[str]) -> dict[str, str]:
    """A row's answers to these questions."""
    return {name: row[name] for name in questions}


def differing(row: Mapping[str, str]) -> str:
    """A row's name: what is not as by default."""
    usual = {name: choices[0] for name, choices in FACTORS.items()}
    return ",".join(f"{name}={value}" for name, value in row.items() if value != usual[name]) or "as by default"


@pytest.mark.parametrize("row", ROWS, ids=[str(number) for number in range(len(ROWS))])
def test_a_connectors_life(row: dict[str, str], make_lab: Any, ansible_playbook: Any, address: Any, state: Any) -> None:
    lab = make_lab(row["version"], language=row["language"], switches=Switches(**answers(row, EXCHANGE)))
    lab.servers[0].host.switches = HostSwitches.chosen(answers(row, WINDOWS))
    lab.organisation.directory.lag = float(row["replication_lag"])
    before, story = state(lab), Story(lab, address)
    wanted = {
        "relay_name": NAME,
        "relay_address": f"{story.relay}/24",
        "relay_clients": [story.device],
        "relay_probes": [{"source_address": story.device, "port": story.port, "rcpt_to": OUTSIDE}],
    }
    played = ansible_playbook(story.plays(), inventory(lab.details(), row["connection"], **wanted))
    assert played.code == 0, f"{differing(row)}\n{played.output}"
    assert state(lab) == before, differing(row)
    assert lab.journal.open_sessions == []


def matters(name: str, row: Mapping[str, str]) -> bool:
    """Whether a factor's choice has any effect in a row."""
    return all(row[other] in allowed for other, allowed in CONDITIONS.get(name, {}).items())


def test_every_pair_of_answers_is_played() -> None:
    """Each where both matter; what cannot meet is told here, so that nothing else is left out."""
    rows = list(pairwise(FACTORS, CONDITIONS))
    assert rows == ROWS or not LONG
    assert len(FACTORS) == len(EXCHANGE) + len(WINDOWS) + len(SURROUNDINGS)
    versions = {name: set(CONDITIONS.get(name, {}).get("version", SURROUNDINGS["version"])) for name in FACTORS}
    lacking = []
    for one, other in combinations(FACTORS, 2):
        played = [row for row in rows if matters(one, row) and matters(other, row)]
        pairs = set(product(FACTORS[one], FACTORS[other])) - {(row[one], row[other]) for row in played}
        meet = versions[one] & versions[other]
        lacking += [
            f"{one}={first}, {other}={second}"
            for first, second in pairs
            if meet and not (other == "version" and second not in meet)
            if (one, other, second) != ("foreign_account_names", "language", "en")
        ]
    assert lacking == []
    never = {frozenset((one, other)) for one, other in combinations(FACTORS, 2) if not versions[one] & versions[other]}
    netsh = {frozenset(("dump_shows_flag", other)) for other in (*WINDOWS, "edge_role", "se_version")}
    assert never == {frozenset(("edge_role", "se_version")), *netsh} - {frozenset(("dump_shows_flag",))}
