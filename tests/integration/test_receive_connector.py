# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""receive_connector in plays: every parameter, odd but right input, other writers, many ranges, and old mistakes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import PARAMETERS, SETTINGS
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, release
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab
from exchange_lab.switches import Switches

RELAY = "ms-Exch-SMTP-Accept-Any-Recipient"
# Each surface that differs; the others have that of 2016
VERSIONS = ("2007", "2010", "2013", "2016", "edge") + (("2019", "se") if os.environ.get("RELAYOPS_LONG") == "1" else ())
# Every option with a value that is not Exchange's default
EVERYTHING: dict[str, Any] = {
    "auth_mechanism": ["Tls", "BasicAuth", "BasicAuthRequireTLS", "Integrated"],
    "permission_groups": ["AnonymousUsers", "ExchangeUsers", "Partners"],
    "enabled": False,
    "comment": "Copiers of the 2nd floor",
    "banner": "220 relay.example.com",
    "fqdn": "relay.example.com",
    "service_discovery_fqdn": "discovery.example.com",
    "tls_certificate_name": "<I>CN=Example CA<S>CN=relay.example.com",
    "tls_domain_capabilities": ["fabrikam.example:AcceptOorgProtocol"],
    "require_tls": True,
    "require_ehlo_domain": True,
    "enable_auth_gssapi": True,
    "extended_protection_policy": "Allow",
    "domain_secure_enabled": True,
    "suppress_x_anonymous_tls": True,
    "advertise_client_settings": True,
    "default_domain": "lab.example",
    "max_message_size": "20MB",
    "max_header_size": "128KB",
    "max_recipients_per_message": 100,
    "max_hop_count": 20,
    "max_local_hop_count": 3,
    "max_logon_failures": 5,
    "max_protocol_errors": "Unlimited",
    "max_inbound_connection": 100,
    "max_inbound_connection_per_source": "unlimited",
    "max_inbound_connection_percentage_per_source": 10,
    "message_rate_limit": 600,
    "message_rate_source": "All",
    "connection_timeout": "00:20:00",
    "connection_inactivity_timeout": "10m",
    "tarpit_interval": "PT10S",
    "auth_tarpit_interval": 7,
    "max_acknowledgement_delay": "00:00:00",
    "protocol_logging_level": "verbose",
    "size_enabled": "EnabledWithoutValue",
    "pipelining_enabled": False,
    "chunking_enabled": False,
    "binary_mime_enabled": False,
    "eight_bit_mime_enabled": False,
    "delivery_status_notification_enabled": False,
    "enhanced_status_codes_enabled": False,
    "long_addresses_enabled": True,
    "orar_enabled": True,
    "reject_reserved_second_level_recipient_domains": True,
    "reject_reserved_top_level_recipient_domains": True,
    "reject_single_label_recipient_domains": True,
    "bare_linefeed_rejection_enabled": True,
    "smtp_utf8_enabled": False,
}


def play(*tasks: dict[str, Any]) -> dict[str, Any]:
    return {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "tasks": list(tasks),
    }


def task(name: str, /, **options: Any) -> dict[str, Any]:
    return {"name": name, "relayops.exchange.receive_connector": options}


def twice(name: str, /, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same task again, which must not change anything."""
    return task(name, **options), task(f"{name} again", **options)


def find(lab: Lab, name: str) -> Any:
    return next((each for each in lab.organisation.connectors("EX01") if each.name == name), None)


def ranges(lab: Lab, name: str) -> set[str]:
    return set(map(str, find(lab, name).properties["RemoteIPRanges"]))


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("2019") as made:
        yield made


# The whole surface


@pytest.mark.parametrize("version", VERSIONS)
def test_every_parameter_of_every_version(make_lab: Callable[..., Lab], ansible_playbook: Any, version: str) -> None:
    assert set(EVERYTHING) | {"name", "bindings", "remote_ip_ranges", "transport_role"} == set(SETTINGS)
    lab = make_lab(version)
    profile = lab.organisation.profile
    build = ".".join(map(str, profile.build))
    facts = ServerFacts("EX01", "", release(profile.build), profile.edge, build, frozenset(), "")
    options = {key: value for key, value in EVERYTHING.items() if not PARAMETERS[key].missing_from(facts)}
    asked = {"name": "All", "bindings": "0.0.0.0:2600", "remote_ip_ranges": "192.0.2.0/24", **options}
    changed = {"comment": "x", "max_hop_count": 30} | ({"smtp_utf8_enabled": True} if version > "2012" else {})
    made = ansible_playbook(
        play(*twice("New", **asked), *twice("Set", name="All", **changed), task("Gone", name="All", state="absent")),
        inventory(lab.details()),
    )
    assert made.code == 0, made.output
    done = [made.result(name)["changed"] for name in ("New", "New again", "Set", "Set again", "Gone")]
    assert done == [True, False, True, False, True]
    assert sorted(made.result("Set")["changed_options"]) == ["comment", "max_hop_count"] + (
        ["smtp_utf8_enabled"] if "smtp_utf8_enabled" in changed and "smtp_utf8_enabled" in options else []
    )
    (new,) = [command for command in lab.journal.commands if command.name == "New-ReceiveConnector"]
    assert ("TransportRole" in new.parameters) == facts.has_transport_roles
    assert find(lab, "All") is None


# Odd input that means something

ODD: dict[str, dict[str, Any]] = {
    "numbers where texts are usual": {"comment": 42, "banner": "220", "max_message_size": 20971520, "fqdn": "relay"},
    "texts where numbers are usual": {"max_hop_count": " 20 ", "max_local_hop_count": "3", "max_logon_failures": "0"},
    "times as numbers": {"connection_timeout": 1200, "connection_inactivity_timeout": 1199.5, "tarpit_interval": 0},
    "a time that YAML reads as a number": {"connection_timeout": "1.00:00:00", "tarpit_interval": "00:00:05.5000000"},
    "truth in many words": {
        "enabled": "no",
        "require_ehlo_domain": "on",
        "orar_enabled": 1,
        "pipelining_enabled": "False",
    },
    "nulls and empties": {
        "comment": None,
        "banner": "",
        "fqdn": None,
        "max_hop_count": None,
        "empty": [],
    },
    "quotes, blanks and signs": {"comment": 'it\'s \u2018his\u2019 \u201ebox\u201c $(Get-Date) `n ; "x" | & %1 <a>'},
    "letters of the world": {"comment": "Etagenkopierer \u00fcber \u96fb\u5b50\u30e1\u30fc\u30eb \U0001f4e0"},
    "one text for a list": {"remote_ip_ranges": "192.0.2.1, 192.0.2.2,192.0.2.3", "bindings": "0.0.0.0:2600,[::]:2600"},
    "the same in other forms": {
        "remote_ip_ranges": ["192.0.2.1-192.0.2.1", "192.0.2.1/32", "192.0.2.1(255.255.255.255)", " 192.0.2.1 "]
    },
    "IPv6 in all forms": {
        "remote_ip_ranges": ["2001:DB8:0:0::5/64", "fe80::1%11", "::ffff:192.0.2.9", "2001:db8:1::-2001:db8:1::f"]
    },
    "everything by mask": {"remote_ip_ranges": "0.0.0.0/0"},
    "flags in one text": {"auth_mechanism": "integrated, TLS", "permission_groups": "exchangeusers,ANONYMOUSUSERS"},
    "flags by none": {"auth_mechanism": "none", "permission_groups": []},
    "flags that go": {"auth_mechanism": {"add": "Integrated", "remove": ["Tls", "BasicAuth"]}},
    "sizes": {"max_message_size": "35 MB (36,700,160 bytes)", "max_header_size": "128 kb"},
    "a banner of many lines": {"banner": "220 one two"},
}
NAMES = [
    "O'Brien's \"copier\"",
    "\u2019typographic\u2018",
    "Kopierer \u00dcber, CN=trick",
    "\u96fb\u5b50\u30e1\u30fc\u30eb #1 (2nd floor) [A] *",
    "2600",
    "$null",
    "n" * 64,
]


def test_odd_input_is_understood_and_a_second_run_changes_nothing(lab: Lab, ansible_playbook: Any) -> None:
    basis = {"bindings": "0.0.0.0:2600", "remote_ip_ranges": "192.0.2.1"}
    tasks = [task("Basis", name="Odd", **basis)]
    for words, options in ODD.items():
        tasks += twice(words, name="Odd", **options)
    played = ansible_playbook(play(*tasks, task("Gone", name="oDD", state="absent")), inventory(lab.details()))
    assert played.code == 0, played.output
    assert {words for words in ODD if played.result(f"{words} again")["changed"]} == set()
    assert {words for words in ODD if not played.result(words)["changed"]} == {"nulls and empties"}
    assert find(lab, "Odd") is None


def test_names_of_every_kind(lab: Lab, ansible_playbook: Any) -> None:
    tasks: list[dict[str, Any]] = []
    for number, name in enumerate(NAMES):
        options = {"bindings": f"0.0.0.0:{2601 + number}", "remote_ip_ranges": "192.0.2.1"}
        new = f"Renamed '{number}'"
        there = task(f"make {number} again", name=name, **options) | {"register": "there"}
        tasks += [task(f"make {number}", name=name, **options), there]
        identity = "{{ there.connector.%s }}" % ("guid" if number % 2 else "distinguished_name")
        tasks += [task(f"rename {number}", name=identity, new_name=new, comment="seen")]
        tasks += [task(f"remove {number}", name=new, state="absent")]
    played = ansible_playbook(play(*tasks), inventory(lab.details()))
    assert played.code == 0, played.output
    assert [result["changed"] for result in played.results()] == [True, False, True, True] * len(NAMES)
    made = [command.parameters["Name"] for command in lab.journal.commands if command.name == "New-ReceiveConnector"]
    assert set(NAMES) <= {str(name) for name in made}


# Other writers


@pytest.mark.parametrize("hashtable", ["accepted", "refused"])
def test_an_entry_that_another_writer_adds_meanwhile_stays(
    make_lab: Callable[..., Lab], ansible_playbook: Any, in_session: Any, hashtable: str
) -> None:
    lab = make_lab("2019", switches=Switches(hashtable=hashtable))
    start = {"name": "Shared", "bindings": "0.0.0.0:2600", "remote_ip_ranges": ["10.0.0.1/24", "10.9.9.9"]}
    edit = {"name": "Shared", "remote_ip_ranges": {"add": ["10.0.3.0/24"], "remove": ["10.0.0.0/24"]}}
    first = ansible_playbook(play(task("Make", **start)), inventory(lab.details()))
    assert first.code == 0, first.output
    held = lab.faults.inject("hold", endpoint="exchange", verb="Command", command="Set-ReceiveConnector")
    done: list[Any] = []
    playing = threading.Thread(
        target=lambda: done.append(ansible_playbook(play(*twice("Edit", **edit)), inventory(lab.details())))
    )
    playing.start()
    try:
        assert held.reached(60)
        with in_session(lab) as other:
            now = sorted(ranges(lab, "Shared"))
            identity = lab.organisation.naming.receive_connector("EX01", "Shared")
            other.call(Command("Set-ReceiveConnector", {"Identity": identity, "RemoteIPRanges": [*now, "10.0.2.2"]}))
    finally:
        lab.faults.clear()
        held.release()
        playing.join(90)
    (played,) = done
    assert played.code == 0, played.output
    assert ranges(lab, "Shared") == {"10.0.2.2", "10.0.3.0/24", "10.9.9.9"}
    assert [played.result(name)["changed"] for name in ("Edit", "Edit again")] == [True, False]
    sent = [
        command.parameters["RemoteIPRanges"]
        for command in lab.journal.commands
        if command.name == "Set-ReceiveConnector" and "Identity" in command.parameters
    ]
    assert len(sent) == 2


def test_a_writer_who_undoes_the_change_is_reported(lab: Lab, ansible_playbook: Any, in_session: Any) -> None:
    """The change counts when it is read again; what Exchange does not show then is named."""
    first = ansible_playbook(
        play(task("Make", name="Undone", bindings="0.0.0.0:2622", remote_ip_ranges="10.0.0.1")),
        inventory(lab.details()),
    )
    assert first.code == 0, first.output
    # the second reading of connectors is the one after the change
    held = lab.faults.inject("hold", at=2, endpoint="exchange", verb="Command", command="Get-ReceiveConnector")
    done: list[Any] = []
    change = task("Change", name="Undone", max_hop_count=7)
    playing = threading.Thread(target=lambda: done.append(ansible_playbook(play(change), inventory(lab.details()))))
    playing.start()
    try:
        assert held.reached(60)
        with in_session(lab) as other:
            identity = lab.organisation.naming.receive_connector("EX01", "Undone")
            other.call(Command("Set-ReceiveConnector", {"Identity": identity, "MaxHopCount": 60}))
    finally:
        lab.faults.clear()
        held.release()
        playing.join(90)
    message = done[0].result("Change")["msg"]
    assert message.startswith("Reading the receive connector Undone again on EX01: Exchange took the command, but ")
    assert "max_hop_count is 60, not 7. Look for another administrator" in message


def test_what_exchange_refuses_is_said_in_its_words_even_that_somebody_was_faster(
    lab: Lab, ansible_playbook: Any, in_session: Any
) -> None:
    new = {"name": "Race", "bindings": "0.0.0.0:2655", "remote_ip_ranges": "10.0.0.1"}
    refused = {
        "domain": (
            {"default_domain": "nowhere.example"},
            'default_domain of the receive connector Race on EX01: "nowh',
        ),
        "name": ({"fqdn": "not a name"}, '"not a name" isn\'t a valid domain name. Correct the value'),
        "certificate": ({"tls_certificate_name": "CN=x"}, '"CN=x" isn\'t a valid Certificate Identifier. Correct'),
    }
    tasks = [task("New", **new), *(task(word, name="Race", **asked) for word, (asked, _said) in refused.items())]
    tasks = [each | {"ignore_errors": True} for each in tasks]
    held = lab.faults.inject("hold", endpoint="exchange", verb="Command", command="New-ReceiveConnector")
    done: list[Any] = []
    playing = threading.Thread(target=lambda: done.append(ansible_playbook(play(*tasks), inventory(lab.details()))))
    playing.start()
    try:
        assert held.reached(60)
        with in_session(lab) as other:
            faster = {"Bindings": ["0.0.0.0:2656"], "RemoteIPRanges": ["10.0.0.2"], "TransportRole": "HubTransport"}
            other.call(Command("New-ReceiveConnector", {"Name": "Race", "Server": "EX01", "Custom": True, **faster}))
    finally:
        lab.faults.clear()
        held.release()
        playing.join(90)
    said = {name: done[0].result(name)["msg"] for name in ("New", *refused)}
    assert said["New"].startswith("Creating the receive connector Race on EX01: ")
    assert "already" in said["New"]
    assert {word for word, (_asked, words) in refused.items() if words not in said[word]} == set()
    assert ranges(lab, "Race") == {"10.0.0.2"}


# The directory's limit


def test_more_ranges_than_the_directory_takes(lab: Lab, ansible_playbook: Any) -> None:
    many = [f"10.5.{number // 256}.{number % 256}" for number in range(1408)]
    options = {"bindings": "0.0.0.0:2633", "remote_ip_ranges": many}
    refused = task("Refused", name="Many", **options) | {"ignore_errors": True}
    more = {"name": "Many", "merge_ranges": True, "remote_ip_ranges": {"add": ["10.5.5.128-10.5.5.200"]}}
    played = ansible_playbook(
        play(refused, *twice("Merged", name="Many", merge_ranges=True, **options), *twice("More", **more)),
        inventory(lab.details()),
    )
    assert played.code == 0, played.output
    assert "1408 entries are 208 too many" in played.result("Refused")["msg"]
    assert "set merge_ranges, which makes 1 of them" in played.result("Refused")["msg"]
    changed = [played.result(name)["changed"] for name in ("Merged", "Merged again", "More", "More again")]
    assert changed == [True, False, True, False]
    assert ranges(lab, "Many") <= {"10.5.0.0-10.5.5.200", "10.5.0.0-10.5.5.127", "10.5.5.128-10.5.5.200"}


# Mistakes that dsccommunity/ExchangeDsc made, by the number of its issue


def test_exchange_dsc_39_a_right_beyond_the_groups_does_not_keep_the_connector_changing(
    lab: Lab, ansible_playbook: Any
) -> None:
    groups = {"name": "Issue39", "permission_groups": ["AnonymousUsers"]}
    make = {**groups, "bindings": "0.0.0.0:2639", "remote_ip_ranges": "10.0.0.1"}
    grant = {"name": "Grant", "relayops.exchange.connector_permission": {"connector": "Issue39", "rights": [RELAY]}}
    info = {"name": "Look", "relayops.exchange.receive_connector_info": {"name": "Issue39"}}
    played = ansible_playbook(
        play(task("Make", **make), grant, task("Same", **groups), task("With Custom", **make), info),
        inventory(lab.details()),
    )
    assert played.code == 0, played.output
    assert [played.result(name)["changed"] for name in ("Make", "Grant", "Same", "With Custom")] == [
        True,
        True,
        False,
        False,
    ]
    (shown,) = played.result("Look")["connectors"]
    assert shown["custom_permissions"]
    assert shown["permission_groups"] == ["AnonymousUsers"]


def test_exchange_dsc_332_an_absent_connector_leaves_no_error_in_the_event_log(lab: Lab, ansible_playbook: Any) -> None:
    info = {"name": "Look", "relayops.exchange.receive_connector_info": {"name": "Nobody's"}}
    played = ansible_playbook(
        play(
            info,
            task("Gone", name="Nobody's", state="absent"),
            task("Make", name="Issue332", bindings="0.0.0.0:2632", remote_ip_ranges="10.0.0.1"),
        ),
        inventory(lab.details()),
    )
    assert played.code == 0, played.output
    assert (played.result("Look")["connectors"], played.result("Gone")["changed"]) == ([], False)
    assert lab.organisation.event_log == []
    named = [
        each for each in lab.journal.commands if each.name == "Get-ReceiveConnector" and "Identity" in each.parameters
    ]
    assert named == []


def test_exchange_dsc_414_a_denial_leaves_the_allowance_in_place(lab: Lab, ansible_playbook: Any) -> None:
    right = {"connector": "Issue414", "rights": [RELAY]}

    def permission(name: str, **options: Any) -> dict[str, Any]:
        return {"name": name, "relayops.exchange.connector_permission": right | options}

    info = {"name": "Look", "relayops.exchange.receive_connector_info": {"name": "Issue414"}}
    make = {"bindings": "0.0.0.0:2641", "remote_ip_ranges": "10.0.0.1", "permission_groups": "AnonymousUsers"}
    played = ansible_playbook(
        play(
            task("Make", name="Issue414", **make),
            permission("Allow"),
            permission("Deny", access="deny"),
            permission("Deny again", access="deny"),
            info,
            permission("Deny no more", access="deny", state="absent"),
            {**info, "name": "Look again"},
        ),
        inventory(lab.details()),
    )
    assert played.code == 0, played.output
    assert [played.result(name)["changed"] for name in ("Allow", "Deny", "Deny again", "Deny no more")] == [
        True,
        True,
        False,
        True,
    ]

    def held(name: str) -> list[str]:
        entries = played.result(name)["connectors"][0]["permissions"]
        return sorted(entry["access"] for entry in entries if RELAY in entry["rights"])

    assert held("Look") == ["allow", "deny"]
    assert held("Look again") == ["allow"]


@pytest.mark.parametrize("wire_shape", ["strings", "objects"])
def test_exchange_dsc_500_lists_compare_whatever_the_wire_makes_of_them(
    make_lab: Callable[..., Lab], ansible_playbook: Any, wire_shape: str
) -> None:
    lab = make_lab("2019", switches=Switches(wire_shape=wire_shape))
    info = {"name": "Look", "relayops.exchange.receive_connector_info": {}, "register": "there"}
    same = {
        "name": "Same",
        "relayops.exchange.receive_connector": {"settings": "{{ item }}"},
        "loop": "{{ there.connectors }}",
        "loop_control": {"label": "{{ item.name }}"},
    }
    lists = {
        "name": "Default Frontend EX01",
        "bindings": ["0.0.0.0:25", "[::]:25"],
        "auth_mechanism": ["ExchangeServer", "Tls", "BasicAuth", "Integrated", "BasicAuthRequireTLS"],
        "remote_ip_ranges": ["::/0", "0.0.0.0/0"],
    }
    played = ansible_playbook(play(info, same, task("Lists", **lists)), inventory(lab.details()))
    assert played.code == 0, played.output
    assert [event["result"]["changed"] for event in played.events if event.get("task") == "Same"] == [False]
    assert not played.result("Lists")["changed"]
    assert not [command for command in lab.journal.commands if command.name == "Set-ReceiveConnector"]
