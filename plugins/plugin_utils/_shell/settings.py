# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach Exchange's own endpoint: module options first, then the host's connection, then the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

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
    layers = (
        {name: value for name, value in options.items() if value is not None},
        {name: value for name, value in inherited(connection, password).items() if value is not None},
        _from_environment(environment),
    )
    names = ("the module's options", "the host's connection", "the environment")

    def find(name: str, default: Any = None) -> Any:
        return next((layer[name] for layer in layers if name in layer), default)

    host = find("endpoint_host")
    if not host:
        raise ShellError(
            "Connecting to Exchange", "", "no server is named", "Set endpoint_host to the server's full name"
        )
    user_layer = next(
        (name for layer, name in zip(layers, names, strict=True) if "endpoint_username" in layer), "nowhere"
    )
    auth = find("endpoint_auth", "kerberos")
    port = find("endpoint_port")
    ssl = find("endpoint_ssl", auth in TLS_AUTHENTICATION or port == 443)
    validation = find("endpoint_cert_validation", True)
    operation_timeout = int(find("operation_timeout", 20))
    return Settings(
        host=str(host),
        port=int(port or (443 if ssl else 80)),
        path=str(find("endpoint_path", PATH)).lstrip("/"),
        ssl=bool(ssl),
        auth=str(auth),
        username=find("endpoint_username"),
        password=find("endpoint_password"),
        cert_validation=find("endpoint_ca_cert", True) if validation else False,
        certificate_pem=find("endpoint_certificate_pem"),
        certificate_key_pem=find("endpoint_certificate_key_pem"),
        service=str(find("endpoint_service", "HTTP")),
        hostname_override=find("hostname_override"),
        proxy=find("endpoint_proxy"),
        no_proxy=bool(find("no_proxy", False)),
        connection_timeout=int(find("connect_timeout", 30)),
        operation_timeout=operation_timeout,
        read_timeout=int(find("read_timeout", operation_timeout + 10)),
        source=user_layer,
        host_auth="" if find("endpoint_auth") else str(find("host_auth", "")),
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
