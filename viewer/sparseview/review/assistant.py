"""A process that counts zeros for this one: a second core's worth, where threads bring little.

Between numpy's many short calls two threads of one interpreter wait for each other about as long as
they work. A process of its own may need a tenth of a second to start, so it is for large files.
"""

from __future__ import annotations

import math
import os
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import IO, cast

from sparseview.model.document import Model
from sparseview.model.weights import Weight
from sparseview.progress import Cancelled
from sparseview.review.copied import Copy, allowed
from sparseview.review.errand import READY, errand, serve
from sparseview.review.measuring import count
from sparseview.sparsity.tally import Tally

# The path is this process's own: the working folder of a command is no place to import from.
SCRIPT = (
    "import sys; sys.path[:] = {path!r}; from sparseview.review.errand import serve; "
    "serve(sys.stdin.buffer, sys.stdout.buffer)"
)

# Bytes of an errand that surely fit the pipe while the process writes an answer: else each would
# wait for the other.
BRIEF = 16 << 10


class Assistant:
    """One process, used by one thread; `stop` may be called from any.

    Where it cannot start, dies, or cannot do something, the thread does that itself.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stopped = False
        self._process: subprocess.Popen[bytes] | Copy | None = None
        # What it was asked and has not been heard about.
        self._asked: deque[tuple[Model, Weight]] = deque()

    def copy(self) -> None:
        """Start it as a copy of this process, if that is allowed; else `start` will."""
        if allowed():
            with suppress(OSError):
                self._process = Copy(serve)

    def start(self) -> None:
        """Start the process and wait until it can work; returns also where that fails."""
        if self._process is None:
            self._launch()
        if self._process is not None and self._answer() != READY:
            self._end()

    def _launch(self) -> None:
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

    def count(self, model: Model, weight: Weight, *, check: Callable[[], None]) -> Tally:
        """As `measuring.count`, of a whole weight; raises Cancelled once it is stopped."""
        found = self._heard(model, weight)
        if found is None:
            self._ask(model, weight, math.inf)
            found = self._heard(model, weight)
        if self._stopped:
            raise Cancelled
        if isinstance(found, Tally):
            return found
        return count(model, weight, check=check)

    def expect(self, model: Model, weight: Weight) -> None:
        """Let it go on with this weight when it is done: it is what `count` will ask for then."""
        self._ask(model, weight, BRIEF)

    def stop(self) -> None:
        """End the process at once, in the middle of what it does."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()

    def close(self) -> None:
        """To be called by the thread that used it, when it is done."""
        self._end()

    def _ask(self, model: Model, weight: Weight, longest: float) -> None:
        """Send it an errand, unless the weight is none or it takes more bytes than `longest`."""
        process = self._process
        what = errand(model, weight) if process is not None else None
        if process is None or what is None:
            return
        message = pickle.dumps(what, pickle.HIGHEST_PROTOCOL)
        if len(message) > longest:
            return
        try:
            stdin = cast(IO[bytes], process.stdin)
            stdin.write(message)
            stdin.flush()
        except OSError:
            self._end()
            return
        self._asked.append((model, weight))

    def _heard(self, model: Model, weight: Weight) -> object:
        """What it says of this weight, None where it was not asked. What it was asked before that
        is not wanted any more."""
        while self._asked and self._process is not None:
            asked_model, asked = self._asked.popleft()
            found = self._answer()
            if asked_model is model and asked is weight:
                return found
        return None

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
            self._asked.clear()
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                cast(IO[bytes], pipe).close()
