# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the demo starts ansible-playbook and what it reads from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from relay_demo import playbook


def test_inventory_with_the_password_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = playbook.inventory(tmp_path, {"exchange": {"hosts": {"ex01": {"ansible_password": "x"}}}})
    assert path.stat().st_mode & 0o077 == 0
    assert json.loads(path.read_text()) == {"exchange": {"hosts": {"ex01": {"ansible_password": "x"}}}}


def test_settings_of_the_user_have_no_effect(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANSIBLE_STDOUT_CALLBACK", "minimal")
    monkeypatch.setenv("EXCHANGE_PASSWORD", "x")
    environ = playbook.environment(tmp_path, tmp_path)
    assert not {"ANSIBLE_STDOUT_CALLBACK", "EXCHANGE_PASSWORD"} & set(environ)


def test_reads_the_recap_of_a_real_run(tmp_path: Path) -> None:
    book = tmp_path / "play.yml"
    book.write_text(
        "- hosts: all\n  gather_facts: false\n  tasks: [{ansible.builtin.add_host: {name: b}, changed_when: true}]\n"
    )
    where = playbook.inventory(tmp_path, {"exchange": {"hosts": {"localhost": {"ansible_connection": "local"}}}})
    seen: list[str] = []
    play = playbook.run(str(book), where, playbook.environment(tmp_path, tmp_path), seen.append)
    assert (play.status, play.changed) == (0, 1)
    assert "\n".join(seen) == play.output


def test_a_run_without_recap_changed_nothing_that_is_known(tmp_path: Path) -> None:
    where = playbook.inventory(tmp_path, {"exchange": {"hosts": {"localhost": {}}}})
    play = playbook.run(
        str(tmp_path / "missing.yml"), where, playbook.environment(tmp_path, tmp_path), lambda line: None
    )
    assert play.status != 0
    assert play.changed == -1
