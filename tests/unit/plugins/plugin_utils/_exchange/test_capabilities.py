# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domain capabilities."""

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.capabilities import DomainCapabilities


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("example.net:AcceptCloudServicesMail", "example.net:AcceptCloudServicesMail"),
        (
            " Example.NET : acceptoorgprotocol , AcceptCloudServicesMail",
            "example.net:AcceptCloudServicesMail,AcceptOorgProtocol",
        ),
        ("no-tls:AcceptOorgProtocol", "NO-TLS:AcceptOorgProtocol"),
        ("example.com:AcceptXYZ", "example.com:AcceptXYZ"),
    ],
)
def test_forms(text: str, written: str) -> None:
    assert str(DomainCapabilities.parse(text)) == written
    assert DomainCapabilities.parse(written) == DomainCapabilities.parse(text)


@pytest.mark.parametrize("text", ["", "example.com", "example.com:", ":AcceptOorgProtocol"])
def test_what_is_none_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="is not a domain with capabilities"):
        DomainCapabilities.parse(text)
