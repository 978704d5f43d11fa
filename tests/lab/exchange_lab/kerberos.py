# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Kerberos realm of the lab's own: MIT's KDC on loopback, its files in the lab's folder and nothing in /etc.

Names are taken as they are (``dns_canonicalize_hostname = false``): whoever connects to an address gives the server's
full name as the one to ask a ticket for, and nobody has to resolve it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

# program: the Debian package that brings it
PROGRAMS = {
    "krb5kdc": "krb5-kdc",
    "kdb5_util": "krb5-kdc",
    "kadmin.local": "krb5-admin-server",
    "kinit": "krb5-user",
}
# Python module: what brings it, built against libkrb5-dev
MODULES = {"gssapi": "gssapi", "krb5": "krb5"}
# What Active Directory derives from a machine's HOST name; MIT compares the case, so both are there
SERVICES = ("HTTP", "http", "HOST", "host", "WSMAN", "wsman")
_WAIT = 20.0

_CLIENT = """\
[libdefaults]
    default_realm = {realm}
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    udp_preference_limit = 1
    default_ccache_name = FILE:{folder}/ccache
    default_rcache_name = none:
[realms]
    {realm} = {{
        kdc = {address}:{port}
    }}
[domain_realm]
    {domain} = {realm}
    .{domain} = {realm}
"""
_SERVER = """\
[kdcdefaults]
    kdc_listen = {address}:{port}
    kdc_tcp_listen = {address}:{port}
[realms]
    {realm} = {{
        database_name = {folder}/principal
        key_stash_file = {folder}/stash
        max_life = 10h
        supported_enctypes = aes256-cts-hmac-sha1-96:normal
    }}
[logging]
    kdc = FILE:{folder}/kdc.log
    default = FILE:{folder}/kdc.log
"""


def missing() -> str:
    """What this machine lacks to play Kerberos, or nothing."""
    programs = [f"{name} (Debian: {package})" for name, package in PROGRAMS.items() if not _program(name)]
    modules = [f"Python's {name}" for name in MODULES if not find_spec(name)]
    return ", ".join(programs + modules)


def _program(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin")))


@dataclass
class Realm:
    """A KDC that runs until it is stopped or the lab's process is gone; ``domain`` is the DNS name of the realm."""

    domain: str
    folder: Path
    address: str
    name: str = ""
    port: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Write the configuration and make the database; raises OSError where something is missing."""
        if lacking := missing():
            raise OSError(f"Kerberos cannot be played here without {lacking}")
        self.name = self.domain.upper()
        self.port = self.port or _free_port(self.address)
        self.folder.mkdir(mode=0o700)
        for file, text in ((self.config, _CLIENT), (self.folder / "kdc.conf", _SERVER)):
            file.write_text(text.format(**self._facts()))
        self._run("kdb5_util", "create", "-s", "-r", self.name, "-P", os.urandom(16).hex())

    def _facts(self) -> dict[str, object]:
        return {
            "realm": self.name,
            "domain": self.domain,
            "folder": self.folder,
            "address": self.address,
            "port": self.port,
        }

    @property
    def config(self) -> Path:
        """The krb5.conf for clients."""
        return self.folder / "krb5.conf"

    @property
    def keytab(self) -> Path:
        """The keys of all servers."""
        return self.folder / "keytab"

    @property
    def client_environment(self) -> dict[str, str]:
        """What a client's process needs to find this realm and no other."""
        return {"KRB5_CONFIG": str(self.config)}

    @property
    def server_environment(self) -> dict[str, str]:
        """What accepting a ticket needs."""
        return self.client_environment | {"KRB5_KTNAME": f"FILE:{self.keytab}"}

    def add_user(self, name: str, password: str) -> None:
        """A user, also in lower case: unlike Active Directory, MIT compares the case."""
        names = dict.fromkeys((name, name.lower()))
        self._administer(*(f"addprinc -pw {_quoted(password)} {_quoted(each)}" for each in names))

    def add_host(self, *names: str) -> None:
        """The services of a server under its names, their keys put into the keytab."""
        principals = [f"{service}/{name}" for name in names for service in SERVICES]
        self._administer(
            *(f"addprinc -randkey {each}" for each in principals),
            *(f"ktadd -q -k {self.keytab} {each}" for each in principals),
        )

    def ticket(self, user: str, password: str, cache: Path, lifetime: str = "1h") -> dict[str, str]:
        """A ticket in a cache as ``kinit`` makes it; the environment of a client that uses it."""
        environment = self.client_environment | {"KRB5CCNAME": f"FILE:{cache}"}
        self._run("kinit", "-l", lifetime, f"{user}@{self.name}", given=f"{password}\n", environment=environment)
        return environment

    def start(self) -> None:
        """Answer; the shell in between ends the KDC when this process dies, however it does."""
        command = ["sh", "-c", '"$0" -n & read -r _; kill $!; wait $!', _program("krb5kdc") or "krb5kdc"]
        with (self.folder / "kdc.out").open("wb") as out:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=out, stderr=out, env=self._environment(), start_new_session=True
            )
        end = time.monotonic() + _WAIT
        while not self._answers():
            if time.monotonic() > end:
                self.stop()
                raise OSError(f"the KDC does not start: {(self.folder / 'kdc.out').read_text()}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection((self.address, self.port), timeout=1):
            return True
        return False

    def stop(self) -> None:
        """End the KDC."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait(_WAIT)
        self._process = None

    def _environment(self) -> dict[str, str]:
        return dict(os.environ) | self.server_environment | {"KRB5_KDC_PROFILE": str(self.folder / "kdc.conf")}

    def _administer(self, *lines: str) -> None:
        """Tell kadmin on its standard input, where no process list shows a password."""
        said = self._run("kadmin.local", "-r", self.name, given="\n".join(lines) + "\n")
        if problems := [line for line in said.splitlines() if "while " in line]:
            raise OSError(f"kadmin.local: {'; '.join(problems)}")

    def _run(self, name: str, *words: str, given: str = "", environment: Mapping[str, str] | None = None) -> str:
        done = subprocess.run(
            [_program(name) or name, *words],
            input=given,
            env=self._environment() | dict(environment or {}),
            capture_output=True,
            text=True,
            timeout=_WAIT + 0.1 * given.count("\n"),
            check=False,
        )
        if done.returncode:
            raise OSError(f"{name} failed: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout + done.stderr


def _quoted(word: str) -> str:
    """A word for kadmin; raises ValueError for what its command line cannot carry."""
    if "\n" in word or "\0" in word:
        raise ValueError("a lab account's name or password cannot hold a line break or NUL")
    return '"' + word.replace('"', '""') + '"'


def _free_port(address: str) -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])
