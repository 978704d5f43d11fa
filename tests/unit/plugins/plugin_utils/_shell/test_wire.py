# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell import wire
from pypsrp.messages import ErrorRecordMessage
from pypsrp.serializer import Serializer

# the two shapes that an endpoint may send: properties as objects, or as strings with lists as objects
OBJECTS = """<Obj RefId="0"><TN RefId="0"><T>Deserialized.Microsoft.Exchange.X</T><T>System.Object</T></TN>
<ToString>EX01\\Relay</ToString><Props>
<Obj N="AuthMechanism" RefId="1"><TN RefId="1"><T>AuthMechanisms</T><T>System.Enum</T></TN><ToString>Tls, BasicAuth
</ToString><I32>5</I32></Obj>
<Obj N="Bindings" RefId="2"><TN RefId="2"><T>MultiValuedProperty`1</T><T>System.Object</T></TN><LST><Obj RefId="3">
<TN RefId="3"><T>IPBinding</T><T>System.Object</T></TN><ToString>[::]:25</ToString><Props><I32 N="Port">25</I32></Props>
</Obj></LST></Obj>
<Obj N="Limit" RefId="4"><TN RefId="4"><T>Unlimited`1</T><T>System.Object</T></TN><ToString>5</ToString><Props>
<I32 N="Value">5</I32></Props></Obj>
<Nil N="Domain"/><S N="Banner"></S><B N="Enabled">true</B><I32 N="Hops">60</I32><G N="Guid">
75d6aeb5-cd4a-4c58-ab2c-76304ea198ab</G></Props><MS><BA N="SerializationData">AAEC</BA></MS></Obj>"""
STRINGS = """<Obj RefId="0"><TN RefId="0"><T>Microsoft.Exchange.X</T><T>System.Object</T></TN>
<ToString>EX01\\Relay</ToString><Props><S N="AuthMechanism">Tls, BasicAuth</S><Obj N="Bindings" RefId="2"><TN RefId="2">
<T>MultiValuedProperty`1</T><T>System.Object</T></TN><LST><S>[::]:25</S></LST></Obj><S N="Limit">5</S><Nil N="Domain"/>
<S N="Banner"></S><B N="Enabled">true</B><I32 N="Hops">60</I32><G N="Guid">75d6aeb5-cd4a-4c58-ab2c-76304ea198ab</G>
</Props></Obj>"""


def received(xml: str) -> Any:
    return Serializer().deserialize(ET.fromstring(xml.replace("\n", "")))


@pytest.mark.parametrize("xml", [OBJECTS, STRINGS])
def test_both_shapes_decode_alike(xml: str) -> None:
    assert wire.decode(received(xml)) == WireObject(
        text="EX01\\Relay",
        type_names=("Microsoft.Exchange.X", "System.Object"),
        properties={
            "AuthMechanism": "Tls, BasicAuth",
            "Bindings": ["[::]:25"],
            "Limit": "5",
            "Domain": None,
            "Banner": "",
            "Enabled": True,
            "Hops": 60,
            "Guid": "75d6aeb5-cd4a-4c58-ab2c-76304ea198ab",
        },
    )


def test_plain_output() -> None:
    assert wire.decode("text") == "text"
    assert wire.decode(5) == 5
    assert wire.decode(None) is None
    assert wire.decode([1, "a"]) == [1, "a"]
    assert wire.decode({"a": uuid.UUID(int=0)}) == {"a": "00000000-0000-0000-0000-000000000000"}


def test_text_that_looks_like_xml_stays_text() -> None:
    assert wire.value("<I>CN=CA<S>CN=mail") == "<I>CN=CA<S>CN=mail"
    assert wire.value("<b>bold</b>") == "<b>bold</b>"


def record(**fields: Any) -> ErrorRecordMessage:
    found = ErrorRecordMessage(**fields)
    found._to_string = "It failed."
    return found


def test_an_error_record() -> None:
    found = wire.error_record(
        record(
            category=6,
            fq_error="Id,Set-X",
            activity="Set-X",
            reason="DataException",
            target_name="EX01",
            message="InvalidData: (EX01:String) [Set-X], DataException",
        )
    )
    assert found.message == "It failed."
    assert (found.category, found.error_id, found.cmdlet) == ("InvalidData", "Id,Set-X", "Set-X")
    assert (found.reason, found.target) == ("DataException", "EX01")
    assert found.raw.splitlines()[1:] == [
        "    + CategoryInfo          : InvalidData: (EX01:String) [Set-X], DataException",
        "    + FullyQualifiedErrorId : Id,Set-X",
    ]


def test_an_error_record_without_message_category_and_target() -> None:
    found = wire.error_record(record(category=0, fq_error="X"))
    assert (found.message, found.category, found.target, found.cmdlet) == ("It failed.", "NotSpecified", "", "")
