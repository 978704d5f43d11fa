# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which values go together (New-ReceiveConnector: AuthMechanism, Bindings, RemoteIPRanges and others)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Value

EXTERNAL = "ExternalAuthoritative"

# What a usage brings along unless an option says otherwise
USAGE_DEFAULTS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "Custom": {"permission_groups": frozenset(), "auth_mechanism": frozenset({"Tls"})},
    "Internet": {"permission_groups": frozenset({"AnonymousUsers"}), "auth_mechanism": frozenset({"Tls"})},
    "Partner": {"permission_groups": frozenset({"Partners"}), "auth_mechanism": frozenset({"Tls"})},
    "Internal": {
        "permission_groups": frozenset({"ExchangeServers", "ExchangeLegacyServers"}),
        "auth_mechanism": frozenset({"Tls", "ExchangeServer"}),
    },
    "Client": {
        "permission_groups": frozenset({"ExchangeUsers"}),
        "auth_mechanism": frozenset({"Tls", "BasicAuth", "BasicAuthRequireTLS", "Integrated"}),
    },
}
_NEEDED = {
    "Custom": ("bindings", "remote_ip_ranges"),
    "Partner": ("bindings", "remote_ip_ranges"),
    "Internet": ("bindings",),
    "Internal": ("remote_ip_ranges",),
    "Client": ("remote_ip_ranges",),
}
# Values that a new connector has where the task says nothing and a rule looks at them
_NEW: Mapping[str, Value] = {
    "connection_timeout": timedelta(minutes=10),
    "connection_inactivity_timeout": timedelta(minutes=5),
    "chunking_enabled": True,
    "binary_mime_enabled": True,
    "require_tls": False,
    "domain_secure_enabled": False,
}
_EDGE: Mapping[str, Value] = {
    "connection_timeout": timedelta(minutes=5),
    "connection_inactivity_timeout": timedelta(minutes=1),
}


@dataclass(frozen=True)
class Rule:
    """A rule over some options; ``broken`` gets their values, in order, and is not asked while one is unknown."""

    options: tuple[str, ...]
    broken: Callable[..., bool]
    text: str


RULES = (
    Rule(
        ("auth_mechanism",),
        lambda auth: "BasicAuthRequireTLS" in auth and not {"BasicAuth", "Tls"} <= auth,
        "auth_mechanism: BasicAuthRequireTLS needs BasicAuth and Tls as well. Add them",
    ),
    Rule(
        ("auth_mechanism",),
        lambda auth: EXTERNAL in auth and bool(auth - {EXTERNAL, "Tls"}),
        "auth_mechanism: only Tls can be combined with ExternalAuthoritative. Take the others out",
    ),
    Rule(
        ("auth_mechanism", "require_tls"),
        lambda auth, require: require and "Tls" not in auth,
        "require_tls: it needs Tls in auth_mechanism. Add Tls, or set require_tls to false",
    ),
    Rule(
        ("auth_mechanism", "permission_groups"),
        lambda auth, groups: EXTERNAL in auth and "ExchangeServers" not in groups,
        "auth_mechanism: ExternalAuthoritative needs ExchangeServers in permission_groups. Add it there",
    ),
    Rule(
        ("auth_mechanism", "domain_secure_enabled"),
        lambda auth, secure: secure and ("Tls" not in auth or EXTERNAL in auth),
        "domain_secure_enabled: it needs auth_mechanism with Tls and without ExternalAuthoritative. Change one of them",
    ),
    Rule(
        ("connection_timeout", "connection_inactivity_timeout"),
        lambda whole, idle: whole <= idle,
        "connection_timeout: it must be longer than connection_inactivity_timeout. Change one of them",
    ),
    Rule(
        ("binary_mime_enabled", "chunking_enabled"),
        lambda binary, chunking: binary and not chunking,
        "binary_mime_enabled: it needs chunking_enabled. Enable both, or disable binary_mime_enabled",
    ),
    Rule(
        ("banner",),
        lambda banner: not banner.startswith("220"),
        "banner: it must begin with 220. Write it as 220 and the text",
    ),
)


def broken_rules(settings: Mapping[str, Value], touched: Collection[str]) -> list[str]:
    """Say which rules the settings break, as far as one of the ``touched`` options takes part in them."""
    return [rule.text for rule in RULES if set(rule.options) & set(touched) and _is_broken(rule, settings)]


def _is_broken(rule: Rule, settings: Mapping[str, Value]) -> bool:
    values: list[Any] = [settings.get(option) for option in rule.options]
    return all(value is not None for value in values) and bool(rule.broken(*values))


def new_settings(values: Mapping[str, Value], *, edge: bool) -> dict[str, Value]:
    """Return what a new connector will have, as far as rules look at it."""
    usage = str(values.get("usage") or "Custom")
    defaults = {**_NEW, **(_EDGE if edge else {}), **USAGE_DEFAULTS[usage]}
    return {**defaults, **values}


def missing_for_new(values: Mapping[str, Value]) -> Iterator[str]:
    """Name the options that the usage needs to create a connector and that are not there."""
    for option in _NEEDED[str(values.get("usage") or "Custom")]:
        if not values.get(option):
            yield option
