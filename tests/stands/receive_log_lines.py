# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A receive log of one session, to be made strange, and what a result says of it."""

from __future__ import annotations

from typing import Any

NAME = "RECV20261124-1.LOG"
FIELDS = "date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context"
HEADER = [
    "#Software: Microsoft Exchange Server",
    "#Version: 15.02.1544.004",
    "#Log-type: SMTP Receive Protocol Log",
    "#Date: 2026-11-24T03:00:00.000Z",
    f"#Fields: {FIELDS}",
]
# to one recipient inside, to one outside, and a refusal of another
SAID = [
    "+,,",
    '>,"220 ex1.example.org Microsoft ESMTP MAIL Service ready at Tue, 24 Nov 2026 03:00:00 +0000",',
    "<,EHLO copier,",
    ">,250  ex1.example.org Hello [192.0.2.77] SIZE PIPELINING,",
    "<,MAIL FROM:<copier@example.org> SIZE=12,",
    "*,08DE;2026-11-24T03:00:00.000Z;1,receiving message",
    ">,250 2.1.0 Sender OK,",
    "<,RCPT TO:<ada@example.org>,",
    ">,250 2.1.5 Recipient OK,",
    '<,"RCPT TO:<""bob, jr""@example.net>",',
    ">,250 2.1.5 Recipient OK,",
    "<,RCPT TO:<eve@example.net>,",
    ">,550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain,",
    "<,DATA,",
    ">,354 Start mail input; end with <CRLF>.<CRLF>,",
    '>,"250 2.6.0 <1@device> [InternalId=7, Hostname=ex1.example.org] Queued mail for delivery",',
    "<,QUIT,",
    ">,221 2.0.0 Service closing transmission channel,",
    "-,,Local",
]


def session(
    key: str = "08DE1",
    client: str = "192.0.2.77:4242",
    connector: str = "EX1\\Relay",
    said: list[str] | None = None,
    day: str = "2026-11-24",
) -> list[str]:
    return [
        f"{day}T03:00:{number:02d}.000Z,{connector},{key},{number},192.0.2.25:25,{client},{end}"
        for number, end in enumerate(SAID if said is None else said)
    ]


def content(*parts: list[str], encoding: str = "utf-8") -> bytes:
    return "".join(f"{line}\r\n" for part in parts for line in part).encode(encoding)


WHOLE = content(HEADER, session())
NONE = {"truncated": 0, "foreign": 0, "late": 0, "outside_window": 0, "unfinished": 0, "headers": 5}


def counts(result: dict[str, Any]) -> tuple[int, int, int, int, int]:
    """Sessions, messages, recipients inside and outside, and refusals."""
    names = ("sessions", "messages", "recipients_inside", "recipients_outside")
    sessions, messages, inside, outside = (sum(row[name] for row in result["usage"]) for name in names)
    return sessions, messages, inside, outside, sum(sum(row["refusals"].values()) for row in result["usage"])
