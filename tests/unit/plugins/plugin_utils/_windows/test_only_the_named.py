# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random address tables through plan and lab: only the named address ever changes."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.change import change
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.desired import Allowed, Desired, Refusal
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.plan import Circumstances
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.step import predict
from exchange_lab.windows.host import WindowsHost
from exchange_lab.windows.record import HostSwitches, Interface, Record
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ADDRESSES = [f"127.9.{net}.{last}" for net in (8, 9) for last in (10, 25, 26, 27)] + ["2001:db8::25", "2001:db8::26"]
INDEXES = (7, 9)


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
    )
    flavour = draw(st.sampled_from(["2012+", "2012+", "2008"]))
    language = draw(st.sampled_from(["en", "de", "fr"]))
    dhcp = draw(st.sampled_from([False, False, False, True]))
    host = WindowsHost("m", "127.9.9.11", flavour=flavour, language=language, dhcp=dhcp, switches=switches)
    host.add_interface(Interface(9, "Ethernet 2", "00-15-5D-00-0A-47"), ("127.9.8.11", 24))
    for record, stores in draw(records()):
        for store in stores:
            host.table(store).append(record)  # type: ignore[arg-type]
    return host


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


def others(host: WindowsHost, named: Any) -> list[tuple[str, Record]]:
    return [
        (store, record)
        for store in ("ActiveStore", "PersistentStore")
        for record in host.table(store)  # type: ignore[arg-type]
        if record.address != named
    ]


def interfaces(host: WindowsHost) -> str:
    """All of them, without DHCP for IPv6, which is enabled everywhere and ends with the first static address."""
    return repr([replace(each, dhcp={4: each.dhcp.get(4)}) for each in host.interfaces.values()])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(windows=hosts(), desired=wishes, allowed=permissions)
def test_only_the_named_address_ever_changes(
    lab_host: Any, windows: WindowsHost, desired: Desired, allowed: Allowed
) -> None:
    host = lab_host(windows)
    rest, settled = others(windows, desired.ip), interfaces(windows)
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
        assert interfaces(windows) == settled
    if stuck:
        assert "Set allow_interruption to true" in stuck
        assert (windows.switches.set_reaches, windows.switches.set_persistent) == ("active", False)
        assert not allowed.interruption
        return
    assert bool(windows.find(desired.ip)) == desired.present or desired.interface is not None
    assert {step.ip for step in done.steps} <= {desired.ip}
    assert set(predict(before, done.steps).addresses) == set(done.after.addresses)
    applied = len(host.applied)
    assert change(host, host.read(), [desired], around, 5, False).steps == []
    assert len(host.applied) == applied
