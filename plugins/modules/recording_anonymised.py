# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of recording_anonymised; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: recording_anonymised
short_description: A recording of a server with nothing in it that tells whose it is
version_added: 1.0.0
description:
  - Replaces in a recording that the option C(exchange_recording) of other modules has made all that is not known to be
    Exchange's or Windows' own, such as the names of hosts, domains, users, organizations and connectors, comments,
    addresses, identifiers and certificates. The result can be replayed like the recording itself.
  - The same becomes the same everywhere, in the order of what it stands for. Addresses keep their prefixes, their order
    and the sizes of their ranges, so that a range holds, meets or equals another one as before.
  - Words that Exchange itself uses stay also in a name of yours, so that C(Mail relay) remains what it is. Look at the
    result before you give it away.
  - It runs on the controller and contacts nobody.
author:
  - The relayops.exchange contributors (@relayops)
extends_documentation_fragment:
  - relayops.exchange.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
  platform:
    support: full
    platforms: posix
options:
  src:
    description:
      - The recording, on the controller.
    type: path
    required: true
  dest:
    description:
      - File on the controller to write to; only its owner can read it.
    type: path
    required: true
  variables:
    description:
      - What the recorded playbook was run with, for instance the connectors and their clients. It is replaced alike,
        and goes into O(dest), from where a replay gives it to the playbook.
    type: dict
    default: {}
  keep:
    description:
      - Further words that stay, for instance those in the names of your variables, which are replaced as well where
        they are not made of words that the collection uses itself.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Make the recording fit to be shown to others
  relayops.exchange.recording_anonymised:
    src: /tmp/exchange.jsonl
    dest: /tmp/exchange-anonymised.jsonl
    variables:
      relay_connectors: "{{ relay_connectors }}"
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
dest:
  description: The file that holds the result.
  returned: success
  type: str
  sample: /tmp/exchange-anonymised.jsonl
variables:
  description: The variables as they are in it.
  returned: success
  type: dict
  sample:
    relay_connectors:
      - name: x07
        clients: [192.0.2.17]
"""
