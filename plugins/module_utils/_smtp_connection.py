# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to an SMTP server that keeps a transcript. Private to the relayops.exchange collection."""

from __future__ import annotations

import errno
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ansible_collections.relayops.exchange.plugins.module_utils._smtp_reply import (
    ProbeError,
    Reply,
    ReplyReader,
    shorten,
)
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_tls import tls_facts

_LONGEST_LINE = 65536
_LONGEST_NOTE = 1000
_CHECK_PORT = "Check that a receive connector listens there and that no firewall is between."


@dataclass(frozen=True)
class Target:
    """Where to connect and how long to wait: seconds for the connection, for one reply, and for everything."""

    host: str
    port: int
    source_address: str = ""
    connect_timeout: float = 10
    timeout: float = 30
    deadline: float = 300


class Connection:
    """A dialogue with one server; every failure is a ProbeError."""

    def __init__(self, target: Target, transcript: list[str], started: float | None = None) -> None:
        self._target = target
        self._transcript = transcript
        self._end = (time.monotonic() if started is None else started) + target.deadline
        self._buffer = b""
        self._socket: socket.socket = self._connect()

    def _connect(self) -> socket.socket:
        target = self._target
        source = (target.source_address, 0) if target.source_address else None
        try:
            address = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except (socket.gaierror, ValueError) as error:
            raise ProbeError("unresolved", f"the name does not resolve ({error})", "Check host and DNS.") from error
        if source:
            address = [item for item in address if item[0] == _family(target.source_address)]
        reason: OSError = OSError(errno.EADDRNOTAVAIL, "it has no address of the source address's family")
        for family, kind, protocol, _name, place in address:
            try:
                return self._open(socket.socket(family, kind, protocol), place, source)
            except OSError as error:
                reason = error
        raise _unconnected(reason, target) from reason

    def _open(self, made: socket.socket, place: tuple[Any, ...], source: tuple[str, int] | None) -> socket.socket:
        try:
            if self._left() <= 0:
                raise self._timed_out()
            made.settimeout(min(self._target.connect_timeout, self._left()))
            if source:
                try:
                    made.bind(source)
                except OSError as error:
                    raise _no_source(self._target, error) from error
            made.connect(place)
        except BaseException:
            made.close()
            raise
        self._note("-", f"connected from {made.getsockname()[0]} to {place[0]} port {place[1]}")
        return made

    @property
    def local(self) -> str:
        """The address that the server sees us come from, as far as nothing between translates it."""
        return str(self._socket.getsockname()[0])

    @property
    def peer(self) -> str:
        """The server's address."""
        return str(self._socket.getpeername()[0])

    def read(self) -> Reply:
        """Wait for a complete reply."""
        reader, until = ReplyReader(), time.monotonic() + self._target.timeout
        while True:
            line = self._line(until)
            self._note("S", shorten(line.decode("utf-8", "backslashreplace"), _LONGEST_NOTE))
            reply = reader.feed(line)
            if reply:
                return reply

    def ask(self, command: str) -> Reply:
        """Send a command and wait for the reply; a farewell (421) that came before stands for it."""
        early = self._unasked()
        if early is not None:
            return early
        self._note("C", command)
        try:
            self._socket.settimeout(max(0.01, min(self._target.timeout, self._left())))
            self._socket.sendall(command.encode("utf-8") + b"\r\n")
        except socket.timeout as error:
            raise self._timed_out() from error
        except OSError as error:
            raise _closed(error) from error
        return self.read()

    def _unasked(self) -> Reply | None:
        """Return a farewell that has come; anything else would be taken for the answer to the next command."""
        self._socket.setblocking(False)
        with suppress(OSError):  # nothing has come, or what is wrong shows when the command is sent
            self._buffer += self._socket.recv(8192)
        if not self._buffer:
            return None
        reply = self.read()
        if reply.code == 421:
            return reply
        raise ProbeError("broken", f"the server sent {shorten(str(reply))!r} unasked", _CHECK_PORT)

    def _line(self, until: float) -> bytes:
        while b"\n" not in self._buffer:
            if len(self._buffer) > _LONGEST_LINE:
                raise ProbeError("broken", "the server sends a line without end", _CHECK_PORT)
            self._buffer += self._receive(until)
        line, _ignored, self._buffer = self._buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def _receive(self, until: float) -> bytes:
        wait = min(until - time.monotonic(), self._left())
        if wait <= 0:
            raise self._timed_out()
        self._socket.settimeout(wait)
        try:
            data = self._socket.recv(8192)
        except socket.timeout as error:
            raise self._timed_out() from error
        except OSError as error:
            raise _closed(error) from error
        if not data:
            raise _closed(None)
        return data

    def start_tls(self, context: ssl.SSLContext) -> dict[str, object]:
        """Do the TLS handshake after the server agreed to STARTTLS; return the facts about it."""
        if self._buffer:
            raise ProbeError("broken", "the server sent plain text after it agreed to STARTTLS", _CHECK_PORT)
        self._socket.settimeout(max(0.01, min(self._target.timeout, self._left())))
        try:
            secured = context.wrap_socket(self._socket, server_hostname=self._target.host)
        except socket.timeout as error:
            raise self._timed_out() from error
        except ssl.SSLCertVerificationError as error:
            reason = f"the certificate cannot be trusted ({error.verify_message or error})"
            raise ProbeError("tls", reason, "Name its authority in ca_path, or set validate_certs to false.") from error
        except OSError as error:
            raise ProbeError(
                "tls", f"the TLS handshake failed ({error})", "Check the connector's certificate."
            ) from error
        self._socket = secured
        self._note("-", f"TLS is on: {secured.version()}")
        return tls_facts(secured, context.verify_mode != ssl.CERT_NONE)

    def close(self) -> None:
        """Say RSET and QUIT and hear the answers, and close."""
        with suppress(ProbeError):
            self.ask("RSET")
            self.ask("QUIT")
        self._socket.close()

    def abandon(self) -> None:
        """Take leave without waiting for an answer, and close."""
        with suppress(OSError):
            self._socket.settimeout(0.01)
            self._socket.sendall(b"QUIT\r\n")
            self._note("C", "QUIT")
        self._socket.close()

    def _left(self) -> float:
        return self._end - time.monotonic()

    def _timed_out(self) -> ProbeError:
        if self._left() <= 0.01:
            return ProbeError("timeout", f"the probe took longer than {self._target.deadline} s", "Raise deadline.")
        return ProbeError("timeout", f"no complete reply within {self._target.timeout} s", "Raise timeout.")

    def _note(self, side: str, text: str) -> None:
        self._transcript.append(f"{side}: {text}")


def _family(address: str) -> int:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _no_source(target: Target, error: OSError) -> ProbeError:
    return ProbeError(
        "source_address",
        f"cannot send from source_address {target.source_address} ({error.strerror or error})",
        "Name an address that the machine has on which the module runs.",
    )


def _unconnected(error: OSError, target: Target) -> ProbeError:
    if isinstance(error, socket.timeout):
        return ProbeError("timeout", f"no connection within {target.connect_timeout} s", _CHECK_PORT)
    if isinstance(error, ConnectionRefusedError):
        return ProbeError("refused", "connection refused", _CHECK_PORT)
    return ProbeError("unreachable", f"cannot connect ({error.strerror or error})", "Check the network between.")


def _closed(error: OSError | None) -> ProbeError:
    detail = f" ({error.strerror or error})" if error else ""
    return ProbeError("closed", f"the server closed the connection{detail}", "Look into the server's protocol log.")
