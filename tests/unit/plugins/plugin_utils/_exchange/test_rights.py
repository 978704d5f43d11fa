# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rights' names, and which group brings which."""

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import rights
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, Version


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("MS-EXCH-SMTP-ACCEPT-ANY-RECIPIENT", "ms-Exch-SMTP-Accept-Any-Recipient"),
        (" Ms-Exch-SMTP-Submit ", "ms-Exch-SMTP-Submit"),
        ("ms-Exch-Accept-Exch50", "ms-Exch-SMTP-Accept-Exch50"),
        ("ms-Exch-Something-New", "ms-Exch-Something-New"),
    ],
)
def test_canonical_spelling(written: str, meant: str) -> None:
    assert rights.canonical(written) == meant


@pytest.mark.parametrize(
    ("written", "proposed"),
    [
        ("ms-Exch-SMTP-Accept-Any-Recipients", "ms-Exch-SMTP-Accept-Any-Recipient"),
        ("Accept-Any-Recipient", "ms-Exch-SMTP-Accept-Any-Recipient"),
        ("ms-Exch-Accept-Any-Recipient", "ms-Exch-SMTP-Accept-Any-Recipient"),
        ("bypass-antispam", "ms-Exch-Bypass-Anti-Spam"),
        ("ms-Exch-SMTP-Sumbit", "ms-Exch-SMTP-Submit"),
    ],
)
def test_a_misspelled_right_is_refused_with_the_nearest_name(written: str, proposed: str) -> None:
    with pytest.raises(ValueError, match=rf"^{written} is not a right.*Did you mean {proposed}\?$"):
        rights.known(written)


def test_nothing_is_proposed_for_what_resembles_no_right() -> None:
    with pytest.raises(ValueError, match=r"is not a right of connectors\. Write its whole name, such as ms-Exch"):
        rights.known("FullAccess?!")


def test_a_right_of_the_other_kind_of_connector_is_refused() -> None:
    with pytest.raises(ValueError, match="a right on send connectors"):
        rights.known("ms-Exch-Send-Headers-Routing")
    with pytest.raises(ValueError, match="a right on receive connectors"):
        rights.known("ms-Exch-SMTP-Submit", "send")
    assert rights.known("ms-exch-send-headers-routing", "send") == "ms-Exch-Send-Headers-Routing"


@pytest.mark.parametrize(
    ("version", "lacks"),
    [
        (Version.EXCHANGE_2007, {"ms-Exch-SMTP-Accept-XShadow", "ms-Exch-SMTP-Accept-XProxyFrom"}),
        (Version.EXCHANGE_2010, {"ms-Exch-SMTP-Accept-XProxyFrom"}),
        (Version.EXCHANGE_2013, set()),
    ],
)
def test_a_right_that_came_with_a_later_release_is_refused(version: Version, lacks: set[str]) -> None:
    server = ServerFacts("EX1", "ex1.lab", version, False, "", frozenset(), "")
    rights.check_version(rights.RIGHTS.keys() - lacks, server)
    for name in lacks:
        expected = rf"^{name} needs Exchange 20\d\d or later; EX1 runs {version}\. Take it out of rights for this host$"
        with pytest.raises(ValueError, match=expected):
            rights.check_version([name.upper()], server)


def test_all_documented_rights_are_there() -> None:
    assert len([right for right in rights.RIGHTS.values() if right.side == "receive"]) == 11
    assert len([right for right in rights.RIGHTS.values() if right.side == "internal"]) == 8
    assert len([right for right in rights.RIGHTS.values() if right.side == "send"]) == 3


def test_externally_secured_servers_get_all_but_the_headers_of_the_organization() -> None:
    granted = rights.GROUP_RIGHTS["ExchangeServers"]
    missing = granted["hub transport servers"] - granted["externally secured servers"]
    assert {name for name in missing if rights.RIGHTS[name].side == "receive"} == {
        "ms-Exch-Accept-Headers-Forest",
        "ms-Exch-Accept-Headers-Organization",
    }
    assert len(missing) == 10


def test_anonymous_users_get_no_relay_right() -> None:
    assert rights.RELAY not in rights.GROUP_RIGHTS["AnonymousUsers"]["anonymous logon"]
    assert rights.RELAY in rights.GROUP_RIGHTS["ExchangeUsers"]["authenticated users"]
