"""Many edits: undo and redo bring back every state, in memory or from disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from layers import model_of, saved
from onnx import helper, load, numpy_helper

import sparseview as sv
from sparseview.model.edits import Edit
from sparseview.model.kept import held
from sparseview.model.spill import Spilled
from sparseview.model.tensors import present
from sparseview.review import timeline
from sparseview.session import Session


def opened(folder: Path) -> Session:
    rng = np.random.default_rng(0)
    w = rng.standard_normal((64, 64)).astype(np.float32)
    v = rng.standard_normal((64, 64)).astype(np.float32)
    nodes = [
        helper.make_node("Gemm", ["x", "w"], ["h"], "one"),
        helper.make_node("Gemm", ["h", "v"], ["y"], "two"),
    ]
    return sv.open(saved(model_of(nodes, {"w": w, "v": v}, {"x": [1, 64]}), folder))


def state(session: Session) -> list[np.ndarray]:
    model = session.model
    return [present(model, weight.constant).copy() for weight in model.weights]


def on_disk(session: Session) -> int:
    """Edits' tensors that lie on disk: as they are, or the bits of their zeros."""
    entries = [e for step in session._timeline.steps for e in step.edit.after.values()]
    return sum(isinstance(getattr(entry, "bits", entry), Spilled) for entry in entries)


@pytest.mark.parametrize("budget", [0, 700, 1 << 30])
def test_every_state_comes_back(tmp_path: Path, budget: int) -> None:
    session = opened(tmp_path)
    session._timeline = timeline.Timeline(budget)
    states = [state(session)]
    for step in range(1, 7):
        session.prune("one" if step % 2 else "two", sparsity=0.12 * step)
        states.append(state(session))
    assert on_disk(session) == {0: 6, 700: 5, 1 << 30: 0}[budget]
    for position in (5, 4, 3, 2, 1, 0):
        session.undo()
        assert all(map(np.array_equal, state(session), states[position]))
    for position in range(1, 7):
        session.redo()
        assert all(map(np.array_equal, state(session), states[position]))
    session.save(tmp_path / "out.onnx")
    written = load(tmp_path / "out.onnx").graph.initializer
    assert all(map(np.array_equal, map(numpy_helper.to_array, written), states[6]))
    session.close()


def test_an_edit_holds_a_bit_for_each_element(tmp_path: Path) -> None:
    session = opened(tmp_path)
    edit = session.prune(sparsity=0.5)
    assert {key: held(entry) for key, entry in edit.after.items()} == {
        "main/w": 64 * 64 // 8, "main/v": 64 * 64 // 8,
    }  # fmt: skip


def test_new_values_are_kept_within_the_budget(tmp_path: Path) -> None:
    session = opened(tmp_path)
    session._timeline = timeline.Timeline(20_000)
    for value in range(1, 5):
        array = np.full((64, 64), value, np.float32)
        session.apply(Edit(f"all {value}", {}, {"main/w": array}))
    kept = sum(held(e) for s in session._timeline.steps for e in s.edit.after.values())
    assert kept <= 20_000 and on_disk(session) == 3
    assert (state(session)[0] == 4).all()


def test_nan_is_still_told_after_a_prune(tmp_path: Path) -> None:
    w = np.random.default_rng(0).standard_normal((8, 8)).astype(np.float32)
    w[0, :3] = np.nan
    node = helper.make_node("Gemm", ["x", "w"], ["y"], "one")
    session = sv.open(saved(model_of([node], {"w": w}, {"x": [1, 8]}), tmp_path))
    for _ in range(2):
        session.prune(sparsity=0.5)
        assert session.weights[0].nan == 3 and session.weights[0].zeros == 32
        session.undo()
        session.measure()
