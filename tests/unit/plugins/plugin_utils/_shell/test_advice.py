# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.advice import advise
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import Settings, settings

BASE = settings({"endpoint_host": "ex01.lab.example"}, None, {})


def with_(**changes: Any) -> Settings:
    return replace(BASE, **changes)


def one(name: str) -> set[str]:
    return {"10.0.0.1"}


def test_kerberos_to_a_name_is_fine() -> None:
    assert advise(with_(username="a@B", password="p"), one) == []
    assert advise(with_(), one) == []


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (with_(host="10.0.0.1"), "Kerberos knows servers by name, and 10.0.0.1 is an address. Set endpoint_host"),
        (with_(host="::1"), "::1 is an address"),
        (with_(username="LAB\\a", password="p"), r"LAB\\a is not one .*Write the user as user@REALM"),
        (
            with_(auth="basic", username="a", password="p"),
            "Basic authentication without TLS sends the password readable",
        ),
        (with_(auth="basic", ssl=True), "needs a user and none is given. Set ansible_user.*EXCHANGE_USERNAME"),
        (with_(auth="basic", ssl=True, username="a"), "needs a password and none is given.*EXCHANGE_PASSWORD"),
        (with_(auth="ntlm", username="a"), "needs a password"),
        (with_(auth="certificate"), "needs TLS"),
        (with_(auth="certificate", ssl=True), "no certificate is given. Set endpoint_certificate_pem"),
    ],
)
def test_what_cannot_work_is_refused(settings: Settings, text: str) -> None:
    with pytest.raises(ShellError, match=f"^Connecting to Exchange on {settings.host}: .*{text}"):
        advise(settings, one)


def test_an_address_with_the_right_name_for_kerberos_is_fine() -> None:
    assert advise(with_(host="10.0.0.1", hostname_override="ex01.lab.example"), one) == []


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (with_(auth="ntlm", username="a", password="p"), "does not take NTLM unless"),
        (with_(auth="negotiate"), "does not take NTLM unless"),
        (with_(auth="credssp", username="a", password="p"), "IIS does not take CredSSP"),
        (with_(host_auth="ntlm"), "The host's connection uses ntlm, which Exchange's own endpoint does not take"),
        (
            with_(auth="basic", ssl=True, username="a", password="p", cert_validation=False),
            "without a check of its cert",
        ),
        (with_(read_timeout=20), r"read_timeout \(20 s\) is not above operation_timeout \(20 s\)"),
    ],
)
def test_what_is_doubtful_is_warned_about(settings: Settings, text: str) -> None:
    (warning,) = advise(settings, one)
    import re

    assert re.search(text, warning)


def test_a_name_with_several_addresses_may_be_a_load_balancer() -> None:
    (warning,) = advise(with_(), lambda name: {"10.0.0.1", "10.0.0.2", "fe80::1%2"})
    assert "ex01.lab.example resolves to 2 addresses (10.0.0.1, 10.0.0.2)" in warning
    assert advise(with_(auth="basic", ssl=True, username="a", password="p"), lambda name: {"1.1.1.1", "1.1.1.2"}) == []


@pytest.mark.parametrize(
    "host", ["http://ex01", "ex01:443", "ex 01", "ex01/PowerShell", "ex01\n", "a..b", "-x", "x" * 254]
)
def test_a_host_that_is_no_name_is_refused(host: str) -> None:
    with pytest.raises(ShellError, match=r"endpoint_host is .*, which is no name of a server\. Set endpoint_host"):
        advise(with_(host=host), one)


@pytest.mark.parametrize(
    "host", ["ex01", "ex_01.lab.example", "ex01.lab.example.", "büro.example", "192.0.2.1", "2001:db8::1"]
)
def test_a_host_that_is_one_is_not(host: str) -> None:
    assert advise(with_(host=host, auth="basic", ssl=True, username="a", password="p"), one) == []


def test_basic_with_characters_that_it_cannot_carry_is_refused() -> None:
    with pytest.raises(ShellError, match=r"only characters of Latin-1.*endpoint_auth: kerberos"):
        advise(with_(auth="basic", ssl=True, username="a", password="пароль"), one)


def test_basic_with_characters_that_it_may_not_carry_is_warned_about() -> None:
    (warning,) = advise(with_(auth="basic", ssl=True, username="a", password="naïve"), one)
    assert "beyond ASCII" in warning


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"port": 70000}, r"endpoint_port is 70000\. Set a number from 1 to 65535"),
        ({"port": -1}, r"endpoint_port is -1\. Set"),
        ({"connection_timeout": 0}, r"connect_timeout is 0\. Set seconds, 1 or more"),
        ({"operation_timeout": -9}, "operation_timeout is -9"),
        ({"read_timeout": 0}, "read_timeout is 0"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(changes: dict[str, int], text: str) -> None:
    with pytest.raises(ShellError, match=text):
        advise(with_(**changes), one)
