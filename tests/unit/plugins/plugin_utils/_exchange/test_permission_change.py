# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is added and removed for one account, and what is refused."""

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import Entry, Principals
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission_change import (
    PermissionChange,
    Wanted,
    permission_change,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rights import (
    BYPASS_ANTI_SPAM,
    GROUP_RIGHTS,
    RELAY,
    SUBMIT,
)

ANONYMOUS = "NT-AUTORITÄT\\ANONYMOUS-ANMELDUNG"
OF_GROUP = [Entry(ANONYMOUS, right) for right in GROUP_RIGHTS["AnonymousUsers"]["anonymous logon"]]
GROUPS = ["AnonymousUsers"]
PRINCIPALS = Principals(ANONYMOUS)


def change(wanted: Wanted, *entries: Entry) -> PermissionChange:
    return permission_change(wanted, [*OF_GROUP, *entries], GROUPS, PRINCIPALS)


def test_a_missing_right_is_added_under_the_name_of_the_server() -> None:
    assert change(Wanted("NT AUTHORITY\\ANONYMOUS LOGON", (RELAY,))) == PermissionChange(ANONYMOUS, False, add=(RELAY,))


@pytest.mark.parametrize("state", ["present", "exact"])
def test_what_is_there_or_comes_from_the_group_is_not_added(state: str) -> None:
    done = change(Wanted("s-1-5-7", (RELAY, SUBMIT), state=state), Entry(ANONYMOUS, RELAY))
    assert (done.add, done.remove) == ((), ())


def test_an_inherited_entry_does_not_count_as_present() -> None:
    assert change(Wanted(ANONYMOUS, (RELAY,)), Entry(ANONYMOUS, RELAY, inherited=True)).add == (RELAY,)


def test_absent_removes_what_is_there_and_is_content_with_what_is_not() -> None:
    wanted = Wanted(ANONYMOUS, (RELAY, BYPASS_ANTI_SPAM), state="absent")
    assert change(wanted, Entry(ANONYMOUS, RELAY)).remove == (RELAY,)
    assert change(wanted).remove == ()


def test_a_right_of_the_group_is_not_removed() -> None:
    with pytest.raises(ValueError, match=r"by the permission group AnonymousUsers.*Take AnonymousUsers out of"):
        change(Wanted(ANONYMOUS, (SUBMIT,), state="absent"))


def test_absent_says_what_is_inherited() -> None:
    done = change(Wanted(ANONYMOUS, (RELAY,), state="absent"), Entry(ANONYMOUS, RELAY, inherited=True))
    assert done.remove == ()
    assert "inherited" in done.notes[0]


def test_exact_removes_other_explicit_rights_of_that_account_only() -> None:
    done = change(
        Wanted(ANONYMOUS, (RELAY,), state="exact"),
        Entry(ANONYMOUS, BYPASS_ANTI_SPAM),
        Entry("EXAMPLE\\scanner", BYPASS_ANTI_SPAM),
        Entry(ANONYMOUS, BYPASS_ANTI_SPAM, deny=True),
        Entry(ANONYMOUS, BYPASS_ANTI_SPAM, inherited=True),
    )
    assert (done.add, done.remove) == ((RELAY,), (BYPASS_ANTI_SPAM,))
    assert [command.name for command in done.commands("CN=x")] == ["Remove-ADPermission", "Add-ADPermission"]


def test_exact_with_no_right_removes_all_but_the_groups() -> None:
    assert change(Wanted(ANONYMOUS, (), state="exact"), Entry(ANONYMOUS, RELAY)).remove == (RELAY,)


def test_allow_and_deny_do_not_touch_each_other() -> None:
    denied, allowed = Entry(ANONYMOUS, RELAY, deny=True), Entry(ANONYMOUS, RELAY)
    assert change(Wanted(ANONYMOUS, (RELAY,), deny=True, state="absent"), allowed).remove == ()
    assert change(Wanted(ANONYMOUS, (RELAY,), state="absent"), denied).remove == ()
    assert change(Wanted(ANONYMOUS, (SUBMIT,), deny=True)).add == (SUBMIT,)
    added = change(Wanted(ANONYMOUS, (RELAY,)), denied)
    assert added.add == (RELAY,)
    assert "a denial outweighs a grant" in added.notes[0]


def test_a_denial_carries_the_switch_and_is_made_before_one_is_dropped() -> None:
    wanted = Wanted("EXAMPLE\\x", (SUBMIT,), deny=True, state="exact")
    done = permission_change(wanted, [Entry("Example\\X", RELAY, deny=True)], [], Principals())
    assert done.commands("CN=x") == [
        Command(
            "Add-ADPermission",
            {"Identity": "CN=x", "User": "Example\\X", "ExtendedRights": [SUBMIT], "Deny": True, "Confirm": False},
        ),
        Command(
            "Remove-ADPermission",
            {"Identity": "CN=x", "User": "Example\\X", "ExtendedRights": [RELAY], "Deny": True, "Confirm": False},
        ),
    ]
