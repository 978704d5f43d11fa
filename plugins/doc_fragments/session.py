# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options that open a session with Exchange, and of what such modules have in common."""

from __future__ import annotations


class ModuleDocFragment:
    """``relayops.exchange.session``."""

    DOCUMENTATION = r"""
notes:
  - The module opens its own session from the controller. Server, user, password, authentication, certificates and proxy
    come from the options below; what is not given there from the host's P(ansible.builtin.psrp#connection),
    P(ansible.builtin.winrm#connection) or P(ansible.builtin.ssh#connection) connection, which is not opened for that;
    what is not given there either from the environment variables C(EXCHANGE_HOST), C(EXCHANGE_PORT), C(EXCHANGE_PATH),
    C(EXCHANGE_SSL), C(EXCHANGE_AUTH), C(EXCHANGE_USERNAME), C(EXCHANGE_PASSWORD), C(EXCHANGE_CERT_VALIDATION),
    C(EXCHANGE_CA_CERT), C(EXCHANGE_CERTIFICATE_PEM), C(EXCHANGE_CERTIFICATE_KEY_PEM), C(EXCHANGE_SERVICE) and
    C(EXCHANGE_PROXY).
  - An empty string and a null count as not given, as surveys hand them over for blank answers.
  - Run M(relayops.exchange.exchange_debug) first when a connection does not work.
requirements:
  - pypsrp >= 0.9 on the controller, with its kerberos extra for Kerberos
options:
  management_shell:
    description:
      - Where the cmdlets run.
      - V(remote) is Exchange's own endpoint, C(http://server/PowerShell/), which Exchange 2010 and later mailbox and
        client access servers have.
      - V(local) is the snap-in in a shell on the host, over the host's own connection. It is the way to Exchange 2007
        and Edge Transport servers, which have no endpoint.
      - V(auto) looks at the host over its connection, chooses, and says in a warning what it chose.
    type: str
    choices: [remote, local, auto]
    default: remote
  endpoint_host:
    description:
      - The server whose endpoint is used. Kerberos needs the server's own name, not an address, an alias or the name of
        a load balancer.
      - The default is the address of the host's connection.
    type: str
  endpoint_port:
    description:
      - Port of the endpoint; V(443) with O(endpoint_ssl), else V(80), unless a psrp connection with another path than
        C(wsman) tells it.
    type: int
  endpoint_path:
    description:
      - Path of the endpoint, V(PowerShell/) by default.
    type: str
  endpoint_ssl:
    description:
      - Whether to use TLS. The default is V(true) for O(endpoint_auth=basic), O(endpoint_auth=certificate) and port
        443, else V(false), since Kerberos encrypts the messages itself.
    type: bool
  endpoint_auth:
    description:
      - How to authenticate. V(kerberos) is what Exchange supports and what is used when neither this option nor the
        host's connection says otherwise.
      - V(basic) works where an administrator enabled it for the PowerShell virtual directory, and is refused
        without TLS.
      - V(ntlm), V(negotiate) and V(credssp) are for endpoints where IIS was set up for them; the host's own connection
        may well use them for WinRM, in which case Kerberos is used here, with a warning.
    type: str
    choices: [kerberos, basic, negotiate, ntlm, certificate, credssp]
  endpoint_username:
    description:
      - The account; C(user@REALM) for Kerberos. Without one, and without a password, the ticket cache decides.
    type: str
  endpoint_password:
    description:
      - The account's password. Without one, Kerberos uses the ticket cache.
    type: str
  endpoint_cert_validation:
    description:
      - Whether to check the server's certificate; the default is V(true) unless the host's connection ignores it.
    type: bool
  endpoint_ca_cert:
    description:
      - File on the controller with the certificates of the authorities to trust, in PEM format.
    type: path
  endpoint_certificate_pem:
    description:
      - File on the controller with the client certificate for O(endpoint_auth=certificate), in PEM format.
    type: path
  endpoint_certificate_key_pem:
    description:
      - File on the controller with the key of O(endpoint_certificate_pem), in PEM format.
    type: path
  endpoint_service:
    description:
      - Service part of the Kerberos service name, V(HTTP) by default.
    type: str
  endpoint_proxy:
    description:
      - URL of a proxy to reach the endpoint through.
    type: str
  domain_controller:
    description:
      - Domain controller that all calls go to. The default is the one that answers first.
      - Edge Transport servers have none.
    type: str
  connect_timeout:
    description:
      - Seconds to wait for a connection, V(30) by default.
    type: int
  operation_timeout:
    description:
      - Seconds after which the server answers a waiting request, V(20) by default. It does not limit how long a cmdlet
        may run.
    type: int
  read_timeout:
    description:
      - Seconds to wait for an answer, 10 more than O(operation_timeout) by default.
    type: int
  deadline:
    description:
      - Seconds that the whole task may take, waiting and repeating included. What is running then is stopped, the shell
        is closed and the task fails. V(0) is without limit.
    type: int
    default: 600
  exchange_recording:
    description:
      - File on the controller to which everything is appended that this task says to Exchange and to the host, and
        what they answer, so that a stand-in can play the server's part again.
      - It is created for its owner alone and holds no credentials, but names, addresses and all else that the server
        tells. See R(Replaying a server,ansible_collections.relayops.exchange.docsite.guide_replay).
    type: path
"""
