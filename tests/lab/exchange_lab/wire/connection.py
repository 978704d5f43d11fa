# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP connection to an endpoint: authentication, decryption, the service's answer, and faults on the way."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import responses
from http.server import BaseHTTPRequestHandler
from typing import Any

from ..journal import HttpRequest
from . import hostile
from .authentication import Handshake
from .broken import Broken
from .encryption import DecryptionError, is_encrypted, unwrap, wrap
from .endpoint import XML, Endpoint
from .soap import Fault, Request, fault_response
from .tls import client_names

_NOTHING_DONE = {"unavailable": 503, "unauthorized": 401}
# A client that waits longer than this for a hanging answer gets a broken connection.
_HANG = 600.0
# A connection on which nothing happens for so long is closed, as http.sys does.
_IDLE = 600.0


class Connection(BaseHTTPRequestHandler):
    """Serves the requests of one connection, to which the authentication is bound."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _IDLE
    server: Any

    def setup(self) -> None:
        """Do the TLS handshake in this thread, then be ready to authenticate."""
        endpoint: Endpoint = self.server.endpoint
        names: tuple[str, ...] = ()
        self.request.settimeout(_IDLE)
        if secure := self.server.secure:
            self.request = secure.context.wrap_socket(self.request, server_side=True)
            names = client_names(self.request.getpeercert())
        self.server.connections.add(self.request)
        binding = secure.binding if secure else b""
        self.handshake = Handshake(
            endpoint.policy, endpoint.accounts, bool(secure), binding, endpoint.fqdn, client_names=names
        )
        super().setup()

    def finish(self) -> None:
        """Forget the connection."""
        self.server.connections.discard(self.request)
        with suppress(OSError):
            super().finish()

    def do_POST(self) -> None:
        """Serve one request."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        endpoint: Endpoint = self.server.endpoint
        if not endpoint.serves(self.path):
            self._reply("", 404, b"", "text/html")
            return
        endpoint.latency().wait("request")
        if not self.handshake.take(self.headers.get("Authorization", "")):
            self._handshake_step()
            return
        try:
            self._request(body)
        except DecryptionError:
            self._reply("", 400, b"")

    def _handshake_step(self) -> None:
        """No account yet: the next token, or what the endpoint offers."""
        fault = self._due("")
        if fault in ("", "unauthorized") or not self._broken(fault, ""):
            self._reply("", 401, b"", "text/html")

    def _request(self, body: bytes) -> None:
        encrypted = is_encrypted(self.headers.get("Content-Type", ""))
        if encrypted:
            body = unwrap(self.handshake.context, body)
        elif body and not self.handshake.secure and not self.handshake.policy.unencrypted:
            # AllowUnencrypted is false (pywinrm issue 208)
            self._reply("", 500, b"")
            return
        if not body:
            # the first, empty request of a client that wants to encrypt
            if not self._broken(self._due(""), ""):
                self._reply("", 200, b"")
            return
        self._work(body, encrypted)

    def _work(self, body: bytes, encrypted: bool) -> None:
        endpoint: Endpoint = self.server.endpoint
        try:
            request = Request.parse(body)
        except Fault as refused:
            self._reply("", 500, fault_response(refused, "", endpoint.server), encrypted=encrypted)
            return
        fault = self._due(request.verb, lambda: endpoint.spoken(request))
        if fault == "cut_before" or fault in _NOTHING_DONE:
            self._broken(fault, request.verb)
            return
        assert self.handshake.account is not None
        try:
            status, answer = endpoint.work(request, self.handshake.account, fault)
        except Broken as broken:
            self._break(broken, request.verb)
            return
        if not self._broken(fault, request.verb, answer):
            self._reply(request.verb, status, answer, encrypted=encrypted)

    def _break(self, broken: Broken, verb: str) -> None:
        if broken.how == "status":
            self._reply(verb, broken.status or 500, b"", "text/html")
        else:
            self._broken({"silence": "hang", "nonsense": "garbled"}.get(broken.how, "cut_after"), verb)

    def _due(self, verb: str, spoken: Callable[[], str] = str) -> str:
        endpoint: Endpoint = self.server.endpoint
        return endpoint.faults.due(endpoint.server, endpoint.kind, verb, spoken)

    def _broken(self, fault: str, verb: str, answer: bytes = b"") -> bool:
        """Do what the fault asks for instead of an answer; False when an answer is due."""
        if fault in _NOTHING_DONE:
            self._reply(verb, _NOTHING_DONE[fault], b"", "text/html")
        elif fault == "garbled":
            self._reply(verb, 200, b"\x00<garbled" + answer[::-1])
        elif fault == "endless":
            self._record(verb, 200)
            self._endless()
        elif fault in hostile.ANSWERS:
            self._reply(verb, 200, hostile.ANSWERS[fault]())
        elif fault in ("cut_before", "cut_after", "truncated", "hang"):
            self._record(verb, 0)
            if fault == "truncated":
                self._send(200, answer, XML, cut=len(answer) // 2)
            if fault == "hang":
                self._hang()
            self._cut()
        else:
            return False
        return True

    def _hang(self) -> None:
        """Wait until the client gives up, which its end of the connection shows, or the listener stops."""
        end = time.monotonic() + _HANG
        while time.monotonic() < end and not self.server.stopping.is_set():
            with suppress(OSError, ValueError):
                if select.select([self.request], [], [], 0.1)[0]:
                    return

    def _endless(self) -> None:
        """An envelope that goes on until the client breaks the connection, or for as long as a hanging one."""
        end = time.monotonic() + _HANG
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {XML}\r\nTransfer-Encoding: chunked\r\n\r\n"
        with suppress(OSError):
            self.wfile.write(head.encode())
            for piece in hostile.endless():
                if time.monotonic() > end or self.server.stopping.is_set():
                    break
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self._cut()

    def _cut(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.request.shutdown(socket.SHUT_RDWR)

    def _reply(self, verb: str, status: int, body: bytes, kind: str = XML, *, encrypted: bool = False) -> None:
        self._record(verb, status)
        if encrypted and body:
            policy = self.handshake.policy
            kind, body = wrap(self.handshake.context, self.handshake.protocol, body, spaced=policy.spaced_boundary)
        self._send(status, body, kind)

    def _send(self, status: int, body: bytes, kind: str, cut: int | None = None) -> None:
        """Header and body in one write, so that Nagle's algorithm and delayed acknowledgements do not meet."""
        lines = [f"HTTP/1.1 {status} {responses.get(status, '')}", "Server: Microsoft-HTTPAPI/2.0"]
        if body:
            lines.append(f"Content-Type: {kind}")
        lines.append(f"Content-Length: {len(body)}")
        if self.handshake.answer:
            lines.append(f"WWW-Authenticate: {self.handshake.answer}")
        elif status == 401:
            offers = self.handshake.policy.offers(secure=self.handshake.secure)
            lines += (f"WWW-Authenticate: {offer}" for offer in offers)
        with suppress(OSError):
            self.wfile.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body[:cut])

    def _record(self, verb: str, status: int) -> None:
        endpoint: Endpoint = self.server.endpoint
        kind = self.headers.get("Authorization", "").partition(" ")[0]
        endpoint.journal.add(
            HttpRequest(
                endpoint.server,
                endpoint.kind,
                self.server.server_address[1],
                self.client_address[0],
                kind if len(kind) < 20 else "Certificate",
                verb,
                status,
                time.time(),
            )
        )

    def log_message(self, format: str, *args: Any) -> None:
        """The journal keeps what matters."""
