# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a newcomer reads first names all that there is, and nobody's company."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODULES = sorted(path.stem for path in ROOT.glob("plugins/modules/*.py"))
FILTERS = sorted(path.stem for path in ROOT.glob("plugins/filter/*.yml"))
ROLES = sorted(path.parents[1].name for path in ROOT.glob("roles/*/meta/argument_specs.yml"))
PLAYBOOKS = sorted(path.stem for path in ROOT.glob("playbooks/*.yml"))
# companies that examples of others are about; written apart, so that this file has none of them
COMPANIES = [f"con{'toso'}", f"fabri{'kam'}", f"ada{'tum'}", f"north{'wind'}", f"tail{'spin'}", f"lit{'ware'}"]


def test_the_readme_names_every_module_role_and_playbook() -> None:
    assert [name for name in MODULES if f"`{name}`" not in README] == []
    assert [name for name in ROLES if f"[{name}](roles/{name}/README.md)" not in README] == []
    assert [name for name in PLAYBOOKS if f"`relayops.exchange.{name}`" not in README] == []


def version_added(path: Path) -> str:
    """Since when there is a plugin or a role; its options, which may be younger, come after."""
    found = re.search(r"^ *version_added: (\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert found, path
    return found[1]


def test_the_changelog_names_every_plugin_and_role_with_its_release() -> None:
    releases = yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))["releases"]
    there = {
        "module": [ROOT / f"plugins/modules/{name}.py" for name in MODULES],
        "filter": [ROOT / f"plugins/filter/{name}.yml" for name in FILTERS],
        "role": [ROOT / f"roles/{name}/meta/argument_specs.yml" for name in ROLES],
    }
    names = {"module": MODULES, "filter": FILTERS, "role": ROLES}
    for version, release in releases.items():
        listed = {
            "module": release.get("modules", []),
            "filter": release.get("plugins", {}).get("filter", []),
            "role": release.get("objects", {}).get("role", []),
        }
        for kind, paths in there.items():
            added = [name for name, path in zip(names[kind], paths, strict=True) if version_added(path) == version]
            assert [each["name"] for each in listed[kind]] == added, (kind, version)


def test_the_site_has_every_guide() -> None:
    sections = yaml.safe_load((ROOT / "docs/docsite/extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    listed = [guide for section in sections for guide in section["toctree"]]
    assert sorted(listed) == sorted(path.stem for path in ROOT.glob("docs/docsite/rst/*.rst"))


def test_links_between_pages_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *ROOT.glob("roles/*/README.md"), *ROOT.glob("tests/lab/*.md")]:
        links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
        assert [link for link in links if not (page.parent / link).exists()] == [], page


@pytest.mark.parametrize("company", COMPANIES)
def test_nobodys_company_is_in_it(company: str) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    found = subprocess.run(["git", "grep", "-il", company], cwd=ROOT, capture_output=True, text=True, check=False)
    # 1: it was searched, and nothing was found
    assert (found.returncode, found.stdout) == (1, ""), found.stderr
