# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording made fit to be shown to others; nothing is contacted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.plain import plain


class ActionModule(ActionBase):
    """Wires options, files and result."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def arguments(self) -> dict[str, Any]:
        """The options."""
        return {
            "src": {"type": "path", "required": True},
            "dest": {"type": "path", "required": True},
            "variables": {"type": "dict", "default": {}},
            "keep": {"type": "list", "elements": "str", "default": []},
        }

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Read, anonymise, write unless in check mode."""
        super().run(tmp, task_vars)
        validation = ArgumentSpecValidator(self.arguments()).validate(plain(self._task.args))
        if validation.error_messages:
            return {"failed": True, "msg": f"{self._task.action}: {'; '.join(validation.error_messages)}"}
        given = validation.validated_parameters
        try:
            return _made(Path(given["src"]), Path(given["dest"]), given, bool(self._task.check_mode))
        except UnicodeDecodeError:
            reason = "it is no text"
        except OSError as error:
            reason = f"{error.strerror}: {error.filename}"
        except ValueError as error:
            reason = str(error)
        return {"failed": True, "msg": f"Anonymising {given['src']}: {reason}."}


def _made(src: Path, dest: Path, given: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    # loaded by a task that is not skipped
    from ansible_collections.relayops.exchange.plugins.plugin_utils._recording.anonymous import anonymised

    if dest.exists() and os.path.samefile(src, dest):
        raise ValueError("dest is the same file. Name another one")
    text, variables = anonymised(src.read_text(encoding="utf-8"), given["variables"], given["keep"])
    changed = not dest.exists() or dest.read_text(encoding="utf-8", errors="replace") != text
    if changed and not check_mode:
        part = dest.with_name(f"{dest.name}.part")
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        part.replace(dest)
    return {"changed": changed, "dest": str(dest), "variables": variables}
