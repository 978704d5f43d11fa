# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIXML (MS-PSRP 2.2.5) as Export-Clixml writes it, reduced to plain values."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain, WireObject

LISTS = ("LST", "IE", "QUE", "STK")
NUMBERS = ("I32", "I64", "U32", "U64", "I16", "U16", "By", "SB")
NOT_A_VALUE = ("TN", "TNRef", "Props", "MS", "DCT", "ToString")

# MS-PSRP 2.2.5.3.2: a UTF-16 code unit as _xHHHH_
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

# Elements in each other, where Export-Clixml of Depth 2 makes ten; and values of a document, those that references
# repeat counted again, where the longest list of ranges has half a million
DEEPEST = 100
MOST_VALUES = 2_000_000

_BEGINNING = re.compile(r"<Objs(?=[\s/>])[^<>]*>")
_END = "</Objs>"


@dataclass
class References:
    """The elements of a document by the number that others refer to, and how many values it may still give."""

    known: Mapping[str, ET.Element] = field(default_factory=dict)
    left: int = MOST_VALUES

    def count(self, depth: int) -> None:
        """Count a value; raises ValueError for a document without an end or a bottom."""
        self.left -= 1
        if self.left < 0:
            raise ValueError(f"the CLIXML gives more than {MOST_VALUES} values")
        if depth > DEEPEST:
            raise ValueError(f"the CLIXML is nested deeper than {DEEPEST} levels")


def documents(text: str) -> list[str]:
    """The documents in a text that may hold other lines as well."""
    found: list[str] = []
    place = 0
    while beginning := _BEGINNING.search(text, place):
        place = beginning.end()
        if not beginning[0].endswith("/>"):
            end = text.find(_END, place)
            if end < 0:
                break
            place = end + len(_END)
        found.append(text[beginning.start() : place])
    return found


def objects(document: str) -> list[WireObject | Plain]:
    """Decode the objects of one document; raises ValueError for a text that is none or larger than any."""
    if document.count("<") > 2 * MOST_VALUES:
        raise ValueError(f"the CLIXML gives more than {MOST_VALUES} values")
    try:
        root = ET.fromstring(document)  # noqa: S314 - from the server that is administered
    except ET.ParseError as error:
        raise ValueError(f"the CLIXML is broken: {error}") from None
    # objects and type lists are numbered apart from each other, each over the whole document
    names = {item.attrib.get("RefId", ""): _types(item) for item in root.iter() if _tag(item) == "TN"}
    known = {item.attrib["RefId"]: item for item in root.iter() if _tag(item) == "Obj" and "RefId" in item.attrib}
    references = References(known)
    return [_decoded(item, names, references) for item in root]


def element_value(element: ET.Element, references: References, depth: int = 0) -> Plain:
    """Return the value of an element: lists as lists, objects as their string form, an enum as its name.

    Raises ValueError for a number that is none and for what References does not allow.
    """
    references.count(depth)
    tag = _tag(element)
    if tag == "Nil":
        return None
    if tag == "Ref":
        target = references.known.get(element.attrib.get("RefId", ""))
        return "" if target is None else element_value(target, references, depth + 1)
    if tag == "B":
        return (element.text or "").strip().lower() == "true"
    if tag in NUMBERS:
        return int(element.text or "0")
    if tag in LISTS:
        return [element_value(item, references, depth + 1) for item in element]
    if tag == "Obj":
        return _object_value(element, references, depth + 1)
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


def _object_value(element: ET.Element, references: References, depth: int) -> Plain:
    parts = {_tag(part): part for part in element}
    for tag in LISTS:
        if tag in parts:
            return element_value(parts[tag], references, depth)
    if "ToString" in parts:
        return unescape(parts["ToString"].text or "")
    values = [part for tag, part in parts.items() if tag not in NOT_A_VALUE]
    return element_value(values[0], references, depth) if values else ""


def _types(element: ET.Element) -> tuple[str, ...]:
    return tuple(item.text or "" for item in element)


def _tag(element: ET.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]
