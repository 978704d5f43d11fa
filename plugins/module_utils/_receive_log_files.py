# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds receive logs and reads them in blocks of lines. Private to the relayops.exchange collection."""

from __future__ import annotations

import codecs
import errno
import fnmatch
import glob
import gzip
import io
import os
import re
import stat
import zlib
from datetime import datetime, timedelta
from typing import Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple, Union

BLOCK = 1 << 16
LONGEST_LINE = 1 << 16
_NAME = re.compile(r"RECV(\d{8})(\d\d)?-(\d+)\.log(\.gz)?\Z", re.IGNORECASE)
_File = Union[io.BufferedReader, gzip.GzipFile]
_STAMP = "%Y-%m-%dT%H:%M:%S.000Z"


class LogFile(NamedTuple):
    """A log file; ``started`` and ``started_by`` are the bounds, as in the log, of when it was begun, or ""."""

    path: str
    order: Tuple[str, int, str]
    started: str
    started_by: str


class Found(NamedTuple):
    """``files`` oldest first in each folder, ``nothing`` for paths without any, ``closed`` folders and the reasons."""

    files: List[LogFile]
    nothing: List[str]
    closed: List[Tuple[str, str]]


def find(paths: List[str], patterns: List[str], recurse: bool) -> Found:
    """Look for log files in folders, at paths and under globs."""
    found: Dict[str, LogFile] = {}
    nothing = []
    errors: List[OSError] = []
    for path in paths:
        files = [each for start in _starts(path) for each in _files(start, patterns, recurse, errors.append)]
        found.update({os.path.realpath(each): _log_file(each) for each in files})
        if not files:
            nothing.append(path)
    logs = _without_twins(sorted(found.values(), key=lambda each: (os.path.dirname(each.path), each.order)))
    return Found(logs, nothing, [(str(error.filename), error.strerror or str(error)) for error in errors])


def _starts(path: str) -> List[str]:
    path = os.path.expanduser(path)
    return [path] if os.path.exists(path) else sorted(glob.glob(path, recursive=True))


def _files(start: str, patterns: List[str], recurse: bool, failed: Callable[[OSError], object]) -> Iterator[str]:
    if not os.path.isdir(start):
        yield start
        return
    for folder, folders, names in os.walk(start, onerror=failed):
        folders.sort()
        for name in names:
            if any(fnmatch.fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns):
                yield os.path.join(folder, name)
        if not recurse:
            return


def _log_file(path: str) -> LogFile:
    """Read RECVyyyymmdd-n.log, or with the hour RECVyyyymmddhh-n.log; other names sort after those."""
    name = os.path.basename(path)
    found = _NAME.match(name)
    try:
        day, hour, number, _extension = found.groups() if found else ("", "", "", "")
        start = datetime.strptime(day + (hour or "00"), "%Y%m%d%H")
        until = start + (timedelta(hours=1) if hour else timedelta(days=1))
    except (ValueError, OverflowError):
        return LogFile(path, ("~", 0, name.lower()), "", "")
    return LogFile(path, (day + (hour or ""), int(number), name.lower()), f"{start:{_STAMP}}", f"{until:{_STAMP}}")


def _without_twins(files: List[LogFile]) -> List[LogFile]:
    """Leave out a .gz whose uncompressed file lies beside it; it would be counted twice."""
    plain = {each.path.lower() for each in files}
    return [each for each in files if not (each.path.lower().endswith(".gz") and each.path.lower()[:-3] in plain)]


def within(files: List[LogFile], since: str, until: str) -> List[LogFile]:
    """Leave out files that by their names hold nothing of a time window: begun after it, or followed before it."""
    kept = []
    for place, each in enumerate(files):
        after = files[place + 1] if place + 1 < len(files) else None
        over = after is not None and os.path.dirname(after.path) == os.path.dirname(each.path) and after.started_by
        if until and each.started >= until:
            continue
        if since and over and over <= since:
            continue
        kept.append(each)
    return kept


class Blocks:
    """The lines of a file in blocks, without their ends; afterwards ``problem`` and ``unfinished`` say how it ended."""

    def __init__(self, path: str) -> None:
        """Say which file."""
        self.path = path
        self.problem = ""
        self.unfinished = self.too_long = self.size = 0

    def __iter__(self) -> Iterator[List[bytes]]:
        """Give blocks; what cannot be read ends the file."""
        try:
            with self._open() as file:
                yield from self._blocks(file)
        except (OSError, EOFError, zlib.error) as error:
            self.problem = getattr(error, "strerror", None) or str(error)

    def _open(self) -> _File:
        if not stat.S_ISREG(os.stat(self.path).st_mode):
            # a pipe would be waited for, and a device may have no end
            raise OSError(errno.EINVAL, "It is no regular file")
        file = open(self.path, "rb")  # noqa: SIM115  the caller closes it
        if file.peek(2)[:2] != b"\x1f\x8b":
            return file
        return _Unpacked(file)

    def _blocks(self, file: _File) -> Iterator[List[bytes]]:
        rest: Optional[bytes] = b""
        for block in self._as_utf8(file):
            lines = block.split(b"\n")
            last = lines.pop()
            if rest is None or len(rest) > LONGEST_LINE:
                # in the midst of a line that is too long to be one; it is dropped up to its end
                self.too_long += rest is not None
                rest = last if lines else None
                del lines[:1]
            elif lines:
                lines[0] = rest + lines[0]
                rest = last
                if len(lines[0]) > LONGEST_LINE:
                    self.too_long += 1
                    del lines[0]
            else:
                rest += last
            yield lines
        self.unfinished = bool(rest and rest.strip(b"\0\r"))

    def _as_utf8(self, file: _File) -> Iterator[bytes]:
        """Give what is in a file; PowerShell copies text as UTF-16, with a mark before it."""
        decoder = None
        if file.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            decoder = codecs.getincrementaldecoder("utf-16")("replace")
        while True:
            block = file.read1(BLOCK)
            if not block:
                return
            self.size += len(block)
            yield decoder.decode(block).encode("utf-8", "replace") if decoder else block


class _Unpacked(gzip.GzipFile):
    """A gzip file that closes the file below it as well."""

    def __init__(self, file: io.BufferedIOBase) -> None:
        """Unpack a file that is open."""
        super().__init__(fileobj=file)
        self._below = file

    def close(self) -> None:
        """Close both."""
        super().close()
        self._below.close()
