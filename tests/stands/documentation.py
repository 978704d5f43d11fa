# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The code blocks of all documentation: guides in reStructuredText, READMEs and the rest in Markdown."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
GUIDES = "docs/docsite/rst"
PLACES = ("*.md", "roles/*/README.md", "tests/lab/*.md", "docs/**/*.md", f"{GUIDES}/*.rst")
# how commands begin that no test types as they stand, and why
NOT_TYPED = {
    "make ": "starts these tests, the judges and the demonstration; .ci/run makes them all but bench",
    "ansible-galaxy collection install relayops.exchange": "takes what Galaxy has; tests/artifact/test_installed.py"
    " installs the artifact that goes there",
    "pip install 'pypsrp[kerberos]'": "builds modules in C against the system's Kerberos, as make kerberos does",
    "ansible-builder build": "packs an image with podman or docker; nox -s artifact has ansible-builder read the file",
    "export CONTROLLER_HOST": "needs AWX; tests/awx/test_register.py sets the same variables for a stand-in",
    "ansible-playbook register.yml": "needs the collection awx.awx, which tests/awx/test_register.py has, and runs it",
}
# page and language of blocks that are no example to be run, and why
NOT_RUN = {
    (
        "docs/docsite/rst/guide_modes.rst",
        "text",
    ): "a message that tests/authoring/mode_headers.py sends and writes there",
    ("docs/examples/audit/relay-audit.md", "powershell"): "remedies of a report that tests/authoring/sample_report.py"
    " has written; tests/integration/test_open_relay_accidents.py runs such",
}
_DIRECTIVE = re.compile(r"^( *)\.\. code-block:: *(\w+)\n((?:\1 +.*\n|\n)+)", re.M)
_NAME = re.compile(r"\A:name: (.*)\n")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_INDENTED = re.compile(r"(?<=\n\n)(?:    .*\n(?:\n+(?=    ))?)+")


@dataclass(frozen=True)
class Block:
    """A code block; Markdown has no names, and no language for what is indented, which is commands."""

    page: str
    language: str
    name: str
    text: str

    @property
    def session(self) -> list[tuple[str, list[str]]]:
        """Each command as it is typed, and the lines that it is said to print; empty for what is no shell's.

        Prompts, comments and ``...``, which stands for lines that are left out, are no part of either.
        """
        lines = re.sub(r"\\\n\s*", "", self.text).splitlines()
        if not self.language:
            return [(re.sub(r"\s+# .*", "", line), []) for line in lines]
        found: list[tuple[str, list[str]]] = []
        for line in lines if self.language == "console" else []:
            if line.startswith("$ "):
                found.append((line.removeprefix("$ "), []))
            elif line.strip() != "...":
                found[-1][1].append(line)
        return found


def pages() -> list[str]:
    """The pages, as paths from the checkout."""
    return sorted({str(path.relative_to(CHECKOUT)) for place in PLACES for path in CHECKOUT.glob(place)})


def blocks(page: str) -> list[Block]:
    """The blocks of a page, in order; of one with fences and indents, those with fences first."""
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    if page.endswith(".md"):
        fenced = [Block(page, language, "", body) for language, body in _FENCE.findall(text)]
        return fenced + [Block(page, "", "", textwrap.dedent(one)) for one in _INDENTED.findall(_FENCE.sub("", text))]
    found = []
    for _, language, indented in _DIRECTIVE.findall(text):
        body = textwrap.dedent(indented)
        named = _NAME.match(body)
        own = textwrap.dedent(body[named.end() :] if named else body).strip()
        found.append(Block(page, language, named[1] if named else "", f"{own}\n"))
    return found


def reason(command: str) -> str:
    """Why no test types a command, or nothing."""
    return next((why for start, why in NOT_TYPED.items() if command.startswith(start)), "")


def block(guide: str, name: str) -> str:
    """The text of a guide's block of that name."""
    (found,) = (one.text for one in blocks(f"{GUIDES}/{guide}.rst") if one.name == name)
    return found
