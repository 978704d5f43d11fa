# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of a lab: one authority for the process, a server certificate for each host, one for a client."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes


@cache
def authority(name: str = "lab") -> trustme.CA:
    """The private authority; another ``name`` gives one that clients of the lab do not trust."""
    return trustme.CA(organization_name=f"exchange_lab {name}")


@dataclass(frozen=True)
class Credentials:
    """A certificate with its key as files."""

    certificate: Path
    key: Path


def write_authority(folder: Path) -> Path:
    """The authority's certificate as a PEM file."""
    path = folder / "ca.pem"
    authority().cert_pem.write_to_path(str(path))
    return path


def issue(folder: Path, name: str, *identities: str, issuer: trustme.CA | None = None) -> Credentials:
    """A certificate for host names, addresses or a user's e-mail address; ``name`` names the files."""
    made = (issuer or authority()).issue_cert(*identities)
    certificate, key = folder / f"{name}.pem", folder / f"{name}-key.pem"
    certificate.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
    made.private_key_pem.write_to_path(str(key))
    return Credentials(certificate, key)


def server_context(credentials: Credentials, ca_pem: Path) -> ssl.SSLContext:
    """TLS of a server that asks for, but does not insist on, a client certificate (``SslNegotiateCert``)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(credentials.certificate, credentials.key)
    context.load_verify_locations(ca_pem)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


def binding(credentials: Credentials) -> bytes:
    """The server's ``tls-server-end-point`` channel binding (RFC 5929 4.1)."""
    certificate = x509.load_pem_x509_certificate(credentials.certificate.read_bytes())
    return b"tls-server-end-point:" + certificate.fingerprint(certificate.signature_hash_algorithm or hashes.SHA256())


def client_names(certificate: Any) -> tuple[str, ...]:
    """The names in a client's certificate that may stand for an account: e-mail addresses and the common name."""
    if not certificate:
        return ()
    emails = [value for kind, value in certificate.get("subjectAltName", ()) if kind == "email"]
    common = [value for part in certificate.get("subject", ()) for kind, value in part if kind == "commonName"]
    return (*emails, *common)
