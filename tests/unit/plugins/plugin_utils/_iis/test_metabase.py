# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._iis.metabase import VirtualServer, virtual_servers
from exchange_lab.windows.iis import metabase


def test_servers_with_and_without_the_properties() -> None:
    found = virtual_servers("\ufeff" + metabase('RelayIpList="18" RelayForAuth="-1"', 'ServerComment="second"'))
    assert found == [
        VirtualServer("SmtpSvc/1", "18", "-1"),
        VirtualServer("SmtpSvc/2", None, "0", "second"),
    ]


def test_a_server_inherits_from_the_service() -> None:
    text = metabase("").replace('RelayForAuth="0"', 'RelayIpList="18"')
    assert virtual_servers(text) == [VirtualServer("SmtpSvc/1", "18", None)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<configuration/>", "no IIsSmtpServer"),
        ("<configuration>", "broken"),
        ("<a x='1' x='2'/>", "broken"),
        ('<!DOCTYPE a [<!ENTITY b "bbbbbbbb">]><a>&b;</a>', "document type"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type"),
        ("<" + "a" * (65 << 20), "are not read"),
    ],
    ids=["none", "open", "twice", "entity", "outside", "huge"],
)
def test_texts_that_are_no_metabase(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        virtual_servers(text)


@pytest.mark.parametrize(
    "text",
    [
        "<a>" * 200_000,
        "<a>" * 200_000 + "</a>" * 200_000,
        metabase('RelayIpList="18"').encode("utf-16").decode("latin-1"),
    ],
    ids=["open", "closed", "UTF-16"],
)
def test_great_depth_and_a_wrong_encoding_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"MetaBase\.xml (is broken|has no IIsSmtpServer)"):
        virtual_servers(text)


@pytest.mark.parametrize("mark", ["\ufeff", ""], ids=["marked", "bare"])
@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf_16_that_was_read_as_utf_8(order: str, mark: str) -> None:
    text = metabase('RelayIpList="18" ServerComment="Büro €"').replace('"1.0"', '"1.0" encoding="UTF-16"')
    read = (mark + text).encode(order).decode("utf-8", "surrogateescape")
    (server,) = virtual_servers(read.strip())
    assert (server.relay_ip_list, server.comment) == ("18", "Büro €")
