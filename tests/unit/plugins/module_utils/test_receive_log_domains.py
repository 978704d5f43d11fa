# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_domains import AcceptedDomains


@pytest.mark.parametrize(
    ("recipient", "inside"),
    [
        (b"example.org", True),
        (b"EXAMPLE.org.", True),
        (b"sales.example.org", False),
        (b"example.com", True),
        (b"a.b.example.com", True),
        (b"notexample.com", False),
        (b"example.org.example.net", False),
        (b"", True),
        (b"\xff", False),
    ],
)
def test_inside(recipient: bytes, inside: bool) -> None:
    domains = AcceptedDomains(["Example.org", "*.example.com"])
    assert [domains.hold(recipient), domains.hold(recipient)] == [inside, inside]


def test_everything_and_nothing() -> None:
    assert AcceptedDomains(["*"]).hold(b"example.net")
    assert not AcceptedDomains([]).hold(b"example.org")


@pytest.mark.parametrize("domain", ["", "  ", "@example.org", "a@b.c", "*.", "a b", "*.*.com"])
def test_what_is_no_domain_is_refused(domain: str) -> None:
    with pytest.raises(ValueError, match="accepted_domains has"):
        AcceptedDomains([domain])
