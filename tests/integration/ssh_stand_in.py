# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands for the ssh program: hands the command line that it is given to the lab's cmd.exe, over WinRM.

Ansible's ssh connection plugin runs unchanged and takes this for ssh (ansible_ssh_executable). What OpenSSH for
Windows does with a command, give it to cmd.exe with standard input, cmd.exe of the lab's winrs shell does too.
The file named by SSH_STAND_IN tells where the lab is; each command line is appended to its ``log``.
Whatever happens, it ends: after LONGEST seconds the alarm kills it.
"""

from __future__ import annotations

import json
import os
import re
import select
import signal
import sys
import time
from pathlib import Path

import winrm

# seconds; whatever happens, a test does not wait longer for this program
LONGEST = 60

# what ansible-core before 2.18 puts before a command, in each of its Windows shells; the lab speaks UTF-8 anyway
CODE_PAGE = re.compile(r"^chcp\.com 65001 (>nul 2>&1 &&|> \$null ;) ")

WITH_VALUE = "BbcDEeFIiJLlmOopQRSWw"
CHUNK = 32768


def remote_command(words: list[str]) -> list[str]:
    """What follows the host's name."""
    rest = list(words)
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option[1:2] in WITH_VALUE and len(option) == 2:
            rest.pop(0)
    return rest[1:]


def given(seconds: float = 10) -> bytes:
    """Standard input to its end; a terminal has none to give, and a pipe that stays silent is not waited for."""
    if sys.stdin.isatty():
        return b""
    file, end, chunks = sys.stdin.fileno(), time.monotonic() + seconds, list[bytes]()
    while (left := end - time.monotonic()) > 0 and select.select([file], [], [], left)[0]:
        chunk = os.read(file, 65536)
        if not chunk:
            break
        chunks.append(chunk)
    return b"".join(chunks)


def main() -> int:
    """Run the command; its exit code, as ssh gives it."""
    signal.alarm(LONGEST)
    words = remote_command(sys.argv[1:])
    if "-O" in sys.argv or not words:
        return 0
    lab = json.loads(Path(os.environ["SSH_STAND_IN"]).read_text())
    line = CODE_PAGE.sub("", " ".join(words))
    with Path(lab["log"]).open("a") as log:
        log.write(line + "\n")
    protocol = winrm.Protocol(
        lab["url"],
        transport="ntlm",
        username=lab["username"],
        password=lab["password"],
        message_encryption="always",
    )
    sent = given()
    shell = protocol.open_shell(codepage=65001)
    try:
        command = protocol.run_command(shell, line, console_mode_stdin=False)
        for start in range(0, max(1, len(sent)), CHUNK):
            chunk = sent[start : start + CHUNK]
            protocol.send_command_input(shell, command, chunk, end=start + CHUNK >= len(sent))
        output, errors, code = protocol.get_command_output(shell, command)
    finally:
        protocol.close_shell(shell)
    sys.stdout.buffer.write(output)
    sys.stderr.buffer.write(errors)
    return int(code)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (
        Exception
    ) as problem:  # whatever the way to the host is cut by, OpenSSH ends with 255 (ssh(1), "EXIT STATUS")
        print(f"client_loop: send disconnect: {problem}", file=sys.stderr)
        sys.exit(255)
