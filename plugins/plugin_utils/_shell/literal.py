# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cmdlet calls as PowerShell text that holds literals only: nothing in a value can ever become code."""

from __future__ import annotations

import re

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, Pipeline, Plain

# The characters that PowerShell takes for a single quote, each escaped by doubling (about_Quoting_Rules).
QUOTES = re.compile("(['\u2018\u2019\u201a\u201b])")

# A cmdlet or a program (netsh.exe); a parameter's name.
NAME = re.compile(r"^[A-Za-z][A-Za-z0-9.-]*$")
PARAMETER = re.compile(r"^[A-Za-z][A-Za-z0-9]*$")


def render(pipeline: Pipeline, *, error_action: str = "") -> str:
    """Return the pipeline as one line of PowerShell 2.0; ``error_action`` is added to each command.

    Raises ValueError for a name that is none and for a value that one line of text cannot carry.
    """
    return " | ".join(_command(command, error_action) for command in pipeline)


def render_program(program: str, *words: str) -> str:
    """Return the call of a native program with its words as literals."""
    return " ".join((f"& {quote(program)}", *(quote(word) for word in words)))


def literal(value: Plain) -> str:
    """Return a value as a literal: a quoted string, a number, ``$true``, ``$null``, ``@(…)`` or ``@{…}``."""
    if value is None:
        return "$null"
    if isinstance(value, bool):
        return "$true" if value else "$false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, list):
        return "@(" + ", ".join(literal(item) for item in value) + ")"
    return "@{" + "; ".join(f"{quote(name)} = {literal(item)}" for name, item in value.items()) + "}"


def quote(text: str) -> str:
    """Return the text in single quotes; raises ValueError for control characters, line ends and NUL among them.

    A script that arrives on standard input is read line by line, so a literal must not span lines.
    """
    refused = next((char for char in text if ord(char) < 32 or char in "\x7f\x85\u2028\u2029"), None)
    if refused is not None:
        raise ValueError(f"the character U+{ord(refused):04X} cannot be sent in {text!r}; remove it")
    return "'" + QUOTES.sub(r"\1\1", text) + "'"


def _command(command: Command, error_action: str) -> str:
    if not NAME.match(command.name):
        raise ValueError(f"{command.name!r} is no name of a cmdlet")
    words = [command.name]
    for name, value in command.parameters.items():
        if not PARAMETER.match(name):
            raise ValueError(f"{name!r} is no name of a parameter of {command.name}")
        # a switch takes its value only after a colon (about_Parameters)
        separator = ":" if isinstance(value, bool) else " "
        words.append(f"-{name}{separator}{literal(value)}")
    if error_action and "ErrorAction" not in command.parameters:
        words.append(f"-ErrorAction {quote(error_action)}")
    return " ".join(words)
