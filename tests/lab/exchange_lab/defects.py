# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that do not do what they say: one defect each, so that it can be seen whether a test would notice.

Unlike a switch, a defect is nothing that Exchange may do; nobody has to be right under it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from exchange_lab.exchange.model import AccessControlEntry, Principal
from exchange_lab.transport.identity import ANONYMOUS_LOGON, ANY_RECIPIENT, AUTHENTICATED_USERS

if TYPE_CHECKING:
    from exchange_lab.exchange.kinds import ListChange
    from exchange_lab.transport.doors import Door

Entries = Sequence[AccessControlEntry]
_EVERY_ADDRESS = "0.0.0.0-255.255.255.255"


@dataclass(frozen=True)
class Defect:
    """What is wrong, in a line, and the places where it shows; each is as it should be unless it is given.

    ``door`` changes how the transport sees a connector, ``list_change`` what ``@{Add=…; Remove=…}`` means, ``granted``
    and ``removed`` which entries Add- and Remove-ADPermission write. With ``deaf`` the transport never reads a change,
    with ``comments_on_others`` a new connector changes another one.
    """

    means: str
    door: Callable[[Door], Door] = lambda door: door
    list_change: Callable[[ListChange, Sequence[Any]], ListChange] = lambda change, _current: change
    granted: Callable[[Entries], Entries] = lambda entries: entries
    removed: Callable[[Entries], Entries] = lambda entries: entries
    deaf: bool = False
    comments_on_others: bool = False


def _relays(door: Door) -> bool:
    """Whether somebody granted anonymous clients of a connector the right to relay."""
    own = [entry for entry in door.acl if entry.right.lower() == ANY_RECIPIENT and not entry.deny]
    return any(entry.principal.sid == ANONYMOUS_LOGON and not entry.source for entry in own)


def _without_denials(door: Door) -> Door:
    return replace(door, acl=tuple(entry for entry in door.acl if not entry.deny))


def _open_to_all(door: Door) -> Door:
    ranges = (*door.properties["RemoteIPRanges"], _EVERY_ADDRESS)
    return replace(door, properties={**door.properties, "RemoteIPRanges": ranges}) if _relays(door) else door


def _always_relaying(door: Door) -> Door:
    if any(size >= 2**32 for size in (last - first + 1 for _version, first, last in door.ranges)):
        return door
    right = AccessControlEntry(Principal("NT AUTHORITY\\ANONYMOUS LOGON", ANONYMOUS_LOGON), ANY_RECIPIENT)
    return replace(door, acl=(*door.acl, right))


def _for_users_too(entries: Entries) -> Entries:
    users = Principal("NT AUTHORITY\\Authenticated Users", AUTHENTICATED_USERS)
    return [*entries, *(replace(entry, principal=users) for entry in entries if not entry.deny)]


NONE = Defect("nothing is wrong")
DEFECTS: Mapping[str, Defect] = {
    "ignores_deny": Defect("the transport takes no notice of denials", door=_without_denials),
    "relays_for_all": Defect("a connector that relays serves every address, whatever its ranges", door=_open_to_all),
    "relays_without_right": Defect("clients of a dedicated connector relay without the right", door=_always_relaying),
    "ignores_changes": Defect("the transport stays with the connectors that it began with", deaf=True),
    "forgets_ranges": Defect(
        "@{Add=…} leaves nothing of what was in the list",
        list_change=lambda change, current: replace(change, remove=tuple(current)) if change.add else change,
    ),
    "keeps_ranges": Defect("@{Remove=…} removes nothing", list_change=lambda change, _: replace(change, remove=())),
    "grants_everyone": Defect("Add-ADPermission grants a right to all users as well", granted=_for_users_too),
    "forgets_grants": Defect(
        "Add-ADPermission says yes and grants nothing", granted=lambda entries: [one for one in entries if one.deny]
    ),
    "keeps_denials": Defect(
        "Remove-ADPermission says yes and leaves denials",
        removed=lambda entries: [one for one in entries if not one.deny],
    ),
    "touches_others": Defect("a new connector changes the comment of another", comments_on_others=True),
}
