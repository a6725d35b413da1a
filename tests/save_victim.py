"""Saves over a model in children that get killed; told what to do line by line on stdin.

`at K before` and `at K after`: a child saves once and kills itself around its K-th call of a file
function; answers `killed`, or `done` where it made fewer calls. `random SECONDS`: a child saves
over and over until it is killed. One process for all of them, so that onnx is imported once.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from sparseview.model.document import Model
from sparseview.model.inscribe import Annotations
from sparseview.model.save import save
from sparseview.model.tensors import read

STEPS = ("open", "fsync", "replace", "link", "unlink", "chmod", "copy_file_range", "makedirs")


def save_state(path: Path, state: int) -> None:
    """Save over the model: every element of its weights is `state`, and its metadata say so."""
    model = Model.open(path)
    keys = [c.key for c in model.constants(0).values()]
    filled = {key: np.full_like(read(model, model.constant(key)), state) for key in keys}
    notes = Annotations({0: (state / 4096, "x" * state)}, {"state": str(state)})
    save(model.with_overlay(model.overlay.with_(filled)), path, notes, overwrite=True)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def mine(step: int, after: bool) -> None:
    """From now on, die around the `step`-th call of one of STEPS."""
    calls = itertools.count()

    def wrap(plain: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            now = next(calls) == step
            if now and not after:
                die()
            answer = plain(*args, **kwargs)
            if now:
                die()
            return answer

        return call

    for name in STEPS:
        if hasattr(os, name):
            setattr(os, name, wrap(getattr(os, name)))


def main() -> None:
    path = Path(sys.argv[1])
    state = 1
    for line in sys.stdin:
        words = line.split()
        state += 1
        child = os.fork()
        if child == 0:
            if words[0] == "at":
                mine(int(words[1]), words[2] == "after")
                save_state(path, state)
            else:
                for later in itertools.count(state):
                    save_state(path, later)
            os._exit(0)
        if words[0] == "random":
            time.sleep(float(words[1]))
            os.kill(child, signal.SIGKILL)
            state += 1000
        _, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else "done", flush=True)


if __name__ == "__main__":
    main()
