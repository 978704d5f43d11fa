# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_refusals import REFUSALS, known_refusal
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_reply import Reply

TEXTS = {
    "550 5.7.1 Unable to relay": "unable_to_relay",
    "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain": "unable_to_relay",
    "554 5.7.1 <a@b.test>: Relay access denied": "unable_to_relay",
    "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM": "not_authenticated",
    "530 5.7.1 Client was not authenticated": "not_authenticated",
    "550 5.7.60 SMTP; Client does not have permissions to send as this sender": "sender_not_permitted",
    "550 5.7.1 Anonymous client does not have permissions to send as this sender": "sender_not_permitted",
    "421 4.3.2 Service not available": "transport_inactive",
    "421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing": "connection_limit",
    "421 4.3.2 The maximum number of concurrent server connections has exceeded a per-source limit": "per_source_limit",
    "421 4.4.2 Message submission rate for this client has exceeded the configured limit": "rate_limit",
    "451 5.7.3 STARTTLS is required to send mail": "tls_required",
    "451 5.7.3 Cannot achieve Exchange Server authentication": "exchange_authentication",
    "552 5.3.4 Message size exceeds fixed maximum message size": "message_too_big",
    "421 4.7.0 Too many errors on this connection, closing transmission channel": "too_many_errors",
    "452 4.3.1 Insufficient system resources": "insufficient_resources",
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup": "unknown_recipient",
    "501 5.1.3 Invalid address": "invalid_address",
    "550 5.7.1 Message rejected due to content restrictions": "blocked",
}


@pytest.mark.parametrize(("text", "name"), TEXTS.items())
def test_knows(text: str, name: str) -> None:
    refusal = known_refusal(Reply(int(text[:3]), (text[4:],)))
    assert refusal is not None
    assert refusal.name == name


def test_every_refusal_is_met_once() -> None:
    assert {refusal.name for refusal in REFUSALS} == set(TEXTS.values())


@pytest.mark.parametrize("text", ["450 4.7.1 Greylisted", "550 go away", "599 strange"])
def test_unknown_stays_unknown(text: str) -> None:
    assert known_refusal(Reply(int(text[:3]), (text[4:],))) is None


def test_cause_and_remedy_are_sentences() -> None:
    for refusal in REFUSALS:
        assert refusal.cause.endswith(".")
        assert refusal.remedy.endswith(".")
