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
