# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate for STARTTLS, for a transport that is given none."""

from __future__ import annotations

import ssl

import trustme


def self_made(*names: str) -> ssl.SSLContext:
    """Return a server context with a certificate for these names from an authority nobody trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(*names).configure_cert(context)
    return context
