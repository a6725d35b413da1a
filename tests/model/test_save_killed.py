"""A save that is killed, at any step, leaves a whole model: the old one or the new one."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import builders
import numpy as np
import onnx
import pytest
from onnx import numpy_helper as nh

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork") or not hasattr(signal, "SIGKILL"), reason="needs fork and SIGKILL"
)

VICTIM = Path(__file__).resolve().parents[1] / "save_victim.py"


class Victim:
    """The process whose children save and die."""

    def __init__(self, stdin: IO[str], stdout: IO[str], path: Path) -> None:
        self._stdin, self._stdout = stdin, stdout
        self.path = path

    def ask(self, command: str) -> str:
        self._stdin.write(command + "\n")
        self._stdin.flush()
        return self._stdout.readline().strip()

    def state(self) -> int:
        """The state of the model at the target; fails unless every part of it is of that state."""
        model = onnx.load(self.path)
        said = {entry.key: entry.value for entry in model.metadata_props}
        state = int(said["state"])
        for tensor in model.graph.initializer:
            assert (nh.to_array(tensor) == state).all(), f"{tensor.name} is not of state {state}"
        attributes = {a.name: a for a in model.graph.node[0].attribute}
        assert attributes["__sparsity"].f == state / 4096
        return state


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    path = builders.external(tmp_path)
    made = onnx.load(path, load_external_data=False)
    made.graph.initializer.append(nh.from_array(np.zeros((24, 24), np.float32), "inline"))
    path.write_bytes(made.SerializeToString())
    command = [sys.executable, str(VICTIM), str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        yield Victim(process.stdin, process.stdout, path)
        process.stdin.close()
        assert process.wait(120) == 0


def test_killed_around_every_step(victim: Victim) -> None:
    assert victim.ask("at 1000 before") == "done"
    state, killed, kept, renewed = victim.state(), 0, 0, 0
    assert state == 2
    for step, when in itertools.product(range(1000), ("before", "after")):
        answer = victim.ask(f"at {step} {when}")
        now = victim.state()
        if answer == "done":
            break
        killed += 1
        kept, renewed = kept + (now == state), renewed + (now != state)
        state = now
    # Data file (open, fsync, link, unlink), model (open, fsync, chmod, replace), their folders.
    assert killed >= 2 * 10
    assert kept >= 2 * 7
    assert renewed >= 3


def test_killed_at_any_instant(victim: Victim) -> None:
    assert victim.ask("at 1000 before") == "done"
    chance = random.Random(0)
    states = {victim.state()}
    for _ in range(25):
        assert victim.ask(f"random {chance.uniform(0.0, 0.06):.4f}") == "killed"
        states.add(victim.state())
    assert len(states) > 3
    # What was left behind harms nobody: the next save works.
    assert victim.ask("at 1000 before") == "done"
    assert victim.state() not in states
