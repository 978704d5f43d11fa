# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Behaviour of Exchange that no public source settles: one switch for each, with the answers that are thinkable.

A client has to be right under every answer; tests run it under pairs of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields

from exchange_lab.pairs import pairwise


def _switch(*choices: str, means: str) -> str:
    """A field whose first choice is the default; ``means`` says what is unknown."""
    made: str = field(default=choices[0], metadata={"choices": choices, "means": means})
    return made


@dataclass(frozen=True, kw_only=True)
class Switches:
    """The lab's choice for each open question; the first choice is the default."""

    wire_shape: str = _switch(
        "strings", "objects", means="properties of output objects: plain strings, or objects as in an Export-Clixml"
    )
    hashtable: str = _switch("accepted", "refused", means="@{Add=…;Remove=…} for a multi-valued parameter, remotely")
    statements: str = _switch("several", "single", means="several statements in one pipeline of the remote endpoint")
    pipelines: str = _switch("piped", "single", means="one cmdlet piped into another on the remote endpoint")
    unknown_identity: str = _switch(
        "error", "nothing", "all", means="Get-ReceiveConnector -Identity of something that is not there"
    )
    set_groups: str = _switch(
        "keep", "drop", means="what Set-ReceiveConnector -PermissionGroups does to explicit access control entries"
    )
    custom_group: str = _switch("refused", "ignored", means="Custom as a value of -PermissionGroups")
    group_rights: str = _switch(
        "removable", "fixed", means="Remove-ADPermission of a right that a permission group grants"
    )
    partial_group: str = _switch(
        "custom", "group", means="PermissionGroups after one of a group's rights was removed: only Custom, or both"
    )
    sid_user: str = _switch("accepted", "refused", means="a security identifier as -User of the *-ADPermission cmdlets")
    foreign_account_names: str = _switch(
        "refused", "accepted", means="English names of the well-known accounts on a server in another language"
    )
    default_role: str = _switch(
        "HubTransport", "FrontendTransport", means="TransportRole of a new connector when it is not given"
    )
    edge_role: str = _switch("shown", "absent", means="TransportRole of a connector on an Edge Transport server")
    role_conflict: str = _switch(
        "same", "overlapping", means="whether 0.0.0.0:25 and 10.0.0.1:25 collide when the transport roles differ"
    )
    wildcard_conflict: str = _switch(
        "accepted", "refused", means="equal ranges on 0.0.0.0:25 and 10.0.0.1:25 in the same transport role"
    )
    implied_parameters: str = _switch(
        "accepted", "refused", means="RemoteIPRanges with usage Internet, Bindings with usages Internal and Client"
    )
    range_limit: str = _switch("1250", "1200", "1300", means="entries of RemoteIPRanges that the directory takes")
    host_bits: str = _switch("kept", "rebased", means="the text of 192.168.1.1/24 when it is read back")
    netmask: str = _switch("accepted", "refused", means="10.0.0.0(255.0.0.0) as a range")
    ipv6_text: str = _switch("given", "compressed", "expanded", means="the text of an IPv6 range when it is read back")
    range_formats: str = _switch(
        "words", "short", means="RangeFormat other than LoHi: SingleAddress, CIDR or Single, Cidr"
    )
    repeated_values: str = _switch("merged", "refused", means="the same value twice in one list")
    add_present: str = _switch("ignored", "refused", means="@{Add=…} of a value that is there")
    remove_missing: str = _switch("ignored", "refused", means="@{Remove=…} of a value that is not there")
    flag_values: str = _switch(
        "powers", "spaced", means="numbers of Partners, Custom (16, 32 or 32, 64) and ExternalAuthoritative (32 or 64)"
    )
    new_defaults: str = _switch(
        "capture", "documentation", means="MaxHopCount and MaxLocalHopCount of a new connector: 60 and 5, or 30 and 8"
    )
    new_state: str = _switch("Unchanged", "New", means="ObjectState of what New-ReceiveConnector returns")
    network_addresses: str = _switch(
        "list", "text", means="IPAddresses of Get-NetworkConnectionInfo: a list, or one text with commas"
    )
    se_version: str = _switch("15.2", "16.0", means="version that an Exchange Subscription Edition server shows")
    wording: str = _switch(
        "likely", "other", means="texts and exceptions of refusals and warnings that nobody has published"
    )
    max_sessions: str = _switch("18", "3", means="remote sessions that one user may hold at a time")
    anonymous_refusal: str = _switch(
        "5.7.57", "5.7.1", means="enhanced code of the 530 for a client without the right to submit, 2013 and later"
    )
    transport_delay: str = _switch("0", "1", means="seconds until Transport acts on a changed configuration")

    def __post_init__(self) -> None:
        """Refuse a choice that the switch does not have."""
        for name, choices in self.choices().items():
            if getattr(self, name) not in choices:
                raise ValueError(f"switch {name} must be one of {', '.join(choices)}, not {getattr(self, name)!r}")

    @classmethod
    def choices(cls) -> Mapping[str, tuple[str, ...]]:
        """The choices of every switch, the default first."""
        return {each.name: each.metadata["choices"] for each in fields(cls)}

    @classmethod
    def meanings(cls) -> Mapping[str, str]:
        """What every switch stands for, in one line."""
        return {each.name: each.metadata["means"] for each in fields(cls)}

    @classmethod
    def parse(cls, settings: Iterable[str]) -> Switches:
        """Switches from ``name=value`` texts; raises ValueError for an unknown name or value."""
        chosen: dict[str, str] = {}
        for setting in settings:
            name, separator, value = setting.partition("=")
            if not separator or name not in cls.choices():
                raise ValueError(f"no switch in {setting!r}; there are {', '.join(cls.choices())}")
            chosen[name] = value
        return cls(**chosen)

    @classmethod
    def pairwise(cls) -> Iterator[Switches]:
        """A few settings in which every pair of choices of two switches occurs at least once."""
        yield from (cls(**row) for row in pairwise(cls.choices()))
