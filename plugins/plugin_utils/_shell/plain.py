# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one boundary where Ansible's own value types become Python's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain


def plain(value: object) -> Plain:
    """Return the value free of Ansible's tags, vault wrappers and lazy containers.

    Serialisers look at the exact type, so a subclass of str, int, list or dict must not get through. Vaulted strings
    are decrypted; raises whatever Ansible raises where that is impossible. A float with no fraction becomes an int,
    any other value its text.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bytes):
        return bytes(value).decode("utf-8")
    if isinstance(value, float):
        return int(value) if value.is_integer() else repr(float(value))
    if isinstance(value, Mapping):
        return {text(key): plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not hasattr(value, "encode"):
        return [plain(item) for item in value]
    return text(value)


def text(value: object) -> str:
    """Return the value's text as an exact str; this is where a vaulted string is decrypted."""
    return str.__str__(str(value))


def given(arguments: Mapping[str, object]) -> dict[str, Plain]:
    """Return the arguments that carry a value, plain: a null or an empty string counts as not given.

    Surveys and prompts hand over blank answers as empty strings or nulls. Dictionaries inside lists are treated alike.
    """
    kept = {text(name): _without_blanks(plain(value)) for name, value in arguments.items()}
    return {name: value for name, value in kept.items() if not _blank(value)}


def _without_blanks(value: Plain) -> Plain:
    if isinstance(value, dict):
        return {name: item for name, item in ((n, _without_blanks(i)) for n, i in value.items()) if not _blank(item)}
    if isinstance(value, list):
        return [_without_blanks(item) for item in value]
    return value


def _blank(value: Plain) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
