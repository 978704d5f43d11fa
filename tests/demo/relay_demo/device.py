# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device of the lab's network: one loopback address that speaks SMTP to the server."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP

TIMEOUT = 20  # seconds for one SMTP reply


@dataclass
class Dialogue:
    """What was said, as lines with C: or S: in front, and the last reply."""

    lines: list[str] = field(default_factory=list)
    code: int = 0
    reply: str = ""

    def exchange(self, said: str, answer: tuple[int, bytes]) -> bool:
        """Note a command and its answer; True if the server agreed."""
        self.code, text = answer
        self.reply = f"{self.code} {text.decode('utf-8', 'replace').splitlines()[0]}"
        self.lines += [f"C: {said}", f"S: {self.reply}"]
        return 200 <= self.code < 400


@dataclass(frozen=True)
class Device:
    """A device by its address; it greets and sends under ``name``@``domain``."""

    name: str
    address: str
    domain: str

    @property
    def mailbox(self) -> str:
        """The sender it writes as."""
        return f"{self.name}@{self.domain}"

    def _connect(self, server: str, port: int) -> smtplib.SMTP:
        return smtplib.SMTP(
            server, port, local_hostname=f"{self.name}.{self.domain}", timeout=TIMEOUT, source_address=(self.address, 0)
        )

    def ask(self, server: str, port: int, recipient: str) -> Dialogue:
        """Ask whether the server takes mail for the recipient; no message is sent."""
        dialogue = Dialogue()
        with self._connect(server, port) as smtp:
            smtp.ehlo()
            if dialogue.exchange(f"MAIL FROM:<{self.mailbox}>", smtp.mail(self.mailbox)):
                dialogue.exchange(f"RCPT TO:<{recipient}>", smtp.rcpt(recipient))
            smtp.rset()
        return dialogue

    def send(self, server: str, port: int, recipient: str, subject: str) -> Dialogue:
        """Send a message for real."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.mailbox, recipient, subject
        message.set_content("Page 1 of 1.\n")
        dialogue = Dialogue()
        with self._connect(server, port) as smtp:
            smtp.ehlo()
            if dialogue.exchange(f"MAIL FROM:<{self.mailbox}>", smtp.mail(self.mailbox)) and dialogue.exchange(
                f"RCPT TO:<{recipient}>", smtp.rcpt(recipient)
            ):
                dialogue.exchange("DATA", smtp.data(message.as_bytes(policy=SMTP)))
        return dialogue
