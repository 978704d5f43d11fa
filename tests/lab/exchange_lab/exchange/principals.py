# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of an organisation, as the server's language names them."""

from __future__ import annotations

from exchange_lab.exchange.model import Principal

ANONYMOUS_SID = "S-1-5-7"
_DOMAIN_SID = "S-1-5-21-1004336348-1177238915-682003330"
# the accounts of the MS Exchange authority have no published identifiers; these stand for them
_EXCHANGE_SID = "S-1-9-1419165041"

# the well-known accounts by SID ("Well-known SIDs"), in the words of each language of Windows
_LOCALISED: dict[str, dict[str, str]] = {
    "en": {
        "S-1-5-7": "NT AUTHORITY\\ANONYMOUS LOGON",
        "S-1-5-11": "NT AUTHORITY\\Authenticated Users",
        "S-1-5-18": "NT AUTHORITY\\SYSTEM",
        "S-1-5-20": "NT AUTHORITY\\NETWORK SERVICE",
        "S-1-1-0": "Everyone",
        f"{_DOMAIN_SID}-512": "{domain}\\Domain Admins",
        f"{_DOMAIN_SID}-518": "{domain}\\Schema Admins",
        f"{_DOMAIN_SID}-519": "{domain}\\Enterprise Admins",
    },
    "de": {
        "S-1-5-7": "NT-AUTORITÄT\\ANONYMOUS-ANMELDUNG",
        "S-1-5-11": "NT-AUTORITÄT\\Authentifizierte Benutzer",
        "S-1-5-18": "NT-AUTORITÄT\\SYSTEM",
        "S-1-5-20": "NT-AUTORITÄT\\NETZWERKDIENST",
        "S-1-1-0": "Jeder",
        f"{_DOMAIN_SID}-512": "{domain}\\Domänen-Admins",
        f"{_DOMAIN_SID}-518": "{domain}\\Schema-Admins",
        f"{_DOMAIN_SID}-519": "{domain}\\Organisations-Admins",
    },
    "fr": {
        "S-1-5-7": "AUTORITE NT\\ANONYMOUS LOGON",
        "S-1-5-11": "AUTORITE NT\\Utilisateurs authentifiés",
        "S-1-5-18": "AUTORITE NT\\Système",
        "S-1-5-20": "AUTORITE NT\\SERVICE RÉSEAU",
        "S-1-1-0": "Tout le monde",
        f"{_DOMAIN_SID}-512": "{domain}\\Admins du domaine",
        f"{_DOMAIN_SID}-518": "{domain}\\Administrateurs du schéma",
        f"{_DOMAIN_SID}-519": "{domain}\\Administrateurs de l'entreprise",
    },
}
LANGUAGES = tuple(_LOCALISED)

# made by Exchange's setup, in English whatever the language
_EXCHANGE = {
    f"{_DOMAIN_SID}-1104": "{domain}\\Organization Management",
    f"{_DOMAIN_SID}-1119": "{domain}\\Exchange Servers",
    f"{_DOMAIN_SID}-1120": "{domain}\\Exchange Trusted Subsystem",
    f"{_DOMAIN_SID}-1124": "{domain}\\ExchangeLegacyInterop",
    f"{_DOMAIN_SID}-500": "{domain}\\Administrator",
    f"{_DOMAIN_SID}-1151": "{domain}\\scanner",
    f"{_DOMAIN_SID}-1152": "{domain}\\billing",
    f"{_EXCHANGE_SID}-1": "MS Exchange\\Partner Servers",
    f"{_EXCHANGE_SID}-2": "MS Exchange\\Hub Transport Servers",
    f"{_EXCHANGE_SID}-3": "MS Exchange\\Edge Transport Servers",
    f"{_EXCHANGE_SID}-4": "MS Exchange\\Externally Secured Servers",
}


class Principals:
    """The accounts that can be named, found by name or identifier."""

    def __init__(self, language: str, domain: str) -> None:
        if language not in _LOCALISED:
            raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, not {language!r}")
        self._domain = domain
        self._by_sid = {sid: self._named(name, sid) for sid, name in (_LOCALISED[language] | _EXCHANGE).items()}
        self._english = {self._named(name, sid).name.casefold(): sid for sid, name in _LOCALISED["en"].items()}

    def _named(self, name: str, sid: str) -> Principal:
        return Principal(name.replace("{domain}", self._domain), sid)

    @property
    def anonymous(self) -> Principal:
        """NT AUTHORITY\\ANONYMOUS LOGON, by whatever name."""
        return self._by_sid[ANONYMOUS_SID]

    def named(self, english: str) -> Principal:
        """The account of an English name, where ``{domain}`` stands for the organisation's domain."""
        name = english.replace("{domain}", self._domain)
        sid = self._english.get(name.casefold())
        return self._by_sid[sid] if sid else next(each for each in self._by_sid.values() if each.name == name)

    def find(self, text: str, *, sids: bool, foreign: bool) -> Principal | None:
        """The account that a caller means: a name with or without its domain, without case, or an identifier."""
        wanted = text.strip().casefold()
        if wanted.startswith("s-1-"):
            return self._by_sid.get(wanted.upper()) if sids else None
        for principal in self._by_sid.values():
            name = principal.name.casefold()
            if wanted in (name, name.rpartition("\\")[2]):
                return principal
        return self._by_sid[self._english[wanted]] if foreign and wanted in self._english else None

    def add(self, name: str, sid: str) -> Principal:
        """Make an account known."""
        made = self._named(name, sid)
        self._by_sid[sid] = made
        return made
