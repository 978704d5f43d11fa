# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("ansible.module_utils._internal._datatag", reason="ansible-core tags values since 2.19")

from ansible.module_utils._internal._datatag import AnsibleTagHelper
from ansible.module_utils._internal._datatag._tags import Deprecated
from ansible.parsing.vault import EncryptedString, VaultLib, VaultSecret, VaultSecretsContext
from ansible.template import trust_as_template
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.plain import given, plain


def tagged(value: Any) -> Any:
    """The value with a tag of ansible-core 2.19, which makes it a subclass of its type."""
    return AnsibleTagHelper.tag(value, Deprecated(msg="test"))


@pytest.mark.parametrize("value", [25, "text", [1, "a"], {"a": [1]}, {"a": {"b": "c"}}])
def test_tagged_values_become_exactly_pythons_own(value: Any) -> None:
    given_value = tagged(value)
    assert type(given_value) is not type(value)
    found = plain(given_value)
    assert found == value
    assert type(found) is type(value)


def test_tags_inside_containers_are_removed() -> None:
    found = plain({tagged("ranges"): [tagged("10.0.0.1"), tagged(25), {"x": tagged("y")}]})
    assert isinstance(found, dict)
    assert [type(name) for name in found] == [str]
    inner = found["ranges"]
    assert isinstance(inner, list)
    assert [item.__class__ for item in inner] == [str, int, dict]
    assert inner[2]["x"].__class__ is str  # type: ignore[index,call-overload]


def test_trusted_templates_are_plain_text() -> None:
    assert plain(trust_as_template("x")).__class__ is str


@pytest.fixture
def vaulted() -> EncryptedString:
    secrets = [("default", VaultSecret(b"key"))]
    VaultSecretsContext._current = None
    VaultSecretsContext.initialize(VaultSecretsContext(secrets))
    cipher = VaultLib(secrets).encrypt("hidden \u00e9").decode()
    return EncryptedString(ciphertext=cipher)


def test_vaulted_strings_are_decrypted(vaulted: EncryptedString) -> None:
    assert plain(vaulted) == "hidden \u00e9"
    assert plain([vaulted]) == ["hidden \u00e9"]
    assert plain(tagged(vaulted)) == "hidden \u00e9"
    assert plain(vaulted).__class__ is str


def test_other_values() -> None:
    assert plain(None) is None
    assert plain(True) is True
    assert plain(2.0) == 2
    assert plain(2.5) == "2.5"
    assert plain((1, "a")) == [1, "a"]
    assert plain(b"abc") == "abc"


def test_blank_answers_count_as_not_given() -> None:
    arguments = {"a": "", "b": None, "c": "  ", "d": 0, "e": False, "f": [], "g": [{"h": "", "i": 1}]}
    assert given(arguments) == {"d": 0, "e": False, "f": [], "g": [{"i": 1}]}
