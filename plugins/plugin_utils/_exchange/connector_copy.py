# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connector as receive_connector_info gives it, made fit for another server."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import PARAMETERS
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts

# What the information module tells besides options; none of it is a setting
DESCRIPTION = (
    "server",
    "identity",
    "distinguished_name",
    "guid",
    "originating_server",
    "custom_permissions",
    "permissions",
)


def options_from(
    settings: Mapping[str, Plain], target: ServerFacts, warn: Callable[[str], None] = lambda text: None
) -> dict[str, Plain]:
    """Return the options that make an equal connector on the target server; raises ValueError for unknown keys.

    On another server than the one it was read from, that server's name is replaced in ``name`` and ``fqdn``, and a
    certificate that is its own is left out. What the target's version lacks is left out as well.
    """
    if unknown := sorted(set(settings) - set(PARAMETERS) - set(DESCRIPTION) - {"empty", "clear"}):
        raise ValueError(f"settings: {', '.join(unknown)} is not what receive_connector_info returns")
    source = str(settings.get("server") or "")
    options: dict[str, Plain] = {
        key: value for key, value in settings.items() if key not in DESCRIPTION and value is not None
    }
    lacking = {option for option in options if option in PARAMETERS and PARAMETERS[option].missing_from(target)}
    for option in sorted(lacking):
        warn(f"settings: {option} is left out: {PARAMETERS[option].missing_from(target)}")
    options = {option: value for option, value in options.items() if option not in lacking}
    # the option's name is none that a returned item may have: in a template it would be the dictionary's method
    empty = options.pop("empty", None)
    if isinstance(empty, list):
        options.setdefault("clear", [option for option in _texts(empty) if not _missing(option, target)])
    return _moved(options, source, target, warn) if source and not _same(source, target) else options


def _moved(
    options: dict[str, Plain], source: str, target: ServerFacts, warn: Callable[[str], None]
) -> dict[str, Plain]:
    word = re.compile(rf"(?<![\w-]){re.escape(source)}(?![\w-])", re.IGNORECASE)
    for option in ("name", "fqdn"):
        if option in options:
            options[option] = word.sub(lambda _match: target.name, str(options[option]))
    certificate = str(options.get("tls_certificate_name") or "")
    if word.search(certificate):
        warn(f"settings: tls_certificate_name is left out: {certificate} is a certificate of {source}")
        del options["tls_certificate_name"]
    return options


def _same(source: str, target: ServerFacts) -> bool:
    return source.casefold() in (target.name.casefold(), target.fqdn.casefold())


def _texts(value: Plain) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _missing(option: str, target: ServerFacts) -> bool:
    return option in PARAMETERS and bool(PARAMETERS[option].missing_from(target))
