# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes into the guide through modes what each does to one and the same message, as a lab shows it.

``PYTHONPATH=build/collections:tests/lab python tests/authoring/mode_headers.py``
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import relay_task
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.exchange import Exchange
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.remote_session import RemoteSession
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import settings
from exchange_lab.exchange.model import Mailbox
from exchange_lab.inventory import endpoint
from exchange_lab.lab import Lab

PAGE = Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "guide_modes.rst"
BEGIN = ".. headers: written by tests/authoring/mode_headers.py"
END = ".. end of headers"
MODES: Mapping[str, Mapping[str, Any]] = {
    "internal_only": {"mode": "internal_only"},
    "anonymous": {"mode": "anonymous"},
    "externally_secured": {"mode": "externally_secured", "acknowledge_trust": True},
}
INSIDE, OUTSIDE = "helpdesk@lab.example", "someone@example.net"
SENDER = Mailbox("ada@lab.example", "Ada Lovelace")
MESSAGE = (
    f"From: {SENDER.address}\r\nTo: {INSIDE}\r\nSubject: Toner low\r\nX-MS-Exchange-Organization-SCL: -1\r\n"
    "\r\nPlease refill.\r\n"
)
DEVICE, LIMIT = 77, 65536


def seen(lab: Lab, options: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Set the mode and send as the device: (header fields of the delivered message, what else was answered)."""
    network = ip_network(lab.details()["network"])
    device, server = str(network[DEVICE]), lab.servers[0]
    listed = {"name": "Copiers", "clients": [device], "max_message_size": str(LIMIT), **options}
    session = RemoteSession(settings(endpoint(lab.details()), None, {}))
    try:
        exchange = Exchange(session, print, server=server.name)
        relay_task.apply(exchange, {"connectors": [listed]}, check_mode=False, warn=print, today=date.today())
    finally:
        session.close()
    server.transport.delivered.clear()

    def answer(recipient: str, message: str = MESSAGE) -> str:
        with smtplib.SMTP(server.address, lab.smtp_port(25), timeout=20, source_address=(device, 0)) as smtp:
            smtp.ehlo("copier.lab.example")
            try:
                smtp.sendmail(SENDER.address, [recipient], message)
            except smtplib.SMTPResponseException as refused:
                return f"``{refused.smtp_code} {_text(refused.smtp_error)}``"
            except smtplib.SMTPRecipientsRefused as refused:
                ((code, text),) = refused.recipients.values()
                return f"``{code} {_text(text)}``"
        return "taken"

    answers = {"A message to the inside": answer(INSIDE)}
    fields = {name: _plain(value, network) for name, value in server.transport.delivered[0].headers.items()}
    answers["A message to the outside"] = answer(OUTSIDE)
    answers["A message above ``max_message_size``"] = answer(INSIDE, MESSAGE + ("x" * 70 + "\r\n") * (LIMIT // 70))
    return fields, answers


def _text(reply: bytes | str) -> str:
    return reply.decode() if isinstance(reply, bytes) else reply


def _plain(value: str, network: Any) -> str:
    """What does not differ from run to run: documentation's addresses, and no date."""
    prefix = str(network.network_address).rpartition(".")[0]
    value = " ".join(str(value).replace(f"{prefix}.", "192.0.2.").split())
    return re.sub(r"; \w{3}, \d+ \w+ \d{4} [\d:]+ \+0000$", "; *date*", value)


def table(title: str, columns: Mapping[str, Mapping[str, str]], cell: Callable[[str], str]) -> list[str]:
    """A list table with a row for each name that any column has."""
    names = dict.fromkeys(name for column in columns.values() for name in column)
    lines = [".. list-table::", "   :header-rows: 1", "", f"   * - {title}", *(f"     - {name}" for name in columns)]
    for name in names:
        lines.append(f"   * - {name}")
        lines += [f"     - {cell(column[name])}" if name in column else "     - *none*" for column in columns.values()]
    return lines


def block() -> str:
    """The whole generated part: what was sent, the headers side by side, and the answers."""
    with Lab("2019") as lab:
        lab.organisation.mailboxes.append(SENDER)
        found = {mode: seen(lab, options) for mode, options in MODES.items()}
    both = {f"``{mode}``": found[mode][0] for mode in ("anonymous", "externally_secured")}
    answers = {f"``{mode}``": found[mode][1] for mode in MODES}
    return "\n".join(
        [
            "The device sends:",
            "",
            ".. code-block:: text",
            "",
            *_indented(MESSAGE.split("\r\n")),
            "",
            "The header that reaches the mailbox:",
            "",
            *table("Field", both, lambda value: f"``{value}``".replace("; *date*``", ";`` *date*")),
            "",
            "What the server answers:",
            "",
            *table("The device sends", answers, str),
        ]
    )


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}".rstrip() for line in lines][:-1]


def current(page: str) -> str:
    """The page with its generated part as it should be; ValueError if its place is missing."""
    before, begin, rest = page.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{PAGE} has no place for the headers")
    return f"{before}{BEGIN}\n\n{block()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(current(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
