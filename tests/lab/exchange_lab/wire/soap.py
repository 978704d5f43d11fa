# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WS-Management envelopes (MS-WSMV 2.2): requests read, responses and faults written."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

SOAP = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
NAMES = {"s": SOAP, "a": ADDRESSING, "w": WSMAN, "x": TRANSFER, "rsp": SHELL}
# MaxEnvelopeSizekb as servers have it, the most that an answer holds whatever is asked for (MS-WSMV 2.2.4.10,
# 3.1.4.1.7), and what a request without the header gets
LARGEST_ENVELOPE, ENVELOPE = 500 * 1024, 150 * 1024
_DECLARATIONS = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMES.items())
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$")


@dataclass
class Fault(Exception):
    """A request refused: the SOAP fault's subcode, WSManFault code and text (MS-WSMV 2.2.4.43).

    Without a code there is no detail; with ``wmi`` the detail is an MSFT_WmiError.
    """

    text: str
    code: int
    subcode: str = "w:InternalError"
    sender: bool = False
    wmi: bool = False


def seconds(duration: str | None, default: float) -> float:
    """The length of an xs:duration of days and below."""
    found = _DURATION.match((duration or "").strip())
    if not found or not any(found.groups()):
        return default
    days, hours, minutes, rest = (float(part or 0) for part in found.groups())
    return days * 86400 + hours * 3600 + minutes * 60 + rest


@dataclass(frozen=True)
class Request:
    """What one envelope asks for."""

    action: str
    message_id: str
    resource_uri: str
    shell_id: str
    options: dict[str, str]
    timeout: float
    envelope_size: int
    body: ElementTree.Element

    @property
    def verb(self) -> str:
        """The last part of the action: Create, Command, Send, Receive, Signal, Delete …"""
        return self.action.rpartition("/")[2]

    @classmethod
    def parse(cls, envelope: bytes) -> Request:
        """Read an envelope; raises Fault for what is none."""
        try:
            root = ElementTree.fromstring(envelope)
        except ElementTree.ParseError as error:
            raise Fault(f"The SOAP XML in the message does not match the schema: {error}", 2150858817) from None
        header, body = root.find("s:Header", NAMES), root.find("s:Body", NAMES)
        if header is None or body is None:
            raise Fault("The SOAP envelope has no header or no body.", 2150858817)
        shell_id = header.findtext("w:SelectorSet/w:Selector[@Name='ShellId']", "", NAMES)
        options = {item.get("Name", ""): item.text or "" for item in header.iterfind("w:OptionSet/w:Option", NAMES)}
        return cls(
            header.findtext("a:Action", "", NAMES).strip(),
            header.findtext("a:MessageID", "", NAMES).strip(),
            header.findtext("w:ResourceURI", "", NAMES).strip(),
            shell_id.strip().upper(),
            options,
            seconds(header.findtext("w:OperationTimeout", None, NAMES), 60.0),
            min(int(header.findtext("w:MaxEnvelopeSize", "", NAMES) or ENVELOPE), LARGEST_ENVELOPE),
            body,
        )


def response(request: Request, body: str) -> bytes:
    """The answer to a request, its action that of the request with ``Response`` behind."""
    return _envelope(f"{request.action}Response", request.message_id, body)


def fault_response(fault: Fault, message_id: str, machine: str) -> bytes:
    """The answer that carries a fault."""
    text = escape(fault.text)
    body = (
        f"<s:Fault><s:Code><s:Value>{'s:Sender' if fault.sender else 's:Receiver'}</s:Value><s:Subcode>"
        f'<s:Value>{fault.subcode}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">{text}</s:Text>'
        f"</s:Reason>{_detail(fault, text, machine)}</s:Fault>"
    )
    return _envelope("http://schemas.dmtf.org/wbem/wsman/1/wsman/fault", message_id, body)


def _detail(fault: Fault, text: str, machine: str) -> str:
    if not fault.code:
        return ""
    if fault.wmi:
        return (
            '<s:Detail><p:MSFT_WmiError xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError">'
            f"<p:Message>{text}</p:Message><p:error_Code>{fault.code}</p:error_Code></p:MSFT_WmiError></s:Detail>"
        )
    return (
        '<s:Detail><f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" '
        f'Code="{fault.code}" Machine={quoteattr(machine)}><f:Message>{text}</f:Message></f:WSManFault></s:Detail>'
    )


def _envelope(action: str, relates_to: str, body: str) -> bytes:
    return (
        f'<s:Envelope xml:lang="en-US" {_DECLARATIONS}><s:Header><a:Action>{action}</a:Action>'
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID><a:To>{ADDRESSING}/role/anonymous</a:To>"
        f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()
