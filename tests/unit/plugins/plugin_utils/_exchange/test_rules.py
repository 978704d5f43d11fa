# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that go together and values that do not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import rules


@pytest.mark.parametrize(
    ("values", "begins"),
    [
        ({"auth_mechanism": {"BasicAuthRequireTLS", "Tls"}}, "auth_mechanism: BasicAuthRequireTLS needs"),
        ({"auth_mechanism": {"BasicAuthRequireTLS", "BasicAuth"}}, "auth_mechanism: BasicAuthRequireTLS needs"),
        (
            {"auth_mechanism": {"ExternalAuthoritative", "BasicAuth"}, "permission_groups": {"ExchangeServers"}},
            "auth_mechanism: only Tls",
        ),
        ({"auth_mechanism": {"Integrated"}, "require_tls": True}, "require_tls: it needs Tls"),
        (
            {"auth_mechanism": {"ExternalAuthoritative"}, "permission_groups": {"AnonymousUsers"}},
            "auth_mechanism: ExternalAuthoritative needs ExchangeServers",
        ),
        ({"auth_mechanism": set(), "domain_secure_enabled": True}, "domain_secure_enabled: it needs"),
        (
            {
                "auth_mechanism": {"Tls", "ExternalAuthoritative"},
                "permission_groups": {"ExchangeServers"},
                "domain_secure_enabled": True,
            },
            "domain_secure_enabled: it needs",
        ),
        (
            {"connection_timeout": timedelta(minutes=5), "connection_inactivity_timeout": timedelta(minutes=5)},
            "connection_timeout: it must be longer",
        ),
        ({"binary_mime_enabled": True, "chunking_enabled": False}, "binary_mime_enabled: it needs"),
        ({"banner": "Welcome"}, "banner: it must begin with 220"),
    ],
)
def test_a_broken_rule_is_named(values: dict[str, Any], begins: str) -> None:
    settings = {option: frozenset(v) if isinstance(v, set) else v for option, v in values.items()}
    assert [text.startswith(begins) for text in rules.broken_rules(settings, settings)] == [True]


def test_values_that_go_together() -> None:
    settings = {
        "auth_mechanism": frozenset({"Tls", "ExternalAuthoritative"}),
        "permission_groups": frozenset({"AnonymousUsers", "ExchangeServers"}),
        "require_tls": True,
        "domain_secure_enabled": False,
        "banner": "220 hello",
        "binary_mime_enabled": False,
        "chunking_enabled": False,
    }
    assert rules.broken_rules(settings, settings) == []


def test_a_rule_that_was_broken_before_is_not_held_against_another_change() -> None:
    settings = {"auth_mechanism": frozenset({"Integrated"}), "require_tls": True, "comment": "x"}
    assert rules.broken_rules(settings, {"comment"}) == []
    assert rules.broken_rules(settings, {"require_tls"}) != []


def test_a_new_connector_has_what_its_usage_brings() -> None:
    assert rules.new_settings({"usage": "Client"}, edge=False)["permission_groups"] == {"ExchangeUsers"}
    assert rules.new_settings({}, edge=False)["permission_groups"] == frozenset()
    assert rules.new_settings({}, edge=True)["connection_timeout"] == timedelta(minutes=5)
    assert rules.new_settings({"auth_mechanism": frozenset()}, edge=False)["auth_mechanism"] == frozenset()


@pytest.mark.parametrize(
    ("usage", "missing"),
    [
        ("Custom", ["bindings", "remote_ip_ranges"]),
        ("Partner", ["bindings", "remote_ip_ranges"]),
        ("Internet", ["bindings"]),
        ("Internal", ["remote_ip_ranges"]),
        ("Client", ["remote_ip_ranges"]),
    ],
)
def test_what_a_new_connector_needs(usage: str, missing: list[str]) -> None:
    assert list(rules.missing_for_new({"usage": usage})) == missing
