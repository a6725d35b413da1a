"""A copy of this process that does errands: it starts in some milliseconds, where it may be made.

A new interpreter needs a tenth of a second to import what a copy has already.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from typing import IO

Serve = Callable[[IO[bytes], IO[bytes]], None]


class Plain(threading.Thread):
    """A thread beside which the process may be copied: while it runs it imports nothing, and no
    lock that it holds is one that an errand needs."""


def allowed() -> bool:
    """Whether a copy would be sound: what other threads hold at that moment stays held in it."""
    if sys.platform != "linux":  # macOS' libraries may not be used in a copy; Windows makes none
        return False
    here = threading.current_thread()
    return all(one is here or isinstance(one, Plain) for one in threading.enumerate())


class Copy:
    """What an assistant uses of a `subprocess.Popen`; raises OSError where none can be made.

    serve : what the copy does, with what it is asked and what it answers; then it ends.
    """

    def __init__(self, serve: Serve) -> None:
        asked, ask = os.pipe()
        answer, answers = os.pipe()
        with warnings.catch_warnings():
            # Python 3.12 and later warn of any thread, be it one of a library; see `allowed`.
            warnings.simplefilter("ignore", DeprecationWarning)
            try:
                self.pid = os.fork()
            except OSError:
                for end in (asked, ask, answer, answers):
                    os.close(end)
                raise
        if self.pid == 0:
            _live(serve, asked, answers, (ask, answer))
        os.close(asked)
        os.close(answers)
        self.stdin: IO[bytes] = os.fdopen(ask, "wb")
        self.stdout: IO[bytes] = os.fdopen(answer, "rb")
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """What it ended with, negative for a signal; None while it runs."""
        return self._ended(os.WNOHANG)

    def wait(self) -> int | None:
        """As `poll`, once it has ended."""
        return self._ended(0)

    def kill(self) -> None:
        """End it at once."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def _ended(self, options: int) -> int | None:
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, options)
            except ChildProcessError:  # somebody else in this process waited for it
                pid, status = self.pid, 0
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def _live(serve: Serve, asked: int, answers: int, others: tuple[int, ...]) -> None:
    """The copy's whole life. Nothing of what it was copied from is ever ended or freed in it."""
    code = 1
    try:
        gc.disable()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for end in others:
            os.close(end)
        with open(asked, "rb") as questions, open(answers, "wb") as said:
            serve(questions, said)
        code = 0
    finally:
        os._exit(code)
