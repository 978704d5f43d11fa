# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools

from exchange_lab.exchange.model import AccessControlEntry, Principal
from exchange_lab.transport.identity import ANONYMOUS, SECURED, Account, granted_rights, user_identity

NOBODY = Principal("NT AUTHORITY\\ANONYMOUS LOGON", "S-1-5-7")
RIGHT = "ms-Exch-SMTP-Accept-Any-Recipient"


def test_an_entry_counts_by_sid_whatever_the_language() -> None:
    german = Principal("NT-AUTORITÄT\\ANONYMOUS-ANMELDUNG", "S-1-5-7")
    assert granted_rights([AccessControlEntry(german, RIGHT)], ANONYMOUS) == {RIGHT.lower()}


def test_everyone_does_not_reach_the_anonymous_logon() -> None:
    everyone = [AccessControlEntry(Principal("Everyone", "S-1-1-0"), RIGHT)]
    assert not granted_rights(everyone, ANONYMOUS)
    assert granted_rights(everyone, user_identity(Account("EXAMPLE\\ada", "ada@example.com")))


def test_externally_secured_is_found_by_name() -> None:
    acl = [AccessControlEntry(Principal("MS Exchange\\Externally Secured Servers", ""), RIGHT)]
    assert granted_rights(acl, SECURED)
    assert not granted_rights(acl, ANONYMOUS)


def test_canonical_order_decides() -> None:
    """Explicit deny, explicit allow, inherited deny, inherited allow: the first that is there."""
    entries = {
        (deny, inherited): AccessControlEntry(NOBODY, RIGHT, deny=deny, inherited=inherited)
        for inherited in (False, True)
        for deny in (True, False)
    }
    for count in range(1, 5):
        for chosen in itertools.combinations(entries, count):
            first = next(key for key in [(True, False), (False, False), (True, True), (False, True)] if key in chosen)
            acl = [entries[key] for key in reversed(chosen)]
            assert bool(granted_rights(acl, ANONYMOUS)) is not first[0]


def test_a_group_and_an_account_are_found_by_name() -> None:
    account = Account("EXAMPLE\\ada", "ada@example.com", groups=frozenset({"EXAMPLE\\Relayers"}))
    assert granted_rights([AccessControlEntry(Principal("EXAMPLE\\Relayers", ""), RIGHT)], user_identity(account))
    assert granted_rights([AccessControlEntry(Principal("EXAMPLE\\Ada", ""), RIGHT)], user_identity(account))


def test_a_plain_access_right_is_no_extended_right() -> None:
    assert not granted_rights([AccessControlEntry(NOBODY, "GenericAll", extended=False)], ANONYMOUS)
