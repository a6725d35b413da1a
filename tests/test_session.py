"""The session: measuring, pruning, undo, saving, and what its listeners hear."""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path
from typing import Any

import builders
import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from shared_models import ALL_MODELS

import sparseview as sv
from sparseview.errors import SparseviewError
from sparseview.progress import Cancelled, Progress
from sparseview.pruning.prune import PruneRequest
from sparseview.review import measuring
from sparseview.session import Session


def written(folder: Path, model: onnx.ModelProto, name: str = "m.onnx") -> Path:
    path = folder / name
    path.write_bytes(model.SerializeToString())
    return path


def tensors(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """The initializers by name, read by onnx itself."""
    return {t.name: numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}


def attributes(path: Path, layer: str) -> dict[str, Any]:
    node = next(n for n in onnx.load(path).graph.node if n.name == layer)
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def ids(session: Session, *layers: str) -> tuple[int, ...]:
    return tuple(row.id for row in session.weights if row.layer in layers)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path, builders.network())


@pytest.fixture
def session(path: Path) -> Session:
    return sv.open(path)


def test_opening_measures_nothing(session: Session) -> None:
    assert [(row.layer, row.op, row.shape) for row in session.weights] == [
        ("conv1", "Conv", (16, 8, 3, 3)),
        ("conv2", "Conv", (8, 16, 1, 1)),
        ("fc", "Gemm", (10, 512)),
    ]
    assert not any(row.measured for row in session.weights)
    total = session.summary()
    assert (total.weights, total.elements, total.zeros, total.sparsity) == (3, 6400, None, None)
    assert not session.dirty and session.revision == 0


def test_measuring_counts_what_numpy_counts(tmp_path: Path) -> None:
    path = written(tmp_path, builders.shared())
    session = sv.open(path)
    session.measure()
    held = tensors(path)
    rows = {row.layer: row for row in session.weights}
    for layer, tensor in (("embed", "table"), ("first", "w"), ("second", "w")):
        assert rows[layer].zeros == int(np.sum(held[tensor] == 0))
        assert rows[layer].elements == held[tensor].size
        assert rows[layer].sparsity == pytest.approx(np.mean(held[tensor] == 0))
    total = session.summary()
    assert (total.weights, total.elements, total.zeros) == (1, 1024, int(np.sum(held["w"] == 0)))
    assert total.embeddings.weights == 1
    assert total.embeddings.zeros == int(np.sum(held["table"] == 0))
    assert {name: part.weights for name, part in total.by_format.items()} == {"unstructured": 1}


def test_a_shared_tensor_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = sv.open(written(tmp_path, builders.shared()))
    read: list[str] = []
    real = measuring.masks

    def counting(model: Any, weight: Any, *rest: Any, **options: Any) -> Any:
        read.append(weight.constant.name)
        return real(model, weight, *rest, **options)

    monkeypatch.setattr(measuring, "masks", counting)
    session.measure()
    assert sorted(read) == ["table", "w"]
    session.measure()
    assert sorted(read) == ["table", "w"]


def test_the_measuring_job_streams_its_results(session: Session) -> None:
    heard: list[dict[str, Any]] = []
    session.subscribe(heard.append)
    job = session.start_measuring()
    assert job.wait(120) and job.state == "done"
    assert sorted(e["weights"][0] for e in heard if e["type"] == "measured") == [0, 1, 2]
    assert heard[-1]["job"].state == "done"
    assert (job.done, job.total) == (3, 3)
    assert all(row.measured for row in session.weights)


def test_a_result_for_a_weight_edited_meanwhile_is_dropped(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, go = threading.Event(), threading.Event()
    real = measuring.Measurer.measure

    def slow(self: Any, model: Any, weight: Any, *rest: Any) -> Any:
        found = real(self, model, weight, *rest)
        if threading.current_thread().name.startswith("measure") and weight.id == 0:
            began.set()
            go.wait(120)
        return found

    monkeypatch.setattr(measuring.Measurer, "measure", slow)
    job = session.start_measuring()
    assert began.wait(120)
    session.prune(PruneRequest(weights=(0,), sparsity=0.5))
    go.set()
    assert job.wait(120) and job.state == "done"
    assert session.row(0).sparsity == 0.5
    assert all(row.measured for row in session.weights)


def test_a_cancelled_job_keeps_what_it_found(session: Session) -> None:
    def stop_after_first(event: dict[str, Any]) -> None:
        if event["type"] == "measured" and session.job is not None:
            session.job.cancel()

    session.subscribe(stop_after_first)
    # The listener needs the job's name before the job may begin.
    gate = threading.Event()
    job = session.start("Measuring", lambda p: (gate.wait(120), session.measure(None, p))[1])
    gate.set()
    assert job.wait(120) and job.state == "cancelled"
    assert sum(row.measured for row in session.weights) == 1


def test_an_unreadable_weight_has_a_problem_and_the_rest_goes_on(tmp_path: Path) -> None:
    model = builders.network()
    path = tmp_path / "m.onnx"
    onnx.save(model, path, save_as_external_data=True, location="gone.data", size_threshold=5000)
    (tmp_path / "gone.data").unlink()
    session = sv.open(path)
    session.measure()
    rows = {row.layer: row for row in session.weights}
    assert rows["conv1"].problem is None is not rows["conv2"].zeros == 0
    assert rows["fc"].problem is not None and "gone.data" in rows["fc"].problem
    assert not rows["fc"].measured
    assert session.summary().zeros is None


def test_a_preview_changes_nothing_and_foretells_the_prune(session: Session, path: Path) -> None:
    weight = tensors(path)["conv1.weight"].astype(np.float64)
    request = PruneRequest(weights=ids(session, "conv1"), sparsity=0.25)
    seen = session.preview(request)
    assert session.revision == 0 and not session.dirty
    assert session.history.edits == ()
    order = np.sort(np.abs(weight).ravel())
    kept = float((order[weight.size // 4 :] ** 2).sum() / (order**2).sum())
    assert seen.kept_energy == pytest.approx(kept)
    assert (seen.sparsity_before, seen.sparsity_after) == (0.0, 0.25)
    assert seen.rows[0].layer == "conv1" and seen.rows[0].after is not None
    session.prune(request)
    row = session.row(request.weights[0])
    assert (row.sparsity, row.format) == (seen.rows[0].after.sparsity, seen.rows[0].after.format)


def test_pruning_undo_and_redo(session: Session) -> None:
    heard: list[dict[str, Any]] = []
    session.subscribe(heard.append)
    edit = session.prune(PruneRequest(weights=ids(session, "conv1"), format="2:4"))
    assert edit.label == "Prune conv1 to 2:4"
    pruned = session.row(0)
    assert (pruned.format, pruned.sparsity, pruned.edited) == ("2:4", 0.5, True)
    assert [e for e in heard if e["type"] == "changed"] == [
        {"type": "changed", "revision": 1, "weights": [0]}
    ]
    session.prune(PruneRequest(weights=ids(session, "conv2", "fc"), sparsity=0.6))
    history = session.history
    assert [e.label for e in history.edits] == ["Prune conv1 to 2:4", "Prune 2 layers to 60 %"]
    assert (history.position, history.saved) == (2, 0)

    first, second = session.undo(), session.undo()
    assert first is not None and second is edit
    assert session.undo() is None
    assert session.row(0).zeros == 0 and not session.row(0).edited
    assert len(session.model.overlay) == 0 and not session.dirty
    assert session.redo() is not None
    assert session.row(0) == pruned
    assert session.history.position == 1
    assert session.revision == 5


def test_an_edit_after_undo_drops_what_was_undone(session: Session) -> None:
    session.prune(PruneRequest(weights=(0,), sparsity=0.5))
    session.undo()
    session.prune(PruneRequest(weights=(1,), sparsity=0.5))
    assert session.redo() is None
    assert [e.label for e in session.history.edits] == ["Prune conv2 to 50 %"]


def test_every_use_of_a_shared_tensor_is_measured_anew(tmp_path: Path) -> None:
    session = sv.open(written(tmp_path, builders.shared()))
    session.measure()
    before = [row.zeros for row in session.weights]
    edit = session.prune(PruneRequest(weights=ids(session, "first"), sparsity=0.75))
    assert edit.weights == ids(session, "first", "second")
    assert [row.zeros for row in session.weights] == [before[0], 768, 768]
    session.undo()
    assert [row.zeros for row in session.weights] == before


def test_nothing_pruned_is_an_error_that_changes_nothing(session: Session) -> None:
    with pytest.raises(SparseviewError, match=r"[Nn]othing"):
        session.prune(PruneRequest(weights=(0,), sparsity=0.0))
    assert session.revision == 0 and session.history.edits == ()


def test_saving_writes_the_zeros_the_claims_and_the_recipe(
    session: Session, path: Path, tmp_path: Path
) -> None:
    before = tensors(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    session.prune(PruneRequest(weights=ids(session, "conv1", "fc"), sparsity=0.5))
    assert session.dirty
    out = tmp_path / "out.onnx"
    result = session.save(out)
    assert result.path == out and result.bytes == out.stat().st_size
    assert not session.dirty and not any(row.edited for row in session.weights)

    after = tensors(out)
    assert np.array_equal(after["conv2.weight"], before["conv2.weight"])
    for name in ("conv1.weight", "fc.weight"):
        order = np.argsort(np.abs(before[name]).ravel(), kind="stable")
        expected = before[name].copy().ravel()
        expected[order[: expected.size // 2]] = 0
        assert np.array_equal(after[name].ravel(), expected)
    assert attributes(out, "conv1")["__sparsity"] == 0.5
    assert attributes(out, "conv2")["__sparsity_format"] == b"dense"
    props = {p.key: p.value for p in onnx.load(out).metadata_props}
    (step,) = json.loads(props["pkg.sparseview"])["recipe"]
    assert step["source"] == {"name": "m.onnx", "sha256": digest}
    assert (step["method"], step["format"], step["sparsity"]) == ("magnitude", "unstructured", 0.5)
    assert step["layers"] == ["conv1", "fc"] and step["weights"] == ["main/0/1", "main/4/1"]
    assert step["tool"] == f"sparseview {sv.__version__}"

    again = sv.open(out)
    again.measure()
    assert [row.agrees for row in again.weights] == [True, True, True]
    # Pruning the pruned file goes on with its recipe.
    again.prune(PruneRequest(weights=ids(again, "conv2"), format="2:4"))
    again.save(tmp_path / "third.onnx")
    props = {p.key: p.value for p in onnx.load(tmp_path / "third.onnx").metadata_props}
    assert [s["layers"] for s in json.loads(props["pkg.sparseview"])["recipe"]] == [
        ["conv1", "fc"],
        ["conv2"],
    ]


def test_undo_reaches_back_past_a_save_over_the_source(session: Session, path: Path) -> None:
    original = tensors(path)
    session.prune(PruneRequest(weights=ids(session, "conv1"), sparsity=0.5))
    session.save(path, overwrite=True)
    assert np.mean(tensors(path)["conv1.weight"] == 0) == 0.5
    assert not session.dirty
    session.prune(PruneRequest(weights=ids(session, "conv1"), sparsity=0.75))
    session.save(overwrite=True)
    assert np.mean(tensors(path)["conv1.weight"] == 0) == 0.75
    session.undo()
    assert session.dirty and session.row(0).edited
    session.undo()
    session.save(path, overwrite=True)
    restored = tensors(path)
    assert all(restored[name].tobytes() == original[name].tobytes() for name in original)
    assert session.history.saved == 0
    session.redo()
    assert session.row(0).sparsity == 0.5
    session.save(path, overwrite=True)
    reopened = sv.open(path)
    reopened.measure()
    assert [row.agrees for row in reopened.weights] == [True, True, True]
    assert reopened.row(0).sparsity == 0.5


def test_a_saved_state_that_edits_replaced_is_out_of_reach(session: Session, path: Path) -> None:
    session.prune(PruneRequest(weights=(0,), sparsity=0.5))
    session.save(path, overwrite=True)
    session.undo()
    session.prune(PruneRequest(weights=(0,), sparsity=0.25))
    assert (session.history.saved, session.dirty) == (-1, True)
    session.undo()
    assert session.dirty and session.row(0).edited


def test_a_file_that_somebody_else_wrote_is_left_alone(session: Session, path: Path) -> None:
    session.prune(PruneRequest(weights=(0,), sparsity=0.5))
    session.save(path, overwrite=True)
    other = builders.network().SerializeToString() + b""
    path.unlink()
    path.write_bytes(other)
    session.prune(PruneRequest(weights=(1,), sparsity=0.5))
    with pytest.raises(SparseviewError) as refused:
        session.save(path, overwrite=True)
    assert refused.value.code == "changed"
    assert path.read_bytes() == other
    assert session.dirty
    session.save(path.with_name("elsewhere.onnx"))
    assert not session.dirty


def test_a_copy_that_somebody_else_wrote_is_left_alone(session: Session, tmp_path: Path) -> None:
    copy = tmp_path / "copy.onnx"
    session.save(copy)
    copy.write_bytes(b"somebody's work")
    with pytest.raises(SparseviewError) as refused:
        session.save(copy, overwrite=True)
    assert refused.value.code == "changed"
    assert copy.read_bytes() == b"somebody's work"


def test_an_existing_file_is_replaced_only_when_allowed(session: Session, tmp_path: Path) -> None:
    there = tmp_path / "there.onnx"
    there.write_bytes(b"precious")
    with pytest.raises(SparseviewError) as refused:
        session.save(there)
    assert refused.value.code == "exists" and there.read_bytes() == b"precious"
    session.save(there, overwrite=True)
    assert onnx.load(there).graph.node[0].name == "conv1"
    assert session.path == there


def test_a_cancelled_save_writes_nothing(session: Session, tmp_path: Path) -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        session.save(tmp_path / "out.onnx", progress=progress)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m.onnx"]


def test_claims_are_held_against_the_file_not_against_unsaved_edits(tmp_path: Path) -> None:
    declared = {"conv1": (0.0, "dense"), "conv2": (0.9, "unstructured")}
    path = written(tmp_path, builders.network(declared=declared))
    session = sv.open(path)
    assert [row.agrees for row in session.weights] == [None, None, None]
    session.measure()
    assert [row.agrees for row in session.weights] == [True, False, None]
    assert session.summary().annotations.disagree == 1
    session.prune(PruneRequest(weights=(0, 1), sparsity=0.5))
    assert [row.agrees for row in session.weights] == [None, None, None]
    session.undo()
    assert [row.agrees for row in session.weights] == [True, False, None]
    session.redo()
    session.save(path, overwrite=True)
    assert [row.agrees for row in session.weights] == [True, True, True]
    session.undo()
    assert [row.agrees for row in session.weights] == [None, None, True]


def test_the_sha256_is_of_the_opened_file(session: Session, path: Path) -> None:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    session.prune(PruneRequest(weights=(0,), sparsity=0.5))
    session.save(path, overwrite=True)
    assert session.sha256() == digest


def test_select_finds_rows_by_query(session: Session) -> None:
    session.measure()
    assert session.select("op:Conv") == (0, 1)
    assert session.select("fc") == (2,)
    with pytest.raises(SparseviewError):
        session.select("sparsity<<")


def test_unsubscribed_listeners_hear_nothing(session: Session) -> None:
    heard: list[dict[str, Any]] = []
    stop = session.subscribe(heard.append)
    stop()
    stop()
    session.measure()
    assert heard == []


def test_many_threads_end_in_one_consistent_state(session: Session) -> None:
    def edit(weight: int) -> None:
        for sparsity in (0.25, 0.5, 0.75):
            session.prune(PruneRequest(weights=(weight,), sparsity=sparsity))

    job = session.start_measuring()
    threads = [threading.Thread(target=edit, args=(weight,)) for weight in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert job.wait(120)
    assert [row.sparsity for row in session.weights] == [0.75, 0.75, 0.75]
    assert session.history.position == 9
    while session.undo():
        pass
    session.measure()
    assert [row.zeros for row in session.weights] == [0, 0, 0]


def test_closing_stops_the_job(session: Session) -> None:
    job = session.start("Waiting", lambda p: _forever(p))
    session.close()
    assert job.state == "cancelled"


def _forever(progress: Progress) -> None:
    pause = threading.Event()
    while True:
        progress.step(0, 0)
        pause.wait(0.01)


@pytest.mark.parametrize("path", ALL_MODELS)
def test_every_shared_model_pruned_and_reopened_keeps_its_word(path: Path, tmp_path: Path) -> None:
    session = sv.open(path)
    ids = tuple(row.id for row in session.weights)
    try:
        session.prune(PruneRequest(weights=ids, format="2:4"))
    except SparseviewError as refused:
        # No weights at all, or none that can be 2:4: nothing has changed.
        assert refused.code in ("nothing", "weights") and session.revision == 0
        return
    out = tmp_path / path.name
    session.save(out)
    reopened = sv.open(out)
    reopened.measure()
    for mine, theirs in zip(session.weights, reopened.weights, strict=True):
        assert theirs.agrees is True, (theirs.layer, theirs.disagreements)
        assert (theirs.layer, theirs.zeros, theirs.format) == (mine.layer, mine.zeros, mine.format)
    total = reopened.summary()
    assert total.annotations.declared == total.annotations.agree == len(reopened.weights)


def test_a_plan_tells_what_weights_measure_now(tmp_path: Path) -> None:
    model = builders.network()
    odd = numpy_helper.to_array(model.graph.initializer[0]).copy()
    odd.reshape(-1)[:3] = np.nan, np.inf, -np.inf
    model.graph.initializer[0].CopyFrom(
        numpy_helper.from_array(odd, model.graph.initializer[0].name)
    )
    path = written(tmp_path, model)
    measured, planned = sv.open(path), sv.open(path)
    measured.measure()
    heard: list[dict[str, Any]] = []
    planned.subscribe(heard.append)
    planned.preview(sparsity=0.7)
    assert planned.weights == measured.weights
    assert (planned.weights[0].nan, planned.weights[0].inf) == (1, 2)
    assert [event["type"] for event in heard] == ["measured"]


def test_a_tensor_with_other_uses_is_not_measured_by_a_plan_of_one(tmp_path: Path) -> None:
    session = sv.open(written(tmp_path, builders.shared()))
    chosen = ids(session, "first")
    assert session.read_alone(chosen) == frozenset()
    session.preview(chosen, sparsity=0.7)
    assert not any(row.measured for row in session.weights)
