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
    domain("Corp.example.com"),
    domain("*.corp.example.net", "InternalRelay"),
    domain("lab.corp.example.net", "ExternalRelay"),
    domain("example.org", "InternalRelay", MatchSubDomains=True),
]


@pytest.mark.parametrize(
    ("asked", "decides", "inside"),
    [
        ("corp.example.com", "corp.example.com", True),
        ("branch.corp.example.com", "", False),
        ("notcorp.example.com", "", False),
        ("corp.example.net", "*.corp.example.net", True),
        ("deep.branch.corp.example.net", "*.corp.example.net", True),
        ("lab.corp.example.net", "lab.corp.example.net", False),
        ("notcorp.example.net", "", False),
        ("a.example.org", "*.example.org", True),
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
    assert str(deciding([*DOMAINS, domain("*")], "corp.example.com")) == "corp.example.com"


@pytest.mark.parametrize(
    "text", ["Ada@Corp.example.com", "<ada@corp.example.com>", "corp.example.com.", " CORP.EXAMPLE.COM "]
)
def test_a_recipient_is_an_address_or_a_domain(text: str) -> None:
    assert domain_of(text) == "corp.example.com"


@pytest.mark.parametrize("text", ["", "ada@", "*.corp.example.com", "two words", "a@x.com, b@y.com"])
def test_anything_else_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="is neither an address nor a domain") as caught:
        domain_of(text)
    assert repr(text) in str(caught.value)
