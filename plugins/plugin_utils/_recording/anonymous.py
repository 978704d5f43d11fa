# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording with nothing in it that tells whose it is: what is not known to be harmless is replaced or left out."""

from __future__ import annotations

import hashlib
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._recording.pseudonyms import (
    FREE,
    SAID,
    VALUE,
    Pseudonyms,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.clixml import unescape
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.tape import FORMAT, HEADER, VERSION

# What people write as they like, by the property's, parameter's or option's name
FREE_TEXT = ("comment", "description", "banner", "notes")
# Parts of an error record that are names
NAMES = ("TargetObject", "ErrorCategory_TargetName", "Origin", "PSComputerName")

# MS-PSRP 2.2.5
_TEXTS = ("S", "ToString", "T", "URI", "SBK", "XD")
_NUMBERS = (
    "B",
    "C",
    "By",
    "SB",
    "U16",
    "I16",
    "U32",
    "I32",
    "U64",
    "I64",
    "Sg",
    "Db",
    "D",
    "DT",
    "TS",
    "Version",
    "Nil",
)
_STRUCTURE = ("Objs", "Obj", "TN", "TNRef", "Props", "MS", "LST", "IE", "QUE", "STK", "DCT", "En", "Ref")
# Bytes and secure strings: what they hold cannot be looked at
_OPAQUE = ("BA", "SS")
_HARMLESS = re.compile(r"[\w.:+\-]*")
_DOCUMENT = re.compile(r"<Objs\b.*?</Objs>|<Objs\b[^>]*/>", re.S)
_NAMESPACE = ' xmlns="http://schemas.microsoft.com/powershell/2004/04"'


def anonymised(text: str, variables: Mapping[str, Any], keep: Iterable[str] = ()) -> tuple[str, dict[str, Any]]:
    """The recording in a text, and the variables that its playbook was run with, by the same pseudonyms.

    The same recording gives the same result. Raises ValueError with the line that is none of a recording.
    """
    entries = _entries(text)
    made = Anonymiser(Pseudonyms(hashlib.sha256(text.encode("utf-8", "replace")).digest(), keep))
    for _turn in ("learn", "replace"):
        found = [made.entry(entry) for entry in entries]
        given = made.value(variables)
        if _turn == "learn":
            made.pseudonyms.settle()
    lines = [HEADER, *found, *([{"variables": given}] if given else [])]
    return "".join(f"{json.dumps(line)}\n" for line in lines), given


def _entries(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number, line in enumerate(text.split("\n")[:-1] if text.endswith("\n") else text.split("\n"), 1):
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            entry = None
        if number == 1 and not (
            isinstance(entry, dict) and (entry.get("format"), entry.get("version")) == (FORMAT, VERSION)
        ):
            raise ValueError(f"it is no recording of version {VERSION}")
        if not isinstance(entry, dict):
            raise ValueError(f"line {number} is no object of JSON, or is cut off")
        if number > 1 and "sent" in entry:
            found.append(entry)
    return found


class Anonymiser:
    """Walks over the rounds; the texts are the pseudonyms' business."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self.pseudonyms = pseudonyms

    def entry(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """One round; a part that a recording does not have is left out."""
        text = self.pseudonyms.text
        found: dict[str, Any] = {"host": text(str(entry.get("host", "")))}
        found |= {name: self.pseudonyms.identifier(str(entry.get(name, ""))) for name in ("module", "shell")}
        found |= {name: entry[name] for name in ("session", "at") if _plain(entry.get(name))}
        found |= (
            {"round": entry["round"]}
            if isinstance(entry.get("round"), int) and not isinstance(entry["round"], bool)
            else {}
        )
        for name, work in (("sent", self._sent), ("received", self._received), ("broken", self._broken)):
            if isinstance(entry.get(name), dict):
                found[name] = work(entry[name])
        return found

    def value(self, value: Any, kind: str = VALUE) -> Any:
        """A value of a parameter or a variable; the names in a dictionary tell what people wrote as they liked."""
        if isinstance(value, str):
            return self.pseudonyms.text(value, kind)
        if isinstance(value, Mapping):
            return {
                self.pseudonyms.identifier(str(name)): self.value(item, _kind(name)) for name, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.value(item, kind) for item in value]
        return value if value is None or isinstance(value, (bool, int, float)) else None

    def _sent(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        if "statements" in sent:
            return {"statements": [[self._command(each) for each in statement] for statement in sent["statements"]]}
        if "probe" in sent:
            return {"probe": [self.pseudonyms.text(str(line)) for line in sent["probe"]]}
        if "script" in sent:
            return {"script": self.pseudonyms.text(str(sent["script"]))}
        return {"open": self.pseudonyms.text(str(sent.get("open", "")))}

    def _command(self, command: Mapping[str, Any]) -> dict[str, Any]:
        name = self.pseudonyms.identifier(str(command.get("cmdlet", "")))
        return {"cmdlet": name, "parameters": self.value(command.get("parameters", {}))}

    def _received(self, received: Mapping[str, Any]) -> dict[str, Any]:
        if "messages" in received:
            return {"messages": [self._message(each) for each in received["messages"]]}
        if "transcript" in received:
            return {"transcript": [self._spoken(str(line)) for line in received["transcript"]]}
        if "exit_code" in received:
            printed = {name: self._printed(str(received.get(name, ""))) for name in ("stdout", "stderr")}
            return {"exit_code": received["exit_code"], **printed}
        return {name: item for name, item in received.items() if name == "protocol" and _plain(item)}

    def _broken(self, broken: Mapping[str, Any]) -> dict[str, Any]:
        kept = {
            name: item
            for name, item in broken.items()
            if name in ("status", "code", "taken") and type(item) in (int, bool)
        }
        return {"how": self.pseudonyms.identifier(str(broken.get("how", ""))), **kept, "text": self._said(broken)}

    def _said(self, broken: Mapping[str, Any]) -> str:
        return self.pseudonyms.text(str(broken.get("text", "")), SAID)

    def _message(self, message: Mapping[str, Any]) -> dict[str, str]:
        kind = str(message.get("type", ""))
        said = VALUE if kind == "PIPELINE_OUTPUT" else SAID
        return {"type": self.pseudonyms.identifier(kind), "clixml": self._clixml(str(message.get("clixml", "")), said)}

    def _spoken(self, line: str) -> str:
        """A line of a probe: a reply of the server, or a command, which is made of names."""
        return self.pseudonyms.text(line, VALUE if line.startswith("C: ") else SAID)

    def _printed(self, text: str) -> str:
        """What a script printed: documents of CLIXML, lines of JSON, or text."""
        if _DOCUMENT.search(text):
            parts, at = [], 0
            for match in _DOCUMENT.finditer(text):
                parts += [self.pseudonyms.text(text[at : match.start()], SAID), self._clixml(match[0], VALUE)]
                at = match.end()
            return "".join([*parts, self.pseudonyms.text(text[at:], SAID)])
        return "".join(self._line(line) for line in text.splitlines(keepends=True))

    def _line(self, line: str) -> str:
        bare = line.strip()
        if bare[:1] in ("{", "["):
            try:
                made = json.dumps(self.value(json.loads(bare)), ensure_ascii=False, separators=(",", ":"))
            except (ValueError, RecursionError):
                return self.pseudonyms.text(line, SAID)
            return f"{made}{line[len(line.rstrip()) :]}"
        return self.pseudonyms.text(line, SAID)

    # -- CLIXML

    def _clixml(self, text: str, kind: str) -> str:
        bare = text.replace(_NAMESPACE, "", 1)
        try:
            root = None if "<!" in text else ET.fromstring(bare)  # noqa: S314 - without a document type
        except ET.ParseError:
            root = None
        if root is None or not self._element(root, kind):
            return "<Nil />"
        made = ET.tostring(root, encoding="unicode")
        return made.replace("<Objs", f"<Objs{_NAMESPACE}", 1) if bare != text else made

    def _element(self, element: ET.Element, kind: str) -> bool:
        """Replace what is in an element; False for one that is not to be kept."""
        if element.tag not in (*_TEXTS, *_NUMBERS, *_STRUCTURE, *_OPAQUE, "G"):
            return False
        name = element.attrib.get("N")
        own = _kind(name, kind) if name else kind
        self._attributes(element)
        element.text = self._content(element, own)
        element.tail = None
        for child in list(element):
            if not self._element(child, own):
                element.remove(child)
        return True

    def _attributes(self, element: ET.Element) -> None:
        for attribute, content in list(element.attrib.items()):
            if attribute in ("N", "S"):
                element.attrib[attribute] = _escaped(self.pseudonyms.identifier(unescape(content)))
            elif not (attribute in ("RefId", "Version") and _HARMLESS.fullmatch(content)):
                del element.attrib[attribute]

    def _content(self, element: ET.Element, kind: str) -> str | None:
        text = element.text or ""
        if element.tag in _TEXTS or element.tag == "G":
            return _escaped(self.pseudonyms.text(unescape(text), SAID if element.tag == "T" else kind)) or None
        return text if element.tag in _NUMBERS and _HARMLESS.fullmatch(text) else None


def _kind(name: object, otherwise: str = VALUE) -> str:
    if str(name).casefold() in FREE_TEXT:
        return FREE
    return VALUE if name in NAMES else otherwise


def _plain(item: object) -> bool:
    return isinstance(item, str) and _HARMLESS.fullmatch(item) is not None


def _escaped(text: str) -> str:
    """The text as CLIXML has it (MS-PSRP 2.2.5.3.2)."""
    text = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    return re.sub("[\x00-\x1f\x7f-\x9f\ud800-\udfff]", lambda match: f"_x{ord(match[0]):04X}_", text)
