# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads scripts of literal commands; whatever else a script may hold is refused as a parser error.

The lab does not interpret PowerShell: what a client of the host sends has to be literal, so that nothing in a value
can become code (about_Quoting_Rules, about_Parsing).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

from .binding import PRESENT, Argument, Call
from .records import Failure, StatementFailed

_LANGUAGE = Language(tree_sitter_powershell.language())
# a quote of any of these kinds ends a single-quoted string unless it is doubled
_QUOTES = "'\u2018\u2019\u201a\u201b"
_DOUBLED = re.compile(f"[{_QUOTES}]([{_QUOTES}])")
_CONSTANTS = {"$true": True, "$false": False, "$null": None}

# the grammar knows no parameter with a digit in its name, such as -SmtpUtf8Enabled: it is read as -SmtpUtf__i__Enabled
_QUOTED_OR_PARAMETER = re.compile(f"[{_QUOTES}](?:[^{_QUOTES}]|[{_QUOTES}]{{2}})*[{_QUOTES}]|(?<=\\s)-[A-Za-z]\\w*")
_SPELLED = re.compile("__([a-j])__")


def _spelled(text: str) -> str:
    """Write digits in the names of parameters, and nowhere else, as letters."""
    return _QUOTED_OR_PARAMETER.sub(
        lambda match: re.sub(r"\d", _letter, match[0]) if match[0][0] == "-" else match[0], text
    )


def _letter(digit: re.Match[str]) -> str:
    return f"__{chr(ord('a') + int(digit[0]))}__"


@dataclass(frozen=True)
class Input:
    """``$input`` at the start of a pipeline."""


@dataclass(frozen=True)
class Values:
    """Literals at the start of a pipeline."""

    items: tuple[Any, ...]


@dataclass(frozen=True)
class Exit:
    """``exit``; without a code the one of ``$LASTEXITCODE``."""

    code: int | None = None


Element = Call | Input | Values
Line = tuple[Element, ...] | Exit


def refused(node: Node | None, why: str = "Unexpected token") -> StatementFailed:
    """The parser error for a piece of script."""
    piece = (node.text or b"").decode()[:80] if node is not None else ""
    failure = Failure(
        f"{why} '{piece}' in expression or statement.",
        "ParserError",
        "ParentContainsErrorRecordException",
        "UnexpectedToken",
    )
    return StatementFailed(failure, script=True)


def read(text: str) -> list[Line]:
    """The statements of a script; raises StatementFailed for anything that is not literal."""
    root = Parser(_LANGUAGE).parse(_spelled(text).encode()).root_node
    if root.has_error:
        raise refused(_broken(root))
    return [line for node in root.named_children for line in _lines(node)]


def _broken(node: Node) -> Node:
    """The innermost node with the error."""
    for child in node.children:
        if child.has_error or child.is_error or child.is_missing:
            return _broken(child)
    return node


def _lines(node: Node) -> Iterator[Line]:
    if node.type == "statement_list":
        for child in node.named_children:
            yield from _lines(child)
    elif node.type == "pipeline":
        yield tuple(_elements(node))
    elif node.type == "flow_control_statement":
        yield _exit(node)
    elif node.type not in ("empty_statement", "comment"):
        raise refused(node)


def _exit(node: Node) -> Exit:
    if not node.children or node.children[0].type != "exit":
        raise refused(node)
    if not node.named_children:
        return Exit(0)
    value = _single(node.named_children[0])
    if value.type == "variable" and value.text == b"$LASTEXITCODE":
        return Exit()
    code = _literal(value)
    if not isinstance(code, int):
        raise refused(node)
    return Exit(code)


def _elements(pipeline: Node) -> Iterator[Element]:
    if [child.type for child in pipeline.named_children] != ["pipeline_chain"]:
        raise refused(pipeline)
    for number, node in enumerate(pipeline.named_children[0].named_children):
        if node.type == "command":
            yield _call(node)
        elif number == 0:
            yield _start(node)
        else:
            raise refused(node)


def _start(node: Node) -> Element:
    """What a pipeline may begin with besides a command."""
    value = _single(node)
    if value.type == "variable" and (value.text or b"").lower() == b"$input":
        return Input()
    content = _literal(value)
    return Values(tuple(content) if isinstance(content, list) else (content,))


def _single(node: Node) -> Node:
    """Down through the levels of operators that are not used."""
    while len(node.children) == 1 and node.type not in (
        "string_literal",
        "integer_literal",
        "real_literal",
        "variable",
    ):
        node = node.children[0]
    return node


def _call(command: Node) -> Call:
    name = ""
    arguments: list[Argument] = []
    for node in command.named_children:
        if node.type == "command_name":
            name = _text(node)
        elif node.type == "command_name_expr":
            name = str(_literal(_single(node)))
        elif node.type == "command_elements":
            arguments = list(_arguments(node))
        elif node.type != "command_invokation_operator" or node.text != b"&":
            raise refused(node)
    return Call(name, tuple(arguments))


def _arguments(elements: Node) -> Iterator[Argument]:
    pending = ""
    colon = False
    for node in elements.children:
        if node.type == "command_argument_sep":
            colon = node.text == b":"
            if node.text == b"" or any(child.is_missing for child in node.children):
                raise refused(elements)
            continue
        if pending and not colon:
            yield Argument(PRESENT, pending)
            pending = ""
        if node.type == "command_parameter":
            pending = _SPELLED.sub(lambda match: str(ord(match[1]) - ord("a")), _text(node))
            continue
        yield Argument(_argument(node), pending)
        pending, colon = "", False
    if pending:
        yield Argument(PRESENT, pending)


def _argument(node: Node) -> Any:
    if node.type == "generic_token":
        text = _text(node)
        if set(text) & set(f'`$"(){{}},@;|&<>{_QUOTES}'):
            raise refused(node)
        return text
    return _literal(_single(node))


def _literal(node: Node) -> Any:
    """A string, number, constant, array or hashtable."""
    kind = node.type
    if kind == "string_literal" or kind == "verbatim_string_characters":
        return _string(node)
    if kind == "integer_literal" and (node.text or b"").isdigit():
        return int(node.text or b"")
    if kind == "variable" and (name := _text(node).lower()) in _CONSTANTS:
        return _CONSTANTS[name]
    if kind == "array_literal_expression":
        return [_literal(_single(child)) for child in node.named_children]
    if kind == "array_expression":
        return _array(node)
    if kind == "hash_literal_expression":
        return _table(node)
    if kind == "expression_with_unary_operator" and (node.text or b"")[:1] == b"-":
        number = _literal(_single(node.named_children[-1]))
        if isinstance(number, int):
            return -number
    raise refused(node)


def _array(node: Node) -> list[Any]:
    """``@(…)``: what its statements give, in one list."""
    found: list[Any] = []
    for statements in node.named_children:
        for statement in statements.named_children:
            content = _literal(_single(statement))
            found += content if isinstance(content, list) else [content]
    return found


def _table(node: Node) -> dict[str, Any]:
    entries = [entry for body in node.named_children for entry in body.named_children if entry.type == "hash_entry"]
    return {_key(entry.named_children[0]): _literal(_single(entry.named_children[1])) for entry in entries}


def _key(node: Node) -> str:
    inner = _single(node)
    return _text(inner) if inner.type == "simple_name" else str(_literal(inner))


def _string(node: Node) -> str:
    text = _text(node)
    if not text.startswith("'") or not text.endswith("'") or len(text) < 2:
        raise refused(node)
    inside = text[1:-1]
    if any(quote in _DOUBLED.sub("", inside) for quote in _QUOTES):
        raise refused(node, "A quote that is not doubled ends the string:")
    return _DOUBLED.sub(r"\1", inside)


def _text(node: Node) -> str:
    return (node.text or b"").decode()
