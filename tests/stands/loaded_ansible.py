# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``ansible-playbook`` without the second it takes to load: a process that has loaded it forks one for each run.

A run is the real command line in a process of its own; only Ansible and the libraries of others that our plugins use
were imported before. Our own plugins are loaded by each run as ever. Ansible reads ``ANSIBLE_*`` when it is imported:
there is one loading process for each set of those.

``python loaded_ansible.py`` is that process: it reads a run a line from standard input, as JSON ``{"words": […],
"environment": {…}, "folder": …, "output": FILE}``, and answers with the run's process id, then with its exit code.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

# what the plugins of others and ours import from outside; none of it reads the environment when imported
LIBRARIES = ("netaddr", "pypsrp.powershell", "requests", "spnego", "winrm", "yaml")
# read by the interpreter or the loader when a process starts, or by Ansible when it is imported
AT_START = ("ANSIBLE_", "LD_", "NSS_WRAPPER_", "PYTHON")
AtStart = tuple[tuple[str, str], ...]


@dataclass
class LoadedAnsible:
    """Starts runs of ``ansible-playbook``, also in several threads; ``close`` ends the processes that have loaded it.

    ``folder`` is for what ANSIBLE_HOME and ANSIBLE_LOCAL_TEMP name: were they others in each test, so would be the
    loading process.
    """

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="loaded-ansible-")))
    _idle: dict[AtStart, list[subprocess.Popen[str]]] = field(default_factory=dict)

    def run(
        self, words: Sequence[str], environment: Mapping[str, str], folder: Path, timeout: float
    ) -> tuple[int, str]:
        """The exit code and all that was printed; after ``timeout`` seconds the run is killed, and TimeoutError raised.

        ``folder`` gets the file ``output``.
        """
        key = tuple(sorted(item for item in environment.items() if item[0].startswith(AT_START)))
        idle = self._idle.setdefault(key, [])
        process = idle.pop() if idle else _loading(environment)
        output = folder / "output"
        run = {"words": list(words), "environment": dict(environment), "folder": os.getcwd(), "output": str(output)}
        code, late = _forked(process, run, timeout)
        idle.append(process)
        said = output.read_text(errors="replace")
        if late:
            raise TimeoutError(f"ansible-playbook took more than {timeout} s and said:\n{said}")
        return code, said

    def close(self) -> None:
        """End the processes that have loaded Ansible."""
        for process in (process for idle in self._idle.values() for process in idle):
            assert process.stdin
            process.stdin.close()
            process.wait(10)
        self._idle.clear()
        shutil.rmtree(self.folder, ignore_errors=True)


LOADED = LoadedAnsible()
atexit.register(LOADED.close)


def _loading(environment: Mapping[str, str]) -> subprocess.Popen[str]:
    # the libraries would be looked for beside this file if it were started as a script
    start = f"import runpy; runpy.run_path({str(Path(__file__))!r}, run_name='__main__')"
    return subprocess.Popen(
        [sys.executable, "-c", start],
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _forked(process: subprocess.Popen[str], run: Mapping[str, Any], timeout: float) -> tuple[int, bool]:
    """The exit code of a run, and whether it was killed because it took too long."""
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(run) + "\n")
    process.stdin.flush()
    pid = int(process.stdout.readline())
    late: list[int] = []

    def end() -> None:
        late.append(pid)
        os.killpg(pid, signal.SIGKILL)

    watch = threading.Timer(timeout, end)
    watch.start()
    try:
        return int(process.stdout.readline()), bool(late)
    finally:
        watch.cancel()


def serve(wanted: TextIO, answers: TextIO) -> None:
    """Load Ansible, then fork a run for each line; each is a process group of its own."""
    from ansible.cli.playbook import PlaybookCLI

    for name in LIBRARIES:
        importlib.import_module(name)
    for line in wanted:
        run = json.loads(line)
        pid = os.fork()
        if not pid:
            play(PlaybookCLI, run)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.setpgid(pid, pid)
        answers.write(f"{pid}\n")
        answers.flush()
        answers.write(f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n")
        answers.flush()


def play(command: Any, run: Mapping[str, Any]) -> None:
    """Become that run of ``ansible-playbook``; does not return."""
    code = 250
    try:
        os.setpgid(0, 0)
        os.chdir(run["folder"])
        os.environ.clear()
        os.environ.update(run["environment"])
        nothing = os.open(os.devnull, os.O_RDONLY)
        output = os.open(run["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        for number, descriptor in enumerate((nothing, output, output)):
            os.dup2(descriptor, number)
        command.cli_executor(["ansible-playbook", *run["words"]])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # what the loading process registered to be done at its end is not this one's to do
        os._exit(code)


if __name__ == "__main__":
    serve(sys.stdin, os.fdopen(os.dup(1), "w"))
