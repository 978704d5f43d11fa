# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random address tables through plan and lab: only the named address ever changes.

``RELAYOPS_LONG=1`` tries fifty times as many.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.change import change
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.desired import Allowed, Desired, Refusal
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.plan import Circumstances
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.report import notes
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.step import predict
from exchange_lab.windows.host import WindowsHost
from exchange_lab.windows.netsh_words import LANGUAGES
from exchange_lab.windows.record import HostSwitches, Interface, Record
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ADDRESSES = [f"127.9.{net}.{last}" for net in (8, 9) for last in (10, 25, 26, 27)] + ["2001:db8::25", "2001:db8::26"]
INDEXES = (7, 9)
pytestmark = pytest.mark.timeout(1800)
TIMES = 50 if os.environ.get("RELAYOPS_LONG") == "1" else 1


@st.composite
def records(draw: st.DrawFn) -> list[tuple[Record, tuple[str, ...]]]:
    """Addresses besides the primary one, each once, with the stores that have it."""
    found = []
    for text in draw(st.lists(st.sampled_from(ADDRESSES), unique=True, max_size=5)):
        address = ip_address(text)
        lengths = (24, 28, 32) if address.version == 4 else (64, 128)
        record = Record(address, draw(st.sampled_from(lengths)), draw(st.sampled_from(INDEXES)), draw(st.booleans()))
        stores = draw(st.sampled_from([("ActiveStore", "PersistentStore"), ("ActiveStore",), ("PersistentStore",)]))
        found.append((record, stores))
    return found


@st.composite
def hosts(draw: st.DrawFn) -> WindowsHost:
    """One or two interfaces, any flavour and any answer to what the documentation leaves open."""
    switches = HostSwitches(
        set_reaches=draw(st.sampled_from(["both", "active"])),
        set_persistent=draw(st.booleans()),
        remove_named_reaches=draw(st.sampled_from(["named", "both"])),
        remove_reaches=draw(st.sampled_from(["both", "active"])),
        dump_shows_flag=draw(st.booleans()),
        dhcpv6_beside_static=draw(st.sampled_from(["kept", "stopped"])),
    )
    flavour = draw(st.sampled_from(["2012+", "2012+", "2008"]))
    language = draw(st.sampled_from(sorted(LANGUAGES)))
    dhcp = draw(st.sampled_from([False, False, False, True]))
    host = WindowsHost("m", "127.9.9.11", flavour=flavour, language=language, dhcp=dhcp, switches=switches)
    host.add_interface(Interface(9, "Ethernet 2", "00-15-5D-00-0A-47"), ("127.9.8.11", 24))
    for index in INDEXES:
        autoconfigured(draw, host, index)
    for record, stores in draw(records()):
        for store in stores:
            host.table(store).append(record)  # type: ignore[arg-type]
    return host


def autoconfigured(draw: st.DrawFn, host: WindowsHost, index: int) -> None:
    """What IPv6 has without anybody's doing: DHCPv6 with or without a lease, an address that a router advertises."""
    interface = host.interfaces[index]
    interface.dhcp[6] = draw(st.booleans())
    lease, prefix = ip_address(f"2001:db8:0:{index}::1ea5"), ip_address(f"2001:db8::{index}:ff:fe00:1")
    if interface.dhcp[6] and draw(st.booleans()):
        host.active.append(Record(lease, draw(st.sampled_from([64, 128])), index, origin="Dhcp"))
        interface.dns_servers.append("2001:db8::53")
    if draw(st.booleans()):
        host.active.append(Record(prefix, 64, index, origin="RouterAdvertisement"))
        interface.gateways[6] = "fe80::1"


wishes = st.builds(
    Desired,
    st.sampled_from([*ADDRESSES, "127.9.9.11"]).map(ip_address),
    st.sampled_from([None, 24, 28, 32]),
    present=st.booleans(),
    skip_as_source=st.booleans(),
    register_in_dns=st.booleans(),
    interface=st.sampled_from([None, None, "Ethernet", "9"]),
)
permissions = st.builds(
    Allowed, foreign_subnet=st.booleans(), interruption=st.booleans(), dns_change=st.just(False), static=st.just(False)
)
leased = st.builds(Allowed, foreign_subnet=st.just(True), interruption=st.booleans(), static=st.just(True))


def others(host: WindowsHost, named: Any) -> list[tuple[str, Record]]:
    return [
        (store, record)
        for store in ("ActiveStore", "PersistentStore")
        for record in host.table(store)  # type: ignore[arg-type]
        if record.address != named
    ]


def interfaces(host: WindowsHost, without_dhcp: Collection[int] = ()) -> str:
    """All of them, without what is said of DHCPv6 for those of these indexes."""
    found = {index: replace(each, dhcp=dict(each.dhcp)) for index, each in host.interfaces.items()}
    for index in without_dhcp:
        found[index].dhcp.pop(6)
    return repr(found)


def unleased(host: WindowsHost) -> set[int]:
    """The interfaces on which a static IPv6 address ends DHCPv6 without anybody losing an address."""
    if host.switches.dhcpv6_beside_static == "kept":
        return set()
    with_lease = {each.index for each in host.active if each.address.version == 6 and each.origin == "Dhcp"}
    return {index for index, each in host.interfaces.items() if each.dhcp[6]} - with_lease


@settings(max_examples=60 * TIMES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(windows=hosts(), desired=wishes, allowed=permissions)
def test_only_the_named_address_ever_changes(
    lab_host: Any, windows: WindowsHost, desired: Desired, allowed: Allowed
) -> None:
    host = lab_host(windows)
    may_stop = unleased(windows) if desired.ip.version == 6 and desired.present else set()
    rest, settled = others(windows, desired.ip), interfaces(windows, may_stop)
    all_before = (list(windows.active), list(windows.persistent))
    around, stuck = Circumstances(allowed), ""
    try:
        before = host.read()
        done = change(host, before, [desired], around, 5, False)
    except Refusal:
        assert (windows.active, windows.persistent) == all_before
        assert host.applied == []
        return
    except ShellError as failure:
        stuck = str(failure)
    finally:
        assert others(windows, desired.ip) == rest
        assert interfaces(windows, may_stop) == settled
    if stuck:
        assert "Set allow_interruption to true" in stuck
        assert (windows.switches.set_reaches, windows.switches.set_persistent) == ("active", False)
        assert not allowed.interruption
        return
    assert bool(windows.find(desired.ip)) == desired.present or desired.interface is not None
    assert {step.ip for step in done.steps} <= {desired.ip}
    stopped = {index for index in INDEXES if 6 in before.interface(index).dhcp - done.after.interface(index).dhcp}
    assert stopped <= may_stop
    assert len(notes(before, done.after, done.steps, False)) == len(stopped)
    assert set(predict(before, done.steps).addresses) == set(done.after.addresses)
    applied = len(host.applied)
    assert change(host, host.read(), [desired], around, 5, False).steps == []
    assert len(host.applied) == applied


def kept(host: WindowsHost, named: Any) -> list[tuple[Any, ...]]:
    """The active addresses but the named one, without their origin, which becomes static."""
    found = [each for each in host.active if each.address != named]
    return sorted((each.text, each.prefix_length, each.index, each.skip_as_source) for each in found)


@settings(max_examples=25 * TIMES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(windows=hosts(), desired=wishes, allowed=leased)
def test_a_lease_that_may_become_static_stays(
    lab_host: Any, windows: WindowsHost, desired: Desired, allowed: Allowed
) -> None:
    host = lab_host(windows)
    rest = kept(windows, desired.ip)
    around = {index: (dict(each.gateways), set(each.dns_servers)) for index, each in windows.interfaces.items()}
    with suppress(Refusal, ShellError):
        change(host, host.read(), [desired], Circumstances(allowed), 5, False)
    assert kept(windows, desired.ip) == rest
    assert {index: (dict(each.gateways), set(each.dns_servers)) for index, each in windows.interfaces.items()} == around
