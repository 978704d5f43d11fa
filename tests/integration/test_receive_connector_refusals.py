# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What receive_connector refuses in a play: one line with the value, the server and the remedy, nothing written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab

MANY = [f"10.{number // 250}.{number % 250}.7" for number in range(1300)]
NEW = {"name": "New", "bindings": "{server}:2600", "remote_ip_ranges": "192.0.2.1"}
# What is asked, and the words that the message must have
REFUSALS: list[tuple[dict[str, Any], list[str]]] = [
    # neighbours
    (
        NEW | {"bindings": "0.0.0.0:25", "remote_ip_ranges": "0.0.0.0-255.255.255.255"},
        [
            "Default Frontend EX01",
            "equal ranges on 0.0.0.0:25: 0.0.0.0-255.255.255.255",
            "an address or port of its own",
        ],
    ),
    (
        NEW | {"bindings": "{server}:2601", "remote_ip_ranges": ["10.0.0.5-10.0.0.20", "10.1.1.1"]},
        ["Copiers", "partly overlapping ranges", "10.0.0.10-10.0.0.20", "New on EX01"],
    ),
    (
        NEW | {"bindings": "{server}:2601", "remote_ip_ranges": "10.0.0.10-10.0.0.30"},
        ["Copiers has equal ranges", "10.0.0.10-10.0.0.30"],
    ),
    (
        NEW | {"bindings": "{server}:25", "transport_role": "HubTransport"},
        ["Default Frontend EX01", "another transport role", "New on EX01"],
    ),
    (NEW | {"bindings": "0.0.0.0:2525"}, ["Default EX01", "another transport role"]),
    ({"name": "Copiers", "bindings": {"add": "0.0.0.0:2525"}}, ["Default EX01", "another transport role"]),
    # values that do not go together
    (
        NEW | {"auth_mechanism": ["BasicAuthRequireTLS"]},
        ["auth_mechanism: BasicAuthRequireTLS needs BasicAuth and Tls", "EX01", "Add them"],
    ),
    (NEW | {"auth_mechanism": "None", "require_tls": True}, ["require_tls", "Add Tls"]),
    (
        NEW | {"auth_mechanism": ["ExternalAuthoritative", "Integrated"], "acknowledge_trust": True},
        ["only Tls can be combined"],
    ),
    (
        NEW | {"auth_mechanism": "ExternalAuthoritative", "acknowledge_trust": True},
        ["ExchangeServers in permission_groups"],
    ),
    (NEW | {"auth_mechanism": ["None", "Tls"]}, ["auth_mechanism", "None"]),
    (NEW | {"auth_mechanism": "None", "domain_secure_enabled": True}, ["domain_secure_enabled"]),
    (NEW | {"connection_timeout": "00:04:00"}, ["connection_timeout", "longer than connection_inactivity_timeout"]),
    (NEW | {"chunking_enabled": False}, ["binary_mime_enabled", "chunking_enabled"]),
    (NEW | {"banner": "Welcome"}, ["banner: it must begin with 220"]),
    (NEW | {"permission_groups": ["None", "AnonymousUsers"]}, ["permission_groups", "None"]),
    # values out of bounds or of no sense
    (NEW | {"name": "n" * 65}, ["name", "64"]),
    (NEW | {"max_message_size": "63KB"}, ["max_message_size", "63KB", "64KB"]),
    (NEW | {"max_message_size": "big"}, ["max_message_size", "big"]),
    (NEW | {"max_hop_count": 501}, ["max_hop_count", "501", "500"]),
    (NEW | {"max_inbound_connection_per_source": "many"}, ["max_inbound_connection_per_source", "many"]),
    (NEW | {"connection_timeout": "soon"}, ["connection_timeout", "soon"]),
    (NEW | {"permission_groups": "Anonymus"}, ["permission_groups", "Anonymus", "AnonymousUsers"]),
    (NEW | {"protocol_logging_level": "loud"}, ["protocol_logging_level", "loud", "Verbose"]),
    (NEW | {"bindings": "{server}:99999"}, ["bindings", ":99999"]),
    (NEW | {"bindings": "2001:db8::1:25"}, ["bindings", "2001:db8::1:25"]),
    (NEW | {"bindings": "mail.example.com:25"}, ["bindings", "mail.example.com:25"]),
    (NEW | {"remote_ip_ranges": "10.0.0.9-10.0.0.1"}, ["remote_ip_ranges", "10.0.0.9-10.0.0.1"]),
    (NEW | {"remote_ip_ranges": ["10.0.0.1", "10.0.0.300"]}, ["remote_ip_ranges", "10.0.0.300"]),
    (NEW | {"remote_ip_ranges": {"add": ["10.0.0.1"], "without": []}}, ["remote_ip_ranges", "without"]),
    (NEW | {"remote_ip_ranges": {"set": ["10.0.0.1"], "add": ["10.0.0.2"]}}, ["remote_ip_ranges", "set"]),
    (NEW | {"remote_ip_ranges": {"add": "10.0.0.0/24", "remove": "10.0.0.7/24"}}, ["remote_ip_ranges", "10.0.0.0/24"]),
    (
        NEW | {"name": "CN=Ghost\\, 2nd,CN=SMTP Receive Connectors,CN=Protocols,CN=EX01,CN=Servers,DC=lab"},
        ["EX01 has no receive connector CN=Ghost\\, 2nd,CN=SMTP", "Give a name to make one"],
    ),
    (NEW | {"name": "6f9619ff-8b86-d011-b42d-00cf4fc964ff"}, ["EX01 has no receive connector 6f9619ff-8b86"]),
    (NEW | {"remote_ip_ranges": {25: "10.0.0.1"}}, ["remote_ip_ranges: a list takes set, add and remove, not 25"]),
    ({"name": "Copiers", "new_name": "EX01\\Printers"}, ["new_name: EX01\\Printers has a backslash", "Leave it out"]),
    (NEW | {"name": "EX01\\2nd\\floor"}, ["name: 2nd\\floor has a backslash"]),
    # what a new connector needs, and lists that would be empty
    ({"name": "New"}, ["bindings", "remote_ip_ranges", "New on EX01"]),
    ({"name": "New", "usage": "Internet"}, ["bindings"]),
    (
        {"name": "Copiers", "remote_ip_ranges": {"remove": "10.0.0.10-10.0.0.30"}},
        ["remote_ip_ranges", "Copiers", "state: absent"],
    ),
    ({"name": "Copiers", "bindings": {"remove": "{server}:2601"}}, ["bindings", "Copiers", "state: absent"]),
    ({"name": "Copiers", "bindings": []}, ["bindings: the list must not be empty", "Leave the option out"]),
    ({"name": "Copiers", "clear": ["fqdn"]}, ["clear", "fqdn", "banner"]),
    ({"name": "Copiers", "clear": ["banner"], "banner": "220 x"}, ["clear", "banner"]),
    # the directory's limit
    (NEW | {"remote_ip_ranges": MANY}, ["1300 entries are 100 too many", "second connector"]),
    (NEW | {"remote_ip_ranges": MANY, "merge_ranges": True}, ["still 1300 after merging", "second connector"]),
    # addresses, servers and trust
    (NEW | {"bindings": "192.0.2.99:25"}, ["EX01 does not hold the address 192.0.2.99", "secondary_ip"]),
    (NEW | {"name": "NOWHERE\\New"}, ["NOWHERE", "EX01"]),
    (NEW | {"server": "NOWHERE"}, ["NOWHERE", "EX01"]),
    (
        NEW | {"auth_mechanism": "ExternalAuthoritative", "permission_groups": "ExchangeServers"},
        ["acknowledge_trust", "EX01"],
    ),
    (NEW | {"colour": "red"}, ["unknown option colour", "remote_ip_ranges"]),
    ({"name": "Copiers", "new_name": "Default Frontend EX01"}, ["new_name", "Default Frontend EX01"]),
    ({"settings": {"name": "Copiers", "colour": "red"}}, ["settings", "colour"]),
    ({"remote_ip_ranges": "10.0.0.1"}, ["name", "settings"]),
    (NEW | {"remote_ip_range": "10.0.0.1"}, ["remote_ip_range", "remote_ip_ranges"]),
    (NEW | {"enabled": "perhaps"}, ["enabled", "perhaps"]),
]


def filled(value: Any, server: str) -> Any:
    """Put the lab's address in."""
    if isinstance(value, dict):
        return {key: filled(item, server) for key, item in value.items()}
    return value.replace("{server}", server) if isinstance(value, str) else value


def test_each_is_one_line_and_nothing_is_written(
    make_lab: Callable[..., Lab], ansible_playbook: Any, state: Any
) -> None:
    lab = make_lab("2019")
    server = lab.servers[0].address
    copiers = {"name": "Copiers", "bindings": f"{server}:2601", "remote_ip_ranges": "10.0.0.10-10.0.0.30"}
    play = {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
    }
    made = ansible_playbook(
        play | {"tasks": [{"relayops.exchange.receive_connector": copiers}]}, inventory(lab.details())
    )
    assert made.code == 0, made.output
    before = state(lab)
    lab.journal.clear()
    tasks = [
        {"name": str(number), "relayops.exchange.receive_connector": filled(asked, server), "ignore_errors": True}
        for number, (asked, _words) in enumerate(REFUSALS)
    ]
    played = ansible_playbook(play | {"tasks": tasks}, inventory(lab.details()))
    wrong = []
    for number, (asked, words) in enumerate(REFUSALS):
        message = played.result(str(number)).get("msg", "")
        failed = [event for event in played.events if event.get("task") == str(number) and event["kind"] == "ignored"]
        # what Ansible itself checks comes before any server is asked, and names the host
        expected = [*words, "ex01" if message.startswith("On ex01, ") else "EX01"]
        lacking = [word for word in expected if word not in message]
        if not failed or lacking or "\n" in message or "Traceback" in message:
            wrong.append((asked if len(str(asked)) < 300 else asked.keys(), message[:900], lacking))
    assert not wrong, "\n".join(map(str, wrong))
    asked_exchange = [command.name for command in lab.journal.commands if command.endpoint == "exchange"]
    assert {name.partition("-")[0] for name in asked_exchange} == {"Get"}
    assert state(lab) == before
    assert lab.journal.open_sessions == []
