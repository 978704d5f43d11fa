#!/usr/bin/env python
# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the metabase of an IIS SMTP service through which these networks may relay: write_metabase.py FILE NETWORK…"""

from __future__ import annotations

import sys
from pathlib import Path

from exchange_lab.windows.iis import metabase, relay_ip_list


def main(path: str, *networks: str) -> None:
    """Write it with one virtual server."""
    Path(path).write_text(metabase(f'RelayIpList="{relay_ip_list(networks).hex()}"'), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
