# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import re
from ipaddress import ip_address, ip_network
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._recording.address_map import AddressMap, stays
from ansible_collections.relayops.exchange.plugins.plugin_utils._recording.anonymous import anonymised
from ansible_collections.relayops.exchange.plugins.plugin_utils._recording.pseudonyms import SAID, Pseudonyms
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.tape import HEADER
from hypothesis import given, settings
from hypothesis import strategies as st
from pypsrp import complex_objects

# Of the classes that nobody may see, none of them a word of Exchange's; each is put into every place there is
SECRET = st.one_of(
    st.text("bcdfghklmnpqrstvwz", min_size=6, max_size=12),
    st.from_regex(r"[a-z]{6,9}[0-9]{2}", fullmatch=True),
    st.text("äöüßéñčżλжя", min_size=4, max_size=8),
    st.sampled_from(["Ottokar", "MÜLLERsöhne", "quiltworks", "Zentrale", "hqmx07"]),
)


TYPE = "Microsoft.Exchange.Data.Directory.SystemConfiguration.ReceiveConnector"
ERROR_ID = "A8E5E8E5,Microsoft.Exchange.Management.SystemConfigurationTasks.GetReceiveConnector"


def recording(host: str, domain: str, user: str, free: str, address: str, sid: str, guid: str, mac: str) -> str:
    said = (
        f"The operation couldn't be performed because object '{host}\\{user}' couldn't be found on 'dc.{domain}.com'."
    )
    name = f"CN={user} relay,CN=SMTP Receive Connectors,CN=Protocols,CN={host},DC={domain},DC=com"
    properties = {
        "Name": f"Default Frontend {host}",
        "DistinguishedName": name,
        "Comment": f"For {free}, ask {user}@{domain}.com or 0301234567",
        free: free,
        "Sid": sid,
        "Mac": mac,
        "PermissionGroups": "AnonymousUsers, Custom",
    }
    port = f"[{address}]:25" if ":" in address else f"{address}:25"
    item = (
        f'<Obj RefId="0"><TN RefId="0"><T>{TYPE}</T></TN><ToString>{host}\\Default Frontend {host}</ToString><Props>'
        + "".join(f'<S N="{name}">{content}</S>' for name, content in properties.items())
        + f'<Obj N="RemoteIPRanges" RefId="1"><LST><S>{address}</S><S>{address}/32</S><S>{port}</S></LST></Obj>'
        + f'<G N="Guid">{guid}</G><BA N="SerializationData">c2VjcmV0</BA>'
        + f"<{free[:3]}x>{free}</{free[:3]}x></Props></Obj>"
    )
    error = (
        f'<Obj RefId="0"><MS><S N="Message">{said}</S>'
        f'<S N="FullyQualifiedErrorId">[Server={host}] {ERROR_ID}</S></MS></Obj>'
    )
    rounds: list[dict[str, Any]] = [
        {
            "shell": "exchange",
            "sent": {
                "statements": [[{"cmdlet": "Get-ReceiveConnector", "parameters": {"Identity": f"{host}\\{user}"}}]]
            },
            "received": {
                "messages": [
                    {"type": "PIPELINE_OUTPUT", "clixml": item},
                    {"type": "ERROR_RECORD", "clixml": error},
                    {"type": "PIPELINE_OUTPUT", "clixml": f"<!DOCTYPE {free}><S>{free}</S>"},
                ]
            },
        },
        {
            "shell": "host",
            "sent": {"script": f"New-NetIPAddress -IPAddress '{address}' -InterfaceAlias '{free}'"},
            "received": {
                "exit_code": 1,
                "stdout": json.dumps({"PSComputerName": host, "MacAddress": mac, "Description": free})
                + f"\r\n{user}\r\n",
                "stderr": f"{host} : {said}",
                free: free,
            },
            "broken": {"how": "cut", "text": f"{host}.{domain}.com {free}", "free": free},
            free: free,
        },
    ]
    lines = [
        HEADER,
        *({"session": "ab", "round": 1, "at": "2026-11-24T00:00:00Z", "host": host} | each for each in rounds),
    ]
    return "".join(f"{json.dumps(line)}\n" for line in lines)


def words(text: str) -> set[str]:
    plain = re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)
    return {word.casefold() for word in re.findall(r"[^\W_]+", plain)}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(SECRET, min_size=4, max_size=4, unique_by=str.casefold),
    st.ip_addresses().filter(lambda found: not stays(found)),
    st.tuples(*[st.integers(10**8, 2**32 - 1)] * 3),
    st.uuids(),
    st.binary(min_size=6, max_size=6),
)
def test_nothing_that_is_not_known_remains(
    names: list[str], address: Any, domain_numbers: tuple[int, ...], guid: Any, hardware: bytes
) -> None:
    host, domain, user, free = names
    sid = f"S-1-5-21-{'-'.join(map(str, domain_numbers))}-1234"
    mac = hardware.hex("-")
    text = recording(host, domain, user, free, str(address), sid, str(guid), mac)
    found, variables = anonymised(text, {"relay_clients": [str(address), user], "comment": free})
    left = words(found) & {word.casefold() for name in names for word in re.findall(r"[^\W_]+", name)}
    assert left == set()
    for secret in (str(address), sid, str(guid), mac, "0301234567", "c2VjcmV0", *map(str, domain_numbers)):
        assert secret not in found
    for kept in (TYPE, ERROR_ID, "Default Frontend"):
        assert kept in found
    assert "AnonymousUsers, Custom" in found
    assert "couldn't be found on" in found
    assert list(variables) == ["relay_clients", "comment"]
    assert json.dumps(str(variables["relay_clients"][1]).casefold())[1:-1] in found.casefold()
    again, _variables = anonymised(found, {})
    assert [list(json.loads(line)) for line in again.splitlines()[:3]] == [
        list(json.loads(line)) for line in found.splitlines()[:3]
    ]


RANGE = st.one_of(
    st.tuples(st.ip_addresses(v=4), st.integers(8, 32)).map(
        lambda made: (lambda network: (network[0], network[-1]))(ip_network(f"{made[0]}/{made[1]}", strict=False))
    ),
    st.tuples(st.integers(0x0A000000, 0x0A0003FF), st.integers(0, 600)).map(
        lambda made: (ip_address(made[0]), ip_address(made[0] + made[1]))
    ),
    st.tuples(st.ip_addresses(v=6), st.integers(16, 128)).map(
        lambda made: (lambda network: (network[0], network[-1]))(ip_network(f"{made[0]}/{made[1]}", strict=False))
    ),
)


def shared(one: Any, other: Any) -> int:
    return int(one.max_prefixlen) - (int(one) ^ int(other)).bit_length()


@settings(max_examples=200, deadline=None)
@given(st.lists(RANGE, min_size=1, max_size=8), st.binary(min_size=8, max_size=8))
def test_ranges_keep_their_relations(ranges: list[tuple[Any, Any]], key: bytes) -> None:
    ranges = [each for each in ranges if not stays(each[0]) and not stays(each[1])]
    table = AddressMap(key)
    for low, high in ranges:
        table.learn(low, high)
    made = [(table.of(low), table.of(high)) for low, high in ranges]
    for (low, high), (new_low, new_high) in zip(ranges, made, strict=True):
        assert int(high) - int(low) == int(new_high) - int(new_low)
    points = sorted({(low.version, low) for each in ranges for low in each})
    for (version, one), (other_version, other) in pairwise(points):
        if version == other_version:
            assert table.of(one) < table.of(other)
            assert (int(other) - int(one) == 1) <= (int(table.of(other)) - int(table.of(one)) == 1)


def test_few_addresses_come_to_lie_in_the_blocks_for_documentation() -> None:
    names = Pseudonyms(b"key")
    text = "10.1.2.3, 10.1.2.0/24, 172.16.9.10-172.16.9.20:25, 0.0.0.0-255.255.255.255, ::1, 255.255.255.0"
    names.text(text)
    names.settle()
    assert names.text(text) == (
        "192.0.2.3, 192.0.2.0/24, 198.51.100.10-198.51.100.20:25, 0.0.0.0-255.255.255.255, ::1, 255.255.255.0"
    )


def test_prefixes_are_kept_where_they_do_not_fit() -> None:
    table = AddressMap(b"key")
    points = [ip_address(f"10.{second}.{third}.7") for second in range(4) for third in (1, 2, 40)]
    for point in points:
        table.learn(point, point)
    made = [table.of(point) for point in points]
    assert not set(made) & set(points)
    for one, new_one in zip(points, made, strict=True):
        for other, new_other in zip(points, made, strict=True):
            assert shared(one, other) == shared(new_one, new_other)


def test_pseudonyms_are_in_the_order_of_what_they_stand_for() -> None:
    names = Pseudonyms(b"key", keep=["Fax"])
    given = ["Zebra Fax", "alpha", "MIDDLE"]
    for each in given:
        names.text(each)
    names.settle()
    assert [names.text(each) for each in given] == ["x3 Fax", "x1", "X2"]
    assert names.text("alpha wasn't found", SAID) == "x1 wasn't found"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is no recording of version 1"),
        ("- hosts: all\n", "it is no recording of version 1"),
        (f"{json.dumps(HEADER)}\n[1]\n", "line 2 is no object of JSON, or is cut off"),
        (f'{json.dumps(HEADER)}\n{{"sent": ', "line 2 is no object of JSON, or is cut off"),
        (f"{json.dumps(HEADER)}\n{'[' * 100000}\n", "line 2 is no object of JSON, or is cut off"),
    ],
)
def test_what_is_no_recording_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        anonymised(text, {})


@pytest.mark.parametrize(
    "text",
    [
        "Microsoft.Exchange.Data.MultiValuedProperty`1[[Microsoft.Exchange.Data.IPRange, Microsoft.Exchange.Data, "
        "Version=15.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35]]",
        "AdminDisplayVersion",
        "SuppressXAnonymousTls",
        "EnableNego2Authentication",
        "Version 15.2 (Build 1544.4)",
        "0.1 (8.0.535.0)",
        "36 MB (37,748,736 bytes)",
        "10675199.02:48:05.4775807",
        "Tls, Integrated, BasicAuth, BasicAuthRequireTLS, ExchangeServer, ExternalAuthoritative",
        "AnonymousUsers, ExchangeUsers, ExchangeServers, ExchangeLegacyServers, Partners, Custom",
        "NT AUTHORITY\\ANONYMOUS LOGON",
        "NT-AUTORITÄT\\ANONYMOUS-ANMELDUNG",
        "S-1-5-7 S-1-1-0 S-1-5-32-544",
        "ms-Exch-SMTP-Accept-Any-Recipient",
        "CN=SMTP Receive Connectors,CN=Protocols",
        "[relayops.exchange relay_connector]",
    ],
)
def test_what_exchange_brings_stays(text: str) -> None:
    names = Pseudonyms(b"key")
    names.text(text)
    names.settle()
    assert names.text(text) == text


@pytest.mark.parametrize(
    "text", ["192.0.2.250", "2001:0DB8::0:1", "192.0.2.240(255.255.255.240)", "0.0.0.0:50265", "[2001:db8::7]:50265"]
)
def test_what_nobody_has_stays_among_addresses_that_do_not(text: str) -> None:
    """The collection asks with addresses for documentation, and a replay has to be asked the same."""
    names = Pseudonyms(b"key")
    real = ["10.1.2.3", "192.0.3.9", "192.168.7.9", "203.0.114.1", "2001:db9::1", "2001:db7::1"]
    for each in [text, *real]:
        names.text(each)
    names.settle()
    assert names.text(text) == text
    made = [ip_address(names.text(each)) for each in real]
    assert not {str(each) for each in made} & set(real)


def test_the_order_of_others_and_of_what_nobody_has_is_kept() -> None:
    given = ["10.1.2.3", "10.1.2.9", "172.16.5.4", "192.0.2.250", "192.168.7.9"]
    names = Pseudonyms(b"key")
    for each in given:
        names.text(each)
    names.settle()
    made = [names.text(each) for each in given]
    assert made == sorted(made, key=ip_address)
    assert set(made) & set(given) == {"192.0.2.250"}


def test_the_names_that_a_client_needs_in_error_records_and_warnings_stay() -> None:
    """Those that pypsrp demands of the messages that a recording has (MS-PSRP 2.2.2, 2.2.3.15)."""
    source = Path(complex_objects.__file__).read_text()
    kinds = ("class ErrorRecord", "class InformationalRecord")
    bodies = [source.partition(kind)[2].partition("\nclass ")[0] for kind in kinds]
    demanded = {name for body in bodies for name in re.findall(r'name="(\w+)"', body)}
    assert {"InformationalRecord_Message", "ErrorCategory_Activity"} <= demanded
    names = Pseudonyms(b"key")
    for name in demanded:
        names.identifier(name)
    names.settle()
    assert {name for name in demanded if names.identifier(name) != name} == set()


def test_both_sides_of_a_probe_are_replaced_alike() -> None:
    said = {
        "sent": {"probe": ["MAIL FROM:<ottokar@quilts.example>"]},
        "received": {"transcript": ["C: MAIL FROM:<ottokar@quilts.example>", "S: 550 5.7.1 ottokar may not relay"]},
    }
    lines = [HEADER, {"session": "ab", "round": 1, "host": "hqmx", "shell": "smtp", "module": "smtp_probe", **said}]
    found, variables = anonymised(
        "".join(f"{json.dumps(line)}\n" for line in lines), {"rcpt": "ottokar@quilts.example"}
    )
    entry = json.loads(found.splitlines()[1])
    name, address = entry["received"]["transcript"][1].split()[3], variables["rcpt"]
    assert entry["sent"]["probe"] == [f"MAIL FROM:<{address}>"]
    assert entry["received"]["transcript"] == [f"C: MAIL FROM:<{address}>", f"S: 550 5.7.1 {name} may not relay"]
    assert address.startswith(f"{name}@")
    assert "ottokar" not in found
