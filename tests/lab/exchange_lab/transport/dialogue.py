# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exchange's SMTP verbs and replies."""

from __future__ import annotations

import base64
import binascii

from aiosmtpd.smtp import MISSING

from exchange_lab.transport import wording as say
from exchange_lab.transport.connection import Connection, Envelope
from exchange_lab.transport.extensions import keywords, logon_mechanisms, parameters
from exchange_lab.transport.identity import user_identity
from exchange_lab.transport.paths import parse_path
from exchange_lab.transport.policy import Policy


class Dialogue(Connection):
    """A session that knows the verbs."""

    async def helo(self, name: str, extended: bool = False) -> None:
        """HELO and, with ``extended``, EHLO."""
        if not name and self.door and self.door.flag("RequireEHLODomain"):
            return await self.protocol_error(say.BAD_HELLO)
        assert self.door is not None
        self.hello, self.mail = name or self.client, Envelope()
        greeting = f"{self.door.properties.get('Fqdn') or self.service.fqdn} Hello [{self.client}]"
        lines = [greeting]
        if extended:
            lines += keywords(self.door, self.service.words.classic, self.secure, self.tls_context is not None)
        for line in lines[:-1]:
            await self.push(f"250-{line}")
        await self.push(f"250 {lines[-1]}")

    async def ehlo(self, name: str) -> None:
        """EHLO."""
        await self.helo(name, extended=True)

    async def mail_from(self, text: str) -> None:
        """MAIL."""
        if self.mail.sender is not None:
            return await self.protocol_error(say.SENDER_SPECIFIED)
        if text[:5].upper() != "FROM:":
            return await self.protocol_error(say.BAD_ARGUMENTS)
        try:
            path, rest = parse_path(text[5:], self.default_domain)
        except ValueError:
            return await self.refuse(say.BAD_SENDER)
        try:
            size = parameters(rest, "MAIL").get("SIZE")
        except ValueError:
            return await self.protocol_error(say.BAD_ARGUMENTS)
        refusal = self.policy.sender_refusal(path, None if size is None else int(size), self.secure)
        if refusal:
            return await self.refuse(refusal)
        assert self.door is not None
        if not self.service.submissions.admit(self.door, self.client):
            return await self.hang_up(say.RATE_EXCEEDED)
        self.mail.sender = path
        self.logged("*", "1", "receiving message")
        await self.push(say.SENDER_OK)

    async def rcpt_to(self, text: str) -> None:
        """RCPT."""
        if self.mail.sender is None:
            return await self.protocol_error(say.MAIL_FIRST)
        if text[:3].upper() != "TO:":
            return await self.protocol_error(say.BAD_ARGUMENTS)
        try:
            path, rest = parse_path(text[3:], self.default_domain)
        except ValueError:
            return await self.refuse(say.BAD_RECIPIENT)
        try:
            parameters(rest, "RCPT")
        except ValueError:
            return await self.protocol_error(say.BAD_ARGUMENTS)
        refusal = self.policy.recipient_refusal(path, len(self.mail.recipients))
        if refusal:
            return await self.refuse(refusal)
        self.mail.recipients.append(path)
        await self.push(say.RECIPIENT_OK)

    @property
    def default_domain(self) -> str:
        """The connector's DefaultDomain, which completes addresses without a domain, or ""."""
        return str((self.door and self.door.properties.get("DefaultDomain")) or "")

    async def data(self, text: str) -> None:
        """DATA."""
        if text:
            return await self.protocol_error(say.BAD_ARGUMENTS)
        if not self.mail.recipients:
            return await self.protocol_error(say.RECIPIENT_FIRST if self.mail.sender else say.MAIL_FIRST)
        await self.push(say.START_INPUT)
        await self._accept(await self._read_message())

    async def _read_message(self) -> bytes:
        lines = []
        while (line := await self._reader.readuntil(b"\n")) != b".\r\n":
            lines.append(line[1:] if line.startswith(b".") else line)
        self._reset_timeout()
        return b"".join(lines)

    async def bdat(self, text: str) -> None:
        """BDAT (RFC 3030)."""
        size, _, last = text.partition(" ")
        if not size.isdigit() or last.strip().upper() not in ("", "LAST"):
            return await self.protocol_error(say.BAD_ARGUMENTS)
        chunk = await self._reader.readexactly(int(size))
        if not self.mail.recipients:
            return await self.protocol_error(say.RECIPIENT_FIRST)
        self.mail.chunks.append(chunk)
        if last:
            return await self._accept(b"".join(self.mail.chunks))
        await self.push(f"250 2.6.0 CHUNK received OK, {size} octets")

    async def _accept(self, content: bytes) -> None:
        reply = self.service.deliver(self, content)
        self.mail = Envelope()
        await (self.push(reply) if reply.startswith("2") else self.refuse(reply))

    async def rset(self, _: str) -> None:
        """RSET."""
        self.mail = Envelope()
        await self.push("250 2.0.0 Resetting")

    async def noop(self, _: str) -> None:
        """NOOP."""
        await self.push("250 2.0.0 OK")

    async def vrfy(self, _: str) -> None:
        """VRFY."""
        await self.push("252 2.1.5 Cannot VRFY user")

    async def help(self, _: str) -> None:
        """HELP."""
        await self.push("214 This server supports the following commands:")

    async def quit(self, _: str) -> None:
        """QUIT."""
        await self.hang_up(say.CLOSING)

    async def starttls(self, text: str) -> None:
        """STARTTLS; the session starts anew afterwards (RFC 3207 4.2)."""
        if self.door is None or "Tls" not in self.door.flags("AuthMechanism") or self.secure or not self.tls_context:
            return await self.protocol_error(say.UNKNOWN_COMMAND)
        self.hello, self.mail = "", Envelope()
        await super().smtp_STARTTLS(text)
        if self.log is not None:
            self.log.tls(self.tls_version)

    async def auth(self, text: str) -> None:
        """AUTH LOGIN; NTLM and GSSAPI are offered where Exchange offers them but not spoken."""
        assert self.door is not None
        words = text.split()
        if not words or words[0].upper() != "LOGIN" or "LOGIN" not in logon_mechanisms(self.door, self.secure):
            return await self.protocol_error(say.UNKNOWN_LOGON)
        name = await self._challenge("Username:") if len(words) == 1 else _decoded(words[1])
        password = await self._challenge("Password:")
        account = None if name is None or password is None else self.service.log_on(name, password)
        if account is None:
            return await self.refuse(say.BAD_LOGON)
        self.policy = Policy.of(self.door, user_identity(account), self.service.domains, self.service.words)
        await self.push(say.GOOD_LOGON)

    async def _challenge(self, prompt: str) -> str | None:
        answer = await self.challenge_auth(prompt)
        return None if answer is MISSING else bytes(answer).decode("utf-8", "replace")


def _decoded(text: str) -> str | None:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except binascii.Error:
        return None


Dialogue.verbs = {
    "HELO": Dialogue.helo,
    "EHLO": Dialogue.ehlo,
    "MAIL": Dialogue.mail_from,
    "RCPT": Dialogue.rcpt_to,
    "DATA": Dialogue.data,
    "BDAT": Dialogue.bdat,
    "RSET": Dialogue.rset,
    "NOOP": Dialogue.noop,
    "VRFY": Dialogue.vrfy,
    "HELP": Dialogue.help,
    "QUIT": Dialogue.quit,
    "STARTTLS": Dialogue.starttls,
    "AUTH": Dialogue.auth,
}
