# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell import clixml
from hypothesis import given
from hypothesis import strategies as st
from psrpcore.types import PSCustomObject, serialize_clixml

CAPTURES = Path(os.environ.get("EXCHANGE_CAPTURES", "/nowhere"))


def read(capture: str) -> list[WireObject]:
    text = (CAPTURES / capture).read_text(encoding="utf-8-sig")
    return [item for item in clixml.objects(text) if isinstance(item, WireObject)]


@pytest.mark.skipif(not CAPTURES.is_dir(), reason="EXCHANGE_CAPTURES names no directory of Export-Clixml captures")
def test_real_connectors() -> None:
    first, *rest = read("e2019-get-receiveconnector.xml")
    assert len(rest) == 4
    assert first.type_names[0] == "Microsoft.Exchange.Data.Directory.SystemConfiguration.ReceiveConnector"
    assert rest[0].type_names == first.type_names
    assert first.properties["Bindings"] == ["0.0.0.0:2525", "[::]:2525"]
    assert first.properties["AuthMechanism"] == "Tls, Integrated, BasicAuth, BasicAuthRequireTLS, ExchangeServer"
    assert first.properties["MaxMessageSize"] == "36 MB (37,748,736 bytes)"
    assert first.properties["MessageRateLimit"] == "Unlimited"
    assert first.properties["MaxHopCount"] == 60
    assert first.properties["ServiceDiscoveryFqdn"] is None
    assert first.properties["Banner"] == ""
    assert first.properties["Enabled"] is True
    assert first.properties["Id"] == first.properties["Identity"] == first.text
    assert "SerializationData" not in first.properties


@pytest.mark.skipif(not CAPTURES.is_dir(), reason="EXCHANGE_CAPTURES names no directory of Export-Clixml captures")
def test_real_server() -> None:
    (server,) = read("e2016-get-exchangeserver.xml")
    assert server.properties["AdminDisplayVersion"] == "Version 15.1 (Build 2375.7)"
    assert server.properties["IsEdgeServer"] is False


@given(st.text())
def test_any_text_comes_back(text: str) -> None:
    (document,) = clixml.documents(serialize_clixml(PSCustomObject(Name=text, List=[text, 1]), cast(Any, None)))
    (found,) = clixml.objects(document)
    assert isinstance(found, WireObject)
    expected = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert found.properties["Name"] == expected
    assert found.properties["List"] == [expected, 1]


def test_documents_are_found_among_other_lines() -> None:
    text = "WARNING: x\r\n<Objs Version='1'><S>a</S></Objs>\r\n<Objs Version='1' />\r\nbye"
    assert [clixml.objects(document) for document in clixml.documents(text)] == [["a"], []]


def test_a_broken_document_is_refused() -> None:
    with pytest.raises(ValueError, match="CLIXML is broken"):
        clixml.objects("<Objs><S></Objs>")


def test_surrogate_pairs_and_escapes() -> None:
    assert clixml.unescape("_xD83D__xDE00_ _x005F_x000A_") == "\U0001f600 _x000A_"


MULTIPLIED = "".join(
    f'<Obj RefId="{level}"><LST>{f"""<Ref RefId="{level - 1}"/>""" * 10}</LST></Obj>' for level in range(1, 16)
)


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ('<Obj RefId="0"><LST><Ref RefId="0"/></LST></Obj>', "nested deeper than 100 levels"),
        (f"{'<LST>' * 5000}{'</LST>' * 5000}", "nested deeper than 100 levels"),
        (f'<Obj RefId="0"><LST><S>a</S></LST></Obj>{MULTIPLIED}', "more than 2000000 values"),
        (f"<Obj><LST>{'<S/>' * 4_000_000}</LST></Obj>", "more than 2000000 values"),
    ],
    ids=["in a circle", "nested", "multiplied", "huge"],
)
def test_a_document_without_end_is_refused(inside: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        clixml.objects(f"<Objs>{inside}</Objs>")


def test_references_are_followed() -> None:
    inside = '<Obj RefId="0"><LST><S>a</S></LST></Obj><Obj RefId="1"><LST><Ref RefId="0"/><Ref RefId="0"/></LST></Obj>'
    assert clixml.objects(f"<Objs>{inside}</Objs>") == [["a"], [["a"], ["a"]]]


def test_an_empty_document_is_not_joined_with_the_next() -> None:
    text = "<Objs Version='1' />\r\n<Objs><S>a</S></Objs><Objs><S>b"
    assert [clixml.objects(document) for document in clixml.documents(text)] == [[], ["a"]]
