# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an action says of arguments that it does not take."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell import action

SPEC: dict[str, Any] = {
    "purge": {"type": "bool"},
    "connectors": {"type": "list", "elements": "dict", "options": {"address": {}, "clients": {"type": "raw"}}},
}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"prugе": True}, "unknown option prugе. Did you mean purge?"),  # noqa: RUF001 - a letter from elsewhere
        ({"connectors": [{"adress": "x"}]}, "unknown option connectors.adress. Did you mean address?"),
        ({"x": 1}, "unknown option x. Supported parameters include: connectors, purge."),
    ],
)
def test_an_unknown_option_is_named_with_the_one_it_resembles(arguments: dict[str, Any], said: str) -> None:
    (error,) = ArgumentSpecValidator(SPEC).validate(arguments).errors.errors
    assert action._said(error) == said


@pytest.mark.parametrize(
    ("host", "text", "located"),
    [
        ("ex01.example.com", "connector Relay on EX01: it is gone", False),
        ("ex01.example.com", "ex01.example.com: it is gone", False),
        ("ex.example.com", "Exchange does not hold the address", True),
        ("ex01.example.com", "connector Relay EX01-B: it is gone", True),
        ("relay", "relaying is refused", True),
        ("192.0.2.10", "clients: 192.0.2.77 is listed twice", True),
        ("192.0.2.10", "clients: 192.0.2.101 is listed twice", True),
        ("192.0.2.10", "clients: 192.0.2.10 is the server's own address", False),
        ("2001:db8::1", "clients: 2001:db8::77 is listed twice", True),
        ("", "connectors: it is missing", False),
    ],
)
def test_a_host_is_put_in_front_unless_it_is_named_as_a_word(host: str, text: str, located: bool) -> None:
    assert action._located(text, {"inventory_hostname": host}) == (f"On {host}, {text}" if located else text)


def test_nothing_is_left_of_a_secret_that_begins_with_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """The password of the host and that of the endpoint; the masking of ansible-core 2.16 alone leaves what follows."""
    secrets = [f"Passw0rd{tail}" for tail in ("", "-of-the-endpoint", "-of-the-endpoint-in-2026")]
    made = action.ExchangeAction.__new__(action.ExchangeAction)
    for given in (secrets, secrets[::-1]):
        monkeypatch.setattr(made, "_secrets", lambda arguments, given=given: dict.fromkeys(given))
        assert made._masked({"msg": f"it was {secrets[-1]}"}, {}) == {"msg": "it was ********"}
