# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries as Exchange shows them, and whom they name in which language."""

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain, WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import Entry, Principals
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rights import GROUP_RIGHTS, RELAY, SUBMIT

ACE = ("Microsoft.Exchange.Management.RecipientTasks.ADAcePresentationObject",)


def ace(user: Plain, rights: Plain, deny: Plain = False, inherited: Plain = False) -> WireObject:
    return WireObject("", ACE, {"User": user, "ExtendedRights": rights, "Deny": deny, "IsInherited": inherited})


def of_group(user: str, group: str, key: str) -> list[Entry]:
    return [Entry(user, right) for right in sorted(GROUP_RIGHTS[group][key])]


@pytest.mark.parametrize("rights", [[SUBMIT], SUBMIT, ["MS-EXCH-SMTP-SUBMIT"]])
def test_one_object_is_one_entry(rights: Plain) -> None:
    assert Entry.from_object(ace("X\\y", rights)) == [Entry("X\\y", SUBMIT)]


@pytest.mark.parametrize(("deny", "inherited"), [(True, True), ("True", "true")])
def test_flags_come_as_booleans_or_as_text(deny: Plain, inherited: Plain) -> None:
    assert Entry.from_object(ace("X\\y", [SUBMIT], deny, inherited)) == [Entry("X\\y", SUBMIT, True, True)]


@pytest.mark.parametrize("rights", [None, [], ""])
def test_an_entry_without_extended_right_is_passed_over(rights: Plain) -> None:
    assert Entry.from_object(ace("X\\y", rights)) == []


def test_the_order_of_exchange_does_not_matter() -> None:
    one, two = ace("X\\y", [SUBMIT]), ace("X\\y", [RELAY])
    assert Entry.from_objects([one, two]) == Entry.from_objects([two, one, one])


@pytest.mark.parametrize(
    "name",
    [
        "NT AUTHORITY\\ANONYMOUS LOGON",
        "NT-AUTORITÄT\\ANONYMOUS-ANMELDUNG",
        "AUTORITE NT\\ANONYMOUS LOGON",
        "ZARZĄDZANIE NT\\LOGOWANIE ANONIMOWE",
        "S-1-5-7",
    ],
)
def test_the_anonymous_logon_is_learnt_from_what_its_group_grants(name: str) -> None:
    entries = [*of_group(name, "AnonymousUsers", "anonymous logon"), Entry(name, RELAY)]
    entries += of_group("EXAMPLE\\Exchange Servers", "ExchangeServers", "exchange servers")
    entries += of_group("MS Exchange\\Externally Secured Servers", "ExchangeServers", "externally secured servers")
    entries += of_group("EXAMPLE\\ExchangeLegacyInterop", "ExchangeLegacyServers", "exchangelegacyinterop")
    entries += of_group("ZARZĄDZANIE NT\\Użytkownicy uwierzytelnieni", "ExchangeUsers", "authenticated users")
    groups = ["AnonymousUsers", "ExchangeUsers", "ExchangeServers", "ExchangeLegacyServers"]
    principals = Principals.learn([(groups, entries)])
    assert principals.account("NT AUTHORITY\\ANONYMOUS LOGON") == name
    assert principals.same(name, "anonymous logon")
    assert principals.key("zarządzanie nt\\użytkownicy uwierzytelnieni") == "authenticated users"
    assert principals.explicit(entries, groups) == [Entry(name, RELAY)]


def test_without_any_entry_the_anonymous_logon_goes_by_its_sid() -> None:
    assert Principals.learn([]).account("NT AUTHORITY\\ANONYMOUS LOGON") == "S-1-5-7"
    assert Principals.learn([]).account("EXAMPLE\\copier") == "EXAMPLE\\copier"


def test_the_name_is_learnt_from_another_connector() -> None:
    other = of_group("ZARZĄDZANIE NT\\LOGOWANIE ANONIMOWE", "AnonymousUsers", "anonymous logon")
    assert (
        Principals.learn([(["ExchangeServers"], []), (["AnonymousUsers"], other)]).anonymous
        == "ZARZĄDZANIE NT\\LOGOWANIE ANONIMOWE"
    )


def test_two_accounts_with_the_rights_of_the_group_teach_nothing() -> None:
    entries = [
        *of_group("A\\b", "AnonymousUsers", "anonymous logon"),
        *of_group("C\\d", "AnonymousUsers", "anonymous logon"),
    ]
    assert Principals.learn([(["AnonymousUsers"], entries)]).anonymous == ""


def test_without_the_group_nobody_is_taken_for_the_anonymous_logon() -> None:
    entries = of_group("A\\b", "AnonymousUsers", "anonymous logon")
    assert Principals.learn([([], entries)]).anonymous == ""


def test_denied_and_inherited_entries_come_from_no_group() -> None:
    principals = Principals("NT AUTHORITY\\ANONYMOUS LOGON")
    entry = Entry("NT AUTHORITY\\ANONYMOUS LOGON", SUBMIT)
    assert principals.granted_by(entry, ["AnonymousUsers"]) == "AnonymousUsers"
    assert principals.granted_by(entry, ["ExchangeUsers"]) == ""
    assert principals.granted_by(Entry(entry.user, SUBMIT, deny=True), ["AnonymousUsers"]) == ""
    assert principals.granted_by(Entry(entry.user, SUBMIT, inherited=True), ["AnonymousUsers"]) == ""
    assert principals.explicit([Entry(entry.user, SUBMIT, inherited=True)], []) == []
