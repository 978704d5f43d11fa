# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects, errors and warnings as pypsrp leaves them, reduced to plain values.

The rule for every property: its string form if it is an object, the primitive otherwise, a list of those for a list.
It holds for an endpoint that sends objects and for one that sends strings.
"""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import ErrorRecord, Plain, WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.clixml import LISTS, References, element_value

# MS-PSRP 2.2.3.9, ErrorCategory
CATEGORIES = (
    "NotSpecified",
    "OpenError",
    "CloseError",
    "DeviceError",
    "DeadlockDetected",
    "InvalidArgument",
    "InvalidData",
    "InvalidOperation",
    "InvalidResult",
    "InvalidType",
    "MetadataError",
    "NotImplemented",
    "NotInstalled",
    "ObjectNotFound",
    "OperationStopped",
    "OperationTimeout",
    "SyntaxError",
    "ParserError",
    "PermissionDenied",
    "ResourceBusy",
    "ResourceExists",
    "ResourceUnavailable",
    "ReadError",
    "WriteError",
    "FromStdErr",
    "SecurityError",
    "ProtocolError",
    "ConnectionError",
    "AuthenticationError",
    "LimitsExceeded",
    "QuotaExceeded",
    "NotEnabled",
)

# What Exchange's own shell uses to rebuild objects; large, and of no use without its types
DROPPED = ("SerializationData",)


def decode(item: Any) -> WireObject | Plain:
    """Return one object of a pipeline's output."""
    if not _is_object(item):
        return value(item)
    properties = {**item.adapted_properties, **item.extended_properties}
    return WireObject(
        text=item.to_string or "",
        type_names=tuple(name.removeprefix("Deserialized.") for name in item.types),
        properties={name: value(content) for name, content in properties.items() if name not in DROPPED},
    )


def value(item: Any) -> Plain:
    """Return one property's value."""
    if _is_object(item):
        return _object_value(item)
    if item is None or isinstance(item, (bool, int)):
        return item
    if isinstance(item, str):
        return _raw_xml(item)
    if isinstance(item, Mapping):
        return {str(name): value(content) for name, content in item.items()}
    if isinstance(item, uuid.UUID):
        return str(item)
    if isinstance(item, bytes):
        return item.hex()
    if isinstance(item, Iterable):
        return [value(content) for content in item]
    return str(item)


def error_record(record: Any) -> ErrorRecord:
    """Return an error record as text; message, category and target may each be missing on the wire."""
    message = getattr(record, "details_message", None) or getattr(record, "_to_string", None)
    exception = getattr(record, "exception", None)
    if not message and exception is not None and _is_object(exception):
        message = str(exception.extended_properties.get("Message") or exception.adapted_properties.get("Message") or "")
    number = record.category if isinstance(record.category, int) else 0
    text = str(message or exception or "")
    target = " ".join(str(record.target_name or "").split())
    error_id = str(record.fq_error or "")
    category = CATEGORIES[number] if 0 <= number < len(CATEGORIES) else str(number)
    raw = (
        f"{text}\n    + CategoryInfo          : {record.message or category}\n    + FullyQualifiedErrorId : {error_id}"
    )
    return ErrorRecord(
        message=text.strip(),
        category=category,
        reason=str(record.reason or ""),
        error_id=error_id,
        cmdlet=str(record.activity or record.command_name or ""),
        target=target,
        raw=raw,
    )


def _object_value(item: Any) -> Plain:
    """A list is raw ``<LST>`` text among the property sets; an enum has its name as string form."""
    for content in item.property_sets:
        if isinstance(content, str) and content.lstrip().startswith(tuple(f"<{tag}" for tag in LISTS)):
            return _raw_xml(content)
        if isinstance(content, list):
            return [value(part) for part in content]
    if item.to_string is not None:
        return str(item.to_string)
    return value(item.property_sets[0]) if item.property_sets else ""


def _raw_xml(text: str) -> Plain:
    """Decode what pypsrp left as the text of an element; any other string is itself."""
    if not text.startswith("<"):
        return text
    try:
        element = ET.fromstring(text)  # noqa: S314 - what pypsrp's own parser took before
    except ET.ParseError:
        return text
    return element_value(element, References()) if element.tag in ("Obj", *LISTS) else text


def _is_object(item: Any) -> bool:
    return hasattr(item, "adapted_properties") and hasattr(item, "property_sets")
