# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/examples/awx/register.yml, run with the real awx.awx modules against a stand-in of the controller's API."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "awx"
EXISTING = ("organizations", "inventories", "credentials")
RELATED = ("survey_spec", "credentials", "labels", "instance_groups")


class Controller(ThreadingHTTPServer):
    """What was posted, by path; objects get the numbers in which they came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.posted: list[tuple[str, Any]] = []
        self.objects: dict[str, list[dict[str, Any]]] = {}

    def named(self, kind: str, name: str) -> list[dict[str, Any]]:
        """The objects of a kind with a name; organization, inventory and credential are always there."""
        found = [item for item in self.objects.get(kind, []) if item["name"] == name]
        return found or ([self.add(kind, {"name": name})] if kind in EXISTING else [])

    def add(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        """Make an object and return it as the API does."""
        number = sum(map(len, self.objects.values())) + 1
        url = f"/api/v2/{kind}/{number}/"
        made = {
            "id": number,
            "url": url,
            "type": kind.rstrip("s"),
            "related": {n: f"{url}{n}/" for n in RELATED},
        } | body
        self.objects.setdefault(kind, []).append(made)
        return made


class Answer(BaseHTTPRequestHandler):
    """The few calls that the modules make."""

    server: Controller

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""

    def _reply(self, body: Any, status: int = 200) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("X-API-Product-Name", "AWX")
        self.send_header("X-API-Product-Version", "24.6.1")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        words = parts.path.strip("/").split("/")
        name = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if words[:2] == ["api", "v2"] and len(words) == 3 and words[2] != "ping":
            found = self.server.named(words[2], name.get("name", ""))
            self._reply({"count": len(found), "results": found, "next": None})
        elif len(words) == 5:
            self._reply({"count": 0, "results": [], "next": None} if words[4] != "survey_spec" else {})
        else:
            self._reply({"version": "24.6.1", "current_version": "/api/v2/", "available_versions": {"v2": "/api/v2/"}})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        words = self.path.strip("/").split("/")
        self.server.posted.append(("/".join(words[2:]), body))
        if words[2] == "tokens":
            self._reply({"id": 1, "token": "t" * 30}, 201)
        elif len(words) == 3:
            self._reply(self.server.add(words[2], body), 201)
        else:
            self._reply({}, 200 if words[-1] == "survey_spec" else 204)

    def do_DELETE(self) -> None:
        self.send_response(204)
        self.end_headers()


@pytest.fixture
def controller() -> Iterator[Controller]:
    with Controller() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def register(controller: Controller, home: Path) -> str:
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "register.yml", "-e", "controller_wait=false"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")} | {
        "CONTROLLER_HOST": f"http://127.0.0.1:{controller.server_port}",
        "CONTROLLER_USERNAME": "admin",
        "CONTROLLER_PASSWORD": "not-a-secret",
        "CONTROLLER_VERIFY_SSL": "false",
        "ANSIBLE_HOME": str(home),
        "ANSIBLE_LOCALHOST_WARNING": "False",
    }
    done = subprocess.run(
        command, cwd=EXAMPLE, env=environment, capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_registers_what_the_data_file_says(controller: Controller, tmp_path: Path) -> None:
    class Loader(yaml.SafeLoader):
        """YAML with Ansible's !unsafe."""

    Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))
    data = yaml.load((EXAMPLE / "controller.yml").read_text(encoding="utf-8"), Loader=Loader)
    register(controller, tmp_path)
    posted = [(path, body) for path, body in controller.posted if path != "tokens"]
    kinds = [body for path, body in posted if path == "credential_types"]
    assert [(kind["name"], kind["injectors"]) for kind in kinds] == [
        (kind["name"], kind["injectors"]) for kind in data["controller_credential_types"]
    ]
    templates = [body for path, body in posted if path == "job_templates"]
    for sent, wanted in zip(templates, data["controller_templates"], strict=True):
        same = ("name", "description", "job_type", "playbook", "survey_enabled", "allow_simultaneous")
        assert {key: sent[key] for key in same} == {key: wanted[key] for key in same}
        assert isinstance(sent["inventory"], int)
        assert isinstance(sent["project"], int)
    surveys = [body for path, body in posted if path.endswith("/survey_spec")]
    assert surveys == [template["survey_spec"] for template in data["controller_templates"]]
    assert len([path for path, _body in posted if path.endswith("/credentials")]) == len(templates)
