# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_reply import ProbeError
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_tls import tls_context


def test_trusts_nobody_unless_told_not_to_ask() -> None:
    asks, takes_any = tls_context(True), tls_context(False)
    assert (asks.verify_mode, asks.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert (takes_any.verify_mode, takes_any.check_hostname) == (ssl.CERT_NONE, False)


@pytest.mark.parametrize("content", [None, "", "no certificate", b"\xff\x00"])
def test_a_file_without_authorities_is_no_crash(tmp_path: Path, content: str | bytes | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ProbeError, match="ca_path") as caught:
        tls_context(True, str(path))
    assert caught.value.kind == "tls"
