# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that mean ill: whatever they answer, a client gives a clear error within bounds of memory and time."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector import ReceiveConnector
from exchange_lab.inventory import endpoint
from exchange_lab.lab import Lab

CLIENT = """
import json, sys
from bounds import peak_and_time
options = json.load(sys.stdin)
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell import transport
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.deadline import Deadline
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import Failure
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.remote_session import RemoteSession
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import settings
transport.LARGEST_OUTPUT = 32 * 2**20
session = RemoteSession(settings(options, None, {}), Deadline(20))
said = ""
with peak_and_time() as measured:
    try:
        session.run((Command("Get-ReceiveConnector"),))
    except Failure as failure:
        said = str(failure)
    finally:
        session.close()
print(json.dumps({"said": said} | measured))
"""
VERBS = ("Create", "Command", "Receive")


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("2019") as started:
        yield started


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("kind", "verb"),
    [*((kind, verb) for kind in ("bomb", "nested", "endless") for verb in VERBS), ("torrent", "Receive")],
)
def test_an_answer_that_means_ill(lab: Lab, kind: str, verb: str) -> None:
    options = endpoint(lab.details()) | {"operation_timeout": 2, "read_timeout": 4}
    lab.faults.clear()
    lab.faults.inject(kind, times=50, endpoint="exchange", verb=verb)
    found = subprocess.run(
        [sys.executable, "-c", CLIENT],
        input=json.dumps(options),
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "no_proxy": "*"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    lab.faults.clear()
    told = json.loads(found.stdout.splitlines()[-1])
    if kind == "torrent":
        assert "its output has more than 32 MB" in told["said"]
    assert "127." in told["said"], found.stdout
    assert "\n" not in told["said"]
    # the deadline is 20 seconds; a busy machine gets as many again to come to its end
    assert told["took"] < 40
    assert told["mb"] < 150, told


KINDS = (
    None,
    "",
    "x" * 10_000,
    -1,
    2**63,
    True,
    [],
    [None, [None]],
    {"Add": 1},
    "Unlimited",
    "Infinity",
    "\0",
    [str(number) for number in range(20_000)],
    "10.0.0.0/8" * 100,
)
PROPERTIES = (
    *("Name", "Bindings", "RemoteIPRanges", "AuthMechanism", "PermissionGroups", "MaxMessageSize", "Enabled", "Fqdn"),
    *("ConnectionTimeout", "MaxInboundConnection", "TlsDomainCapabilities", "TransportRole", "Server", "Guid"),
)


def test_a_connector_of_wrong_types_is_read_or_refused(record_property: Callable[[str, object], None]) -> None:
    """ValueError is what becomes one sentence; anything else would be a traceback."""
    dice, wrong, cases = random.Random(7), [], 3000
    record_property("cases", cases)
    for _ in range(cases):
        properties = {name: dice.choice(KINDS) for name in PROPERTIES if dice.random() < 0.8}
        try:
            ReceiveConnector.from_object(WireObject("x", (), properties))  # type: ignore[arg-type]
        except ValueError:
            continue
        except Exception as error:
            wrong.append(f"{type(error).__name__}: {error}"[:200])
    assert sorted(set(wrong)) == []
