#!/usr/bin/env python
# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send a message from an address of this machine, as a device does: send_mail.py SERVER PORT SOURCE RECIPIENT SUBJECT.

Exits with 3 and the server's words when it is refused.
"""

from __future__ import annotations

import smtplib
import sys


def main(server: str, port: str, source: str, recipient: str, subject: str) -> int:
    """Connect, introduce itself, send one message."""
    text = f"From: copier@example.com\r\nTo: {recipient}\r\nSubject: {subject}\r\n\r\nA page.\r\n"
    try:
        with smtplib.SMTP(server, int(port), "copier.example.com", 20, source_address=(source, 0)) as smtp:
            smtp.sendmail("copier@example.com", [recipient], text)
    except smtplib.SMTPException as refusal:
        print(refusal, file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
