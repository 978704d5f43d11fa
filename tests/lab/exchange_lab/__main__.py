# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Exchange lab on loopback in a process of its own, until SIGTERM, SIGINT or ``--stop``, or while a command runs."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from .control import ControlServer
from .defects import DEFECTS
from .exchange.versions import PROFILES
from .inventory import inventory
from .lab import EXCHANGE_AUTH, PASSWORD, WINRM_AUTH, Lab
from .latency import PROFILES as LATENCIES
from .replay.recording import read
from .switches import Switches

# seconds that a lab may take to stop
_PATIENCE = 30.0


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="exchange_lab", description=__doc__)
    parser.add_argument("--exchange", default="2019", choices=sorted(PROFILES), help="version to play")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="answer as the servers of this recording did")
    parser.add_argument("--servers", type=int, default=1, help="number of Exchange servers")
    parser.add_argument("--network", help="a /24 of 127.0.0.0/8; a free one by default")
    parser.add_argument("--details", type=Path, help="file to write how to reach the lab to, once it is ready")
    parser.add_argument(
        "--inventory", type=Path, help="Ansible inventory to write, with those details as the variable lab"
    )
    parser.add_argument("--connection", default="winrm", choices=("winrm", "psrp"), help="connection of its hosts")
    parser.add_argument("--pid-file", type=Path, help="file to write the process id to")
    parser.add_argument("--stop", type=Path, metavar="PID_FILE", help="stop the lab that wrote that file")
    parser.add_argument("--language", default="en", help="language of Windows: account names, netsh")
    parser.add_argument("--latency", default="off", choices=sorted(LATENCIES), help="how long things take")
    parser.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE", help="an open question's answer")
    parser.add_argument("--defect", default="", choices=sorted(DEFECTS), help="what the server shall do wrong")
    parser.add_argument("--username", default="LAB\\Administrator")
    parser.add_argument("--password", default=PASSWORD)
    parser.add_argument("--winrm-auth", default=",".join(sorted(WINRM_AUTH)), metavar="KIND,…")
    parser.add_argument("--exchange-auth", default=",".join(sorted(EXCHANGE_AUTH)), metavar="KIND,…")
    parser.add_argument("--kerberos", action="store_true", help="run a KDC (MIT Kerberos has to be installed)")
    parser.add_argument("--unencrypted", action="store_true", help="take Basic without TLS")
    parser.add_argument("--flavour", choices=("2012+", "2008"), help="generation of Windows")
    parser.add_argument("--control-port", type=int, default=0, help="port of the JSON API; a free one by default")
    parser.add_argument(
        "run", nargs="*", metavar="COMMAND", help="after --, run this with EXCHANGE_LAB_INVENTORY set, then stop"
    )
    return parser.parse_args(given)


def made(options: argparse.Namespace) -> Lab:
    """The lab that the options ask for; raises ValueError."""
    return Lab(
        options.exchange,
        servers=options.servers,
        language=options.language,
        switches=Switches.parse(options.switch),
        network=options.network,
        username=options.username,
        password=options.password,
        winrm_auth=filter(None, options.winrm_auth.split(",")),
        exchange_auth=filter(None, options.exchange_auth.split(",")),
        unencrypted=options.unencrypted,
        flavour=options.flavour,
        latency=options.latency,
        kerberos=options.kerberos,
        recording=read(options.replay) if options.replay else None,
        defect=options.defect,
    )


def hosts(details: dict[str, Any], connection: str) -> dict[str, Any]:
    """The inventory, with the details as the variable ``lab`` of its group."""
    found = inventory(details, connection)
    return {group: content | {"vars": {**content.get("vars", {}), "lab": details}} for group, content in found.items()}


def write(path: Path, text: str) -> None:
    """Write a file so that a reader finds all of it or none."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_text(text)
    part.replace(path)


def stop(pid_file: Path) -> int:
    """End the lab that wrote the file and wait until it has cleaned up; none there is as good, 1 if it lingers."""
    try:
        process = int(pid_file.read_text())
        os.kill(process, signal.SIGTERM)
    except FileNotFoundError:
        return 0
    except ProcessLookupError:
        pid_file.unlink(missing_ok=True)
        return 0
    end = time.monotonic() + _PATIENCE
    while pid_file.exists():
        if time.monotonic() > end:
            print(f"exchange_lab: process {process} has not stopped within {_PATIENCE:.0f} s", file=sys.stderr)
            return 1
        time.sleep(0.05)
    return 0


def run(command: Sequence[str], inventory_file: Path, asked: threading.Event) -> int:
    """Run a command that finds the lab by an inventory, until its end or a signal; its exit code, 127 if it is none."""
    environment = os.environ | {"EXCHANGE_LAB_INVENTORY": str(inventory_file.resolve())}
    try:
        with subprocess.Popen(command, env=environment) as process:
            while process.poll() is None:
                if asked.wait(0.1):
                    process.terminate()
                    process.wait()
    except OSError as error:
        print(f"exchange_lab: {command[0]} cannot be run: {error.strerror}", file=sys.stderr)
        return 127
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def main(given: Sequence[str] | None = None) -> int:
    """Serve until a signal comes; 2 for a bad option, 1 for what cannot be had, as an address that is taken."""
    options = arguments(given)
    return stop(options.stop) if options.stop else serve(options)


def serve(options: argparse.Namespace) -> int:
    """Serve until a signal comes or the command has ended, whose exit code is returned."""
    asked, code = threading.Event(), 0
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    with ExitStack() as running:
        try:
            lab = running.enter_context(made(options))
            control = ControlServer(lab, lab.servers[0].address, options.control_port)
        except (ValueError, OSError) as error:
            print(f"exchange_lab: {error}", file=sys.stderr)
            return 2 if isinstance(error, ValueError) else 1
        running.callback(control.stop)
        control.start()
        details = lab.details() | {"control": control.url, "pid": os.getpid()}
        if options.pid_file:
            write(options.pid_file, f"{os.getpid()}\n")
        inventory_file = options.inventory or lab.folder / "inventory.yml"
        write(inventory_file, json.dumps(hosts(details, options.connection), indent=2))
        if options.details:
            write(options.details, json.dumps(details, indent=2))
        elif not options.run:
            print(json.dumps(details, indent=2), flush=True)
        if options.run:
            code = run(options.run, inventory_file, asked)
        else:
            asked.wait()
    for player in lab.players:
        if player.left:
            print(f"exchange_lab: {player.host} was not asked for {player.left} recorded rounds", file=sys.stderr)
    for path in filter(None, (options.pid_file, options.details, options.inventory)):
        path.unlink(missing_ok=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
