# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""receive_connector in plays: every parameter, odd but right input, and names of every kind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import PARAMETERS, SETTINGS
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, release
from connector_tasks import find, play, task, twice
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab

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
    "tls_domain_capabilities": ["example.net:AcceptOorgProtocol"],
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
        "clear": [],
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
