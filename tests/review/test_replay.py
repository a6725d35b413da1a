"""Recipes replayed as one edit, and protection that a saved model remembers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from layers import model_of, saved
from onnx import helper

import sparseview as sv
from sparseview.model.tensors import present
from sparseview.progress import Cancelled, Progress
from sparseview.session import Session


def source(folder: Path, names: tuple[str, ...] = ("one", "two", "three")) -> Path:
    rng = np.random.default_rng(0)
    nodes, weights, last = [], {}, "x"
    for name in names:
        weights[f"{name}.w"] = rng.standard_normal((16, 16)).astype(np.float32)
        out = "y" if name == names[-1] else f"{name}.out"
        nodes.append(helper.make_node("Gemm", [last, f"{name}.w"], [out], name))
        last = out
    return saved(model_of(nodes, weights, {"x": [1, 16]}), folder)


def state(session: Session) -> dict[str, np.ndarray]:
    model = session.model
    return {w.constant.name: present(model, w.constant).copy() for w in model.weights}


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(one[name], other[name]) for name in one)


def test_three_steps_are_one_edit(tmp_path: Path) -> None:
    session = sv.open(source(tmp_path))
    for wish in ({"sparsity": 0.3}, {"sparsity": 0.5, "scope": "global"}, {"format": "2:4"}):
        session.prune(**wish)
    wanted, recipe = state(session), session.recipe()

    again = sv.open(session.path)
    again.measure()
    dense = state(again)
    done = again.replay(recipe)
    assert len(done) == 3 and same(state(again), wanted)
    assert [edit.label for edit in again.history.edits] == ["Replay 3 edits of a recipe"]
    assert again.history.edits[0].sparsity == session.summary().sparsity
    assert again.undo().label == "Replay 3 edits of a recipe"
    assert same(state(again), dense) and not again.dirty
    assert again.summary().sparsity == 0.0
    again.redo()
    assert same(state(again), wanted)
    assert again.summary() == session.summary()
    # What it carries on is the steps, not that they were done at once.
    assert [s["result"] for s in again.recipe().steps] == [s["result"] for s in recipe.steps]


def test_one_step_keeps_its_name(tmp_path: Path) -> None:
    session = sv.open(source(tmp_path))
    label = session.prune("one", sparsity=0.5).label
    again = sv.open(session.path)
    again.replay(session.recipe())
    assert [edit.label for edit in again.history.edits] == [label]


def test_after_other_edits_only_the_replay_is_taken_back(tmp_path: Path) -> None:
    recipe_of = sv.open(source(tmp_path))
    recipe_of.prune("two", sparsity=0.4)
    recipe_of.prune("two", sparsity=0.6)
    session = sv.open(recipe_of.path)
    session.prune("two", sparsity=0.2)
    before = state(session)
    session.replay(recipe_of.recipe())
    assert len(session.history.edits) == 2
    session.undo()
    assert same(state(session), before)


def test_protection_is_remembered(tmp_path: Path) -> None:
    session = sv.open(source(tmp_path))
    session.protect("two")
    session.prune(sparsity=0.5)
    session.undo()
    assert session.protected == (1,)  # no edit: undo leaves it
    session.save(tmp_path / "out.onnx")
    again = sv.open(tmp_path / "out.onnx")
    assert again.protected == (1,) and again.weights[1].protected and not again.dirty
    assert again.prune(sparsity=0.5).weights == (0, 2)
    again.protect(again.protected, False)
    again.save(tmp_path / "free.onnx")
    assert sv.open(tmp_path / "free.onnx").protected == ()


def test_it_follows_its_tensor_where_nodes_were_added(tmp_path: Path) -> None:
    session = sv.open(source(tmp_path))
    session.protect("three")
    session.save(tmp_path / "out.onnx")
    proto = onnx.load(tmp_path / "out.onnx")
    proto.graph.node[0].input[0] = "in"
    proto.graph.node.insert(0, helper.make_node("Relu", ["x"], ["in"]))
    again = sv.open(saved(proto, tmp_path, "more.onnx"))
    assert [row.layer for row in again.weights if row.protected] == ["three"]


@pytest.mark.parametrize("told", [[], {"main/0/1": 7}, {"nowhere": "no"}, "one", None])
def test_strange_metadata_protects_nothing(tmp_path: Path, told: object) -> None:
    proto = onnx.load(source(tmp_path))
    helper.set_model_props(proto, {"pkg.sparseview": json.dumps({"protected": told})})
    assert sv.open(saved(proto, tmp_path, "odd.onnx")).protected == ()


def test_a_recipe_does_not_prune_what_is_protected_here(tmp_path: Path) -> None:
    session = sv.open(source(tmp_path))
    session.prune("one", sparsity=0.5)
    session.prune("two", sparsity=0.5)
    again = sv.open(session.path)
    again.prune("three", sparsity=0.1)
    again.undo()
    again.protect("two")
    dense = state(again)
    with pytest.raises(sv.SparseviewError, match="prunes two, and that is protected") as refused:
        again.replay(session.recipe())
    assert refused.value.code == "protected"
    assert same(state(again), dense) and again.protected == (1,)
    assert [edit.label for edit in again.history.edits] == ["Prune three to 10 %"]
    assert again.redo().weights == (2,)


def test_a_cancelled_replay_leaves_everything_as_it_was(tmp_path: Path) -> None:
    session = sv.open(source(tmp_path))
    session.protect("three")
    session.prune("one", sparsity=0.5)
    session.prune("two", sparsity=0.5)
    again = sv.open(session.path)
    again.protect("two")
    before = state(again)
    progress = Progress()
    again.subscribe(lambda _: again.history.edits and progress.cancel())  # between the two steps
    with pytest.raises(Cancelled):
        again.replay(session.recipe(), force=True, progress=progress)
    assert same(state(again), before) and again.protected == (1,)
    assert not again.history.edits and not again.dirty


def test_what_a_recipe_protects_is_protected_besides(tmp_path: Path) -> None:
    session = sv.open(source(tmp_path))
    session.protect("three")
    session.prune("one", sparsity=0.5)
    again = sv.open(session.path)
    again.protect("two")
    again.replay(session.recipe())
    assert again.protected == (1, 2)
