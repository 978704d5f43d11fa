# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.deadline import Deadline
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.opening import Way
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.secrecy import tells

SECRET = 'Lab-Passw0rd "that" no\'b\\dy'


@pytest.mark.parametrize("said", [SECRET, repr(SECRET), json.dumps(SECRET), repr([repr(SECRET)]), str({"a": SECRET})])
def test_a_text_that_quotes_the_secret_tells_it(said: str) -> None:
    assert tells(RuntimeError(said), [SECRET])
    assert not tells(RuntimeError(said.replace("0", "o")), [SECRET])


def test_a_cause_tells_it_too() -> None:
    error = RuntimeError("something else")
    error.__cause__ = KeyError(SECRET)
    assert tells(error, ["another", SECRET])
    assert not tells(error, ["another", ""])


def test_the_way_to_a_server_shows_no_secret() -> None:
    way = Way({"endpoint_password": SECRET}, SECRET, {"EXCHANGE_PASSWORD": SECRET}, SECRET, Deadline())
    assert not tells(RuntimeError(repr(way)), [SECRET])
