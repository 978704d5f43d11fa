# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach Exchange's own endpoint: module options first, then the host's connection, then the environment."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.inherited import inherited

CONFIGURATION = "Microsoft.Exchange"
PATH = "PowerShell/"
TLS_AUTHENTICATION = ("basic", "certificate")

# option: environment variable
VARIABLES = {
    "endpoint_host": "EXCHANGE_HOST",
    "endpoint_port": "EXCHANGE_PORT",
    "endpoint_path": "EXCHANGE_PATH",
    "endpoint_ssl": "EXCHANGE_SSL",
    "endpoint_auth": "EXCHANGE_AUTH",
    "endpoint_username": "EXCHANGE_USERNAME",
    "endpoint_password": "EXCHANGE_PASSWORD",
    "endpoint_cert_validation": "EXCHANGE_CERT_VALIDATION",
    "endpoint_ca_cert": "EXCHANGE_CA_CERT",
    "endpoint_certificate_pem": "EXCHANGE_CERTIFICATE_PEM",
    "endpoint_certificate_key_pem": "EXCHANGE_CERTIFICATE_KEY_PEM",
    "endpoint_service": "EXCHANGE_SERVICE",
    "endpoint_proxy": "EXCHANGE_PROXY",
}


class Taken(NamedTuple):
    """A setting that is one option's value, of the first source that has it."""

    field: str
    option: str
    default: Any = None
    convert: Callable[[Any], Any] = lambda value: value


TAKEN = (
    Taken("host", "endpoint_host", convert=str),
    Taken("path", "endpoint_path", PATH, lambda value: str(value).lstrip("/")),
    Taken("auth", "endpoint_auth", "kerberos", str),
    Taken("username", "endpoint_username"),
    Taken("password", "endpoint_password"),
    Taken("certificate_pem", "endpoint_certificate_pem"),
    Taken("certificate_key_pem", "endpoint_certificate_key_pem"),
    Taken("service", "endpoint_service", "HTTP", str),
    Taken("hostname_override", "hostname_override"),
    Taken("proxy", "endpoint_proxy"),
    Taken("no_proxy", "no_proxy", False, bool),
    Taken("connection_timeout", "connect_timeout", 30, int),
    Taken("operation_timeout", "operation_timeout", 20, int),
)
NUMBERS = ("endpoint_port",)
SWITCHES = ("endpoint_ssl", "endpoint_cert_validation")


@dataclass(frozen=True)
class Settings:
    """One endpoint and the way in. ``source`` tells where user and password came from, for error texts."""

    host: str
    port: int
    path: str
    ssl: bool
    auth: str
    username: str | None
    password: str | None
    cert_validation: bool | str
    certificate_pem: str | None
    certificate_key_pem: str | None
    service: str
    hostname_override: str | None
    proxy: str | None
    no_proxy: bool
    connection_timeout: int
    operation_timeout: int
    read_timeout: int
    source: str
    host_auth: str = ""

    @property
    def url(self) -> str:
        """The endpoint as a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.ssl else 'http'}://{host}:{self.port}/{self.path}"

    @property
    def proxy_name(self) -> str:
        """The proxy without user and password, for texts."""
        scheme, separator, rest = (self.proxy or "").rpartition("://")
        return f"{scheme}{separator}{rest.rpartition('@')[2]}"

    def __repr__(self) -> str:
        return f"Settings({self.url}, {self.auth})"


def settings(
    options: Mapping[str, Plain], connection: Any, environment: Mapping[str, str], password: str | None = None
) -> Settings:
    """Join the three sources; ``password`` is what the play was asked for (--ask-pass, an AWX credential).

    Raises ShellError when no host is named, or a number or a switch of the environment is none.
    """
    layers = {
        "the module's options": options,
        "the host's connection": inherited(connection, password),
        "the environment": _from_environment(environment),
    }
    found = ChainMap(
        *({name: value for name, value in layer.items() if value is not None} for layer in layers.values())
    )
    if not found.get("endpoint_host"):
        raise ShellError(
            "Connecting to Exchange", "", "no server is named", "Set endpoint_host to the server's full name"
        )
    taken = {each.field: each.convert(found.get(each.option, each.default)) for each in TAKEN}
    ssl = bool(found.get("endpoint_ssl", taken["auth"] in TLS_AUTHENTICATION or found.get("endpoint_port") == 443))
    checked = found.get("endpoint_cert_validation", True)
    return Settings(
        **taken,
        port=int(found.get("endpoint_port") or (443 if ssl else 80)),
        ssl=ssl,
        cert_validation=found.get("endpoint_ca_cert", True) if checked else False,
        read_timeout=int(found.get("read_timeout", taken["operation_timeout"] + 10)),
        source=next((name for name, layer in layers.items() if layer.get("endpoint_username") is not None), "nowhere"),
        host_auth="" if found.get("endpoint_auth") else str(found.get("host_auth", "")),
    )


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    found = {}
    for option, variable in VARIABLES.items():
        text = environment.get(variable, "")
        if text:
            found[option] = _converted(option, variable, text)
    return found


def _converted(option: str, variable: str, text: str) -> Any:
    convert: Callable[[str], Any] = int if option in NUMBERS else _switch if option in SWITCHES else str
    try:
        return convert(text)
    except ValueError:
        kind = "a number" if option in NUMBERS else "true or false"
        raise ShellError("Connecting to Exchange", "", f"{variable} is {text!r}, which is not {kind}") from None


def _switch(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in ("1", "true", "yes", "on"):
        return True
    if lowered in ("0", "false", "no", "off", "ignore"):
        return False
    raise ValueError(text)
