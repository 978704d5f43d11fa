# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.module_utils import _receive_log_line as line
from hypothesis import given, settings
from hypothesis import strategies as st

FIELD = st.binary(max_size=20).filter(lambda text: not set(text) & set(b"\0\r\n"))


@settings(deadline=None)
@given(st.lists(FIELD, min_size=1, max_size=12))
def test_what_is_quoted_comes_apart_again(fields: list[bytes]) -> None:
    assert line.split_quoted(b",".join(map(line.quoted, fields))) == fields


@settings(deadline=None)
@given(st.permutations(line.FIELDS), st.lists(FIELD, min_size=9, max_size=9))
def test_fields_are_found_in_any_order(order: list[bytes], values: list[bytes]) -> None:
    header = line.Header()
    assert header.take(b"#Fields: " + b",".join(order))
    by_name = dict(zip(order, values, strict=True))
    assert header.arrange(b",".join(map(line.quoted, values))) == [by_name[name] for name in line.FIELDS]


def test_a_context_may_be_missing_and_more_fields_may_be_there() -> None:
    header = line.Header()
    header.take(b"#Fields: " + b",".join((*line.FIELDS[:8], b"custom-data")))
    assert header.arrange(b"a,b,c,d,e,f,g,h,i") == [*b"a b c d e f g h".split(), b""]


def test_headers_say_whose_lines_follow() -> None:
    header = line.Header()
    assert header.take(b"#Log-type: SMTP Send Protocol Log")
    assert header.foreign
    assert header.take(b"#Log-Type: SMTP Receive Protocol Log")
    assert (header.foreign, header.usual) == (False, True)
    assert header.take(b"#Fields: date-time,event")
    assert not header.usual
    assert not header.take(b"# a remark")


@pytest.mark.parametrize(
    ("identifier", "connector"),
    [
        (rb"EX1\Default Frontend EX1", ("EX1", "Default Frontend EX1")),
        (rb'"EX1\Relay, ""old"""', ("EX1", 'Relay, "old"')),
        (
            b'"CN=Relay,CN=SMTP Receive Connectors,CN=Protocols,CN=EX1,CN=Servers,CN=Exchange"',
            ("EX1", "Relay"),
        ),
        (b"Relay", ("", "Relay")),
        (b"EX1\\\xc3\x9cbergang \xff\x1b[2J", ("EX1", "Übergang \\xff\\x1b[2J")),
    ],
)
def test_connectors(identifier: bytes, connector: tuple[str, str]) -> None:
    assert line.connector_of(identifier) == connector


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (b"192.0.2.1", "192.0.2.1"),
        (b"[2001:DB8::1]", "2001:db8::1"),
        (b"[fe80::1%12]", "fe80::1"),
        (b"::ffff:192.0.2.1", "192.0.2.1"),
        (b"", ""),
        (b"nonsense", ""),
    ],
)
def test_addresses(written: bytes, address: str) -> None:
    assert line.address_of(written) == address


@pytest.mark.parametrize(
    ("words", "version"),
    [
        (b"TLS protocol SP_PROT_TLS1_2_SERVER negotiation succeeded", "TLSv1.2"),
        (b"TLS protocol SP_PROT_TLS1_3_SERVER negotiation succeeded", "TLSv1.3"),
        (b"TLS protocol SP_PROT_TLS1_SERVER negotiation succeeded", "TLSv1.0"),
        (b"TLS protocol SP_PROT_SSL3_SERVER negotiation succeeded", "SSLv3"),
        (b"TLS negotiation failed with error SocketError", ""),
    ],
)
def test_versions_of_tls(words: bytes, version: str) -> None:
    assert line.tls_version_of(words) == version


@pytest.mark.parametrize(
    ("rest", "reply"),
    [
        (b"550 5.7.54 SMTP; Unable to relay,", ("550 5.7.54", "SMTP; Unable to relay")),
        (b'"554 5.6.0 Invalid, it is",', ("554 5.6.0", "Invalid, it is")),
        (b"550 Unable to relay,", ("550", "Unable to relay")),
        (b"421 4.3.2,", ("421 4.3.2", "")),
        (b"5xx,", ("", "")),
    ],
)
def test_replies(rest: bytes, reply: tuple[str, str]) -> None:
    assert line.reply_of(rest) == reply
