# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small JSON API on loopback to watch and steer a lab, for tests and for playbooks (ansible.builtin.uri)."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError

from .lab import Lab
from .latency import PROFILES, profile
from .powershell.binding import Argument, Call
from .powershell.engine import Engine
from .powershell.formatting import plain_of
from .powershell.records import Failure, StatementFailed


class Refused(ValueError):
    """The API does not take this; the text says why."""


def _failure(failure: Failure) -> dict[str, Any]:
    return {"message": failure.message, "category": failure.category, "error_id": failure.error_id}


class Control:
    """What the API does, by verb and path; a served lab keeps one."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.reads: Mapping[str, Callable[[], Any]] = {
            "/": lambda: {"get": sorted(self.reads), "post": sorted(self.writes)},
            "/details": lab.details,
            "/state": self.state,
            "/journal": lab.journal.as_data,
            "/counts": lab.journal.counts,
            "/mail": self.mail,
            "/faults": lab.faults.as_data,
            "/faults/held": lambda: lab.faults.held,
        }
        self.writes: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
            "/faults": self.inject,
            "/faults/clear": lambda body: lab.faults.clear(),
            "/faults/release": lambda body: lab.faults.release(),
            "/latency": self.set_latency,
            "/command": self.command,
            "/users": self.add_user,
            "/journal/clear": lambda body: lab.journal.clear(),
            "/mail/clear": self.clear_mail,
            "/shells/close": self.close_shells,
        }

    def state(self) -> dict[str, Any]:
        """Servers with their connectors' names, addresses, SMTP listeners and open shells."""
        return {
            "version": self.lab.exchange,
            "latency": asdict(self.lab.latency),
            "servers": [
                {
                    "name": server.name,
                    "connectors": [each.name for each in self.lab.organisation.connectors(server.name)],
                    "addresses": [str(item.address) for item in server.host.addresses],
                    "listening": [list(point) for point in server.transport.endpoints],
                    "shells": len(server.winrm_shells.table) + len(server.exchange_shells.table),
                }
                for server in self.lab.servers
            ],
        }

    def mail(self) -> list[dict[str, Any]]:
        """What was delivered, in order."""
        return [
            asdict(message) | {"content": message.content.decode("utf-8", "replace"), "server": server.name}
            for server in self.lab.servers
            for message in server.transport.delivered
        ]

    def clear_mail(self, body: Mapping[str, Any]) -> None:
        """Empty the sinks."""
        for server in self.lab.servers:
            server.transport.delivered.clear()

    def inject(self, body: Mapping[str, Any]) -> Any:
        """Order a fault: ``kind``, ``at``, ``times``, ``endpoint``, ``verb``, ``server``, ``command``."""
        return asdict(self.lab.faults.inject(**body))

    def set_latency(self, body: Mapping[str, Any]) -> dict[str, float]:
        """Choose a profile: ``{"profile": "wan"}``."""
        self.lab.latency = profile(str(body.get("profile", "")))
        return asdict(PROFILES[str(body["profile"])])

    def add_user(self, body: Mapping[str, Any]) -> str:
        """Another account: ``name``, ``password``, ``roles``."""
        return self.lab.add_user(str(body["name"]), str(body["password"]), *map(str, body.get("roles", ())))

    def close_shells(self, body: Mapping[str, Any]) -> None:
        """Take all shells away, as a restart of the services does."""
        for server in self.lab.servers:
            server.winrm_shells.close_all()
            server.exchange_shells.close_all()

    def command(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Run a cmdlet as the administrator at the server's own console: ``name``, ``parameters``, ``server``."""
        server = self.lab.server(str(body.get("server", "")))
        exchange = self.lab.organisation.cmdlets(server.name, self.lab.username, remote=False)
        engine = Engine(exchange | server.host.cmdlets(), self.lab.username, remote=False)
        parameters: dict[str, Any] = {"Confirm": False} if _confirms(engine, str(body["name"])) else {}
        parameters |= body.get("parameters", {})
        arguments = tuple(Argument(value, name) for name, value in parameters.items())
        try:
            done = engine.collect([Call(str(body["name"]), arguments)])
        except StatementFailed as failed:
            return {"output": [], "errors": [_failure(failed.failure)], "warnings": []}
        errors = [_failure(failure) for failure in done.failures]
        return {"output": [plain_of(thing) for thing in done.objects], "errors": errors, "warnings": done.warnings}


def _confirms(engine: Engine, name: str) -> bool:
    cmdlet = engine.find(name)
    return cmdlet is not None and cmdlet.asks


class ControlServer(ThreadingHTTPServer):
    """Serves the API on an address of the lab."""

    daemon_threads = True

    def __init__(self, lab: Lab, address: str, port: int = 0) -> None:
        self.control = Control(lab)
        self._serving: threading.Thread | None = None
        super().__init__((address, port), _Handler)

    def server_bind(self) -> None:
        """Bind without a reverse look-up."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"

    def start(self) -> None:
        """Serve in a thread."""
        self._serving = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True, name="control")
        self._serving.start()

    def stop(self) -> None:
        """Stop serving."""
        if self._serving is not None:
            self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: ControlServer
    timeout = 60

    def do_GET(self) -> None:
        """Read something."""
        found = self.server.control.reads.get(self.path)
        self._answer(found)

    def do_POST(self) -> None:
        """Change something."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        found = self.server.control.writes.get(self.path)
        self._answer(None if found is None else lambda: found(json.loads(raw or b"{}")))

    def _answer(self, work: Callable[[], Any] | None) -> None:
        try:
            status, content = (404, {"error": f"nothing at {self.path}"}) if work is None else (200, work())
        except (ValueError, KeyError, TypeError) as error:
            status, content = 400, {"error": f"{type(error).__name__}: {error}"}
        body = json.dumps(content, default=str).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


class ControlClient:
    """The API from another process; each call raises Refused with the server's words."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str) -> Any:
        """Read ``/state``, ``/journal``, ``/mail`` …"""
        return self._send(urllib.request.Request(f"{self.url}{path}"))

    def post(self, path: str, **body: Any) -> Any:
        """Post to ``/faults``, ``/latency``, ``/command`` …"""
        headers = {"Content-Type": "application/json"}
        return self._send(urllib.request.Request(f"{self.url}{path}", json.dumps(body).encode(), headers))

    def _send(self, request: urllib.request.Request) -> Any:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as answer:
                return json.load(answer)
        except HTTPError as error:
            raise Refused(json.load(error)["error"]) from None
