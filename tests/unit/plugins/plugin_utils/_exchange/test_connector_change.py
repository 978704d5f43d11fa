# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs, and the commands that make it equal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import kind
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.capabilities import DomainCapabilities
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector import ReceiveConnector
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector_change import (
    applied,
    changes,
    needs_set,
    new_command,
    remove_command,
    set_command,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.desired_connector import DesiredConnector
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.list_edit import ListEdit
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import SETTINGS, Parameter
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, Version
from hypothesis import given
from hypothesis import strategies as st

DN = "CN=Copiers,CN=SMTP Receive Connectors,CN=Protocols,CN=EX1"
SHOWN: dict[str, Any] = {
    "Name": "Copiers",
    "DistinguishedName": DN,
    "Bindings": ["0.0.0.0:25"],
    "RemoteIPRanges": ["10.0.0.1/24", "10.1.0.0-10.1.255.255"],
    "PermissionGroups": "AnonymousUsers, Custom",
    "AuthMechanism": "Tls",
    "MaxMessageSize": "36 MB (37,748,736 bytes)",
    "ConnectionTimeout": "00:10:00",
    "Comment": "",
    "Banner": "220 hello",
    "TlsDomainCapabilities": ["example.net:AcceptOorgProtocol"],
    "Fqdn": "EX1.example.com",
}


def connector(**shown: Any) -> ReceiveConnector:
    return ReceiveConnector.from_object(WireObject("EX1\\Copiers", (), {**SHOWN, **shown}))


def wanted(**options: Any) -> dict[str, Any]:
    return dict(DesiredConnector.from_options({"name": "Copiers", **options}).wanted)


def difference(**options: Any) -> list[str]:
    return [change.option for change in changes(connector().settings, wanted(**options))]


@pytest.mark.parametrize(
    "options",
    [
        {"remote_ip_ranges": ["10.1.0.0(255.255.0.0)", "10.0.0.0-10.0.0.255"]},
        {"remote_ip_ranges": {"add": ["10.0.0.0/24"], "remove": ["10.9.9.9"]}},
        {"permission_groups": "anonymoususers"},
        {"permission_groups": ["AnonymousUsers", "Custom"]},
        {"permission_groups": {"add": ["AnonymousUsers"]}},
        {"auth_mechanism": "TLS"},
        {"max_message_size": 37748736},
        {"max_message_size": "36 mb"},
        {"connection_timeout": "10m"},
        {"fqdn": "ex1.EXAMPLE.com"},
        {"clear": ["comment"]},
        {"usage": "Internet"},
        {"bindings": "0.0.0.0:25"},
    ],
)
def test_no_form_makes_a_change(options: dict[str, Any]) -> None:
    assert difference(**options) == []


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"remote_ip_ranges": ["10.0.0.0/24"]}, "remote_ip_ranges"),
        ({"remote_ip_ranges": {"add": ["10.0.0.7"]}}, "remote_ip_ranges"),
        ({"permission_groups": "None"}, "permission_groups"),
        ({"max_message_size": "35MB"}, "max_message_size"),
        ({"comment": "x"}, "comment"),
        ({"clear": ["banner"]}, "banner"),
    ],
)
def test_a_difference_is_found(options: dict[str, Any], option: str) -> None:
    assert difference(**options) == [option]


# Regressions of dsccommunity/ExchangeDsc, by the number of its issue


def test_exchange_dsc_39_custom_among_the_groups_is_neither_compared_nor_sent() -> None:
    assert connector().custom
    assert difference(permission_groups=["AnonymousUsers"]) == []
    assert difference(permission_groups=["AnonymousUsers", "Custom"]) == []
    [change] = changes(connector().settings, wanted(permission_groups=["AnonymousUsers", "ExchangeUsers", "custom"]))
    command = set_command(connector(), [change])
    assert command.parameters["PermissionGroups"] == ["AnonymousUsers", "ExchangeUsers"]
    assert new_command("N", "EX1", wanted(permission_groups="Custom")).parameters["PermissionGroups"] == ["None"]


def test_exchange_dsc_500_lists_compare_as_sets_of_plain_values() -> None:
    signed = connector(
        RemoteIPRanges=["10.1.0.0-10.1.255.255", "10.0.0.1/24"],
        Bindings=["0.0.0.0:25"],
        AuthMechanism="Tls, BasicAuth",
        TlsDomainCapabilities=["example.net:AcceptCloudServicesMail"],
    )
    options = {
        "remote_ip_ranges": ["10.0.0.1/24", "10.1.0.0-10.1.255.255"],
        "bindings": ["0.0.0.0:25"],
        "auth_mechanism": ["BasicAuth", "Tls"],
        "tls_domain_capabilities": ["Example.net:acceptcloudservicesmail"],
    }
    assert changes(signed.settings, wanted(**options)) == []


# Commands


def test_additions_and_removals_go_as_a_dictionary_with_the_text_that_exchange_holds() -> None:
    made = changes(
        connector().settings, wanted(remote_ip_ranges={"add": ["10.2.0.0/16", "10.0.0.9"], "remove": ["10.0.0.0/24"]})
    )
    assert set_command(connector(), made) == Command(
        "Set-ReceiveConnector",
        {"Identity": DN, "RemoteIPRanges": {"Add": ["10.0.0.9", "10.2.0.0/16"], "Remove": ["10.0.0.1/24"]}},
    )
    assert set_command(connector(), made, whole_lists=True).parameters["RemoteIPRanges"] == [
        "10.0.0.9",
        "10.1.0.0/16",
        "10.2.0.0/16",
    ]


def test_an_item_that_exchange_holds_in_two_forms_goes_in_both() -> None:
    held = connector(RemoteIPRanges=["10.0.0.1/24", "10.1.0.1", "10.0.0.0-10.0.0.255"])
    made = changes(held.settings, wanted(remote_ip_ranges={"remove": "10.0.0.0(255.255.255.0)"}))
    assert set_command(held, made).parameters["RemoteIPRanges"] == {"Remove": ["10.0.0.1/24", "10.0.0.0-10.0.0.255"]}


def test_a_connector_that_exists_may_be_named_by_what_is_longer_than_a_name() -> None:
    assert DesiredConnector.from_options({"name": f"{DN},CN=Servers", "new_name": "Other"}).name == f"{DN},CN=Servers"


def test_an_addition_alone_names_no_removal() -> None:
    made = changes(connector().settings, wanted(bindings={"add": ["[::]:25"], "remove": ["[::]:26"]}))
    assert set_command(connector(), made).parameters["Bindings"] == {"Add": ["[::]:25"]}


def test_a_plain_list_replaces_and_flags_always_go_whole() -> None:
    made = changes(connector().settings, wanted(remote_ip_ranges=["10.0.0.7"], auth_mechanism={"add": "Integrated"}))
    assert set_command(connector(), made).parameters == {
        "Identity": DN,
        "RemoteIPRanges": ["10.0.0.7"],
        "AuthMechanism": ["Tls", "Integrated"],
    }


def test_clearing_sends_null() -> None:
    made = changes(connector().settings, wanted(clear=["banner", "tls_domain_capabilities"]))
    assert set_command(connector(), made).parameters == {
        "Identity": DN,
        "Banner": None,
        "TlsDomainCapabilities": None,
    }


def test_new_sends_what_it_takes() -> None:
    values = wanted(bindings="192.0.2.25", remote_ip_ranges="10.0.0.0/24", max_message_size="20MB", enabled=True)
    assert new_command("Copiers", "EX1", {**values, "transport_role": "FrontendTransport"}) == Command(
        "New-ReceiveConnector",
        {
            "Name": "Copiers",
            "Server": "EX1",
            "Usage": "Custom",
            "Bindings": ["192.0.2.25:25"],
            "RemoteIPRanges": ["10.0.0.0/24"],
            "Enabled": True,
            "MaxMessageSize": "20MB",
            "TransportRole": "FrontendTransport",
        },
    )


def test_what_only_set_takes_waits_and_nobody_may_use_the_connector_meanwhile() -> None:
    values = wanted(
        bare_linefeed_rejection_enabled=True,
        permission_groups="AnonymousUsers,ExchangeServers",
        auth_mechanism="ExternalAuthoritative",
        usage="Internet",
    )
    assert needs_set(values)
    assert new_command("Copiers", "EX1", values).parameters == {
        "Name": "Copiers",
        "Server": "EX1",
        "Usage": "Internet",
        "PermissionGroups": ["None"],
    }
    assert not needs_set(wanted(permission_groups="AnonymousUsers"))


@pytest.mark.parametrize(
    ("build", "version", "parameters"),
    [
        ("15.2.986.5", Version.EXCHANGE_2019, {"Identity": DN, "Confirm": False}),
        ("8.1.240.6", Version.EXCHANGE_2007, {"Identity": DN, "Confirm": False}),
        ("8.0.685.24", Version.EXCHANGE_2007, {"Identity": DN}),
    ],
)
def test_removal_does_not_ask(build: str, version: Version, parameters: dict[str, Any]) -> None:
    facts = ServerFacts("EX1", "", version, False, build, frozenset(), "")
    assert remove_command(connector(), facts) == Command("Remove-ReceiveConnector", parameters)


# Properties

VALUES: dict[kind.Kind, st.SearchStrategy[Any]] = {
    kind.BOOLEAN: st.booleans(),
    kind.NUMBER: st.integers(0, 100),
    kind.SIZE: st.integers(65536, 2**31 - 1),
    kind.TIMESPAN: st.timedeltas(timedelta(seconds=1), timedelta(days=1)),
    kind.UNLIMITED_NUMBER: st.integers(1, 10000) | st.just("Unlimited"),
    kind.BINDINGS: st.frozensets(st.builds(Binding, st.ip_addresses(v=4).map(str), st.integers(1, 65535)), max_size=3),
    kind.RANGES: st.frozensets(st.builds(lambda n: IPRange(4, n, n), st.integers(0, 300)), max_size=5),
    kind.CAPABILITIES: st.frozensets(
        st.builds(DomainCapabilities, st.sampled_from(["a.com", "b.com"]), st.just(("AcceptOorgProtocol",))), max_size=2
    ),
}


def values_of(parameter: Parameter) -> st.SearchStrategy[Any]:
    if parameter.kind.names and parameter.kind.many:
        return st.frozensets(st.sampled_from(parameter.kind.names[1:]))
    if parameter.kind.names:
        return st.sampled_from(parameter.kind.names)
    return VALUES.get(parameter.kind, st.text(max_size=5))


whole = st.fixed_dictionaries({option: values_of(row) for option, row in SETTINGS.items()})


@st.composite
def asked(draw: st.DrawFn) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for option in draw(st.sets(st.sampled_from(sorted(SETTINGS)), max_size=12)):
        value = draw(values_of(SETTINGS[option]))
        if SETTINGS[option].kind.many and draw(st.booleans()):
            options[option] = ListEdit(value, draw(values_of(SETTINGS[option])) - value)
        else:
            options[option] = value
    return options


@given(whole, asked())
def test_applying_the_difference_gives_what_is_asked(actual: dict[str, Any], options: dict[str, Any]) -> None:
    made = changes(actual, options)
    after = applied(actual, made)
    assert changes(after, options) == []
    assert {option for option in after if after[option] is not actual[option]} == {change.option for change in made}
    for option, value in options.items():
        if isinstance(value, ListEdit):
            assert after[option] >= value.add
            assert not after[option] & value.remove
            assert after[option] - value.add <= actual[option]
        else:
            assert SETTINGS[option].kind.same(after[option], value)


@given(whole, asked())
def test_what_is_sent_is_read_as_what_was_meant(actual: dict[str, Any], options: dict[str, Any]) -> None:
    """A server that takes the command at its word shows the values that were asked."""
    made = changes(actual, options)
    shown = {row.name: row.kind.render(actual[option]) for option, row in SETTINGS.items()}
    before = ReceiveConnector.from_object(WireObject("EX1\\Copiers", (), shown))
    sent = set_command(before, made).parameters
    for row in SETTINGS.values():
        given_value = sent.get(row.name)
        if isinstance(given_value, dict):
            kept = [text for text in shown[row.name] if text not in given_value.get("Remove", [])]  # type: ignore[union-attr,operator]
            shown[row.name] = [*kept, *given_value.get("Add", [])]  # type: ignore[misc]
        elif row.name in sent:
            shown[row.name] = given_value
    again = ReceiveConnector.from_object(WireObject("EX1\\Copiers", (), shown))
    assert changes(again.settings, {o: v for o, v in options.items() if v != ""}) == []
