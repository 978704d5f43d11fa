# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A shell of one user on one server: which domain controller answers, and what becomes of a refusal."""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from exchange_lab.exchange.model import ExchangeServer
from exchange_lab.exchange.refusals import Refusal, in_other_words
from exchange_lab.exchange.versions import Version
from exchange_lab.powershell.cmdlet import Cmdlet, CmdletError, Invocation, Parameter

if TYPE_CHECKING:
    from exchange_lab.exchange.organisation import Organisation

_TASKS = "Microsoft.Exchange.Management.SystemConfigurationTasks."
_RECIPIENT_TASKS = "Microsoft.Exchange.Management.RecipientTasks."

Work = Callable[["Session", Invocation], Iterable[Any]]


@dataclass(frozen=True)
class Session:
    """Where cmdlets run. ``remote`` tells the Exchange endpoint from a local shell."""

    organisation: Organisation
    server: ExchangeServer
    user: str
    remote: bool

    def controller(self, call: Invocation, family: int = 0) -> str:
        """The domain controller asked for, or the one that this family of cmdlets happens to use.

        Cmdlets of different families may be served by different controllers, which is why a new object can be unknown
        to the next cmdlet until it has been replicated.
        """
        controllers = self.organisation.directory.controllers
        given = call.bound.get("DomainController")
        if not given:
            return controllers[(self.organisation.server_number(self.server) + family) % len(controllers)]
        wanted = str(given).casefold()
        for controller in controllers:
            if wanted in (controller.casefold(), controller.partition(".")[0].casefold()):
                return controller
        raise Refusal(
            f"The domain controller \"{given}\" isn't available or isn't a domain controller of this organization.",
            "ADServerNotFoundException",
            "InvalidArgument",
            given,
        )

    def cmdlet(
        self,
        name: str,
        parameters: Sequence[Parameter],
        work: Work,
        *,
        changes: bool = False,
        recipient: bool = False,
    ) -> Cmdlet:
        """A cmdlet around ``work``, which runs under the organisation's lock and may raise Refusal."""
        class_name = (_RECIPIENT_TASKS if recipient else _TASKS) + name.replace("-", "")

        def run(call: Invocation) -> Iterator[Any]:
            output: list[Any] = []
            with self.organisation.lock:
                try:
                    output.extend(work(self, call))
                except Refusal as refusal:
                    call.error(self._error(refusal, class_name))
            self.organisation.announce()
            yield from output

        return Cmdlet(name, tuple(parameters), run, class_name, should_process=changes, previews=changes)

    def _error(self, refusal: Refusal, class_name: str) -> CmdletError:
        if self.organisation.switches.wording == "other":
            refusal = in_other_words(refusal)
        number = f"{zlib.crc32(refusal.reason.encode()):08X}"
        mark = ""
        if self.organisation.profile.version >= Version.E2013:
            stamp = datetime.now(UTC).strftime("%m/%d/%Y %I:%M:%S %p")
            mark = (
                f"[Server={self.server.name},RequestId={uuid.uuid4()},TimeStamp={stamp}] "
                f"[FailureCategory=Cmdlet-{refusal.reason}] "
            )
        return CmdletError(
            refusal.message,
            category=refusal.category,
            reason=refusal.reason,
            error_id=f"{mark}{number},{class_name}",
            target=refusal.target,
        )
