# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts what tests import where ansible-test finds it, which does not read pyproject.toml."""

from __future__ import annotations

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
PLACES = [str(TESTS / name) for name in ("lab", "demo", "authoring", "stands", "bench")]
sys.path[:0] = [path for path in PLACES if path not in sys.path]
