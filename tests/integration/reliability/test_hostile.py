# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text that means ill: it reaches Exchange as exactly that value or is refused before anything is sent."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import connector_task
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell import wire
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.advice import advise
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.deadline import Deadline
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import Failure, on_one_line
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.exchange import Exchange
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.literal import render
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.remote_session import RemoteSession
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import settings
from exchange_lab.inventory import endpoint
from exchange_lab.powershell import script
from exchange_lab.powershell.binding import PRESENT, Call
from exposure import kept, put_back
from pypsrp.serializer import Serializer

CASES = 400_000 if os.environ.get("RELAYOPS_LONG") == "1" else 100_000
PIECES = (
    *"'\"`$()[]{}@#;|&<>,.-=%^!?*~:\\/ \u2018\u2019\u201a\u201b\u201c\u201d\u201e",
    *("$(calc)", "'; Remove-ReceiveConnector *; '", "@'\n", "${env:x}", "--%", "#>", "<#", "''", '"', "$true"),
    *("\u202e", "\u200f", "\u2066", "\u200b", "\ufeff", "\ufffd", "e\u0301", "\U0001f4e0", "ß", "İ", "名前"),
    *("_x000A_", "_x005F_", "]]>", "&lt;", "<!--", "a", "B", "0", "abc", "-Confirm:$false", "Add", "%0a", "{{ 1 }}"),
)
ILL = ("\0", "\n", "\r", "\x1b", "\x07", "\x7f", "\x85", "\u2028", "\u2029")


def text(dice: random.Random) -> str:
    """Pieces that mean something to PowerShell, XML or a terminal."""
    return "".join(dice.choice(PIECES) for _ in range(dice.randrange(9))).replace("\n", "")


def value(dice: random.Random, depth: int = 2) -> Plain:
    """Anything that a parameter may be given."""
    kind = dice.randrange(9 if depth else 6)
    if kind < 4:
        return text(dice)
    if kind == 4:
        return dice.choice([True, False, None])
    if kind == 5:
        return dice.choice([0, -1, 25, 2**31 - 1, -(2**31), dice.randrange(10**6)])
    if kind == 6:
        return {text(dice): value(dice, 0) for _ in range(dice.randrange(3))}
    return [value(dice, 0) for _ in range(dice.randrange(4))]


def pipeline(dice: random.Random) -> tuple[Command, ...]:
    """One or two commands with parameters."""
    return tuple(
        Command(
            dice.choice(["New-ReceiveConnector", "Set-ReceiveConnector", "Get-ADPermission"]),
            {name: value(dice) for name in dice.sample(["Name", "Comment", "Bindings", "User", "Banner"], 3)},
        )
        for _ in range(dice.choice([1, 1, 2]))
    )


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(10))
def test_a_script_reads_back_as_the_same_commands(seed: int, record_property: Callable[[str, object], None]) -> None:
    """The parser is tree-sitter's grammar of PowerShell, which knows nothing of how the script was made."""
    dice = random.Random(seed)
    record_property("cases", CASES // 10)
    for _ in range(CASES // 10):
        meant = pipeline(dice)
        (line,) = script.read(render(meant))
        assert isinstance(line, tuple)
        assert [_as_read(command) for command in meant] == [_as_read_back(element) for element in line], meant


def _as_read(command: Command) -> tuple[str, dict[str, Plain]]:
    return command.name, dict(command.parameters)


def _as_read_back(element: Any) -> tuple[str, dict[str, Any]]:
    assert isinstance(element, Call)
    read: dict[str, Any] = {}
    waiting = ""
    for argument in element.arguments:
        if argument.value is PRESENT:
            assert not waiting
            waiting = argument.name
        else:
            assert bool(waiting) != bool(argument.name)
            read[(waiting or argument.name).removeprefix("-")] = argument.value
            waiting = ""
    assert not waiting
    return element.name, read


@pytest.mark.timeout(900)
def test_a_value_over_the_wire_is_the_same_value(record_property: Callable[[str, object], None]) -> None:
    """As pypsrp writes it and reads it (MS-PSRP 2.2.5)."""
    dice = random.Random(11)
    number = CASES // 10
    record_property("cases", number)
    for _ in range(number):
        meant = dice.choice([text(dice) + dice.choice(["", *ILL]), [text(dice) for _ in range(3)]])
        serialized = Serializer().serialize(meant)
        assert wire.decode(Serializer().deserialize(serialized)) == meant


@pytest.fixture(scope="module")
def stand(relay_stands: Callable[[ExitStack], Any]) -> Iterator[Any]:
    with ExitStack() as labs:
        made = relay_stands(labs)(())
        made.apply([{"name": "Printers", "address": 25, "clients": [77]}])
        yield made


OPTIONS = ("name", "comment", "banner", "fqdn", "default_domain", "remote_ip_ranges", "bindings")


@pytest.mark.timeout(900)
def test_an_option_reaches_exchange_as_it_is_or_not_at_all(
    stand: Any, record_property: Callable[[str, object], None]
) -> None:
    dice, before, cases, wrong = random.Random(5), kept(stand.lab), 0, []
    texts = [text(dice) for _ in range(60)] + [f"a{ill}b" for ill in ILL] + list(PIECES) + ["x" * 100_000]
    # a blank text counts as not given before it gets here
    hostile = [each for each in texts if each.strip()]
    with stand.session() as exchange:
        for option in OPTIONS:
            for given in hostile:
                cases += 1
                put_back(stand.lab, before)
                if problem := _tried(stand, exchange, option, given):
                    wrong.append(f"{option}: {given[:60]!r}: {problem}")
    record_property("cases", cases)
    record_property("failures", len(wrong))
    assert wrong == []


def _tried(stand: Any, exchange: Exchange, option: str, given: str) -> str:
    """What is wrong with how an option of this value is dealt with."""
    start = {"name": "Trial", "bindings": [f"{stand.address(25)}:25"], "remote_ip_ranges": ["192.0.2.1"]}
    listed = option in ("remote_ip_ranges", "bindings")
    stand.lab.journal.clear()
    options: dict[str, Any] = start | {option: [given] if listed else given}
    try:
        connector_task.apply(exchange, options, check_mode=False, warn=lambda told: None)
    except (ValueError, Failure) as refusal:
        written = [each.name for each in stand.lab.journal.commands if not each.name.startswith(("Get-", "Test-"))]
        # what only Exchange can judge it refuses itself, and then nothing was made
        clear = len(on_one_line(str(refusal))) < 2500
        left = [each.name for each in stand.lab.organisation.connectors("EX01") if each.name not in _usual(stand)]
        return "" if clear and not left and set(written) <= {"New-ReceiveConnector"} else f"{refusal} {written} {left}"
    (made,) = [each for each in stand.lab.organisation.connectors("EX01") if each.name not in _usual(stand)]
    found = {"name": made.name} | {key.lower(): value for key, value in made.properties.items()}
    connector_task.apply(
        exchange, {"name": str(made.name), "state": "absent"}, check_mode=False, warn=lambda told: None
    )
    shown = found[option.replace("_", "")]
    same = [str(item) for item in shown] == [given.strip()] if listed else str(shown or "") == given
    return "" if same or (listed and _same_list(option, given, shown)) else f"became {shown!r}"


def _usual(stand: Any) -> set[str]:
    return {"Printers", "Default Frontend EX01"}


def _same_list(option: str, given: str, shown: Any) -> bool:
    return option == "remote_ip_ranges" and len(list(shown)) > 0 and not given.strip("0123456789.:-/ ,;")


PASSWORDS = ("pa'ss", 'a"b', "x`$(y)", "a  b", "a%3Ab&c", " leading", "trailing ", "x" * 1000)


@pytest.mark.parametrize("password", PASSWORDS, ids=range(len(PASSWORDS)))
def test_a_password_of_any_text_signs_in_and_another_does_not(stand: Any, password: str) -> None:
    user = stand.lab.add_user(f"operator{PASSWORDS.index(password)}", password, "Organization Management")
    given = endpoint(stand.lab.details()) | {"endpoint_username": user, "endpoint_password": password}
    session = RemoteSession(settings(given, None, {}))
    try:
        assert Exchange(session, lambda told: None, server="EX01").facts.name == "EX01"
    finally:
        session.close()
    assert advise(settings(given, None, {})) == []
    wrong = RemoteSession(settings(given | {"endpoint_password": password + "'"}, None, {}))
    with pytest.raises(Failure) as refused:
        wrong.open()
    wrong.close()
    assert password not in str(refused.value)


HOSTS = ("a;b", "a b", "a'b", "$(x)", "ex01\nx", "http://ex01", "ex01/../x", "\0", "x" * 100_000)


@pytest.mark.parametrize("host", HOSTS, ids=range(len(HOSTS)))
def test_a_host_that_is_none_is_refused_and_named(stand: Any, host: str) -> None:
    given = endpoint(stand.lab.details()) | {"endpoint_host": host}
    stand.lab.journal.clear()
    with pytest.raises((Failure, ValueError)) as refused:
        advise(settings(given, None, {}))
    assert stand.lab.journal.requests == []
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 2000


# what a text may hold that means ill, and what may be given as one
CATEGORIES = {
    "single quotes": "a'b''c",
    "double quotes": 'a"b""c',
    "typographic single quotes": "a\u2018b\u2019c\u201ad\u201be",
    "typographic double quotes": "a\u201cb\u201dc\u201ed",
    "backticks": "a`b``c`'d",
    "subexpressions": "a$(Remove-Item *)b${c}$d",
    "line feeds": "a\nb",
    "carriage returns": "a\r\nb",
    "other line ends": "a\u2028b\u0085c",
    "NULs": "a\0b",
    "right-to-left marks": "a\u202eb\u200fc\u2066d",
    "100 kB": "x" * 100_000,
    "100 kB of quotes": "x'\u2019" * 25_000,
}


def _signed_in(stand: Any, user: str, password: str) -> str:
    """What is wrong with how an account is dealt with: it signs in as exactly that, or an error tells why it cannot."""
    known = stand.lab.add_user(user, password, "Organization Management")
    given = endpoint(stand.lab.details()) | {"endpoint_username": known, "endpoint_password": password}
    for secret, may in ((password, True), (f"{password}x", False)):
        found = settings(given | {"endpoint_password": secret}, None, {})
        session = RemoteSession(found, Deadline(20))
        try:
            advise(found)
            name = Exchange(session, lambda told: None, server="EX01").facts.name
            if not may or name != "EX01":
                return f"{name} let in a stranger"
        except (Failure, ValueError) as refused:
            said = str(refused)
            if "\n" in said or len(said) > 2500 or password in said:
                return f"says {said[:300]!r}"
            carried = (
                f"{user}{password}".isascii() and f"{user}{password}".isprintable() and len(user + password) < 1000
            )
            if may and carried:
                return f"keeps the account out: {said[:300]}"
        finally:
            session.close()
    return ""


def _host(stand: Any, text: str) -> str:
    given = endpoint(stand.lab.details()) | {"endpoint_host": f"ex{text}"}
    stand.lab.journal.clear()
    try:
        advise(settings(given, None, {}))
    except (Failure, ValueError) as refused:
        clear = "\n" not in str(refused) and len(str(refused)) < 2000
        return "" if clear and not stand.lab.journal.requests else str(refused)
    return "it is taken"


def _option(stand: Any, option: str, text: str) -> str:
    before = kept(stand.lab)
    try:
        with stand.session() as exchange:
            return _tried(stand, exchange, option, text)
    finally:
        put_back(stand.lab, before)


FIELDS: dict[str, Callable[[Any, str], str]] = {
    "name": lambda stand, text: _option(stand, "name", text),
    "comment": lambda stand, text: _option(stand, "comment", text),
    "range": lambda stand, text: _option(stand, "remote_ip_ranges", text),
    "range after an address": lambda stand, text: _option(stand, "remote_ip_ranges", f"192.0.2.7{text}"),
    "user": lambda stand, text: _signed_in(stand, f"operator-{text}", "Op-Passw0rd!"),
    "password": lambda stand, text: _signed_in(stand, f"keeper{abs(hash(text))}", f"Op-{text}"),
    "host": _host,
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("field", FIELDS)
def test_every_category_in_every_field(stand: Any, field: str, category: str) -> None:
    assert FIELDS[field](stand, CATEGORIES[category]) == ""


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_in_a_script(category: str) -> None:
    """What one line of text cannot carry is refused, all else reads back as it is; the generator has all of it too."""
    meant = Command("Set-ReceiveConnector", {"Name": CATEGORIES[category], "Bindings": [CATEGORIES[category]]})
    if set(CATEGORIES[category]) & set(ILL):
        with pytest.raises(ValueError, match="cannot be sent"):
            render((meant,))
        return
    (line,) = script.read(render((meant,)))
    assert isinstance(line, tuple)
    assert [_as_read_back(element) for element in line] == [_as_read(meant)]
    strange = {letter for letter in CATEGORIES[category] if not letter.isalnum()}
    assert strange <= set("".join(PIECES))
