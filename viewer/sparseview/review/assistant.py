"""A process that counts zeros for this one: a second core's worth, where threads bring little.

Between numpy's many short calls two threads of one interpreter wait for each other about as long as
they work. A process of its own needs a tenth of a second to start, so it is for large files.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO, cast

from sparseview.model.document import Model
from sparseview.model.weights import Weight
from sparseview.progress import Cancelled
from sparseview.review.errand import READY, Errand, errand
from sparseview.review.measuring import count
from sparseview.sparsity.tally import Tally

# The path is this process's own: the working folder of a command is no place to import from.
SCRIPT = "import sys; sys.path[:] = {path!r}; from sparseview.review.errand import serve; serve()"


class Assistant:
    """One process, used by one thread; `stop` may be called from any.

    Where it cannot start, dies, or cannot do something, the thread does that itself.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stopped = False
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process and wait until it can work; returns also where that fails."""
        # A frozen program is its own interpreter: it would start itself once more.
        if not sys.executable or getattr(sys, "frozen", False):
            return
        script = SCRIPT.format(path=[entry for entry in sys.path if entry])
        with self._lock:
            if self._stopped:
                return
            with suppress(OSError):
                self._process = subprocess.Popen(
                    [sys.executable, "-S", "-c", script],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # it multiplies nothing
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
        if self._process is not None and self._answer() != READY:
            self._end()

    def count(self, model: Model, weight: Weight, *, check: Callable[[], None]) -> Tally:
        """As `measuring.count`, of a whole weight; raises Cancelled once it is stopped."""
        what = errand(model, weight) if self._process is not None else None
        if what is not None:
            found = self._ask(what)
            if self._stopped:
                raise Cancelled
            if isinstance(found, Tally):
                return found
        return count(model, weight, check=check)

    def stop(self) -> None:
        """End the process at once, in the middle of what it does."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()

    def close(self) -> None:
        """To be called by the thread that used it, when it is done."""
        self._end()

    def _ask(self, what: Errand) -> object:
        process = self._process
        assert process is not None
        try:
            stdin = cast(IO[bytes], process.stdin)
            stdin.write(pickle.dumps(what, pickle.HIGHEST_PROTOCOL))
            stdin.flush()
        except OSError:
            self._end()
            return None
        return self._answer()

    def _answer(self) -> object:
        """What it says; None, and no process any more, where it says nothing."""
        process = self._process
        assert process is not None
        try:
            return pickle.load(cast(IO[bytes], process.stdout))
        except (EOFError, OSError, pickle.UnpicklingError):
            self._end()
            return None

    def _end(self) -> None:
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                cast(IO[bytes], pipe).close()
