# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from exchange_lab.transport.paths import Path, parse_path


@pytest.mark.parametrize(
    ("text", "local", "domain"),
    [
        ("<a@example.com>", "a", "example.com"),
        (" <a@example.com>", "a", "example.com"),
        ("a@example.com", "a", "example.com"),
        ("<>", "", ""),
        ("<@one.example,@two.example:a@outside.test>", "a", "outside.test"),
        ("<@one.example:a@outside.test>", "a", "outside.test"),
        ("<a%outside.test@example.com>", "a%outside.test", "example.com"),
        ("<outside.test!a@example.com>", "outside.test!a", "example.com"),
        ('<"a@outside.test"@example.com>', '"a@outside.test"', "example.com"),
        ('<"a>b"@example.com>', '"a>b"', "example.com"),
        ("<a@[127.0.0.1]>", "a", "[127.0.0.1]"),
        ("<a>", "a", "default.example"),
        ('<"a@outside.test">', '"a@outside.test"', "default.example"),
    ],
)
def test_reads(text: str, local: str, domain: str) -> None:
    assert parse_path(text, "default.example") == (Path(local, domain), [])


@pytest.mark.parametrize(
    "text",
    [
        "<a@outside.test@example.com>",
        "<a@>",
        "<@example.com>",
        "<a b@example.com>",
        "<a@b..c>",
        "<a",
        "",
        '<"a"x@example.com>',
        "<a@-x.test>",
        "<.a@b.c>",
    ],
)
def test_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_path(text, "default.example")


def test_without_a_default_domain_a_bare_name_is_no_address() -> None:
    with pytest.raises(ValueError, match="domain"):
        parse_path("<postmaster>")


def test_parameters_follow_the_path() -> None:
    assert parse_path("<a@example.com> SIZE=12 BODY=8BITMIME")[1] == ["SIZE=12", "BODY=8BITMIME"]
