# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few cmdlets of PowerShell itself that scripts for the host use; files live in memory."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from .cmdlet import Cmdlet, CmdletError, Invocation, Parameter
from .engine import Engine
from .formatting import json_of, lines_of
from .objects import clixml_of, properties_of, property_of, ps_object, text_of

_ENCODINGS = {"unicode": "utf-16", "utf7": "utf-7", "utf8": "utf-8-sig", "ascii": "ascii", "default": "cp1252"}
_MARKS = {b"\xff\xfe": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


def strings(given: Any) -> list[str]:
    """A String[] from one value or several."""
    return [text_of(item) for item in (given if isinstance(given, list | tuple) else [given])]


def whole(given: Any) -> int:
    """An Int32; raises ValueError."""
    try:
        return int(given)
    except (TypeError, ValueError):
        raise ValueError("Input string was not in a correct format.") from None


@dataclass
class Files:
    """Files of a host, by full path; names have no case."""

    home: str = r"C:\Users\Administrator"
    content: dict[str, bytes] = field(default_factory=dict)

    def key(self, path: str) -> str:
        """The path with ``~`` and the working directory resolved."""
        full = self.home + path[1:] if path.startswith("~") else path
        return (full if full[1:2] == ":" else rf"{self.home}\{full}").replace("/", "\\").lower()

    def add(self, path: str, content: bytes) -> None:
        """Add to a file, or make it."""
        self.content[self.key(path)] = self.content.get(self.key(path), b"") + content

    def children(self, folder: str, pattern: str) -> Iterator[Any]:
        """The files in a folder; raises CmdletError where there is none."""
        start = self.key(folder).rstrip("\\") + "\\"
        found = {path: data for path, data in self.content.items() if path.startswith(start)}
        if not found:
            raise missing(folder)
        for path, data in sorted(found.items()):
            name = path.removeprefix(start)
            if "\\" not in name and _like(name, pattern):
                yield ps_object(["System.IO.FileInfo"], {"Name": name, "Length": len(data)}, name)

    def read(self, path: str, encoding: str = "") -> str:
        """A file's text, its byte order mark heeded; raises CmdletError."""
        try:
            data = self.content[self.key(path)]
        except KeyError:
            raise missing(path) from None
        for mark, name in _MARKS.items():
            if data.startswith(mark):
                return data.decode(name)
        return data.decode(_ENCODINGS.get(encoding.lower(), "cp1252"), "replace")


def missing(path: str) -> CmdletError:
    """No such file."""
    return CmdletError(
        f"Cannot find path '{path}' because it does not exist.",
        category="ObjectNotFound",
        reason="ItemNotFoundException",
        error_id="PathNotFound",
        target=path,
    )


def _encoding(given: Any) -> str:
    if str(given).lower() not in _ENCODINGS:
        raise ValueError(f"{given} is not a supported encoding name.")
    return str(given)


def _select(invocation: Invocation) -> Iterator[Any]:
    bound = invocation.bound
    things = invocation.pipeline_input or []
    if "First" in bound:
        things = things[: bound["First"]]
    if "Last" in bound:
        things = things[-bound["Last"] :]
    for thing in things:
        if name := bound.get("ExpandProperty"):
            content = property_of(thing, name)
            yield from content if isinstance(content, list) else [content]
        elif "Property" in bound:
            yield _selected(thing, bound["Property"])
        else:
            yield thing


def _selected(thing: Any, wanted: list[str]) -> Any:
    found: dict[str, Any] = {}
    # the later of two properties of one name wins, and a property that is named is not looked for among all
    every = [(name.lower(), name, content) for name, content in properties_of(thing)]
    by_name = {lowered: (name, content) for lowered, name, content in every}
    for pattern in wanted:
        lowered = pattern.lower()
        if any(character in pattern for character in "*?["):
            found.update((name, content) for each, name, content in every if _like(each, lowered))
        else:
            name, content = by_name.get(lowered, (pattern, None))
            found[name] = content
    first = thing.PSTypeNames[0] if hasattr(thing, "PSTypeNames") else "System.String"
    return ps_object([f"Selected.{first}", "System.Management.Automation.PSCustomObject"], {}, extended=found)


def _like(name: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(name.lower(), pattern.lower())


def _to_json(invocation: Invocation) -> Iterator[Any]:
    given = invocation.pipeline_input
    things = invocation.bound.get("InputObject") if given is None else given
    if things:
        depth = invocation.bound.get("Depth", 2)
        yield json_of(
            things if given is not None else [things], depth, compress=invocation.bound.get("Compress", False)
        )


def _to_csv(invocation: Invocation) -> Iterator[Any]:
    things = [dict(properties_of(thing)) for thing in invocation.pipeline_input or []]
    if things and not invocation.bound.get("NoTypeInformation"):
        yield "#TYPE Selected.System.Object"
    for row in [list(things[0]), *([text_of(value) for value in thing.values()] for thing in things)] if things else []:
        yield ",".join(f'"{value.replace(chr(34), chr(34) * 2)}"' for value in row)


def _out_string(invocation: Invocation) -> Iterator[Any]:
    lines = list(lines_of(invocation.pipeline_input or []))
    if invocation.bound.get("Stream"):
        yield from lines
    else:
        yield "".join(f"{line}\r\n" for line in lines)


def _write_output(invocation: Invocation) -> Iterator[Any]:
    given = invocation.bound.get("InputObject", invocation.pipeline_input)
    yield from given if isinstance(given, list) else [given]


def _nothing(invocation: Invocation) -> Iterator[Any]:
    yield from ()


def _indented(things: list[Any]) -> str:
    root = ElementTree.fromstring(clixml_of(things))
    ElementTree.indent(root)
    ElementTree.register_namespace("", "http://schemas.microsoft.com/powershell/2004/04")
    return ElementTree.tostring(root, encoding="unicode").replace("\n", "\r\n")


def _files(files: Files) -> Iterator[Cmdlet]:
    def export(invocation: Invocation) -> Iterator[Any]:
        encoding = _ENCODINGS[invocation.bound.get("Encoding", "Unicode").lower()]
        text = _indented(invocation.pipeline_input or [])
        files.content[files.key(invocation.bound["Path"])] = text.encode(encoding, "replace")
        yield from ()

    def content(invocation: Invocation) -> Iterator[Any]:
        for path in invocation.bound["Path"]:
            yield from files.read(path, invocation.bound.get("Encoding", "")).splitlines()

    def children(invocation: Invocation) -> Iterator[Any]:
        for path in invocation.bound["Path"]:
            yield from files.children(path, str(invocation.bound.get("Filter", "*")))

    def remove(invocation: Invocation) -> Iterator[Any]:
        for path in invocation.bound["Path"]:
            if files.content.pop(files.key(path), None) is None:
                invocation.error(missing(path))
        yield from ()

    def test(invocation: Invocation) -> Iterator[Any]:
        yield from (files.key(path) in files.content for path in invocation.bound["Path"])

    paths = Parameter("Path", strings, "System.String[]", True, 0, by_property_name=True, aliases=("LiteralPath",))
    encoding = Parameter("Encoding", _encoding, "System.Text.Encoding")
    force = Parameter("Force", switch=True)
    thing = Parameter("InputObject", by_value=True)
    export_to = (Parameter("Path", str, mandatory=True, position=0), Parameter("Depth", whole, "System.Int32"))
    yield Cmdlet("Export-Clixml", (*export_to, encoding, force, thing), export, _class("ExportClixml"), collects=True)
    shape = (encoding, Parameter("Raw", switch=True), Parameter("ReadCount", whole, "System.Int64"))
    yield Cmdlet("Get-Content", (paths, *shape), content, _class("GetContent"))
    yield Cmdlet("Get-ChildItem", (paths, Parameter("Filter")), children, _class("GetChildItem"))
    removal = (paths, force, Parameter("Recurse", switch=True))
    yield Cmdlet("Remove-Item", removal, remove, _class("RemoveItem"), should_process=True, prompts=False)
    yield Cmdlet("Test-Path", (paths,), test, _class("TestPath"))


def _class(name: str) -> str:
    return f"Microsoft.PowerShell.Commands.{name}Command"


def _objects(version: int) -> Iterator[Cmdlet]:
    thing = Parameter("InputObject", by_value=True)
    selection = (
        Parameter("Property", strings, "System.Object[]", position=0),
        Parameter("ExpandProperty", str),
        Parameter("First", whole, "System.Int32"),
        Parameter("Last", whole, "System.Int32"),
        thing,
    )
    yield Cmdlet("Select-Object", selection, _select, _class("SelectObject"), collects=True)
    yield Cmdlet("Out-String", (Parameter("Stream", switch=True), thing), _out_string, collects=True)
    yield Cmdlet("Out-Null", (thing,), _nothing, collects=True)
    yield Cmdlet("Write-Output", (Parameter("InputObject", position=0, by_value=True),), _write_output)
    plain = Parameter("NoTypeInformation", switch=True)
    yield Cmdlet("ConvertTo-Csv", (plain, thing), _to_csv, _class("ConvertToCsv"), collects=True)
    if version >= 3:
        shape = (Parameter("Depth", whole, "System.Int32"), Parameter("Compress", switch=True))
        json_input = Parameter("InputObject", position=0, by_value=True)
        yield Cmdlet("ConvertTo-Json", (*shape, json_input), _to_json, _class("ConvertToJson"), collects=True)


@dataclass
class SnapIns:
    """Snap-ins registered on a host, each with what gives its cmdlets; ``load`` is told before one is loaded."""

    registered: Mapping[str, Callable[[], Mapping[str, Cmdlet]]]
    load: Callable[[], None] = lambda: None

    def cmdlets(self, engine: Engine) -> Iterator[Cmdlet]:
        """Add-PSSnapin and Get-PSSnapin for one shell."""
        loaded: list[str] = []

        def add(invocation: Invocation) -> Iterator[Any]:
            for asked in invocation.bound["Name"]:
                name = next((each for each in self.registered if each.lower() == asked.lower()), "")
                if not name or name in loaded:
                    raise _snapin_error(asked, added=bool(name))
                self.load()
                loaded.append(name)
                engine.add(self.registered[name]())
            yield from ()

        def get(invocation: Invocation) -> Iterator[Any]:
            for name in self.registered if invocation.bound.get("Registered") else loaded:
                yield ps_object(["System.Management.Automation.PSSnapInInfo"], {"Name": name}, name)

        names = Parameter("Name", strings, "System.String[]", mandatory=True, position=0, by_property_name=True)
        yield Cmdlet("Add-PSSnapin", (names,), add, _class("AddPSSnapin"))
        yield Cmdlet("Get-PSSnapin", (Parameter("Registered", switch=True),), get, _class("GetPSSnapin"))


def _snapin_error(name: str, *, added: bool) -> CmdletError:
    text = (
        f"Cannot add Windows PowerShell snap-in {name} because it is already added. Verify the name of the snap-in and "
        "try again."
        if added
        else f"The Windows PowerShell snap-in '{name}' is not installed on this computer."
    )
    return CmdletError(
        text, category="InvalidArgument", reason="PSArgumentException", error_id="AddPSSnapInRead", target=name
    )


def core_cmdlets(files: Files, version: int) -> dict[str, Cmdlet]:
    """The cmdlets of a PowerShell of that major version."""
    return {cmdlet.name: cmdlet for cmdlet in (*_objects(version), *_files(files))}
