# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of values: set comparison and the comparisons that know no case."""

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import kind
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from hypothesis import given
from hypothesis import strategies as st

singles = st.ip_addresses(v=4).map(str)


def forms(item: IPRange) -> list[str]:
    low, high = str(item).partition("/")[0], str(IPRange(4, item.last, item.last))
    length = 32 - (item.size.bit_length() - 1)
    mask = str(IPRange(4, (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF, (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF))
    return [str(item), f"{high}/{length}", f"{low}-{high}", f"{low}({mask})", f" {low} - {high} "]


networks = st.builds(
    lambda address, bits: IPRange(4, address >> bits << bits, (address >> bits << bits) | ((1 << bits) - 1)),
    st.integers(0, 2**32 - 1),
    st.integers(1, 24),
)


@given(st.lists(networks, max_size=8, unique=True), st.data())
def test_comparison_of_ranges_ignores_order_and_form(items: list[IPRange], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(items))
    texts = [data.draw(st.sampled_from(forms(item))) for item in shuffled]
    assert kind.RANGES.same(kind.RANGES.parse(texts), frozenset(items))
    assert kind.RANGES.same(kind.RANGES.parse(",".join(texts)), kind.RANGES.parse([str(item) for item in items]))
    assert kind.RANGES.parse(kind.RANGES.render(frozenset(items))) == frozenset(items)


@given(st.lists(singles, max_size=6))
def test_lists_are_rendered_sorted(texts: list[str]) -> None:
    rendered = kind.RANGES.render(kind.RANGES.parse(texts))
    assert isinstance(rendered, list)
    assert [IPRange.parse(str(text)) for text in rendered] == sorted(set(map(IPRange.parse, texts)))


def test_one_text_may_hold_a_whole_list() -> None:
    assert kind.RANGES.parse("10.0.0.1, 10.0.0.2\n10.0.0.3") == kind.RANGES.parse(["10.0.0.3", "10.0.0.2", "10.0.0.1"])
    assert kind.BINDINGS.parse("0.0.0.0:25,[::]:25") == kind.BINDINGS.parse(["[::]:25", "0.0.0.0:25"])
    assert kind.CAPABILITIES.parse("a.com:AcceptOorgProtocol,AcceptCloudServicesMail") == kind.CAPABILITIES.parse(
        ["A.com:AcceptCloudServicesMail,AcceptOorgProtocol"]
    )


@pytest.mark.parametrize(
    ("compared", "one", "other"),
    [
        (kind.FQDN, "Relay.Example.COM", "relay.example.com"),
        (kind.CERTIFICATE, "<I>CN=CA, O=Example<S>CN=Mail", "<i>cn=ca,o=example<s>cn=mail"),
        (kind.DOMAIN, "example.com", "Example.com"),
        (kind.DOMAIN, "example.com", "CN=example.com,CN=Accepted Domains,CN=Transport Settings"),
        (kind.DOMAIN, "example.com", "example.org/Configuration/Accepted Domains/example.com"),
    ],
)
def test_names_know_no_case(compared: kind.Kind, one: str, other: str) -> None:
    assert compared.same(one, other)
    assert not compared.same(one, None)
    assert not compared.same(f"x{one}", other)


def test_texts_know_case() -> None:
    assert not kind.TEXT.same("Copiers", "copiers")


@pytest.mark.parametrize(("value", "parsed"), [(True, True), ("True", True), ("false", False)])
def test_booleans(value: object, parsed: bool) -> None:
    assert kind.BOOLEAN.parse(value) is parsed


@pytest.mark.parametrize(("one", "value"), [(kind.BOOLEAN, "maybe"), (kind.NUMBER, "many"), (kind.NUMBER, True)])
def test_bad_values_are_named(one: kind.Kind, value: object) -> None:
    with pytest.raises(ValueError, match=repr(value)):
        one.parse(value)
