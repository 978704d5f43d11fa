# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings that the collection's option ``exchange_recording`` has made, read and checked before anything is served.

The shapes are those of the collection's ``plugin_utils/_shell/tape.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psrpcore.types import PSRPMessageType

FORMAT, VERSION = "relayops.exchange recording", 1
LARGEST = 256 * 2**20
HOW = ("status", "fault", "silence", "nonsense", "cut")

# where a template of Jinja begins
_TEMPLATE = ("{{", "{%", "{#")

# MS-PSRP 2.2.1: a recording's names of the messages about a pipeline
MESSAGES = {
    "PIPELINE_OUTPUT": PSRPMessageType.PipelineOutput,
    "ERROR_RECORD": PSRPMessageType.ErrorRecord,
    "PIPELINE_STATE": PSRPMessageType.PipelineState,
    "DEBUG_RECORD": PSRPMessageType.DebugRecord,
    "VERBOSE_RECORD": PSRPMessageType.VerboseRecord,
    "WARNING_RECORD": PSRPMessageType.WarningRecord,
    "PROGRESS_RECORD": PSRPMessageType.ProgressRecord,
    "INFORMATION_RECORD": PSRPMessageType.InformationRecord,
    "PIPELINE_HOST_CALL": PSRPMessageType.PipelineHostCall,
}


@dataclass(frozen=True)
class Round:
    """What was sent once and what came back; ``broken`` is empty where the answer came to its end."""

    session: str
    number: int
    host: str
    shell: str
    sent: Mapping[str, Any]
    received: Mapping[str, Any]
    broken: Mapping[str, Any]


@dataclass
class Recording:
    """The rounds by host, in order, and the variables that the playbook is to be played with."""

    hosts: dict[str, list[Round]] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)


def read(path: Path) -> Recording:
    """The recording in a file; raises ValueError with one line that says what is wrong with it, and where."""
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"it is larger than {LARGEST // 2**20} MB")
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path}: it is no recording, since it is no text") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    lines = text.split("\n")
    if not _is_header(lines[0]):
        raise ValueError(f"{path}: it is no recording of version {VERSION}")
    if lines.pop():
        raise ValueError(f"{path}: line {len(lines) + 1} is cut off")
    recording = Recording()
    for number, line in enumerate(lines[1:], 2):
        try:
            _add(recording, _object(line))
        except ValueError as error:
            raise ValueError(f"{path}: line {number}: {error}") from None
    if not recording.hosts:
        raise ValueError(f"{path}: nothing is recorded in it")
    return recording


def _is_header(line: str) -> bool:
    try:
        found = _object(line)
    except ValueError:
        return False
    return found.get("format") == FORMAT and found.get("version") == VERSION


def _object(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("it is no JSON") from None
    if not isinstance(found, dict):
        raise ValueError("it is no object")
    return found


def _add(recording: Recording, entry: dict[str, Any]) -> None:
    if set(entry) == {"variables"} and isinstance(entry["variables"], dict):
        for problem in _dangers(entry["variables"]):
            raise ValueError(problem)
        recording.variables |= entry["variables"]
        return
    made = Round(
        _text(entry, "session"),
        _number(entry, "round"),
        _text(entry, "host"),
        _text(entry, "shell"),
        _part(entry, "sent"),
        _part(entry, "received", {}),
        _part(entry, "broken", {}),
    )
    for problem in _problems(made):
        raise ValueError(problem)
    recording.hosts.setdefault(made.host, []).append(made)


def _dangers(variables: Mapping[str, Any]) -> Iterator[str]:
    """What would let those who made a recording run something on the machine of those who replay it."""
    for name in variables:
        if name.lower().startswith("ansible"):
            yield f"variables has {name}, which would change how Ansible itself works"
    if any(mark in text for text in _texts(variables) for mark in _TEMPLATE):
        yield "variables has a template, which Ansible would run"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _texts(item)


def _text(entry: Mapping[str, Any], name: str) -> str:
    found = entry.get(name)
    if not isinstance(found, str) or not found or not found.isprintable():
        raise ValueError(f"{name} is missing, or is no text of one line")
    return found


def _number(entry: Mapping[str, Any], name: str) -> int:
    found = entry.get(name)
    if type(found) is not int or not 0 <= found < 2**31:
        raise ValueError(f"{name} is missing, or is no number that can be")
    return found


def _part(entry: Mapping[str, Any], name: str, default: dict[str, Any] | None = None) -> dict[str, Any]:
    found = entry.get(name, default)
    if not isinstance(found, dict):
        raise ValueError(f"{name} is missing, or is no object")
    return found


def _problems(made: Round) -> Iterator[str]:
    kinds = {"exchange": ("open", "statements"), "host": ("script",), "smtp": ("probe",)}
    if made.shell not in kinds:
        yield f"shell is none of {', '.join(kinds)}"
    elif not any(kind in made.sent for kind in kinds[made.shell]):
        yield f"sent has none of {', '.join(kinds[made.shell])}"
    if made.broken and made.broken.get("how") not in HOW:
        yield f"broken.how is none of {', '.join(HOW)}"
    if not all(type(made.broken.get(name, 0)) is int for name in ("status", "code")):
        yield "broken.status or broken.code is no number"
    if "statements" in made.sent and not _are_statements(made.sent["statements"]):
        yield "sent.statements is no list of lists of cmdlets"
    if "probe" in made.sent and not _are_lines(made.received.get("transcript")):
        yield "received.transcript is no list of lines"
    if not made.broken:
        yield from _answer_problems(made)


def _answer_problems(made: Round) -> Iterator[str]:
    received = made.received
    if "script" in made.sent:
        texts = all(isinstance(received.get(name), str) for name in ("stdout", "stderr"))
        if not texts or type(received.get("exit_code")) is not int:
            yield "received is not exit_code, stdout and stderr"
        if not isinstance(made.sent["script"], str):
            yield "sent.script is no text"
    elif "statements" in made.sent and not _are_messages(received.get("messages")):
        yield "received.messages is no list of messages with type and clixml"
    elif "open" in made.sent and not _is_version(received.get("protocol")):
        yield "received.protocol is no version"


def _are_statements(found: Any) -> bool:
    return (
        isinstance(found, list)
        and all(isinstance(statement, list) and statement for statement in found)
        and all(
            isinstance(command, dict)
            and isinstance(command.get("cmdlet"), str)
            and isinstance(command.get("parameters"), dict)
            for statement in found
            for command in statement
        )
    )


def _are_messages(found: Any) -> bool:
    return isinstance(found, list) and all(
        isinstance(message, dict)
        and message.get("type") in MESSAGES
        and isinstance(message.get("clixml"), str)
        # a document type is never part of CLIXML (MS-PSRP 2.2.5), but of attacks on those who read it
        and "<!" not in message["clixml"]
        for message in found
    )


def _are_lines(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(line, str) and "\n" not in line for line in found)


def _is_version(found: Any) -> bool:
    return isinstance(found, str) and all(part.isdigit() and len(part) < 4 for part in found.split("."))
