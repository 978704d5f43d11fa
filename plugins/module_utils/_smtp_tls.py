# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What TLS is to trust, and what it turned out to be. Private to the relayops.exchange collection."""

from __future__ import annotations

import hashlib
import ssl
from typing import Any

from ansible_collections.relayops.exchange.plugins.module_utils._smtp_reply import ProbeError


def tls_context(verify: bool, authorities: str = "") -> ssl.SSLContext:
    """Return what TLS is to trust; ``authorities`` names a file instead of the system's; raises ProbeError."""
    try:
        context = ssl.create_default_context(cafile=authorities or None)
    except (OSError, ValueError) as error:
        reason = f"ca_path {authorities} holds no certificates that can be read ({error})"
        raise ProbeError("tls", reason, "Name a file with certificates in PEM format.") from error
    if not verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def tls_facts(secured: ssl.SSLSocket, verify: bool) -> dict[str, object]:
    """Return version, cipher, verified, sha256 of the certificate, and its names where it was verified."""
    cipher = secured.cipher()
    facts: dict[str, object] = {
        "version": secured.version() or "",
        "cipher": cipher[0] if cipher else "",
        "verified": verify,
        "sha256": hashlib.sha256(secured.getpeercert(binary_form=True) or b"").hexdigest(),
    }
    certificate: dict[str, Any] = dict(secured.getpeercert() or {})
    if certificate:
        facts["subject"] = _name(certificate.get("subject", ()))
        facts["issuer"] = _name(certificate.get("issuer", ()))
        facts["not_after"] = certificate.get("notAfter", "")
        facts["names"] = [str(name) for _kind, name in certificate.get("subjectAltName", ())]
    return facts


def _name(parts: Any) -> str:
    return ", ".join(f"{key}={value}" for part in parts for key, value in part)
