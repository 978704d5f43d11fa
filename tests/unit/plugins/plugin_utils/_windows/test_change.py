# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole change on the lab's tables: done, verified, undone, refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.change import change
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.desired import (
    Allowed,
    Desired,
    Refusal,
    parse_address,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.plan import Circumstances
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.task import apply
from exchange_lab.windows.host import WindowsHost
from exchange_lab.windows.record import HostSwitches, Interface, Record
from exchange_lab.windows.record import parse_address as ip


def want(text: str, **options: Any) -> Desired:
    address, length = parse_address(text)
    return Desired(address, length, **options)


def do(host: Any, *wanted: Desired, check_mode: bool = False, timeout: float = 30, **around: Any) -> Any:
    return change(host, host.read(), list(wanted), Circumstances(**around), timeout, check_mode)


def rows(windows: WindowsHost) -> list[tuple[Any, ...]]:
    return [
        (store, str(each.address), each.prefix_length, each.index, each.skip_as_source)
        for store in ("ActiveStore", "PersistentStore")
        for each in windows.table(store)  # type: ignore[arg-type]
    ]


def test_a_new_address_is_in_both_stores_and_no_source(host: Any, windows: WindowsHost) -> None:
    before = rows(windows)
    done = do(host, want("127.9.9.25/24"))
    assert [step.words for step in done.steps] == ["add 127.9.9.25/24 to interface 7, not as a source"]
    new = [("ActiveStore", "127.9.9.25", 24, 7, True), ("PersistentStore", "127.9.9.25", 24, 7, True)]
    assert sorted(rows(windows)) == sorted(before + new)
    assert windows.registered == {"127.9.9.10"}
    assert windows.usable("127.9.9.25")


def test_again_changes_nothing_and_sends_nothing(host: Any) -> None:
    do(host, want("127.9.9.25/24"))
    host.applied.clear()
    assert do(host, want("127.9.9.25/24")).steps == []
    assert host.applied == []


def test_check_mode_predicts_and_writes_nothing(host: Any, windows: WindowsHost) -> None:
    before = rows(windows)
    predicted = do(host, want("127.9.9.25/24"), check_mode=True)
    assert rows(windows) == before
    real = do(host, want("127.9.9.25/24"))
    assert (predicted.before, predicted.steps) == (real.before, real.steps)
    assert predicted.after.interfaces == real.after.interfaces
    assert set(predicted.after.addresses) == set(real.after.addresses)


def test_the_prefix_length_is_that_of_the_subnet(host: Any, windows: WindowsHost) -> None:
    do(host, want("127.9.9.25"))
    assert ("ActiveStore", "127.9.9.25", 24, 7, True) in rows(windows)


def test_it_waits_while_the_address_is_tentative(host: Any, windows: WindowsHost) -> None:
    windows.dad_seconds = 3
    done = do(host, want("127.9.9.25/24"))
    assert host.now >= 3
    assert [each.state for each in done.after.find(ip("127.9.9.25"))] == ["Preferred"]


def test_an_address_that_stays_tentative_is_a_failure(host: Any, windows: WindowsHost) -> None:
    windows.dad_seconds = 300
    with pytest.raises(ShellError, match=r"^Adding 127.9.9.25 on mail01: its state is Tentative, not Preferred\. "):
        do(host, want("127.9.9.25/24"), timeout=5)


def test_a_duplicate_is_removed_again_and_the_suspect_named(host: Any, windows: WindowsHost) -> None:
    windows.duplicates = {ip("127.9.9.25"): "00-15-5D-12-34-56"}
    windows.dad_seconds = 1
    before = rows(windows)
    with pytest.raises(ShellError, match="holds the address: 00-15-5D-12-34-56; it was removed from this host again"):
        do(host, want("127.9.9.25/24"))
    assert rows(windows) == before


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("flavour", ["2012+", "2008"])
def test_a_duplicate_that_a_killed_run_left_is_named_with_its_suspect(
    lab_host: Any, flavour: str, check_mode: bool
) -> None:
    windows = WindowsHost("mail01", "127.9.9.10", flavour=flavour, duplicates={"127.9.9.25": "00-15-5D-12-34-56"})
    host = lab_host(windows)
    windows.add(Record(ip("127.9.9.25"), 24, 7, True), "ActiveStore", "PersistentStore")
    before = rows(windows)
    with pytest.raises(ShellError, match="holds the address: 00-15-5D-12-34-56; this host had it before") as failed:
        do(host, want("127.9.9.25/24"), check_mode=check_mode)
    assert "Find that machine, or remove the address with state: absent and take another address." in str(failed.value)
    assert (rows(windows), host.applied) == (before, [])
    do(host, want("127.9.9.25", present=False))
    assert windows.find(ip("127.9.9.25")) == []


@pytest.mark.parametrize("reaches", ["both", "active"])
def test_a_correction_stays_in_place(host: Any, windows: WindowsHost, reaches: Any) -> None:
    windows.switches = HostSwitches(set_reaches=reaches)
    windows.add(Record(ip("127.9.9.25"), 32, 7, False), "ActiveStore", "PersistentStore")
    since = windows.active[-1].since
    host.now += 100
    do(host, want("127.9.9.25/24"))
    assert ("ActiveStore", "127.9.9.25", 24, 7, True) in rows(windows)
    assert ("PersistentStore", "127.9.9.25", 24, 7, True) in rows(windows)
    assert windows.active[-1].since == since


def test_the_persistent_store_cannot_be_set_alone_everywhere(host: Any, windows: WindowsHost) -> None:
    windows.switches = HostSwitches(set_reaches="active", set_persistent=False)
    windows.add(Record(ip("127.9.9.25"), 32, 7, False), "ActiveStore", "PersistentStore")
    do(host, want("127.9.9.25/24"), allowed=Allowed(interruption=True))
    assert ("PersistentStore", "127.9.9.25", 24, 7, True) in rows(windows)


@pytest.mark.parametrize("reaches", ["both", "active"])
def test_removal_reaches_both_stores(host: Any, windows: WindowsHost, reaches: Any) -> None:
    before = rows(windows)
    windows.switches = HostSwitches(remove_reaches=reaches)
    do(host, want("127.9.9.25/24"))
    do(host, want("127.9.9.25", present=False))
    assert rows(windows) == before
    assert do(host, want("127.9.9.25", present=False)).steps == []


def test_an_address_that_a_restart_would_lose_needs_an_interruption(host: Any, windows: WindowsHost) -> None:
    windows.add(Record(ip("127.9.9.25"), 24, 7, True), "ActiveStore")
    with pytest.raises(Refusal, match="not in the persistent store"):
        do(host, want("127.9.9.25/24"))
    do(host, want("127.9.9.25/24"), allowed=Allowed(interruption=True))
    assert ("PersistentStore", "127.9.9.25", 24, 7, True) in rows(windows)


def test_an_address_that_only_a_restart_would_bring_back_is_made_active(host: Any, windows: WindowsHost) -> None:
    windows.persistent.append(Record(ip("127.9.9.25"), 24, 7, True))
    do(host, want("127.9.9.25/24"))
    assert windows.usable("127.9.9.25")
    assert len(windows.persistent) == 2


def test_a_cut_connection_is_read_again_and_the_rest_is_done(host: Any, windows: WindowsHost) -> None:
    host.lab.cut_after = {2}
    done = do(host, want("127.9.9.25/24"))
    assert done.cuts == ("cut after",)
    assert host.lab.resets == 1
    assert windows.usable("127.9.9.25")


def test_a_cut_that_shows_after_the_steps_were_answered(host: Any, windows: WindowsHost) -> None:
    host.lab.cut_before = {3}
    done = do(host, want("127.9.9.25/24"))
    assert done.cuts == ("cut before",)
    assert host.lab.resets == 1
    assert windows.usable("127.9.9.25")


def test_what_never_arrived_is_sent_again_after_a_cut(host: Any, windows: WindowsHost) -> None:
    host.lab.cut_before = {2, 3, 4}
    do(host, want("127.9.9.25/24"))
    assert windows.usable("127.9.9.25")
    assert len(host.applied) == 2


def test_a_host_that_does_not_come_back_is_a_failure(host: Any) -> None:
    host.lab.cut_after = set(range(2, 200))
    with pytest.raises(
        ShellError, match=r"^Reconnecting on mail01: the change cut the connection \(cut.* after 60 s: "
    ):
        do(host, want("127.9.9.25/24"))


def test_several_addresses_go_in_one_script(host: Any, windows: WindowsHost) -> None:
    do(host, want("127.9.9.25/24"), want("127.9.9.26/24"))
    assert len(host.applied) == 1
    assert windows.usable("127.9.9.25")
    assert windows.usable("127.9.9.26")


def test_one_bad_address_keeps_the_others_from_being_made(host: Any) -> None:
    with pytest.raises(Refusal, match="primary"):
        do(host, want("127.9.9.25/24"), want("127.9.9.10/24"))
    assert host.applied == []


def test_a_lease_becomes_static_when_that_is_allowed(lab_host: Any) -> None:
    windows = WindowsHost("mail01", "127.9.9.10", dhcp=True)
    windows.interfaces[7].dns_servers[:] = ["127.9.9.53"]
    host = lab_host(windows)
    with pytest.raises(Refusal, match="configured by DHCP"):
        do(host, want("127.9.9.25/24"))
    do(host, want("127.9.9.25/24"), allowed=Allowed(static=True))
    interface = windows.interfaces[7]
    assert (interface.dhcp[4], interface.gateways[4], interface.dns_servers) == (False, "127.9.9.1", ["127.9.9.53"])
    assert ("PersistentStore", "127.9.9.10", 24, 7, False) in rows(windows)
    assert ("PersistentStore", "127.9.9.25", 24, 7, True) in rows(windows)
    # one process on the host does all of it, whatever becomes of the controller's in between
    (script,) = [each for each in host.lab.scripts if "Set-NetIPInterface" in each]
    assert script.count("New-NetIPAddress") == 2


def test_registration_in_dns_is_switched_only_when_that_is_allowed(host: Any, windows: WindowsHost) -> None:
    with pytest.raises(Refusal, match="register_in_dns is false, but DNS registration is on for all of Ethernet"):
        do(host, want("127.9.9.25/24", skip_as_source=False))
    do(host, want("127.9.9.25/24", skip_as_source=False), allowed=Allowed(dns_change=True))
    assert windows.registered == set()


def test_an_ipv6_address(host: Any, windows: WindowsHost) -> None:
    allowed = Allowed(foreign_subnet=True)
    do(host, want("2001:db8::25/64", interface="Ethernet"), allowed=allowed)
    assert ("PersistentStore", "2001:db8::25", 64, 7, True) in rows(windows)
    assert do(host, want("2001:DB8:0::25/64"), allowed=allowed).steps == []


def test_an_address_moves_to_another_interface_only_when_that_is_allowed(host: Any, windows: WindowsHost) -> None:
    windows.add_interface(Interface(9, "Ethernet 2", "00-15-5D-00-0A-47"), ("127.9.8.10", 24))
    do(host, want("127.9.9.25/24"))
    wanted = want("127.9.9.25/24", interface="Ethernet 2")
    with pytest.raises(Refusal, match="it has to move from Ethernet to Ethernet 2"):
        do(host, wanted)
    do(host, wanted, allowed=Allowed(interruption=True, foreign_subnet=True))
    assert ("PersistentStore", "127.9.9.25", 24, 9, True) in rows(windows)
    assert ("PersistentStore", "127.9.9.25", 24, 7, True) not in rows(windows)


@pytest.mark.parametrize("store", ["ActiveStore", "PersistentStore"])
def test_an_address_made_again_would_switch_dhcp_off_too(lab_host: Any, store: Any) -> None:
    windows = WindowsHost("mail01", "127.9.9.10", dhcp=True)
    windows.table(store).append(Record(ip("127.9.9.25"), 28, 7, True))
    host, before = lab_host(windows), rows(windows)
    with pytest.raises(Refusal, match="configured by DHCP"):
        do(host, want("127.9.9.25/24"), allowed=Allowed(interruption=True, foreign_subnet=True))
    assert (rows(windows), windows.interfaces[7].dhcp[4]) == (before, True)
    do(host, want("127.9.9.25/24"), allowed=Allowed(interruption=True, static=True))
    assert ("PersistentStore", "127.9.9.10", 24, 7, False) in rows(windows)
    assert ("PersistentStore", "127.9.9.25", 24, 7, True) in rows(windows)


REACHES = [
    {"remove_reaches": "both"},
    {"remove_reaches": "active"},
    {"remove_reaches": "active", "remove_named_reaches": "both"},
]


@pytest.mark.parametrize("switches", REACHES)
def test_made_again_whatever_a_removal_reaches(host: Any, windows: WindowsHost, switches: Any) -> None:
    windows.switches = HostSwitches(set_reaches="active", **switches)
    windows.active.append(Record(ip("127.9.9.25"), 24, 7, True))
    windows.persistent.append(Record(ip("127.9.9.25"), 32, 7, False))
    do(host, want("127.9.9.25/24"), allowed=Allowed(interruption=True))
    assert [row[2:] for row in rows(windows) if row[1] == "127.9.9.25"] == [(24, 7, True)] * 2
    assert len(host.applied) == 1


@pytest.mark.parametrize("switches", REACHES)
def test_a_duplicate_leaves_both_stores(host: Any, windows: WindowsHost, switches: Any) -> None:
    windows.switches = HostSwitches(**switches)
    windows.duplicates = {ip("127.9.9.25"): "00-15-5D-12-34-56"}
    before = rows(windows)
    with pytest.raises(ShellError, match="removed from this host again"):
        do(host, want("127.9.9.25/24"))
    assert rows(windows) == before


def test_a_duplicate_that_only_a_restart_would_have_brought_back_is_inactive_again(
    host: Any, windows: WindowsHost
) -> None:
    windows.persistent.append(Record(ip("127.9.9.25"), 24, 7, True))
    windows.duplicates = {ip("127.9.9.25"): "00-15-5D-12-34-56"}
    before = rows(windows)
    with pytest.raises(ShellError, match="removed from this host again"):
        do(host, want("127.9.9.25/24"))
    assert rows(windows) == before


def test_a_duplicate_that_does_not_go_is_not_called_removed(host: Any, windows: WindowsHost) -> None:
    windows.duplicates = {ip("127.9.9.25"): "00-15-5D-12-34-56"}
    windows.put = lambda *ignored: None  # type: ignore[method-assign]
    with pytest.raises(ShellError, match="00-15-5D-12-34-56; it is still on this host") as failed:
        do(host, want("127.9.9.25/24"))
    assert "state: absent" in str(failed.value)


def test_a_duplicate_whose_removal_cuts_the_connection(host: Any, windows: WindowsHost) -> None:
    windows.duplicates = {ip("127.9.9.25"): "00-15-5D-12-34-56"}
    host.lab.cut_after = {5}
    with pytest.raises(ShellError, match="removed from this host again"):
        do(host, want("127.9.9.25/24"))
    assert host.lab.resets == 1


@pytest.mark.parametrize("store", ["ActiveStore", "PersistentStore"])
def test_what_windows_does_not_take_is_a_failure(host: Any, windows: WindowsHost, store: Any) -> None:
    windows.add(Record(ip("127.9.9.25"), 24, 7, False), "ActiveStore", "PersistentStore")
    put = windows.put
    windows.put = lambda where, *given: None if where == store else put(where, *given)  # type: ignore[method-assign]
    with pytest.raises(ShellError, match=r"still to do: correct 127\.9\.9\.25 on interface 7"):
        do(host, want("127.9.9.25/24"))


def test_interface_and_length_stay_those_of_the_first_look(host: Any, windows: WindowsHost) -> None:
    windows.add_interface(Interface(9, "7", "00-15-5D-00-0A-47"), ("127.9.8.10", 24))
    windows.switches = HostSwitches(set_reaches="active", remove_reaches="active")
    windows.add(Record(ip("127.9.8.25"), 28, 7, False), "ActiveStore", "PersistentStore")
    windows.add(Record(ip("127.9.8.26"), 28, 7, False), "ActiveStore")
    do(host, want("127.9.8.25/24"), want("127.9.8.26/24"), allowed=Allowed(interruption=True, foreign_subnet=True))
    made = {row[1]: row[3] for row in rows(windows)}
    assert (made["127.9.8.25"], made["127.9.8.26"]) == (7, 7)


@pytest.mark.parametrize(("text", "what"), [("127.9.9.0/24", "network"), ("127.9.9.31/28", "broadcast")])
def test_an_address_that_no_host_can_have(host: Any, text: str, what: str) -> None:
    with pytest.raises(Refusal, match=f"is the {what} address of 127.9.9."):
        do(host, want(text))
    assert host.applied == []


def test_the_address_of_the_router(host: Any) -> None:
    with pytest.raises(Refusal, match=r"127\.9\.9\.1 is the default gateway of Ethernet, another machine"):
        do(host, want("127.9.9.1/24"))
    assert host.applied == []


@pytest.mark.parametrize("flavour", ["2012+", "2008"])
def test_an_interface_without_a_link(lab_host: Any, flavour: str) -> None:
    windows = WindowsHost("mail01", "127.9.9.10", flavour=flavour)
    windows.add_interface(Interface(9, "Ethernet 2", "00-15-5D-00-0A-47", connected=False), ("127.9.8.10", 24))
    host, before = lab_host(windows), rows(windows)
    with pytest.raises(Refusal, match=r"Ethernet 2 is disconnected, so that Windows cannot find out .* 127\.9\.8\.25"):
        do(host, want("127.9.8.25/24"))
    assert rows(windows) == before
    windows.add(Record(ip("127.9.8.25"), 24, 9, True), "ActiveStore", "PersistentStore")
    with pytest.raises(ShellError, match="its state is Tentative, not Preferred, since Ethernet 2 is disconnected"):
        do(host, want("127.9.8.25/24"))
    do(host, want("127.9.8.25", present=False))
    assert rows(windows) == before


def test_either_address_of_a_pair(host: Any, windows: WindowsHost) -> None:
    do(host, want("127.9.9.26/31"))
    do(host, want("127.9.9.25/32"))
    assert windows.usable("127.9.9.25")
    assert windows.usable("127.9.9.26")


class Quiet:
    """A task that is no check and that nobody listens to."""

    check_mode = False

    def warn(self, text: str) -> None:
        raise AssertionError(text)


class Heard(Quiet):
    """A task that keeps its warnings."""

    def __init__(self, check_mode: bool = False) -> None:
        self.check_mode = check_mode
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)


@pytest.mark.parametrize("answer", ["kept", "stopped"])
def test_dhcp_of_ipv6_without_a_lease_is_told_of(host: Any, windows: WindowsHost, answer: Any) -> None:
    windows.switches = HostSwitches(dhcpv6_beside_static=answer)
    windows.active.append(Record(ip("2001:db8::3"), 64, 7, origin="RouterAdvertisement"))
    arguments = {"address": "2001:db8::25/64", "skip_as_source": True}
    check, real, again = Heard(check_mode=True), Heard(), Heard()
    for run in (check, real, again):
        apply(host, arguments, run, dict, "mail01")
    assert check.warnings == ["Ethernet has DHCPv6 on, without a lease: Windows may switch it off there"]
    told = ["Windows has switched DHCPv6 off on Ethernet, where there was no lease"]
    assert (real.warnings, again.warnings) == (told if answer == "stopped" else [], [])
    assert windows.interfaces[7].dhcp[6] is (answer == "kept")
    assert [each.text for each in windows.active if each.expires] == ["2001:db8::3"]


@pytest.mark.parametrize("answer", ["kept", "stopped"])
def test_a_lease_of_dhcpv6_is_kept_or_made_static(host: Any, windows: WindowsHost, answer: Any) -> None:
    windows.switches = HostSwitches(dhcpv6_beside_static=answer)
    windows.active.append(Record(ip("2001:db8::1ea5"), 64, 7, origin="Dhcp"))
    windows.interfaces[7].gateways[6] = "fe80::1"
    windows.interfaces[7].dns_servers[:] = ["127.9.9.53", "2001:db8::53"]
    before = rows(windows)
    with pytest.raises(Refusal, match="Ethernet is configured by DHCP"):
        do(host, want("2001:db8::25/64"))
    assert rows(windows) == before
    done = do(host, want("2001:db8::25/64"), allowed=Allowed(static=True))
    assert [step.words for step in done.steps] == [
        "switch DHCP off for IPv6 on interface 7",
        "add 2001:db8::1ea5/64 to interface 7",
        "set the DNS servers of interface 7 to 127.9.9.53, 2001:db8::53",
        "add 2001:db8::25/64 to interface 7, not as a source",
    ]
    assert windows.interfaces[7].gateways == {4: "127.9.9.1", 6: "fe80::1"}
    assert windows.interfaces[7].dns_servers == ["127.9.9.53", "2001:db8::53"]


def test_a_time_that_is_none_is_refused_before_anything_is_written(host: Any) -> None:
    with pytest.raises(ValueError, match="timeout is -1, which is no number of seconds"):
        apply(host, {"address": "127.9.9.25/24", "skip_as_source": True, "timeout": -1}, Quiet(), dict, "mail01")
    assert host.applied == []


def test_a_persistent_store_that_cannot_be_corrected_alone_asks_for_an_interruption(
    host: Any, windows: WindowsHost
) -> None:
    windows.switches = HostSwitches(set_reaches="active", set_persistent=False)
    windows.add(Record(ip("127.9.9.25"), 32, 7, False), "ActiveStore", "PersistentStore")
    with pytest.raises(ShellError, match=r"still to do: correct 127\.9\.9\.25 .* Set allow_interruption to true"):
        do(host, want("127.9.9.25/24"))


def test_a_correction_that_would_make_it_the_primary_address(host: Any, windows: WindowsHost) -> None:
    windows.add_interface(Interface(9, "Ethernet 2", "00-15-5D-00-0A-47"))
    windows.add(Record(ip("2001:db8::25"), 64, 9, True), "ActiveStore", "PersistentStore")
    windows.active.insert(0, Record(ip("127.9.9.25"), 24, 7, True))
    windows.persistent.insert(0, Record(ip("127.9.9.25"), 24, 7, True))
    options = {"skip_as_source": False, "register_in_dns": True}
    with pytest.raises(Refusal, match="Ethernet 2 has no IPv6 address yet, 2001:db8::25 would become its primary one"):
        do(host, want("2001:db8::25/64", **options))
    with pytest.raises(Refusal, match="would become the primary address of Ethernet in place of "):
        do(host, want("127.9.9.25/24", **options))
    assert host.applied == []
