# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file has its header, imports point one way, and the text speaks of the project alone."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
COLLECTION = "ansible_collections.relayops.exchange.plugins"
# REUSE-IgnoreStart
HEADER = re.compile(
    r"(#!.*\n)?(# -\*-.*\n)?# Copyright: \(c\) The relayops\.exchange contributors\n"
    r"# GNU General Public License v3\.0\+ \(see LICENSE or https://www\.gnu\.org/licenses/gpl-3\.0\.txt\)\n"
    r"# SPDX-License-Identifier: GPL-3\.0-or-later\n"
)
# REUSE-IgnoreEnd
# where a layer may import from, besides the standard library: its own kind and below
LAYERS = {
    "plugin_utils/_exchange": ("plugin_utils._exchange", "plugin_utils._command"),
    "plugin_utils/_relay": ("plugin_utils._relay", "plugin_utils._exchange", "plugin_utils._command"),
    "plugin_utils/_shell": ("plugin_utils._shell", "plugin_utils._exchange", "plugin_utils._command"),
    "plugin_utils/_recording": (
        "plugin_utils._recording",
        "plugin_utils._shell.clixml",
        "plugin_utils._shell.tape",
        "plugin_utils._exchange",
    ),
    "plugin_utils/_acceptance": (
        "plugin_utils._acceptance",
        "plugin_utils._shell",
        "plugin_utils._command",
    ),
    "plugin_utils/_windows": (
        "plugin_utils._windows",
        "plugin_utils._shell",
        "plugin_utils._exchange",
        "plugin_utils._command",
    ),
}
PURE = ("plugin_utils/_exchange", "plugin_utils/_relay")
OUTSIDE = {"ansible", "pypsrp", "psrpcore", "winrm", "requests", "smtplib", "subprocess", "spnego"}
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=CHECKOUT,
    capture_output=True,
    text=True,
    check=False,
).stdout.split()
PYTHON = [path for path in TRACKED if path.endswith(".py") and (CHECKOUT / path).is_file()]

pytestmark = pytest.mark.skipif(not TRACKED, reason="not a git checkout")


def imports(path: Path) -> set[str]:
    """The full names of what a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} if node.level == 0 else {f"relative.{node.module}"}
    return found


@pytest.mark.parametrize("path", PYTHON)
def test_python_file_starts_with_the_licence_header(path: str) -> None:
    text = (CHECKOUT / path).read_text(encoding="utf-8")
    assert HEADER.match(text), f"{path} lacks the three header lines"
    assert "\nfrom __future__ import annotations\n" in text or "import" not in text


def test_no_file_speaks_of_a_place_outside_the_project() -> None:
    # .ci/run looks for captures beside the checkout
    stray = re.compile(r"(^|[\s\"'=(])/work/|/root/|\.\./shared/|exchange-facts|protocol-notes")
    ours = [path for path in TRACKED if path not in {".ci/run", "tests/unit/project/test_layout.py"}]
    found = [
        path
        for path in ours
        if (CHECKOUT / path).is_file() and stray.search((CHECKOUT / path).read_text(errors="replace"))
    ]
    assert found == []


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_point_one_way(layer: str) -> None:
    wrong = {}
    for path in (CHECKOUT / "plugins" / layer).glob("*.py"):
        ours = {name.removeprefix(f"{COLLECTION}.") for name in imports(path) if name.startswith(COLLECTION)}
        bad = {name for name in ours if not name.startswith(LAYERS[layer])}
        if layer in PURE:
            bad |= {name for name in imports(path) if name.partition(".")[0] in OUTSIDE}
        if bad:
            wrong[path.name] = sorted(bad)
    assert wrong == {}


def test_plugins_do_not_know_the_lab() -> None:
    words = re.compile(r"exchange_lab|\bthe lab\b|\blab'?s\b")
    assert [
        path for path in PYTHON if path.startswith("plugins/") and words.search((CHECKOUT / path).read_text())
    ] == []


def test_the_lab_does_not_know_the_plugins() -> None:
    lab = [path for path in PYTHON if path.startswith("tests/lab/exchange_lab/")]
    assert [path for path in lab if any(name.startswith("ansible") for name in imports(CHECKOUT / path))] == []


def test_names_say_what_a_file_holds() -> None:
    assert [path for path in PYTHON if re.search(r"(utils|helpers?|common|managers?)\.py$", Path(path).name)] == []


def test_plugin_files_are_private() -> None:
    shared = [path for path in PYTHON if re.match(r"plugins/(plugin_utils|module_utils)/", path)]
    assert [path for path in shared if not Path(path).parts[2].startswith("_")] == []
