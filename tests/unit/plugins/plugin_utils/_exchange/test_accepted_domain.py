# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which accepted domain decides about a recipient."""

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain, WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.accepted_domain import (
    AcceptedDomain,
    deciding,
    domain_of,
)


def domain(shown: str, kind: str = "Authoritative", **more: Plain) -> AcceptedDomain:
    properties: dict[str, Plain] = {"Name": shown, "DomainName": shown, "DomainType": kind, **more}
    return AcceptedDomain.from_object(WireObject(shown, (), properties))


DOMAINS = [
    domain("Contoso.com"),
    domain("*.fabrikam.com", "InternalRelay"),
    domain("lab.fabrikam.com", "ExternalRelay"),
    domain("tailspin.example", "InternalRelay", MatchSubDomains=True),
]


@pytest.mark.parametrize(
    ("asked", "decides", "inside"),
    [
        ("contoso.com", "contoso.com", True),
        ("branch.contoso.com", "", False),
        ("notcontoso.com", "", False),
        ("fabrikam.com", "*.fabrikam.com", True),
        ("deep.branch.fabrikam.com", "*.fabrikam.com", True),
        ("lab.fabrikam.com", "lab.fabrikam.com", False),
        ("notfabrikam.com", "", False),
        ("a.tailspin.example", "*.tailspin.example", True),
    ],
)
def test_the_most_specific_domain_decides(asked: str, decides: str, inside: bool) -> None:
    found = deciding(DOMAINS, asked)
    assert (str(found) if found else "") == decides
    assert (found is not None and found.inside) == inside


def test_a_star_holds_everything_and_nothing_is_inside_by_it() -> None:
    found = deciding([*DOMAINS, domain("*", "InternalRelay")], "anywhere.example")
    assert found is not None
    assert (str(found), found.inside) == ("*", False)
    assert str(deciding([*DOMAINS, domain("*")], "contoso.com")) == "contoso.com"


@pytest.mark.parametrize("text", ["Ada@Contoso.com", "<ada@contoso.com>", "contoso.com.", " CONTOSO.COM "])
def test_a_recipient_is_an_address_or_a_domain(text: str) -> None:
    assert domain_of(text) == "contoso.com"


@pytest.mark.parametrize("text", ["", "ada@", "*.contoso.com", "two words", "a@x.com, b@y.com"])
def test_anything_else_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="is neither an address nor a domain") as caught:
        domain_of(text)
    assert repr(text) in str(caught.value)
