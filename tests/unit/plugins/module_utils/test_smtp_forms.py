# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.relayops.exchange.plugins.module_utils._smtp_forms import FORMS, fill

KNOWN = {"server": "mail.example", "literal": "[192.0.2.1]", "local": "example.com"}


def test_every_form_has_its_own_name_and_text() -> None:
    filled = fill("ada@outside.test", "me@here.test", KNOWN)
    assert len({form.name for form, _ignored, _ignored in filled}) == len(FORMS)
    assert len({(sender, recipient) for _ignored, sender, recipient in filled}) == len(FORMS)
    assert not any("{" in sender + recipient for _ignored, sender, recipient in filled)


def test_the_classics_are_there() -> None:
    texts = {
        form.name: (sender, recipient) for form, sender, recipient in fill("ada@outside.test", "me@here.test", KNOWN)
    }
    assert texts["percent_hack"] == ("<me@here.test>", "<ada%outside.test@mail.example>")
    assert texts["source_route"][1] == "<@mail.example:ada@outside.test>"
    assert texts["bang_path"][1] == "<outside.test!ada>"
    assert texts["quoted_local_part_local_domain"][1] == '<"ada@outside.test"@example.com>'
    assert texts["null_sender"] == ("<>", "<ada@outside.test>")
    assert texts["mixed_domains_literal"][1] == "<ada@outside.test@[192.0.2.1]>"


def test_forms_that_need_what_is_unknown_are_left_out() -> None:
    names = {
        form.name
        for form, _ignored, _ignored in fill("ada@outside.test", "me@here.test", {**KNOWN, "local": "", "server": ""})
    }
    assert not any("local_domain" in name for name in names)
    assert "percent_hack" not in names
    assert "percent_hack_literal" in names


def test_only_the_recipients_own_domain_outside_the_local_part_proves() -> None:
    for form, _ignored, recipient in fill("ada@outside.test", "me@here.test", KNOWN):
        plain = recipient.strip("<>").rpartition(":")[2]
        assert form.proves == (plain == "ada@outside.test")
