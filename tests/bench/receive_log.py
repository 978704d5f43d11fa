# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generates SMTP receive protocol logs of any size, the same for the same seed, as a busy front end writes them.

``python tests/bench/receive_log.py FOLDER MEGABYTES`` writes files of 10 MB, as Exchange does by default, each with a
header. Of a hundred sessions 10 are a load balancer that looks whether the port is open, 25 copiers (one message, no
SIZE), 30 applications (up to three messages to up to four recipients, with SIZE, a third of them with BDAT), 18 mail
servers under TLS, 8 devices that want to relay and may not, 5 users who log on, 3 or 4 that break off, and now and then
one of a connector whose name has a comma in it. Ten sessions are under way at a time, so that their lines are mixed.
Recipients repeat as they do in practice: half of the mail goes to a few.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

FIELDS = "date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context"
HEADER = (
    "#Software: Microsoft Exchange Server\r\n#Version: 15.02.1118.007\r\n#Log-type: SMTP Receive Protocol Log\r\n"
    "#Date: {date}\r\n#Fields: " + FIELDS + "\r\n"
)
ACCEPTED = ("example.org", "*.example.com")
INSIDE = ("example.org", "example.com", "mail.example.com")
OUTSIDE = ("example.net", "partner.example.net", "example.org.example.net", "mail.example.net")
FILE_SIZE = 10 << 20
AT_A_TIME = 10
_EHLO = (
    "250  ex1.example.org Hello [{ip}] SIZE 37748736 PIPELINING DSN ENHANCEDSTATUSCODES STARTTLS X-ANONYMOUSTLS AUTH"
    " NTLM X-EXPS GSSAPI NTLM 8BITMIME BINARYMIME CHUNKING SMTPUTF8 XRDST"
)
_TLS = (
    ',"TLS protocol SP_PROT_TLS1_{minor}_SERVER negotiation succeeded using bulk encryption algorithm CALG_AES_256'
    " with strength 256 bits, MAC hash algorithm CALG_SHA_384 with strength 0 bits and key exchange algorithm"
    ' CALG_ECDH_EPHEM with strength 384 bits"'
)
_CERTIFICATE = (
    "CN=ex1.example.org CN=Example CA 6A00000002 1B9A05D1C5D0D1F9C9A43B2B7F7A3C9B1B2C3D4E 2026-01-01T00:00:00.000Z"
    " 2028-01-01T00:00:00.000Z ex1.example.org;mail.example.org,Sending certificate Subject Issuer name Serial number"
    " Thumbprint Not before Not after Subject alternate names"
)
_PERMISSIONS = "SMTPSubmit SMTPAcceptAnySender SMTPAcceptAuthoritativeDomainSender AcceptRoutingHeaders"
_WEIGHTS = {
    "probe": 10,
    "copier": 25,
    "application": 30,
    "server": 18,
    "refused": 8,
    "user": 5,
    "broken": 3.5,
    "comma": 0.5,
}


class Generator:
    """Makes sessions, and mixes their lines."""

    def __init__(self, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.now = datetime(2026, 11, 2, 6, tzinfo=UTC)
        self.sessions = 0
        self.kinds, self.weights = list(_WEIGHTS), list(_WEIGHTS.values())

    def recipient(self, outside: float) -> str:
        domain = self.random.choice(OUTSIDE if self.random.random() < outside else INSIDE)
        name = self.random.randrange(40) if self.random.random() < 0.5 else self.random.randrange(8000)
        return f"user{name}@{domain}"

    def session(self) -> list[str]:
        """The lines of a session without their times."""
        kind = self.random.choices(self.kinds, self.weights)[0]
        self.sessions += 1
        rows: list[str] = ["+,,", f"*,{_PERMISSIONS},Set Session Permissions"]
        rows.append('>,"220 ex1.example.org Microsoft ESMTP MAIL Service ready at Mon, 2 Nov 2026 06:00:00 +0000",')
        ip = self.address(kind)
        getattr(self, f"_{kind}")(rows, ip)
        if kind == "broken":
            rows.append("-,,Remote(SocketError)")
        else:
            rows += ["<,QUIT,", ">,221 2.0.0 Service closing transmission channel,", "-,,Local"]
        name = {"copier": "Relay copiers", "application": "Relay applications", "comma": '"EX1\\Relay, old"'}.get(
            kind, "Default Frontend EX1"
        )
        connector = name if name.startswith('"') else f"EX1\\{name}"
        head = f",{connector},{0x08DE180000000000 + self.sessions:016X},"
        ends = f",192.0.2.25:25,{ip}:{self.random.randrange(1024, 65536)},"
        return [f"{head}{number}{ends}{row}" for number, row in enumerate(rows)]

    def address(self, kind: str) -> str:
        if kind == "probe":
            return "192.0.2.7"
        if kind == "server":
            return f"198.51.100.{self.random.randrange(1, 255)}"
        network = {"copier": 10, "application": 20, "refused": 30}.get(kind, 40)
        return f"10.0.{network}.{self.random.randrange(1, 200)}"

    def hello(self, rows: list[str], ip: str, name: str) -> None:
        rows += [f"<,EHLO {name},", f">,{_EHLO.format(ip=ip)},"]

    def message(self, rows: list[str], sender: str, recipients: list[str], size: bool, chunk: bool) -> None:
        length = self.random.randrange(1000, 900000)
        rows.append(f"<,MAIL FROM:<{sender}>{f' SIZE={length}' if size else ''},")
        rows.append(f"*,08DE18{self.sessions:010X};2026-11-02T06:00:00.000Z;1,receiving message")
        piped = len(recipients) > 2
        if not piped:
            rows.append(">,250 2.1.0 Sender OK,")
        for recipient in recipients:
            rows.append(f"<,RCPT TO:<{recipient}>,")
            if not piped:
                rows.append(">,250 2.1.5 Recipient OK,")
        if piped:
            rows += [">,250 2.1.0 Sender OK,", *[">,250 2.1.5 Recipient OK,"] * len(recipients)]
        if chunk:
            rows.append(f"<,BDAT {length} LAST,")
        else:
            rows += ["<,DATA,", ">,354 Start mail input; end with <CRLF>.<CRLF>,"]
        rows.append("*,Tarpit for '0.00:00:00.500' due to 'DelayedAck',Delivered")
        rows.append(
            f'>,"250 2.6.0 <{length}.{self.sessions}@device.example> [InternalId={self.sessions}, Hostname='
            f'ex1.example.org] {length} bytes in 0.114, 8.1 KB/sec Queued mail for delivery",'
        )

    def _probe(self, rows: list[str], ip: str) -> None:
        """Nothing between greeting and QUIT."""

    def _copier(self, rows: list[str], ip: str) -> None:
        self.hello(rows, ip, f"copier-{ip.rpartition('.')[2]}")
        self.message(rows, "copier@example.org", [self.recipient(0.1)], size=False, chunk=False)

    def _application(self, rows: list[str], ip: str) -> None:
        self.hello(rows, ip, f"app{ip.rpartition('.')[2]}.example.org")
        for _ in range(self.random.choice((1, 1, 1, 2, 3))):
            recipients = [self.recipient(0.5) for _ in range(self.random.choice((1, 1, 2, 4)))]
            self.message(rows, "noreply@example.org", recipients, size=True, chunk=self.random.random() < 0.33)

    def _server(self, rows: list[str], ip: str) -> None:
        self.hello(rows, ip, f"mx{ip.rpartition('.')[2]}.example.net")
        rows += ["<,STARTTLS,", ">,220 2.0.0 SMTP server ready,", f"*, {_CERTIFICATE}"]
        rows.append("*," + _TLS.format(minor=self.random.choice((2, 2, 3))))
        self.hello(rows, ip, f"mx{ip.rpartition('.')[2]}.example.net")
        rows.append("*,,Client certificate chain validation status: 'EmptyCertificate'")
        sender = f"someone{self.random.randrange(5000)}@{self.random.choice(OUTSIDE)}"
        self.message(rows, sender, [self.recipient(0)], size=True, chunk=True)

    def _refused(self, rows: list[str], ip: str) -> None:
        rows += [f"<,ehlo {ip},", f">,{_EHLO.format(ip=ip)},", "<,mail from: <device@example.org>,"]
        rows += [">,250 2.1.0 Sender OK,", f"<,rcpt to: <{self.recipient(1)}>,", "*,Tarpit for '0.00:00:05',"]
        rows.append(">,550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain,")

    def _user(self, rows: list[str], ip: str) -> None:
        self.hello(rows, ip, f"laptop{ip.rpartition('.')[2]}")
        rows += ["<,AUTH LOGIN,", *[">,334 <authentication response>,"] * 2, ">,235 <authentication response>,"]
        rows.append("*,EXAMPLE\\ada,authenticated")
        self.message(rows, "ada@example.org", [self.recipient(0.5)], size=True, chunk=False)

    def _broken(self, rows: list[str], ip: str) -> None:
        self.hello(rows, ip, "broken.example.org")
        rows += ["<,MAIL FROM:<broken@example.org>,", ">,250 2.1.0 Sender OK,", f"<,RCPT TO:<{self.recipient(0)}>,"]

    def _comma(self, rows: list[str], ip: str) -> None:
        self._copier(rows, ip)

    def lines(self) -> Iterator[str]:
        """Lines without end, the times of which go up."""
        open_sessions: list[Iterator[str]] = [iter(self.session()) for _ in range(AT_A_TIME)]
        step = timedelta(milliseconds=37)
        while True:
            for place in range(AT_A_TIME):
                stamp = self.now.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
                self.now += step
                for line in open_sessions[place]:
                    yield stamp + line + "\r\n"
                    if self.random.random() < 0.4:
                        break
                else:
                    open_sessions[place] = iter(self.session())


def write(folder: Path, size: int, seed: int = 1) -> list[Path]:
    """Write files of that many bytes together, and a little more."""
    generator = Generator(seed)
    lines = generator.lines()
    made: list[Path] = []
    number, day = 0, ""
    while size > 0:
        today = generator.now.strftime("%Y%m%d")
        number, day = (number + 1 if today == day else 1), today
        path = folder / f"RECV{day}-{number}.LOG"
        with path.open("w", encoding="ascii", newline="") as file:
            written = file.write(HEADER.format(date=f"{generator.now:%Y-%m-%dT%H:%M:%S}.000Z"))
            while written < min(FILE_SIZE, size):
                written += file.write(next(lines))
        size -= written
        made.append(path)
    return made


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    print(*write(target, int(sys.argv[2]) << 20), sep="\n")
