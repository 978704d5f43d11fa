# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows Server 2008 and 2008 R2: netsh in many languages, with and without the hotfix."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.address import AddressTable, Entry
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.change import Done, change
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.desired import (
    Allowed,
    Desired,
    Refusal,
    parse_address,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.netsh import words
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.plan import Circumstances
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.step import Add, Remove, SetRegistration
from exchange_lab.windows.host import WindowsHost
from exchange_lab.windows.netsh_words import LANGUAGES
from exchange_lab.windows.record import HostSwitches, Interface, Record
from exchange_lab.windows.record import parse_address as ip

ALIASES = {
    "en": "Local Area Connection",
    "de": "LAN-Verbindung für Mail",
    "fr": "Connexion au réseau local",
    "ja": "ローカル エリア接続",
    "ru": "Подключение по локальной сети",
    "he": "חיבור אזור מקומי",
}


def want(text: str, **options: Any) -> Desired:
    address, length = parse_address(text)
    return Desired(address, length, **options)


def do(host: Any, *wanted: Desired, check_mode: bool = False, **allowed: bool) -> Done:
    return change(host, host.read(), list(wanted), Circumstances(Allowed(**allowed)), 10, check_mode)


@pytest.fixture(params=LANGUAGES)
def windows(request: pytest.FixtureRequest) -> WindowsHost:
    return WindowsHost("mail01", "127.9.9.10", flavour="2008", language=request.param, alias=ALIASES[request.param])


def test_the_table_is_that_of_the_host(host: Any, windows: WindowsHost) -> None:
    windows.add(Record(ip("127.9.9.25"), 28, 7, True), "ActiveStore", "PersistentStore")
    windows.add(Record(ip("127.9.9.26"), 32, 7, False), "ActiveStore")
    windows.persistent.append(Record(ip("127.9.9.27"), 24, 7, False))
    windows.add(Record(ip("2001:db8::25"), 64, 7, True), "ActiveStore", "PersistentStore")
    table = host.read()
    entries = {str(found.ip): (found.active, found.persistent, found.state, found.origin) for found in table.addresses}
    assert entries == {
        "127.0.0.1": (Entry(8, False), None, "Preferred", "WellKnown"),
        "::1": (Entry(128, False), None, "Preferred", "WellKnown"),
        "127.9.9.10": (Entry(24, False), Entry(24, False), "Preferred", "Manual"),
        "127.9.9.25": (Entry(28, True), Entry(28, True), "Preferred", "Manual"),
        "127.9.9.26": (Entry(32, False), None, "Preferred", "Other"),
        "127.9.9.27": (None, Entry(24, None), "", "Manual"),
        "2001:db8::25": (Entry(64, True), Entry(64, True), "Preferred", "Manual"),
        "fe80::9849:f94f:c7a1:cacb": (Entry(64, False), None, "Preferred", "WellKnown"),
    }
    interface = table.interface(7)
    assert (interface.alias, interface.mac) == (windows.interfaces[7].alias, "00-15-5D-00-0A-46")
    assert (interface.dhcp, interface.gateways) == (frozenset(), {4: "127.9.9.1"})
    assert (table.in_place, table.knows_skip_as_source) == (False, True)
    assert table.primary(7, 4) == ip("127.9.9.10")


def test_add_again_and_remove(host: Any, windows: WindowsHost) -> None:
    before = list(windows.active)
    do(host, want("127.9.9.25/24"))
    assert {found.skip_as_source for found in windows.active if found.address == ip("127.9.9.25")} == {True}
    assert any(found.address == ip("127.9.9.25") for found in windows.persistent)
    assert do(host, want("127.9.9.25/24")).steps == []
    do(host, want("127.9.9.25", present=False))
    assert windows.active == before


def test_ipv6(host: Any, windows: WindowsHost) -> None:
    wanted = want("2001:db8::25/64", interface=str(7))
    do(host, wanted, foreign_subnet=True)
    assert do(host, wanted, foreign_subnet=True).steps == []
    do(host, want("2001:db8::25", present=False))
    assert windows.find(ip("2001:db8::25")) == []


def test_the_flag_is_known_even_where_the_dump_does_not_print_it(host: Any, windows: WindowsHost) -> None:
    windows.switches = HostSwitches(dump_shows_flag=False)
    do(host, want("127.9.9.25/24"))
    assert do(host, want("127.9.9.25/24")).steps == []


def test_a_correction_drops_the_address_and_so_needs_to_be_allowed(host: Any, windows: WindowsHost) -> None:
    windows.add(Record(ip("127.9.9.25"), 24, 7, False), "ActiveStore", "PersistentStore")
    with pytest.raises(Refusal, match="can only be corrected by making it again"):
        do(host, want("127.9.9.25/24"))
    do(host, want("127.9.9.25/24"), interruption=True)
    assert windows.registered == {"127.9.9.10"}


def test_without_the_hotfix_the_flag_is_refused_with_its_name(host: Any, windows: WindowsHost) -> None:
    windows.hotfix = False
    with pytest.raises(Refusal, match=r"does not know skipassource, the hotfix KB975808 .* KB2386184 .* is missing"):
        do(host, want("127.9.9.25/24"))
    wanted = want("127.9.9.25/24", skip_as_source=False, register_in_dns=True)
    do(host, wanted)
    assert do(host, wanted).steps == []


def test_an_address_that_may_be_registered_unseen_is_refused(host: Any) -> None:
    with pytest.raises(Refusal, match="which cannot be seen here"):
        do(host, want("127.9.9.25/24", skip_as_source=False))


def test_a_tentative_address_is_waited_for_by_its_word(host: Any, windows: WindowsHost) -> None:
    windows.dad_seconds = 3
    do(host, want("127.9.9.25/24"))
    assert host.now >= 3


def test_a_duplicate_is_removed_again(host: Any, windows: WindowsHost) -> None:
    windows.duplicates = {ip("127.9.9.25"): "00-15-5D-12-34-56"}
    with pytest.raises(ShellError, match="00-15-5D-12-34-56; it was removed from this host again"):
        do(host, want("127.9.9.25/24"))
    assert windows.find(ip("127.9.9.25")) == []


def test_a_duplicate_in_words_that_nobody_knows_shows_by_the_event_log(
    host: Any, windows: WindowsHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = replace(LANGUAGES["en"], states={**LANGUAGES["en"].states, "Duplicate": "重複"})
    monkeypatch.setitem(LANGUAGES, windows.language, strange)
    windows.duplicates = {ip("127.9.9.25"): "00-15-5D-12-34-56"}
    with pytest.raises(ShellError, match="00-15-5D-12-34-56; it was removed from this host again"):
        do(host, want("127.9.9.25/24"))
    assert windows.find(ip("127.9.9.25")) == []


def test_dhcp_shows_by_another_word_than_the_loopback_has(lab_host: Any, windows: WindowsHost) -> None:
    leased = WindowsHost("m", "127.9.9.10", flavour="2008", language=windows.language, dhcp=True)
    host = lab_host(leased)
    assert host.read().find(ip("127.9.9.10"))[0].origin == "Dhcp"
    with pytest.raises(Refusal, match="configured by DHCP"):
        do(host, want("127.9.9.25/24"), static=True)


def test_an_interface_is_found_by_its_name_in_any_alphabet(host: Any, windows: WindowsHost) -> None:
    windows.add_interface(Interface(9, "Ethernet 2", "00-15-5D-00-0A-47"), ("127.9.8.10", 24))
    do(host, want("127.9.9.25/24", interface=windows.interfaces[7].alias))
    assert windows.find(ip("127.9.9.25"), 7)
    with pytest.raises(Refusal, match="there is no interface 'Ethernet 3'"):
        do(host, want("127.9.9.26/24", interface="Ethernet 3"))


def test_what_netsh_says_is_in_the_failure(host: Any, windows: WindowsHost) -> None:
    windows.find = lambda address, index=None: [("ActiveStore", Record(address, 24, 7))]  # type: ignore[method-assign]
    with pytest.raises(ShellError, match="it is in no store; the host said: "):
        do(host, want("127.9.9.25/24"))


def test_words_that_netsh_gets() -> None:
    table = AddressTable((), ())
    assert words(Add(7, ip("192.0.2.25"), 24, True), table) == (
        *("interface", "ipv4", "add", "address", "name=7"),
        *("address=192.0.2.25", "mask=255.255.255.0", "skipassource=true"),
    )
    assert words(Remove(7, ip("2001:db8::25"), "ActiveStore"), table) == (
        *("interface", "ipv6", "delete", "address", "interface=7", "address=2001:db8::25", "store=active"),
    )
    with pytest.raises(ValueError, match="netsh cannot switch DNS registration off"):
        words(SetRegistration(7, False), table)


@pytest.mark.parametrize("alias", ["interface", "Configuration for interface", "7", "127.9.9.10", "a=b : c", "-----"])
def test_an_interface_with_an_odd_name(lab_host: Any, alias: str) -> None:
    windows = WindowsHost("mail01", "127.9.9.10", flavour="2008", alias="LAN")
    windows.add_interface(Interface(9, alias, "00-15-5D-00-0A-47"), ("127.9.8.10", 24))
    host = lab_host(windows)
    do(host, want("127.9.9.25/24"), want("127.9.8.25/24"))
    assert {str(each.address): each.index for each in windows.persistent} == {
        "127.9.9.10": 7,
        "127.9.8.10": 9,
        "127.9.9.25": 7,
        "127.9.8.25": 9,
    }
    table = host.read()
    assert [each.origin for each in table.addresses if each.interface in (7, 9) and each.ip.version == 4] == [
        "Manual"
    ] * 4
    assert {table.primary(7, 4), table.primary(9, 4)} == {ip("127.9.9.10"), ip("127.9.8.10")}
    assert {found.active.prefix_length for found in table.addresses if found.active and found.interface == 9} == {24}


@pytest.mark.parametrize("alias", ["interface", "Configuration for interface"])
def test_a_lease_shows_next_to_an_interface_named_as_the_heading(lab_host: Any, alias: str) -> None:
    windows = WindowsHost("mail01", "127.9.9.10", flavour="2008", alias="LAN", dhcp=True)
    windows.add_interface(Interface(9, alias, "00-15-5D-00-0A-47"), ("127.9.8.10", 24))
    assert [each.origin for each in lab_host(windows).read().find(ip("127.9.9.10"))] == ["Dhcp"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_ipv6_has_by_itself(lab_host: Any, language: str) -> None:
    windows = WindowsHost("mail01", "127.9.9.10", flavour="2008", language=language)
    for text, length, origin in (("::1ea5", 128, "Dhcp"), ("::2ea5", 64, "Dhcp"), ("::3", 64, "RouterAdvertisement")):
        windows.active.append(Record(ip(f"2001:db8{text}"), length, 7, origin=origin))
    table = lab_host(windows).read()
    origins = {str(found.ip): found.origin for found in table.on(7, 6) if not found.ip.is_link_local}
    assert origins == {"2001:db8::1ea5": "Dhcp", "2001:db8::2ea5": "Dhcp", "2001:db8::3": "RouterAdvertisement"}
    assert table.interface(7).dhcp == {6}
    with pytest.raises(Refusal, match="configured by DHCP"):
        do(lab_host(windows), want("2001:db8::25/64"))


def test_a_lease_shows_where_the_words_for_yes_and_no_look_alike(
    lab_host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LANGUAGES, "en", replace(LANGUAGES["en"], yes="??", no="??"))
    windows = WindowsHost("mail01", "127.9.9.10", flavour="2008", dhcp=True)
    with pytest.raises(Refusal, match="configured by DHCP"):
        do(lab_host(windows), want("127.9.9.25/24"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_page_without_the_letters(lab_host: Any, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    windows = WindowsHost("mail01", "127.9.9.10", flavour="2008", language=language, alias=ALIASES[language])
    host = lab_host(windows)
    run = host.lab.run
    monkeypatch.setattr(host.lab, "run", lambda script: mangled(run(script)))
    if language in ("ja", "ru", "he"):
        with pytest.raises(ShellError, match="the console's code page has no letters for the display language"):
            host.read()
        return
    do(host, want("127.9.9.25/24"))
    assert do(host, want("127.9.9.25/24")).steps == []
    windows.duplicates = {ip("127.9.9.26"): "00-15-5D-12-34-56"}
    with pytest.raises(ShellError, match="00-15-5D-12-34-56; it was removed from this host again"):
        do(host, want("127.9.9.26/24"))


def test_two_interfaces_that_a_code_page_makes_alike(lab_host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    windows = WindowsHost("mail01", "127.9.9.10", flavour="2008", alias="Почта")
    windows.add_interface(Interface(9, "Архив", "00-15-5D-00-0A-47"), ("127.9.8.10", 24))
    host = lab_host(windows)
    run = host.lab.run
    assert len(host.read().adapters) == 2
    monkeypatch.setattr(host.lab, "run", lambda script: mangled(run(script)))
    with pytest.raises(ShellError, match="several interfaces bear one name in the console's code page"):
        host.read()


def mangled(streams: Any) -> Any:
    streams.objects[:] = [re.sub(r"[^\x00-\x7f]", "?", each) for each in streams.objects]
    return streams
