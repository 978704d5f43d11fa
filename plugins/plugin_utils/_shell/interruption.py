# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kill, Ctrl-C or the deadline in the middle of a task: what is open gets closed before the process ends."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.deadline import Deadline

KILLS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

# The session notices a passed deadline by itself and ends in order; the alarm is for an answer that trickles.
GRACE = 5


class Killed(BaseException):
    """Raised in the main thread by a signal; no ``except Exception`` on the way may swallow it."""


class DeadlinePassed(BaseException):
    """Raised in the main thread when the deadline and its grace have passed."""


@contextmanager
def interruptible(deadline: Deadline) -> Iterator[None]:
    """Turn signals into exceptions inside the block, so that its ``finally`` clauses run.

    After a kill the signal is sent again with the handlers that were there before, as Ansible's worker has its own.
    Handlers belong to the main thread; elsewhere the block runs without them.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []

    def killed(number: int, frame: FrameType | None) -> None:
        if not caught:
            caught.append(number)
            raise Killed(signal.Signals(number).name)

    before = {number: signal.signal(number, killed) for number in KILLS}
    alarm = _alarm(deadline)
    try:
        yield
    finally:
        _silence(alarm)
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        if caught:
            os.kill(os.getpid(), caught[0])


def _alarm(deadline: Deadline) -> bool:
    """Set the alarm unless Ansible uses it for the task's own timeout; tells whether it was set."""
    if deadline.seconds is None or signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL:
        return False

    def rang(number: int, frame: FrameType | None) -> Any:
        raise DeadlinePassed

    signal.signal(signal.SIGALRM, rang)
    signal.setitimer(signal.ITIMER_REAL, deadline.remaining + GRACE)
    return True


def _silence(alarm: bool) -> None:
    if alarm:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
