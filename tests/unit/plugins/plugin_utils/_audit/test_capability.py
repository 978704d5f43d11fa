# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What callers may do follows from entries in the order of Windows, from groups, domains and what front ends ignore."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit import capability as can
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import rights
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import Entry
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import Version


def who_may(estate: Any) -> dict[str, dict[str, str]]:
    server = estate.servers[0]
    found = can.access(estate, server, server.connectors[0])
    return {who: {name: str(grant) for name, grant in may.items()} for who, may in found.items()}


def test_an_anonymous_relay(make_estate: Any, make_connector: Any, anonymous: str) -> None:
    assert who_may(make_estate(make_connector(relay=True)))["anyone"] == {
        "internal_mail": "permission group AnonymousUsers",
        "relay": f"entry for {anonymous}: ms-Exch-SMTP-Accept-Any-Recipient",
        "any_sender": "permission group AnonymousUsers",
    }


def test_without_submit_nothing(make_estate: Any, make_connector: Any) -> None:
    assert who_may(make_estate(make_connector(groups="", relay=True))) == {}


def test_the_default_front_end(make_estate: Any, make_connector: Any) -> None:
    default = make_connector(
        "Default Frontend EX01",
        "0.0.0.0-255.255.255.255",
        groups="AnonymousUsers ExchangeServers ExchangeLegacyServers",
        auth="Tls Integrated BasicAuth BasicAuthRequireTLS ExchangeServer",
    )
    may = who_may(make_estate(default))
    assert set(may) == {"anyone", "Exchange servers"}
    assert "relay" not in may["anyone"]
    assert {"relay", "organization_headers", "bypass_anti_spam", "bypass_size_limit"} <= set(may["Exchange servers"])


def test_users_who_sign_in_relay(make_estate: Any, make_connector: Any) -> None:
    may = who_may(make_estate(make_connector(groups="ExchangeUsers", auth="Tls BasicAuth")))
    assert list(may) == ["users"]
    assert {"relay", "bypass_anti_spam"} <= set(may["users"])
    assert who_may(make_estate(make_connector(groups="ExchangeUsers", auth="Tls"))) == {}


def test_partners_need_tls(make_estate: Any, make_connector: Any) -> None:
    assert list(who_may(make_estate(make_connector(groups="Partners")))) == ["partners"]
    assert who_may(make_estate(make_connector(groups="Partners", auth=""))) == {}


def test_externally_secured_is_trusted(make_estate: Any, make_connector: Any) -> None:
    may = who_may(make_estate(make_connector(groups="ExchangeServers", auth="ExternalAuthoritative")))
    assert {"relay", "bypass_anti_spam", "bypass_size_limit", "internal_identity", "any_sender"} <= set(may["anyone"])
    assert "organization_headers" not in may["anyone"]
    assert str(may["anyone"]["relay"]) == "permission group ExchangeServers, by ExternalAuthoritative"


@pytest.mark.parametrize(
    ("entries", "relays"),
    [
        ([(False, False)], True),
        ([(False, False), (True, False)], False),
        ([(False, False), (True, True)], True),
        ([(False, True), (True, False)], False),
        ([(False, True), (True, True)], False),
        ([(False, True)], True),
    ],
)
def test_own_before_inherited_and_denials_first(
    make_estate: Any, make_connector: Any, anonymous: str, entries: list[tuple[bool, bool]], relays: bool
) -> None:
    acl = tuple(Entry(anonymous, rights.RELAY, deny, inherited) for deny, inherited in entries)
    assert ("relay" in who_may(make_estate(make_connector(entries=acl)))["anyone"]) is relays


def test_everyone_is_users_and_not_the_anonymous_logon(make_estate: Any, make_connector: Any) -> None:
    acl = (Entry("Everyone", rights.RELAY),)
    may = who_may(make_estate(make_connector(entries=acl, auth="Tls BasicAuth", groups="AnonymousUsers ExchangeUsers")))
    assert "relay" not in may["anyone"]
    assert "relay" in may["users"]


def test_a_named_account_has_its_own_line(make_estate: Any, make_connector: Any) -> None:
    acl = (Entry("EXAMPLE\\scanner", rights.SUBMIT), Entry("EXAMPLE\\scanner", rights.RELAY))
    may = who_may(make_estate(make_connector(groups="", entries=acl, auth="Tls Integrated")))
    assert may == {
        "EXAMPLE\\scanner": {
            "internal_mail": "entry for EXAMPLE\\scanner: ms-Exch-SMTP-Submit",
            "relay": "entry for EXAMPLE\\scanner: ms-Exch-SMTP-Accept-Any-Recipient",
        }
    }


def test_the_catch_all_domain_relays(make_estate: Any, make_connector: Any) -> None:
    assert who_may(make_estate(make_connector(), domains="example.com *"))["anyone"]["relay"] == "accepted domain *"


@pytest.mark.parametrize(
    ("version", "edge", "role", "expected"),
    [
        (Version.EXCHANGE_2010, False, "", {"any_sender": False, "foreign_sender": True}),
        (Version.EXCHANGE_2019, True, "", {"any_sender": False, "foreign_sender": True}),
        (Version.EXCHANGE_2019, False, "HubTransport", {"any_sender": False, "foreign_sender": True}),
        (Version.EXCHANGE_2019, False, "FrontendTransport", {"any_sender": True, "foreign_sender": False}),
    ],
)
def test_front_ends_do_not_check_senders(
    make_estate: Any, make_connector: Any, anonymous: str, version: Any, edge: bool, role: str, expected: Any
) -> None:
    denied = (Entry(anonymous, rights.DOMAIN_SENDER, deny=True),)
    may = who_may(make_estate(make_connector(entries=denied, role=role), version=version, edge=edge))["anyone"]
    assert {name: name in may for name in expected} == expected
