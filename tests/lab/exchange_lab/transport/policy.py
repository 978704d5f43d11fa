# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the transport answers to MAIL, RCPT and a finished message; pure decisions."""

from __future__ import annotations

from dataclasses import dataclass

from exchange_lab.transport import identity as rights
from exchange_lab.transport import wording as say
from exchange_lab.transport.domains import AcceptedDomains
from exchange_lab.transport.doors import Door
from exchange_lab.transport.identity import Identity, granted_rights
from exchange_lab.transport.paths import Path


@dataclass(frozen=True)
class Policy:
    """A session's connector, identity and what both together may do."""

    door: Door
    identity: Identity
    domains: AcceptedDomains
    words: say.Wording
    granted: frozenset[str]

    @classmethod
    def of(cls, door: Door, identity: Identity, domains: AcceptedDomains, words: say.Wording) -> Policy:
        """Evaluate the connector's access control list for this identity."""
        return cls(door, identity, domains, words, granted_rights(door.acl, identity))

    def sender_refusal(self, path: Path, size: int | None, secure: bool) -> str | None:
        """Return the reply that refuses MAIL, or None."""
        if self.door.flag("RequireTLS") and not secure:
            return say.TLS_REQUIRED
        if rights.SUBMIT not in self.granted:
            return self.words.not_authenticated
        if size is not None and self.oversized(size):
            return say.TOO_BIG
        if path.null or str(path).lower() == self.identity.address:
            return None
        if self.identity.kind == "user":
            return None if rights.ANY_SENDER in self.granted else self.words.not_own_sender
        return None if self._anonymous_sender_allowed(path) else self.words.anonymous_sender

    def _anonymous_sender_allowed(self, path: Path) -> bool:
        """Tell whether the sender rights suffice; on 2013+ front ends they have no effect (Microsoft Q&A 308173)."""
        if self.door.role == "FrontendTransport" and not self.words.classic:
            return True
        if rights.ANY_SENDER not in self.granted:
            return False
        inside = self.domains.kind(path.domain) == "Authoritative"
        return not inside or rights.AUTHORITATIVE_SENDER in self.granted

    def recipient_refusal(self, path: Path, count: int) -> str | None:
        """Return the reply that refuses RCPT, or None; ``count`` recipients were taken before."""
        limit = self.door.number("MaxRecipientsPerMessage")
        if limit is not None and count >= limit:
            return say.TOO_MANY_RECIPIENTS
        if path.null:
            return say.BAD_RECIPIENT
        if self.domains.kind(path.domain) or rights.ANY_RECIPIENT in self.granted:
            return None
        return self.words.no_relay

    def oversized(self, size: int) -> bool:
        """Whether the connector's MaxMessageSize forbids a message of so many bytes."""
        limit = self.door.number("MaxMessageSize")
        return limit is not None and size > limit and rights.BYPASS_SIZE not in self.granted

    def sink(self, path: Path) -> str:
        """Return where a recipient's mail ends: ``*`` and external relay domains lead outside."""
        return "inside" if self.domains.own_kind(path.domain) in ("Authoritative", "InternalRelay") else "outside"


def first_identity(door: Door) -> Identity:
    """Return who a session is before any AUTH; ExternalAuthoritative makes it an Externally Secured Server."""
    return rights.SECURED if "ExternalAuthoritative" in door.flags("AuthMechanism") else rights.ANONYMOUS
