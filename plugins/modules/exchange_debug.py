# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of exchange_debug; the work is done by the action plugin of the same name."""

DOCUMENTATION = r"""
module: exchange_debug
short_description: Shows how far a connection to Exchange gets, and what to do about it
version_added: 1.0.0
author:
  - The relayops.exchange contributors (@relayops)
description:
  - The first thing to run when something does not connect. It tells what the controller can do (versions of libraries,
    Kerberos realm, ticket cache), and then goes step by step from the settings to the management roles of the account.
    Each step has a verdict and, when it failed, a remedy.
  - The task fails at the first step that does, with that step's remedy as message.
  - It changes nothing, on the controller or on the server.
extends_documentation_fragment:
  - relayops.exchange.attributes
  - relayops.exchange.attributes.exchange
  - relayops.exchange.session
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details: The module changes nothing.
  idempotent:
    support: full
options:
  server:
    description:
      - Exchange server whose version is looked at; the default is the one that the session is on.
    type: str
seealso:
  - ref: Connecting to Exchange <ansible_collections.relayops.exchange.docsite.guide_connecting>
    description: An inventory for each way to authenticate.
"""

EXAMPLES = r"""
- name: See why Exchange cannot be reached
  relayops.exchange.exchange_debug:

- name: See whether the ticket cache is enough for one server
  relayops.exchange.exchange_debug:
    endpoint_host: ex01.corp.example
    endpoint_auth: kerberos

- name: See whether an Edge Transport server can be reached through its own shell
  relayops.exchange.exchange_debug:
    management_shell: local

# From the command line, without a playbook:
#   ansible ex01.corp.example -m relayops.exchange.exchange_debug
"""

RETURN = r"""
msg:
  description: What was reached, or the step that failed with its remedy.
  returned: always
  type: str
  sample: "tcp: port 80 cannot be reached: Connection refused. Check endpoint_port (80, or 443 with endpoint_ssl),
    firewalls, and that IIS runs."
controller:
  description: What the machine that runs Ansible can do.
  returned: always
  type: dict
  contains:
    python:
      description: Version of Python.
      type: str
      sample: 3.11.9
    libraries:
      description: Version of each library by name, null for one that is not installed.
      type: dict
      sample: {pypsrp: 0.9.1, gssapi: null}
    kerberos:
      description: Whether Kerberos is available, its configuration files, the default realm, the ticket cache and whose
        tickets are in it.
      type: dict
      sample: {available: true, configuration: [/etc/krb5.conf], default_realm: CORP.EXAMPLE,
        cache: "FILE:/tmp/krb5cc_0", principal: admin@CORP.EXAMPLE}
endpoint:
  description: Where the session goes, as whom and how, and where user and password came from.
  returned: for O(management_shell=remote)
  type: dict
  sample: {url: "http://ex01.corp.example:80/PowerShell/", auth: kerberos, username: admin@CORP.EXAMPLE,
    credentials_from: the host's connection}
steps:
  description: The steps in order.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name of the step.
      type: str
      sample: tcp
    verdict:
      description: What became of it.
      type: str
      choices: [passed, failed, not reached]
    found:
      description: What was seen.
      type: str
      sample: port 80 is open
    remedy:
      description: What to do about a failed step, else empty.
      type: str
"""
