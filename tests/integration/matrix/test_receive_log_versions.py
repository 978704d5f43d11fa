# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real mail to every version of the lab, and what smtp_receive_log reads of it in the version's own files.

What is expected is what the devices have said and have been told, which they count themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import receive_log_module
from counted_mail import Device, Site, Told
from exchange_lab.exchange.versions import PROFILES

CLASSIC = ("2007", "2010")
# by version: the folders below TransportRoles\Logs, the files of that hour, and the second line of their headers
FOLDERS = {"2007": [""], "2010": [""], "edge": ["edge"]}
BOTH = ["frontend", "hub"]
HEADERS = {"2007": "8.0.0.0", "2010": "14.0.0.0"}
FIELDS = "date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context"
INSIDE, OUTSIDE = "ada@lab.example", "someone@example.net"


def converse(site: Site) -> None:
    """Mail as it is in practice."""

    def copier(device: Device) -> None:
        device.hello("Copier-77")
        device.sender("copier@lab.example")
        device.recipient(INSIDE)
        device.recipient(OUTSIDE, " NOTIFY=NEVER")
        device.data()

    def again(device: Device) -> None:
        device.hello("copier-77", "HELO")
        device.sender("")
        device.recipient(OUTSIDE)
        device.data()
        device.sender("copier@sub.lab.example")
        device.recipient('"bob, jr"@example.net')
        device.chunks()

    def refused(device: Device) -> None:
        device.hello("door.lab.example")
        device.say("NONSENSE")
        device.sender("door@partner.example.net")
        for recipient in (OUTSIDE, INSIDE, OUTSIDE):
            device.recipient(recipient)
        device.data()

    def user(password: str) -> Callable[[Device], None]:
        def talk(device: Device) -> None:
            device.hello("laptop")
            device.secure()
            device.hello("laptop")
            device.log_on(site.lab.username, password)
            device.sender(f"{site.lab.username.rpartition(chr(92))[2].lower()}@lab.example")
            device.recipient(OUTSIDE)
            device.data()

        return talk

    def breaking(device: Device) -> None:
        device.hello("broken")
        device.sender("broken@lab.example")
        device.recipient(OUTSIDE)

    site.session(77, 25, copier)
    site.session(60, 10, refused)
    site.session(63, 10, user(site.lab.password))
    site.session(64, 10, user("not-the-password"))
    site.session(61, 25, lambda _device: None)
    site.session(62, 25, breaking, broken=True)
    site.session(77, 25, again)
    site.session(60, 10, refused)


def described(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in row if name not in ("server", "connector", "client", "proxied")}


def expected(told: Told, version: str) -> dict[str, Any]:
    tls = Counter({"unknown": told.tls.total()}) if version in CLASSIC else told.tls
    return {
        "sessions": told.sessions,
        "messages": told.messages,
        "recipients_inside": told.inside,
        "recipients_outside": told.outside,
        "refused_outside": told.refused_outside,
        "refusals": dict(told.refusals),
        "tls": {name: count for name, count in tls.items() if count},
        "authenticated": told.authenticated,
        "helo_names": dict(Counter(name.lower() for name in told.hello.elements())),
        "sender_domains": dict(told.senders),
        "first_seen": told.times[0],
        "last_seen": told.times[-1],
    }


@pytest.mark.parametrize("version", PROFILES)
def test_what_is_counted_is_what_was_said(
    version: str, relay_stand: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    site = Site(relay_stand(exchange=version, whole=True), version)
    converse(site)
    paths = site.write(tmp_path)
    folders = FOLDERS.get(version, BOTH)
    name = "recv20261124-1.log" if version in ("2007", "2010", "2013") else "recv2026112403-1.log"
    layout = [Path("transportroles/logs", folder, "protocollog/smtpreceive", name) for folder in folders]
    assert [Path(*path.parts[path.parts.index("transportroles") :]) for path in paths] == layout
    for path in paths:
        software, of_version, kind, _date, fields, *_lines = path.read_text().splitlines()
        assert (software, of_version, kind, fields) == (
            "#Software: Microsoft Exchange Server",
            f"#Version: {HEADERS.get(version, '15.0.0.0')}",
            "#Log-type: SMTP Receive Protocol Log",
            f"#Fields: {FIELDS}",
        )
    result = receive_log_module.run(
        monkeypatch, capsys, paths=[str(tmp_path)], patterns=["recv*"], accepted_domains=["*.lab.example"]
    )
    assert (result["files"], result["problems"], result["warned"]) == (len(folders), [], [])
    skipped = result["lines_skipped"]
    assert sum(skipped.values()) == skipped["headers"] == 5 * len(folders)
    assert result["lines"] == sum(path.read_bytes().count(b"\n") for path in paths)
    rows = {(row["connector"], row["client"]): row for row in result["usage"]}
    assert {row["server"] for row in result["usage"]} == {site.server.name.upper()}
    behind = rows.pop(("Behind", site.server.address), None)
    assert {place: described(row) for place, row in rows.items()} == {
        place: expected(told, version) for place, told in site.devices.items()
    }
    assert not any(row["proxied"] for row in rows.values())
    # the mix has had something of everything, or it would show nothing
    whole = [*site.devices.values()]
    assert sum(told.messages for told in whole) == 6
    assert (sum(told.authenticated for told in whole), sum(told.refused_outside for told in whole)) == (1, 5)
    assert sum(told.inside for told in whole) == 3
    assert sum(told.outside for told in whole) == 5
    if folders == BOTH:
        assert behind is not None
        assert (behind["sessions"], behind["messages"], behind["proxied"], behind["authenticated"]) == (6, 6, 6, 6)
        assert (behind["recipients_inside"], behind["recipients_outside"]) == (3, 4)
    else:
        assert behind is None
