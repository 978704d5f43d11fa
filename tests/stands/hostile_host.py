# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that means ill, as what the libraries of others hand over: a connection plugin what the host printed, pypsrp
what an object on the wire has become.

``python -m hostile_host READER ANSWER`` has one of the collection's readers read one of the answers and prints what
became of it as JSON: ``said`` and ``kind`` of the failure, ``mb`` and ``cpu`` that the reading took.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

MB = 2**20
ERROR = "{} : no\r\n    + CategoryInfo          : {}\r\n    + FullyQualifiedErrorId : {}\r\n"
UNKNOWN = ERROR.format("Get-NetIPAddress", "ObjectNotFound: (x:String) [], CommandNotFoundException", "CommandNotFound")


def clixml(inside: str) -> bytes:
    """A document as Export-Clixml writes it."""
    return f'<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">{inside}</Objs>'.encode()


def multiplied() -> bytes:
    """Objects of ten references each to the one before: ten to the power of fifteen values."""
    first = '<Obj RefId="0"><LST><S>ha</S></LST></Obj>'
    rest = (f'<Obj RefId="{n}"><LST>{f"""<Ref RefId="{n - 1}"/>""" * 10}</LST></Obj>' for n in range(1, 16))
    return clixml(first + "".join(rest))


def nested(opening: str, closing: str, depth: int = 200_000) -> str:
    """Brackets or elements in each other."""
    return opening * depth + closing * depth


def entities() -> bytes:
    """Entities of ten entities each ("billion laughs"), in a document type in front of the document."""
    made = "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 13))
    return f'<?xml version="1.0"?><!DOCTYPE Objs [<!ENTITY a0 "ha">{made}]>'.encode() + clixml("<S>&a12;</S>")


CLIXML: dict[str, Callable[[], bytes]] = {
    "entities": entities,
    "nested": lambda: clixml(nested("<LST>", "</LST>")),
    "nested objects": lambda: clixml(nested("<Obj><LST>", "</LST></Obj>")),
    "in a circle": lambda: clixml('<Obj RefId="0"><LST><Ref RefId="0"/></LST></Obj>'),
    "multiplied": multiplied,
    "openings": lambda: b"<Objs>" * 2_000_000,
    "openings with blanks": lambda: b"<Objs " * 2_000_000,
    "a huge list": lambda: clixml(f"<Obj><LST>{'<S/>' * 5_000_000}</LST></Obj>"),
    "a number that is none": lambda: clixml("<I32>many</I32>"),
    "a number of a million figures": lambda: clixml(f"<I32>{'9' * 10**6}</I32>"),
    "a type without a number": lambda: clixml("<Obj><TN><T>a</T></TN><Props><S>a</S></Props></Obj><I32>x</I32>"),
    "an element of no name": lambda: clixml("<>"),
}
ROW = '{"InterfaceIndex":%d,"InterfaceAlias":"a","AddressFamily":2,"ConnectionState":1,"Dhcp":0}'
JSON: dict[str, Callable[[], bytes]] = {
    "nested": lambda: nested("[", "]").encode(),
    "nested objects": lambda: nested('{"Dhcp":', "}").encode(),
    "a number": lambda: b"1",
    "numbers": lambda: b"[1,2]",
    "a text": lambda: b'"Dhcp"',
    "endless": lambda: b'{"Dhcp":' + b"0" * 10**6 + b"}",
    "infinity": lambda: b'{"InterfaceIndex":Infinity,"Dhcp":0,"InterfaceAlias":"a"}',
    "wrong types": lambda: b'{"InterfaceIndex":[],"IPAddress":7,"AddressState":{}}',
    "an address of a number": lambda: b'{"InterfaceIndex":1,"IPAddress":7,"AddressState":4,"PrefixLength":24}',
    "a length of no address": lambda: (
        b'{"InterfaceIndex":1,"IPAddress":"192.0.2.1","AddressState":4,"PrefixLength":999,"PrefixOrigin":1,'
        b'"SkipAsSource":false}'
    ),
    "many interfaces": lambda: f"[{','.join(ROW % number for number in range(60_000))}]".encode(),
    "more than a host has": lambda: b'{"Dhcp":0}\r\n' * 10**6,
}
SHOWN = "Address {} Parameters\r\n----\r\n" + "".join(f"{n} : {{}}\r\n" for n in "abcdefg") + "\r\n"


def listed(number: int) -> bytes:
    """What netsh prints of so many interfaces with an address each, the loopback first."""
    ips = ["127.0.0.1", *(f"10.{each >> 16}.{each >> 8 & 255}.{each & 255}" for each in range(number))]
    shown = "".join(SHOWN.format(ip, f"n{each}", *"abcdef") for each, ip in enumerate(ips))
    names = "".join(f" {each}  5  1500  connected  n{each}\r\n" for each in range(len(ips)))
    settings = "".join(
        f'"n{each}"\r\n  DHCP:  No\r\n  IP:  {ip}\r\n  P:  10.0.0.0/8\r\n' for each, ip in enumerate(ips)
    )
    answers = {"interfaces": names, "settings": settings, "addresses 4": shown}
    return "".join(f"-- relayops.exchange {name} --\r\n{text}" for name, text in answers.items()).encode()


def after(name: str, line: str) -> Callable[[], bytes]:
    """Half a megabyte of a line as the answer to one of netsh's questions."""
    mark = f"-- relayops.exchange {name} --\r\n"
    return lambda: (mark + f"{line}\r\n" * (MB // 2 // (len(line) + 2))).encode()


NETSH: dict[str, Callable[[], bytes]] = {
    "a long line": lambda: b"a" + b" " * 5 * MB + b"b",
    "blanks in rows": after("addresses 4", "10.0.0.1\r\n---\r\na" + " " * 500 + "b"),
    "colons in rows": after("addresses 4", "10.0.0.1\r\n---\r\na" + " :" * 250),
    "colons in settings": after("settings", " a" + " :" * 250),
    "figures in routes": after("routes 4", "a " + "1 " * 280),
    "blanks in routes": after("routes 4", "a" + " " * 500 + "b"),
    "blanks in interfaces": after("interfaces", "1 1 1 a" + " " * 500 + "b"),
    "letters in a dump": after("dump 4", "add address " + "a" * 500),
    "many interfaces": lambda: listed(2000),
    "more than netsh prints": lambda: b"Ok.\r\n" * MB,
}
FILES: dict[str, Callable[[], bytes]] = {
    "a field without end": lambda: b'"Name","Length"\r\n"RECV' + b"a" * MB + b'","1"\r\n',
    # the second leads out of the folder of all logs, not only of its own
    "a name of another folder": lambda: b'"Name","Length"\r\n"..\\RECV1.log","1"\r\n"RECV/../../../x.log","1"\r\n',
    "a plain name": lambda: b'"Name","Length"\r\n"RECV1.log","1"\r\n',
    "sizes that are none": lambda: '"Name","Length"\r\n"RECV1.log"\r\n"RECV2.log","²"\r\n"RECV3.log","-1"'.encode(),
    "a size of a million figures": lambda: b'"Name","Length"\r\n"RECV1.log","' + b"9" * 10**5 + b'"\r\n',
}
COMPLAINTS: dict[str, Callable[[], bytes]] = {
    "categories": lambda: (b"+ CategoryInfo : A: (x) [" * 10**6) + UNKNOWN.encode(),
    "brackets": lambda: b"+ CategoryInfo : A: (" + b") [" * 10**6,
    "not found": lambda: b"a" * 10**6 + b" wasn't found. Please make",
    "positions": lambda: b":1" * 10**6 + b"x\r\n+ FullyQualifiedErrorId : a",
    "blanks": lambda: b"+ FullyQualifiedErrorId" + b" " * 10**6 + b"x",
}


def wound(level: int) -> str:
    """An object of PSRP with nine references beside the one that it holds, each level the same."""
    inner = f'{wound(level - 1)}{f"""<Ref RefId="{level - 1}"/>""" * 9}' if level else "<S>ha</S>"
    return f'<Obj RefId="{level}"><LST>{inner}</LST></Obj>'


OBJECT = '<Obj RefId="99"><Props>{}</Props></Obj>'
PSRP: dict[str, Callable[[], bytes]] = {
    "nested": lambda: nested('<Obj RefId="0"><LST>', "</LST></Obj>", 20_000).encode(),
    "nested in a property": lambda: OBJECT.format(nested("<LST>", "</LST>", 300)).encode(),
    "nested in a text": lambda: f"<S>{nested('&lt;LST&gt;', '&lt;/LST&gt;')}</S>".encode(),
    "in a circle": lambda: b'<Obj RefId="0"><LST><Ref RefId="0"/></LST></Obj>',
    "multiplied": lambda: OBJECT.format(wound(12)).encode(),
    "entities in a text": lambda: (
        b"<S>" + entities().replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;") + b"</S>"
    ),
    "a number that is none": lambda: b"<I32>many</I32>",
    "a huge list": lambda: OBJECT.format(f'<Obj RefId="1" N="a"><LST>{"<S>a</S>" * 500_000}</LST></Obj>').encode(),
    "wrong types": lambda: OBJECT.format('<I32 N="Name">7</I32><Nil N="Identity"/><B N="Bindings">true</B>').encode(),
}
ANY: dict[str, Callable[[], bytes]] = {
    "NULs": lambda: b"\0" * MB,
    "no UTF-8": lambda: bytes(range(128, 256)) * 8192,
    "more than is read": lambda: b"x" * 80 * MB,
    "wide letters": lambda: "\U0001f4e0".encode() + b"x" * 60 * MB,
    "lines": lambda: b"\r\n" * 10 * MB,
    "what turns a terminal": lambda: "\x1b[2J\u202e\u2066".encode() * 1000,
}
READERS = {
    "psrp": PSRP,
    "psrp write": {name: PSRP[name] for name in ("nested", "a number that is none")},
    "psrp complaint": COMPLAINTS,
    "local session": CLIXML | ANY,
    "local write": {name: CLIXML[name] for name in ("multiplied", "nested", "a number that is none")},
    "json": JSON | ANY,
    "addresses": JSON | ANY,
    "netsh": NETSH | ANY,
    "files": FILES | ANY,
    "complaint": COMPLAINTS | ANY,
}


class Connection:
    """A connection plugin whose host answers everything with the same, after what it says first."""

    transport = "winrm"

    def __init__(self, output: bytes = b"", errors: bytes = b"", first: tuple[tuple[int, bytes, bytes], ...] = ()):
        self.answer = (int(bool(errors)), output, errors)
        self.first = list(first)
        self._shell = self

    def _encode_script(self, script: str, **_: bool) -> str:
        return script

    def exec_command(self, cmd: str, in_data: bytes | None = None) -> tuple[int, bytes, bytes]:
        """What a plugin returns."""
        return self.first.pop(0) if self.first else self.answer


class Streams:
    """What a pipeline of pypsrp ends with."""

    def __init__(self, text: str, failed: bool) -> None:
        from pypsrp.complex_objects import ErrorRecord
        from pypsrp.serializer import Serializer

        record = ErrorRecord(exception=text, fq_error=text, category=0)
        self.output = [] if failed else [Serializer().deserialize(text)]
        self.error, self.warning = [record] if failed else [], []
        self.streams = self


class Endpoint:
    """A transport whose server answers every pipeline with the same."""

    opened, sent, taken, protocol = True, False, False, (2, 3)

    def __init__(self, text: str, failed: bool) -> None:
        self.text, self.failed = text, failed

    def open(self) -> None:
        """It is open."""

    def close(self) -> bool:
        """Nothing is left."""
        return True

    def run(self, *statements: Any) -> Streams:
        """The output of a pipeline; while that is read, nobody knows how the pipeline went."""
        self.sent = self.taken = True
        streams = Streams(self.text, self.failed)
        self.sent = self.taken = False
        return streams


def remote(answer: bytes, cmdlet: str, failed: bool) -> Callable[[], Any]:
    """A session on the endpoint, about to run a cmdlet."""
    from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command
    from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import check
    from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.remote_session import RemoteSession
    from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import settings

    given, text = settings({"endpoint_host": "EX01"}, None, {}), answer.decode(errors="replace")
    connect: Any = lambda *_: Endpoint(text, failed)  # noqa: E731
    session = RemoteSession(given, connect=connect, pause=lambda seconds: None)
    return lambda: check(session.run((Command(cmdlet),)), cmdlet, "EX01")


def bring(shell: Any) -> None:
    """Fetch the logs of a folder; raises RuntimeError where a file is written anywhere but below ``dest``."""
    from ansible_collections.relayops.exchange.plugins.plugin_utils._usage import fetch

    with tempfile.TemporaryDirectory() as above:
        dest = Path(above, "fetched", "ex01")
        try:
            fetch.fetch(shell, ["C:\\Logs\\.."], str(dest), False, lambda told: None)
        finally:
            outside = [path for path in Path(above).rglob("*") if path.is_file() and dest not in path.parents]
        if outside:
            raise RuntimeError(f"written outside of dest: {outside}")


def reading(reader: str, answer: bytes) -> Callable[[], Any]:
    """The reader, ready to read the answer."""
    from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command
    from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import check
    from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.host_shell import HostShell
    from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.local_session import LocalSession
    from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.host import Host

    if reader.startswith("psrp"):
        cmdlet = "Set-ReceiveConnector" if reader == "psrp write" else "Get-ReceiveConnector"
        return remote(answer, cmdlet, reader == "psrp complaint")
    loaded = (0, b"", b"")
    if reader.startswith("local"):
        name = "Get-ReceiveConnector" if reader == "local session" else "Set-ReceiveConnector"
        session = LocalSession(Connection(answer, first=(loaded,)), "EX01")
        return lambda: session.run((Command(name),))
    if reader == "json":
        return lambda: HostShell(Connection(answer), "EX01").read((Command("Get-X"),), ["a"])
    if reader == "addresses":
        return lambda: Host(HostShell(Connection(answer), "EX01")).read()
    if reader == "netsh":
        return lambda: Host(HostShell(Connection(answer, first=((1, b"", UNKNOWN.encode()),)), "EX01")).read()
    if reader == "files":
        return lambda: bring(HostShell(Connection(answer), "EX01"))
    return lambda: check(HostShell(Connection(errors=answer), "EX01").run((Command("Get-X"),)), "Get-X", "EX01")


def main() -> None:
    """Read and tell."""
    from bounds import peak_and_time

    reader, name = sys.argv[1:]
    answer = READERS[reader][name]()
    read = reading(reader, answer)
    said, kind = "", ""
    with peak_and_time() as measured:
        try:
            read()
        except Exception as error:
            said, kind = str(error), " ".join(each.__name__ for each in type(error).__mro__)
    print(json.dumps({"said": said, "kind": kind} | measured))


if __name__ == "__main__":
    main()
