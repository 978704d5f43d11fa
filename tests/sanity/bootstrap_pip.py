# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for get-pip.py under ansible-test, which runs it in an empty virtual environment.

Takes get-pip's arguments; needs nothing but Python's own ensurepip and the package index that pip.conf names.
"""

from __future__ import annotations

import subprocess
import sys


def main() -> int:
    """Bring pip in with ensurepip, then let it install what was asked for; return pip's exit status."""
    # in a process of its own: ensurepip turns pip's configuration off for the process that runs it
    subprocess.run([sys.executable, "-m", "ensurepip", "--default-pip"], check=True, capture_output=True)
    wanted = [word for word in sys.argv[1:] if word not in {"--no-setuptools", "--no-wheel"}]
    return subprocess.run([sys.executable, "-m", "pip", "install", *wanted], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
