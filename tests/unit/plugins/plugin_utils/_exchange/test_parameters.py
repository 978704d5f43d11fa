# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of parameters, and the documentation that people read of it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import kind
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import (
    PARAMETERS,
    SETTINGS,
    Parameter,
    argument_spec,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, Version
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.options import SESSION

MODULE = Path(__file__).resolve().parents[5] / "plugins" / "modules" / "receive_connector.py"


def facts(version: Version, build: str = "15.2.986.5", *, edge: bool = False) -> ServerFacts:
    return ServerFacts("EX1", "ex1.example.com", version, edge, build, frozenset(), "CN=EX1")


def documented() -> dict[str, Any]:
    text = MODULE.read_text(encoding="utf-8").split('DOCUMENTATION = r"""')[1].split('"""')[0]
    options: dict[str, Any] = yaml.safe_load(text)["options"]
    return options


@pytest.mark.parametrize("option", PARAMETERS)
def test_documentation_says_what_the_table_says(option: str) -> None:
    row, entry = PARAMETERS[option], documented()[option]
    text = " ".join(entry["description"])
    assert entry["type"] == row.kind.ansible
    assert "default" not in entry
    assert f"C({row.name})" in text
    assert ("C(New-ReceiveConnector)" in text) == row.on_new
    assert ("C(Set-ReceiveConnector)" in text) == (row.on_set and option != "name")
    releases = re.findall(r"Exchange (\d{4}) and later", text)
    assert releases == ([str(row.since.value)] if row.since > Version.EXCHANGE_2007 else [])
    assert (f"service pack {row.service_pack}" in text) == bool(row.service_pack)
    if row.default:
        assert f"V({row.default})" in text
    if row.minimum is not None and row.kind in (kind.NUMBER, kind.TIMESPAN, kind.UNLIMITED_NUMBER):
        assert f"From V({row.kind.render(row.minimum)}) to V({row.kind.render(row.maximum)})" in text
    for name in row.kind.names:
        assert f"V({name})" in text
    assert ("Edge" in text) == (not row.edge or option == "usage")


def test_documentation_of_clear_lists_what_can_be_cleared() -> None:
    text = " ".join(documented()["clear"]["description"])
    assert set(re.findall(r"V\((\w+)\)", text)) == {option for option, row in PARAMETERS.items() if row.clears}


def test_argument_spec_follows_the_table_and_has_no_defaults() -> None:
    assert argument_spec() == {option: {"type": row.kind.ansible} for option, row in PARAMETERS.items()}


def test_no_option_has_the_name_of_one_of_the_session() -> None:
    assert not set(PARAMETERS) & set(SESSION)


def test_options_are_exchange_s_names_in_snake_case() -> None:
    for option, row in PARAMETERS.items():
        assert option.replace("_", "") == row.name.lower()


def test_every_default_can_be_read_and_lies_within_the_bounds() -> None:
    for row in PARAMETERS.values():
        if row.default:
            value = row.kind.parse(row.default)
            assert row.check(value) == ""
            assert row.kind.same(row.kind.parse(row.kind.render(value)), value)


def test_usage_is_no_setting() -> None:
    assert set(PARAMETERS) - set(SETTINGS) == {"usage"}


@pytest.mark.parametrize(
    ("option", "server", "reason"),
    [
        ("transport_role", facts(Version.EXCHANGE_2010, "14.3.123.4"), "it came with Exchange 2013 and this is {}"),
        ("transport_role", facts(Version.EXCHANGE_2019, edge=True), "an Edge Transport server does not have it"),
        ("transport_role", facts(Version.EXCHANGE_SE), ""),
        ("auth_tarpit_interval", facts(Version.EXCHANGE_2013, "15.0.9.9"), "it came with Exchange 2016 and this is {}"),
        ("auth_tarpit_interval", facts(Version.EXCHANGE_SE), ""),
        ("enable_auth_gssapi", facts(Version.EXCHANGE_2007, "8.0.685.24"), "it came with service pack 1 of {}"),
        ("enable_auth_gssapi", facts(Version.EXCHANGE_2007, "8.1.240.6"), ""),
        ("enable_auth_gssapi", facts(Version.EXCHANGE_2010, "14.0.639.21"), ""),
        ("max_message_size", facts(Version.EXCHANGE_2007, "8.0.685.24"), ""),
    ],
)  # fmt: skip
def test_what_a_server_lacks(option: str, server: ServerFacts, reason: str) -> None:
    assert PARAMETERS[option].missing_from(server) == reason.format(server.version)


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("max_message_size", 65536, ""),
        ("max_message_size", 65535, "65535 is not between 64KB and 2147483647"),
        ("max_hop_count", 501, "501 is not between 1 and 500"),
        ("max_inbound_connection_per_source", "Unlimited", ""),
        ("max_inbound_connection_per_source", 10001, "10001 is not between 1 and 10000"),
        ("connection_timeout", timedelta(days=1, seconds=1), "1.00:00:01 is not between 00:00:01 and 1.00:00:00"),
        ("connection_timeout", timedelta(days=1), ""),
        ("name", "x" * 65, f"{'x' * 65} is not between 1 and 64 characters"),
        ("comment", None, ""),
    ],
)
def test_bounds(option: str, value: Any, reason: str) -> None:
    row: Parameter = PARAMETERS[option]
    assert row.check(value) == reason


@pytest.mark.parametrize("name", [" Copiers", "Copiers ", "Cop\x00iers", "Cop\x1biers", "Cop\niers", "Copiers\u202e"])
def test_a_name_that_the_directory_would_not_keep_is_refused(name: str) -> None:
    assert "characters that cannot be seen; remove them" in PARAMETERS["name"].check(name)
    assert PARAMETERS["comment"].check(name) == ""
