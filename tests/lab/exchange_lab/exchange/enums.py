# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exchange's enumerations: names, numbers, and the conversion of whatever PowerShell takes for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exchange_lab.powershell.objects import text_of
from exchange_lab.switches import Switches

_CONFIGURATION = "Microsoft.Exchange.Data.Directory.SystemConfiguration."


@dataclass(frozen=True)
class EnumType:
    """An enumeration; with ``flags`` a value is a frozenset of names, else one name."""

    type_name: str
    members: Mapping[str, int]
    flags: bool = False

    def names(self, value: Any) -> list[str]:
        """The member names in a value as it came: text, comma separated text, a number or a list of those."""
        if isinstance(value, list | tuple | frozenset | set):
            return [name for item in value for name in self.names(item)]
        if isinstance(value, int) and not isinstance(value, bool):
            return self._of_number(int(value))
        return [self._name(part.strip()) for part in text_of(value).split(",")]

    def parse(self, value: Any) -> Any:
        """A name, or a frozenset of names without None; raises ValueError with PowerShell's inner text."""
        names = self.names(value)
        if self.flags:
            return frozenset(names) - {"None"}
        if len(set(names)) != 1:
            raise self._unmatched(text_of(value))
        return names[0]

    def number(self, value: Any) -> int:
        """The number of a value of the lab."""
        return sum(self.members[name] for name in value) if self.flags else self.members[value]

    def text(self, value: Any) -> str:
        """The string form: flags in ascending order of their numbers."""
        if not self.flags:
            return str(value)
        return ", ".join(sorted(value, key=self.members.__getitem__)) or "None"

    def _of_number(self, number: int) -> list[str]:
        exact = [name for name, value in self.members.items() if value == number]
        if exact:
            return exact[:1]
        found = [name for name, value in self.members.items() if value and value & number == value]
        if not self.flags or sum(self.members[name] for name in found) != number:
            raise self._unmatched(str(number))
        return found

    def _name(self, text: str) -> str:
        """PowerShell takes any case and any unambiguous beginning of a name."""
        if text.isdecimal():
            return ", ".join(self._of_number(int(text)))
        wanted = text.lower()
        exact = [name for name in self.members if name.lower() == wanted]
        begun = exact or [name for name in self.members if wanted and name.lower().startswith(wanted)]
        if len(begun) != 1:
            raise self._unmatched(text)
        return begun[0]

    def _unmatched(self, text: str) -> ValueError:
        return ValueError(
            f"Unable to match the identifier name {text} to a valid enumerator name. Specify one of the following "
            f"enumerator names and try again:\n{', '.join(self.members)}"
        )


def _counted(type_name: str, *names: str) -> EnumType:
    return EnumType(type_name, {name: number for number, name in enumerate(names)})


PROTOCOL_LOGGING = _counted("Microsoft.Exchange.Data.ProtocolLoggingLevel", "None", "Verbose")
SIZE_MODE = _counted("Microsoft.Exchange.Data.SizeMode", "Disabled", "Enabled", "EnabledWithoutValue")
EXTENDED_PROTECTION = _counted(_CONFIGURATION + "ExtendedProtectionPolicySetting", "None", "Allow", "Require")
RATE_SOURCE = _counted(_CONFIGURATION + "MessageRateSourceFlags", "None", "IPAddress", "User", "All")
DOMAIN_TYPE = _counted(_CONFIGURATION + "AcceptedDomainType", "Authoritative", "ExternalRelay", "InternalRelay")
OBJECT_STATE = _counted("Microsoft.Exchange.Data.ObjectState", "New", "Unchanged", "Changed", "Deleted")
EDITION = _counted("Microsoft.Exchange.Data.ServerEditionType", "Unknown", "Standard", "StandardEvaluation")
USAGE = _counted(
    "Microsoft.Exchange.Management.SystemConfigurationTasks.NewReceiveConnector+UsageType",
    "Custom",
    "Internet",
    "Internal",
    "Client",
    "Partner",
)
INHERITANCE = _counted(
    "System.DirectoryServices.ActiveDirectorySecurityInheritance",
    "None",
    "All",
    "Descendents",
    "SelfAndChildren",
    "Children",
)
_ROLES = {
    "None": 0,
    "Mailbox": 2,
    "ClientAccess": 4,
    "UnifiedMessaging": 16,
    "HubTransport": 32,
    "Edge": 64,
    "FrontendTransport": 16384,
}
SERVER_ROLE = EnumType(_CONFIGURATION + "ServerRole", _ROLES, flags=True)
TRANSPORT_ROLE = EnumType(_CONFIGURATION + "ServerRole", _ROLES)


def auth_mechanisms(switches: Switches) -> EnumType:
    """AuthMechanism; the number of ExternalAuthoritative is unknown."""
    names = ("Tls", "Integrated", "BasicAuth", "BasicAuthRequireTLS", "ExchangeServer")
    numbers = {"None": 0, **{name: 1 << bit for bit, name in enumerate(names)}}
    numbers["ExternalAuthoritative"] = 32 if switches.flag_values == "powers" else 64
    return EnumType(_CONFIGURATION + "AuthMechanisms", numbers, flags=True)


def permission_groups(switches: Switches) -> EnumType:
    """PermissionGroups; the numbers of Partners and Custom are unknown."""
    names = ("AnonymousUsers", "ExchangeUsers", "ExchangeServers", "ExchangeLegacyServers")
    numbers = {"None": 0, **{name: 1 << bit for bit, name in enumerate(names)}}
    first = 16 if switches.flag_values == "powers" else 32
    return EnumType(
        "Microsoft.Exchange.Data.PermissionGroups", {**numbers, "Partners": first, "Custom": 2 * first}, flags=True
    )
