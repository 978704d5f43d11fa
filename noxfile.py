# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judges: ``make lint`` runs those tagged lint, ``nox -l`` lists all.

Besides those, the whole test suite runs on other ansible-core versions.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import nox
from nox.command import CommandFailed

HERE = Path(__file__).resolve().parent
BUILD = HERE / "build"
LOCKS = Path("tests/requirements")
MAIN_CORE = "2.19"
# ansible-core version: the Python that runs it here; its locked version is in tests/requirements/core-<version>.txt
OTHER_CORES = {"2.16": "3.11", "2.21": "3.13"}

# what of tests/ is code of tests
TESTS = tuple(f"tests/{path.name}" for path in sorted((HERE / "tests").iterdir()) if path.name != "sanity")

# families of tests, a file each; one without a case fails the session
FAMILIES = {
    "tests/integration/reliability": "faults host_cuts host_faults hostile hostile_answers hostile_host load "
    "plain_text_settings replication secret_tickets secrets writers",
    "tests/integration/matrix": "unknowns",
    "tests/lab/tests/wire": "plain_text",
}
NIGHTLY = {
    "tests/integration": "audit_agreement open_relay_accidents receive_connector receive_log_scale "
    "relay_connector_killed relay_usage",
    "tests/unit/plugins/plugin_utils/_audit": "scale",
    "tests/unit/plugins/plugin_utils/_relay": "never_wider",
}

# what our pages refer to in Ansible's own documentation
ANSIBLE_DOCS = "https://docs.ansible.com/ansible/latest"
ANSIBLE_LABELS = {
    "action_plugins": "plugins/action.html",
    "common_return_values": "reference_appendices/common_return_values.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    **{
        f"ansible_collections.ansible.builtin.{name}_connection": f"collections/ansible/builtin/{name}_connection.html"
        for name in ("psrp", "winrm", "ssh")
    },
}

# the judges that have no environment of their own are those of the environment that nox is in
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.tags = ["lint"]


def interpreter(version: str) -> str | None:
    """Return a working Python of this version: on the PATH, or one that pyenv keeps."""
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    for candidate in (f"python{version}", *map(str, kept)):
        path = shutil.which(candidate)
        if path and subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            return path
    return None


def python_for(core: str) -> str:
    """Return the interpreter for an ansible-core version; a name that nox reports as missing if there is none."""
    return interpreter(OTHER_CORES[core]) or f"python{OTHER_CORES[core]}"


def copy_of_checkout(name: str, leave_out: tuple[str, ...] = ()) -> Path:
    """Copy the tracked files to build/<name>/ansible_collections/relayops/exchange, where the judges want them."""
    root = BUILD / name
    target = root / "ansible_collections" / "relayops" / "exchange"
    shutil.rmtree(root, ignore_errors=True)
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=HERE, capture_output=True, check=True, text=True).stdout
    for path in filter(None, listing.split("\0")):
        source = HERE / path
        if source.is_file() and not path.startswith(leave_out):
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / path)
    # a repository of its own: the judges ask git which files there are, and ours would say that build is ignored
    for words in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *words], cwd=target, capture_output=True, check=True)
    return target


def collections_path(checkout: Path) -> dict[str, str]:
    """Return the environment that makes Ansible find the copy, and nothing else."""
    return {"ANSIBLE_COLLECTIONS_PATH": str(checkout.parents[2]), "ANSIBLE_HOME": str(BUILD / "ansible-home")}


def quietly(session: nox.Session, name: str, *command: str, findings: str = r"^(ERROR|FATAL): ") -> None:
    """Run a judge that talks a lot: all goes to build/logs, lines that match ``findings`` fail the session."""
    log = BUILD / "logs" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    failed = False
    with log.open("w", encoding="utf-8") as file:
        try:
            session.run(*command, stdout=file, stderr=subprocess.STDOUT)
        except CommandFailed:
            failed = True
    lines = log.read_text(encoding="utf-8").splitlines()
    found = [line for line in lines if re.search(findings, line)]
    if found or failed:
        session.error("\n".join([f"{name} is not content; all it said is in {log}", *(found or lines[-20:])]))


@nox.session(python=False, tags=["lint"])
def style(session: nox.Session) -> None:
    """Lint Python and YAML, check formatting and licence headers."""
    session.run("ruff", "check", "--quiet", ".")
    session.run("ruff", "format", "--quiet", "--check", ".")
    session.run("yamllint", "-c", ".config/yamllint.yml", "--strict", ".")
    session.run("reuse", "lint", "--quiet")


@nox.session(python=False, tags=["lint"])
def types(session: nox.Session) -> None:
    """Check types strictly: the plugins under their real names, the lab and the demo as packages of their own."""
    session.env.update({"MYPYPATH": f"{BUILD / 'collections'}:tests/lab:tests/demo:tests/bench"})
    link = BUILD / "collections" / "ansible_collections" / "relayops" / "exchange"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(HERE)
    packages = ("ansible_collections.relayops.exchange.plugins", "exchange_lab", "relay_demo", "relay_bench")
    session.run("mypy", *(word for package in packages for word in ("-p", package)))
    session.run("mypy", "noxfile.py")


@nox.session(python=False, tags=["lint"])
def content(session: nox.Session) -> None:
    """Judge roles, playbooks, documentation and changelog as ansible-lint and antsibull do."""
    checkout = copy_of_checkout("content")
    session.env.update(collections_path(checkout))
    session.chdir(checkout)
    session.run("ansible-lint", "--offline", "--strict", "--profile", "production", "-q")
    session.run("antsibull-changelog", "lint")
    refs = ("--validate-collection-refs=all", "--disallow-unknown-collection-refs", "--check-extra-docs-refs")
    session.run("antsibull-docs", "lint-collection-docs", "--plugin-docs", *refs, "--skip-rstcheck", ".")


def sphinx_inventory() -> bytes:
    """Return the labels of ANSIBLE_LABELS as an inventory of Sphinx, version 2."""
    lines = [f"{label} std:label -1 {page} {label}\n" for label, page in ANSIBLE_LABELS.items()]
    head = "# Sphinx inventory version 2\n# Project: Ansible\n# Version: \n# The rest is compressed by zlib.\n"
    return head.encode() + zlib.compress("".join(lines).encode())


@nox.session(python=False, tags=["lint"])
def site(session: nox.Session) -> None:
    """Build the documentation site in build/site; a warning is an error."""
    checkout = copy_of_checkout("content")
    session.env.update(collections_path(checkout))
    source = BUILD / "site-source"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    # fmt: off
    session.run("antsibull-docs", "sphinx-init", "--use-current", "--squash-hierarchy", "--fail-on-error",
                "--dest-dir", str(source), "relayops.exchange", silent=True)
    # fmt: on
    # other projects' inventories would have to be fetched; what is needed of Ansible's is written here
    inventory = source / "ansible.inv"
    inventory.write_bytes(sphinx_inventory())
    with (source / "conf.py").open("a") as conf:
        conf.write(f"\nintersphinx_mapping = {{'ansible': ('{ANSIBLE_DOCS}', {str(inventory)!r})}}\n")
    (source / "temp-rst").mkdir(exist_ok=True)
    session.chdir(source)
    session.run("bash", "./build.sh", silent=True)
    shutil.rmtree(BUILD / "site", ignore_errors=True)
    shutil.copytree(source / "build" / "html", BUILD / "site")


def bootstrap_pip(core_packages: Path) -> None:
    """Put a script where ansible-test keeps get-pip.py, which it would otherwise download from its own host.

    pip comes from Python's ensurepip in a child process (in this one it would hide pip.conf), then installs the
    version that ansible-test asks for from the package index.
    """
    text = (core_packages / "ansible_test" / "_internal" / "python_requirements.py").read_text()
    found = re.search(r"pip='([\d.]+)'", text)
    if not found:
        raise RuntimeError("this ansible-test does not say which pip it wants")
    cache = Path.home() / ".ansible" / "test" / "cache"
    script = cache / f"get_pip_{found[1].replace('.', '_')}.py"
    if not script.exists():
        cache.mkdir(parents=True, exist_ok=True)
        shutil.copy2(HERE / "tests" / "sanity" / "bootstrap_pip.py", script)


def sanity_of(session: nox.Session, python: str) -> None:
    """Run ansible-test sanity with the ansible-core of this session."""
    where = session.run("python", "-c", "import ansible; print(ansible.__path__[0])", silent=True)
    bootstrap_pip(Path(str(where).strip()).parent)
    # the tests and the lab are no part of what Ansible loads; ruff judges them, with rules for tests
    checkout = copy_of_checkout(f"sanity-{python}", leave_out=TESTS)
    session.env.update(collections_path(checkout))
    session.chdir(checkout)
    quietly(session, f"sanity-{python}", "ansible-test", "sanity", "--python", python, "--color", "no")


@nox.session(python=False, tags=["lint"], name=f"sanity-{MAIN_CORE}")
def sanity(session: nox.Session) -> None:
    """Run ansible-test sanity on the ansible-core that the tests use."""
    sanity_of(session, f"{sys.version_info.major}.{sys.version_info.minor}")


@nox.session(python=python_for("2.21"), tags=["lint"], name="sanity-2.21")
def sanity_newest(session: nox.Session) -> None:
    """Run ansible-test sanity on the newest ansible-core."""
    session.install("-r", str(LOCKS / "core-2.21.txt"))
    sanity_of(session, OTHER_CORES["2.21"])


@nox.session(python=False, tags=["lint"])
def units(session: nox.Session) -> None:
    """Run the unit tests as ansible-test does: modules with nothing but what they have on a managed host.

    It hands EXCHANGE_CAPTURES to no test, so those that read real objects are skipped here and run in the suite.
    """
    checkout = copy_of_checkout("units")
    session.env.update(collections_path(checkout))
    session.chdir(checkout)
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    quietly(session, "units", "ansible-test", "units", "--python", python, "--color", "no", *session.posargs)


@nox.session(tags=["lint"])
def artifact(session: nox.Session) -> None:
    """Build the collection, let Galaxy's importer judge it, and read what it gives an execution environment."""
    session.install("-r", str(LOCKS / "artifact.txt"))
    checkout = copy_of_checkout("artifact")
    session.env.update(collections_path(checkout))
    session.chdir(checkout)
    for old in BUILD.glob("relayops-exchange-*.tar.gz"):
        old.unlink()
    session.run("ansible-galaxy", "collection", "build", "--force", "--output-path", str(BUILD), silent=True)
    importer = ("python", "-m", "galaxy_importer.main", *map(str, BUILD.glob("relayops-exchange-*.tar.gz")))
    quietly(session, "galaxy-importer", *importer, findings=r"^(ERROR|WARNING): ")
    definition = checkout / "docs" / "examples" / "awx" / "execution-environment.yml"
    session.run("ansible-builder", "create", "-f", str(definition), "-c", str(BUILD / "ee"), silent=True)
    needs = session.run("ansible-builder", "introspect", str(checkout.parents[2]), "--sanitize", silent=True)
    missing = [need for need in ("pypsrp[kerberos]", "pywinrm[kerberos]", "netaddr") if need not in str(needs)]
    if missing:
        session.error(f"an execution environment would not get {', '.join(missing)}")


@nox.session(tags=["lint"])
def awx(session: nox.Session) -> None:
    """Register the example's job templates with a stand-in of AWX, through the real awx.awx modules."""
    session.install("-r", str(LOCKS / "awx.txt"))
    session.run("python", "-m", "pytest", "-q", "tests/awx")


@nox.session(python=False, tags=["lint"])
def jobs(session: nox.Session) -> None:
    """Run the example's job templates with ansible-runner as AWX does: its layout, its mesh, its slices."""
    session.run("python", "-m", "pytest", "-q", "tests/integration/awx", *session.posargs)


@nox.session(python=False, tags=["lint"])
def installed(session: nox.Session) -> None:
    """Install what is published, read the documentation of all of it, and run a play from what is needed of it."""
    session.run("python", "-m", "pytest", "-q", "tests/artifact", *session.posargs)


@nox.session(python=False)
def molecule(session: nox.Session) -> None:
    """Run the Molecule scenarios; a lab of its own is the managed platform of each."""
    checkout = copy_of_checkout("molecule")
    # the scenarios ask the lab by HTTP, on loopback
    session.env.update(collections_path(checkout) | {"PYTHONPATH": str(checkout / "tests" / "lab"), "no_proxy": "*"})
    session.chdir(checkout / "extensions")
    session.run("molecule", "test", "--all", *session.posargs)


@nox.session(python=False)
def matrix(session: nox.Session) -> None:
    """Play a connector's whole life on every version, and under every answer to what is unknown about Exchange.

    Its logs and acceptance runs are there too: on every version, killed, at once and replayed.
    """
    session.run("pytest", "-q", "-n", "2", "--dist", "worksteal", *session.posargs, "tests/integration/matrix")


@nox.session(python=False)
def reliability(session: nox.Session) -> None:
    """Break it at every request, crowd it, mean ill; build/reliability.json sums it up.

    ``nox -s reliability -- nightly`` is for a night: more of each, and what the ordinary suite has few examples of.
    """
    nightly = "nightly" in session.posargs
    session.env["RELAYOPS_LONG" if nightly else "RELAYOPS_PAIRS"] = "1"
    placed = (FAMILIES | NIGHTLY if nightly else FAMILIES).items()
    families = {name: f"{folder}/test_{name}.py" for folder, names in placed for name in names.split()}
    table = BUILD / "reliability.json"
    table.unlink(missing_ok=True)
    try:
        session.run("pytest", "-q", "-n", "2", "--dist", "worksteal", *families.values())
    finally:
        session.run("python", "tests/stands/families.py", str(table), *families)


@nox.session(python=python_for("2.16"), name="tests-2.16")
def tests_oldest(session: nox.Session) -> None:
    """Run the tests on the oldest ansible-core."""
    suite(session, "2.16")


@nox.session(python=python_for("2.21"), name="tests-2.21")
def tests_newest(session: nox.Session) -> None:
    """Run the tests on the newest ansible-core."""
    suite(session, "2.21")


def suite(session: nox.Session, core: str) -> None:
    """Install the locked test environment, put another ansible-core over it and run pytest."""
    session.install("-r", str(LOCKS / "test.txt"))
    if shutil.which("krb5-config"):
        session.install("-r", str(LOCKS / "kerberos.txt"))
    else:
        session.warn("Kerberos is not tested: its Python modules are built with krb5-config (Debian: libkrb5-dev)")
    session.install("-r", str(LOCKS / f"core-{core}.txt"))
    session.run("python", "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", *session.posargs)
