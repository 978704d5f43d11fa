# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's scenes in order; each says what it expects and whether it came so."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from exchange_lab.control import ControlClient

from . import playbook
from .device import Device, Dialogue
from .digest import Digest
from .stage import Stage
from .terminal import DIM, Terminal

# what Exchange answers to one who may not relay (NDR page of the Exchange documentation)
REFUSALS = {"2007": "550 5.7.1 Unable to relay", "2010": "550 5.7.1 Unable to relay"}
REFUSAL = "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain"
OUTSIDE = "partner@example.net"
PROVISION = Path(__file__).resolve().parents[3] / "playbooks" / "provision.yml"
SHOWN_HEADERS = ("Received", "From", "To", "Subject", "X-MS-Exchange-Organization-")


@dataclass
class Story:
    """The scenes on one stage; ``failures`` holds what did not come as promised."""

    stage: Stage
    terminal: Terminal
    control: ControlClient
    failures: list[str] = field(default_factory=list)

    def play(self) -> list[str]:
        """Show all scenes and return what did not hold."""
        self.cast()
        self.before()
        if self.provision():
            self.after()
            self.mail()
            self.again()
        if not self.failures:
            self.your_turn()
        return self.failures

    def held(self, true: bool, promise: str) -> bool:
        """Show and note whether a promise held."""
        self.terminal.verdict(true, promise)
        if not true:
            self.failures.append(promise)
        return true

    def ask(self, device: Device, server: str) -> Dialogue:
        """Let a device ask to relay to the outside and show the dialogue."""
        dialogue = device.ask(server, self.stage.smtp_port, OUTSIDE)
        self.terminal.quote([f"{device.name} {device.address} -> {server}", *dialogue.lines])
        return dialogue

    def cast(self) -> None:
        """Introduce the addresses and the ways to the server."""
        for address, who in self.stage.cast().items():
            self.terminal.line(f"   {address:<16} {who}")
        self.terminal.line()
        self.terminal.say("Windows speaks WinRM: NTLM with message encryption. Exchange speaks PSRP: Basic over TLS.")

    def before(self) -> None:
        """The copier may not relay."""
        stage = self.stage
        self.terminal.heading(1, "Before: the copier asks to send to somebody outside")
        if stage.exchange in REFUSALS:
            self.let_strangers_write()
        dialogue = self.ask(stage.copier, stage.server)
        refusal = REFUSALS.get(stage.exchange, REFUSAL)
        self.held(dialogue.reply == refusal, f"Exchange refuses it: {refusal}")

    def let_strangers_write(self) -> None:
        """Make the old server one that takes mail from the internet, which its setup does not."""
        self.terminal.say(
            "The administrator has let strangers write to people inside, as a server for the internet does:"
        )
        groups = "AnonymousUsers, ExchangeUsers, ExchangeServers, ExchangeLegacyServers"
        names = self.control.get("/state")["servers"][0]["connectors"]
        name = next(name for name in names if name.startswith("Default "))
        self.terminal.quote([f"Set-ReceiveConnector '{name}' -PermissionGroups {groups}"])
        wanted = {"Identity": name, "PermissionGroups": groups}
        self.control.post("/command", name="Set-ReceiveConnector", parameters=wanted)

    def provision(self) -> bool:
        """Run the playbook and show what it changed."""
        self.terminal.heading(2, "The play: ansible-playbook --diff relayops.exchange.provision")
        self.terminal.quote(self.stage.wanted(), DIM)
        begun = time.monotonic()
        play = self._run()
        took = time.monotonic() - begun
        return self.held(
            play.status == 0 and play.changed > 0, f"The play went through, changed={play.changed}, {took:.1f} s"
        )

    def after(self) -> None:
        """The copier may relay, the neighbour may not."""
        stage = self.stage
        self.terminal.heading(3, "After: the copier asks again, and so does its neighbour")
        answer = self.ask(stage.copier, stage.relay)
        self.held(answer.code == 250, "The copier may relay")
        answer = self.ask(stage.neighbour, stage.relay)
        self.held(answer.reply == REFUSALS.get(stage.exchange, REFUSAL), "Its neighbour may not")

    def mail(self) -> None:
        """The copier sends a message, which arrives outside."""
        stage = self.stage
        self.terminal.heading(4, "A message for real, as it arrived outside")
        sent = stage.copier.send(stage.relay, stage.smtp_port, OUTSIDE, "Scan of page 1")
        self.held(sent.code == 250, sent.reply)
        message = stage.delivered(OUTSIDE)
        if not self.held(message is not None, f"Delivered to {OUTSIDE}") or message is None:
            return
        headers = [f"{name}: {' '.join(str(text).split())}" for name, text in message.items()]
        self.terminal.quote([header for header in headers if header.startswith(SHOWN_HEADERS)])
        auth = message.get("X-MS-Exchange-Organization-AuthAs", "")
        self.held(auth == "Anonymous", "Exchange took the sender for a stranger: AuthAs Anonymous")
        self.held(message["From"] == stage.copier.mailbox, "and did not resolve it to somebody inside")

    def again(self) -> None:
        """A second run changes nothing."""
        self.terminal.heading(5, "The play a second time")
        play = self._run()
        self.held(play.status == 0 and play.changed == 0, f"Nothing to do: changed={play.changed}")

    def your_turn(self) -> None:
        """How to do the same on a real server."""
        self.terminal.heading(6, "Your turn: the same playbook on a real server")
        self.terminal.say(
            "Write the server into inventory.yml and what you want into its variables, as README.md shows:"
        )
        self.terminal.quote(
            [
                "pip install 'pypsrp[kerberos]' 'pywinrm[kerberos]' netaddr",
                "ansible-playbook -i inventory.yml relayops.exchange.provision --check --diff",
                "ansible-playbook -i inventory.yml relayops.exchange.provision --diff",
            ]
        )

    def _run(self) -> playbook.Play:
        stage = self.stage
        digest = Digest(lambda line: self.terminal.quote([line], DIM))
        play = playbook.run(str(PROVISION), stage.inventory, stage.environ, digest.line)
        digest.close()
        return play
