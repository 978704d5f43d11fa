# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is asking: HTTP authentication of one connection (MS-WSMV 3.1.4, RFC 4559, RFC 7617)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

import spnego
from spnego.channel_bindings import GssChannelBindings

from .accounts import Account, Accounts
from .encryption import CREDSSP, KERBEROS, SPNEGO

CERTIFICATE = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"
_PROTOCOLS = {"negotiate": SPNEGO, "ntlm": SPNEGO, "kerberos": KERBEROS, "credssp": CREDSSP}


@dataclass(frozen=True)
class Policy:
    """What an endpoint accepts: any of ``negotiate``, ``kerberos``, ``credssp``, ``basic`` and ``certificate``.

    ``unencrypted`` is WinRM's AllowUnencrypted: messages, and the password of Basic, readable on the wire.
    """

    kinds: frozenset[str]
    realm: str = "WSMAN"
    unencrypted: bool = False
    # what IIS in front of Exchange writes before a boundary
    spaced_boundary: bool = False

    def offers(self, *, secure: bool) -> list[str]:
        """The values of WWW-Authenticate on a connection."""
        named = [name for name in ("Negotiate", "Kerberos", "CredSSP") if name.lower() in self.kinds]
        if "basic" in self.kinds and (secure or self.unencrypted):
            named.append(f'Basic realm="{self.realm}"')
        return named


@dataclass
class Handshake:
    """The authentication state of one connection; ``account`` is set once it has succeeded."""

    policy: Policy
    accounts: Accounts
    secure: bool
    binding: bytes = b""
    hostname: str = "unspecified"
    client_names: tuple[str, ...] = ()
    account: Account | None = None
    kind: str = ""
    context: Any = None
    answer: str = field(default="")

    def take(self, authorization: str) -> bool:
        """Take an Authorization header; True when the request may be served, ``answer`` going along in any case."""
        self.answer = ""
        if not authorization:
            return self.account is not None
        kind, _, credentials = authorization.partition(" ")
        if authorization == CERTIFICATE:
            self.account = self._by_certificate()
        elif kind.lower() == "basic":
            self.account = self._by_password(credentials)
        elif kind.lower() in _PROTOCOLS:
            self.account = self._by_token(kind, credentials)
        else:
            self.account = None
        self.kind = "certificate" if authorization == CERTIFICATE else kind.lower()
        return self.account is not None

    @property
    def protocol(self) -> str:
        """The content type of messages encrypted with this context."""
        return _PROTOCOLS.get(self.kind, SPNEGO)

    def _by_certificate(self) -> Account | None:
        if not self.secure or "certificate" not in self.policy.kinds:
            return None
        return next((found for name in self.client_names if (found := self.accounts.find(name))), None)

    def _by_password(self, credentials: str) -> Account | None:
        if "basic" not in self.policy.kinds or not (self.secure or self.policy.unencrypted):
            return None
        try:
            name, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return self.accounts.check(name, password)

    def _by_token(self, kind: str, credentials: str) -> Account | None:
        """One step of Negotiate, NTLM, Kerberos or CredSSP."""
        offered = "negotiate" if kind.lower() == "ntlm" else kind.lower()
        if offered not in self.policy.kinds:
            return None
        try:
            token = base64.b64decode(credentials, validate=True)
            with self.accounts.exposed():
                if self.context is None or self.context.complete:
                    self.context = self._acceptor(offered)
                reply = self.context.step(token)
        except Exception:
            # whatever a token breaks in the acceptor's libraries, it has not proved who its sender is
            self.context = None
            return None
        if reply:
            self.answer = f"{kind} {base64.b64encode(reply).decode()}"
        return self.accounts.find(self.context.client_principal or "") if self.context.complete else None

    def _acceptor(self, protocol: str) -> Any:
        binding = GssChannelBindings(application_data=self.binding) if self.binding else None
        return spnego.server(
            hostname=self.hostname,
            service="http",
            protocol=protocol,
            channel_bindings=binding,
            options=spnego.NegotiateOptions.wrapping_winrm,
        )
