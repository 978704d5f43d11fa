# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts that may log on, and the credential file that pyspnego's NTLM acceptor reads."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

# Acceptors find their files by environment variables, which all labs of the process share.
_ENVIRONMENT = threading.Lock()
_VARIABLE = "NTLM_USER_FILE"


@dataclass(frozen=True)
class Account:
    """``DOMAIN\\name`` and its password; ``realm`` is the domain's DNS name."""

    domain: str
    name: str
    password: str
    realm: str

    @property
    def down_level(self) -> str:
        """``DOMAIN\\name``."""
        return f"{self.domain}\\{self.name}"

    @property
    def upn(self) -> str:
        """``name@realm``."""
        return f"{self.name}@{self.realm}"

    def spellings(self) -> set[str]:
        """The ways to write the account's name, in lower case."""
        return {each.lower() for each in (self.name, self.down_level, self.upn, f"{self.realm}\\{self.name}")}


@dataclass
class Accounts:
    """The accounts of one lab."""

    file: Path
    accounts: list[Account] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The environment of an acceptor begins with the file of NTLM."""
        self.environment[_VARIABLE] = str(self.file)

    def add(self, domain: str, name: str, password: str, realm: str) -> Account:
        """Let another account log on; its password must hold no colon, which the file uses."""
        if ":" in password + name:
            raise ValueError("a colon cannot be part of a lab account's name or password")
        account = Account(domain, name, password, realm)
        self.accounts.append(account)
        lines = (
            f"{domain_part}:{user_part}:{each.password}\n"
            for each in self.accounts
            for domain_part, user_part in (
                (each.domain, each.name),
                (each.realm, each.name),
                ("", each.name),
                ("", each.upn),
            )
        )
        self.file.write_text("".join(lines))
        return account

    def find(self, name: str) -> Account | None:
        """The account so written, with a domain in front, behind or not at all."""
        return next((each for each in self.accounts if name.lower() in each.spellings()), None)

    def check(self, name: str, password: str) -> Account | None:
        """The account of that name if the password is right."""
        account = self.find(name)
        return account if account and account.password == password else None

    @contextmanager
    def exposed(self) -> Iterator[None]:
        """Point acceptors to this lab's files, for a step of a handshake."""
        with _ENVIRONMENT:
            # what is right already stays untouched: other threads may be reading it
            before = {name: os.environ.get(name) for name, value in self.environment.items()}
            changed = {name: value for name, value in before.items() if value != self.environment[name]}
            os.environ.update({name: self.environment[name] for name in changed})
            try:
                yield
            finally:
                for name, value in changed.items():
                    if value is None:
                        del os.environ[name]
                    else:
                        os.environ[name] = value
