# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIXML (MS-PSRP 2.2.5) as Export-Clixml writes it, reduced to plain values."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain, WireObject

LISTS = ("LST", "IE", "QUE", "STK")
NUMBERS = ("I32", "I64", "U32", "U64", "I16", "U16", "By", "SB")
NOT_A_VALUE = ("TN", "TNRef", "Props", "MS", "DCT", "ToString")

# MS-PSRP 2.2.5.3.2: a UTF-16 code unit as _xHHHH_
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

References = Mapping[str, ET.Element]


def documents(text: str) -> list[str]:
    """The documents in a text that may hold other lines as well."""
    return re.findall(r"<Objs\b.*?</Objs>|<Objs\b[^>]*/>", text, re.S)


def objects(document: str) -> list[WireObject | Plain]:
    """Decode the objects of one document; raises ValueError for a text that is none."""
    try:
        root = ET.fromstring(document)  # noqa: S314 - from the server that is administered
    except ET.ParseError as error:
        raise ValueError(f"the CLIXML is broken: {error}") from None
    # objects and type lists are numbered apart from each other, each over the whole document
    names = {item.attrib["RefId"]: _types(item) for item in root.iter() if _tag(item) == "TN"}
    known = {item.attrib["RefId"]: item for item in root.iter() if _tag(item) == "Obj" and "RefId" in item.attrib}
    return [_decoded(item, names, known) for item in root]


def element_value(element: ET.Element, references: References | None = None) -> Plain:
    """Return the value of an element: lists as lists, objects as their string form, an enum as its name."""
    tag = _tag(element)
    if tag == "Nil":
        return None
    if tag == "Ref":
        target = (references or {}).get(element.attrib.get("RefId", ""))
        return "" if target is None else element_value(target, references)
    if tag == "B":
        return (element.text or "").strip().lower() == "true"
    if tag in NUMBERS:
        return int(element.text or "0")
    if tag in LISTS:
        return [element_value(item, references) for item in element]
    if tag == "Obj":
        return _object_value(element, references)
    return unescape(element.text or "")


def unescape(text: str) -> str:
    """Return the text with its ``_xHHHH_`` code units decoded, surrogate pairs joined."""
    if "_x" not in text:
        return text
    raw = ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return raw.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _decoded(element: ET.Element, names: Mapping[str, tuple[str, ...]], references: References) -> WireObject | Plain:
    parts = {_tag(part): part for part in element}
    if _tag(element) != "Obj" or not {"Props", "MS"}.intersection(parts):
        return element_value(element, references)
    given = [item for part in ("Props", "MS") if part in parts for item in parts[part]]
    type_reference = parts.get("TN", parts.get("TNRef"))
    types = names.get(type_reference.attrib.get("RefId", ""), ()) if type_reference is not None else ()
    return WireObject(
        text=unescape(parts["ToString"].text or "") if "ToString" in parts else "",
        type_names=tuple(name.removeprefix("Deserialized.") for name in types),
        properties={
            unescape(item.attrib.get("N", "")): element_value(item, references)
            for item in given
            if item.attrib.get("N") != "SerializationData"
        },
    )


def _object_value(element: ET.Element, references: References | None) -> Plain:
    parts = {_tag(part): part for part in element}
    for tag in LISTS:
        if tag in parts:
            return element_value(parts[tag], references)
    if "ToString" in parts:
        return unescape(parts["ToString"].text or "")
    values = [part for tag, part in parts.items() if tag not in NOT_A_VALUE]
    return element_value(values[0], references) if values else ""


def _types(element: ET.Element) -> tuple[str, ...]:
    return tuple(item.text or "" for item in element)


def _tag(element: ET.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]
