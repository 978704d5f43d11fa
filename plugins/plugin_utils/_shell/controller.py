# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the machine that runs Ansible can do: libraries, Kerberos configuration, ticket cache."""

from __future__ import annotations

import importlib
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain

LIBRARIES = (
    "ansible-core",
    "pypsrp",
    "pyspnego",
    "requests",
    "cryptography",
    "gssapi",
    "krb5",
    "pywinrm",
    "requests-credssp",
)

# Modules without which Kerberos cannot work (the kerberos extra of pypsrp)
KERBEROS = ("gssapi", "krb5")


def controller() -> dict[str, Plain]:
    """Versions, and what Kerberos finds; nothing is contacted."""
    libraries: dict[str, Plain] = {name: version(name) for name in LIBRARIES}
    return {"python": platform.python_version(), "libraries": libraries, "kerberos": kerberos()}


def version(distribution: str) -> str | None:
    """The installed version of a Python distribution, None when it is missing."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def missing_for_kerberos() -> str:
    """The first module that cannot be imported, with the reason, or an empty string."""
    for name in KERBEROS:
        try:
            importlib.import_module(name)
        except Exception as error:  # a library of the system may be missing below it
            return f"{name}: {error}"
    return ""


def kerberos() -> dict[str, Plain]:
    """Configuration files, default realm, and the principal of the ticket cache."""
    files = os.environ.get("KRB5_CONFIG", "/etc/krb5.conf").split(":")
    cache = _tickets()
    return {
        "available": not missing_for_kerberos(),
        "configuration": [name for name in files if Path(name).is_file()],
        "default_realm": _default_realm(),
        "cache": cache.get("cache"),
        "principal": cache.get("principal"),
    }


def _default_realm() -> str | None:
    try:
        krb5 = importlib.import_module("krb5")
        return bytes(krb5.get_default_realm(krb5.init_context())).decode()
    except Exception:  # no library, no configuration, or no realm in it
        return None


def _tickets() -> dict[str, str]:
    """What klist tells of the default cache; its two first lines have these labels in MIT Kerberos and in Heimdal."""
    try:
        environment = {**os.environ, "LC_ALL": "C"}
        done = subprocess.run(["klist"], capture_output=True, text=True, timeout=5, env=environment, check=False)  # noqa: S607
    except (OSError, subprocess.TimeoutExpired):
        return {}
    found = {}
    for line in done.stdout.splitlines():
        label, _ignored, rest = line.strip().partition(": ")
        if label in ("Ticket cache", "Credentials cache"):
            found["cache"] = rest.strip()
        if label in ("Default principal", "Principal"):
            found["principal"] = rest.strip()
    return found
