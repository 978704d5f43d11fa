# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an error that nobody expected would tell a secret, were its traceback shown."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterable


def tells(error: BaseException, secrets: Iterable[str]) -> bool:
    """Whether the traceback, causes included, holds one of the secrets as it is, or as Python or JSON writes it."""
    text = "".join(traceback.format_exception(error))
    return any(form in text for secret in secrets for form in _forms(secret))


def _forms(secret: str) -> set[str]:
    """Texts within texts: each time that a text is quoted, its quotes and backslashes get one more."""
    once = {secret, repr(secret)[1:-1], ascii(secret)[1:-1], json.dumps(secret)[1:-1]}
    return {form for form in once | {repr(each)[1:-1] for each in once} if form}
