# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
import tree_sitter_powershell
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.literal import (
    QUOTES,
    literal,
    quote,
    render,
    render_program,
)
from hypothesis import given
from hypothesis import strategies as st
from tree_sitter import Language, Parser

PARSER = Parser(Language(tree_sitter_powershell.language()))


def test_a_pipeline_is_one_line_of_literals() -> None:
    pipeline = (
        Command(
            "New-ReceiveConnector", {"Name": "it's", "Bindings": ["10.0.0.1:25"], "Custom": True, "MaxHopCount": 60}
        ),
        Command("Select-Object", {"Property": ["Name", "Identity"]}),
    )
    assert render(pipeline, error_action="Stop") == (
        "New-ReceiveConnector -Name 'it''s' -Bindings @('10.0.0.1:25') -Custom:$true -MaxHopCount 60"
        " -ErrorAction 'Stop' | Select-Object -Property @('Name', 'Identity') -ErrorAction 'Stop'"
    )


def test_an_error_action_that_is_given_stays() -> None:
    assert render((Command("A-B", {"ErrorAction": "SilentlyContinue"}),), error_action="Stop").count("ErrorAction") == 1


def test_hashtables_null_and_booleans() -> None:
    assert literal({"Add": ["a"], "it's": None}) == "@{'Add' = @('a'); 'it''s' = $null}"
    assert literal([True, False, -1]) == "@($true, $false, -1)"


@pytest.mark.parametrize("quote_mark", ["'", "\u2018", "\u2019", "\u201a", "\u201b"])
def test_every_quotation_mark_of_powershell_is_doubled(quote_mark: str) -> None:
    assert quote(f"a{quote_mark}; Remove-Item") == f"'a{quote_mark * 2}; Remove-Item'"


@pytest.mark.parametrize("char", ["\0", "\n", "\r", "\x1b", "\x85", "\u2028"])
def test_what_a_line_cannot_carry_is_refused(char: str) -> None:
    with pytest.raises(ValueError, match="cannot be sent"):
        quote(f"a{char}b")


@pytest.mark.parametrize("name", ["Get-X; Remove-Y", "Get-X -Y", "", "$x", "Get'X"])
def test_names_that_are_none_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        render((Command(name),))
    with pytest.raises(ValueError, match="no name"):
        render((Command("Get-X", {name: 1}),))


def test_a_program_and_its_words() -> None:
    assert render_program("netsh.exe", "int", "it's") == "& 'netsh.exe' 'int' 'it''s'"


@given(
    st.text(st.characters(min_codepoint=32, exclude_characters="\x7f\x85\u2028\u2029", exclude_categories=["Cs", "Cc"]))
)
def test_no_text_gets_out_of_its_quotes(text: str) -> None:
    quoted = quote(text)
    inner = quoted[1:-1]
    assert QUOTES.sub("", inner.replace("''", "")).count("'") == 0
    if not any(mark in text for mark in "\u2018\u2019\u201a\u201b"):
        root = PARSER.parse(f"Get-X -Name {quoted} -Confirm:$false".encode()).root_node
        assert not root.has_error
        names = [node.text for node in _walk(root) if node.type == "command_parameter"]
        assert names == [b"-Name", b"-Confirm"]


def _walk(node):  # type: ignore[no-untyped-def]
    yield node
    for child in node.children:
        yield from _walk(child)
