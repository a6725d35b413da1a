"""Prunes by data over HTTP: foreseen, done with progress, judged on held-out samples, cancelled."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from client import Client, Stream, until
from onnx import numpy_helper

from sparseview.app.server.serving import Server
from sparseview.runtime.data.samples import SEED

COUNT, CALIBRATION = 20, 16


@pytest.fixture
def values() -> Any:
    return np.random.default_rng(5).standard_normal((COUNT, 8, 8, 8)).astype(np.float32)


@pytest.fixture
def page(client: Client, network: Path, tmp_path: Path, values: Any) -> Client:
    """A client whose app has the network open, and data with labels in use."""
    assert client.post("/api/open", {"path": str(network)}).status == 200
    path = tmp_path / "some.npz"
    np.savez(path, x=values, y=np.arange(COUNT) % 10)
    assert client.post("/api/data", {"path": str(path)}).status == 200
    return client


def ids(page: Client, *layers: str) -> list[int]:
    return [r["id"] for r in page.get("/api/weights")["rows"] if r["layer"] in layers]


def run(model: Path, values: Any, *outputs: str) -> list[Any]:
    """Outputs of a file, those that are none in the graph made one."""
    proto = onnx.load(model)
    there = {value.name for value in proto.graph.output}
    proto.graph.output.extend(onnx.ValueInfoProto(name=n) for n in outputs if n not in there)
    session = onnxruntime.InferenceSession(
        proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    wanted = list(outputs) or [proto.graph.output[0].name]
    return list(session.run(wanted, {"x": values}))


def held_out(values: Any) -> Any:
    """The documented split: a seeded shuffle, the first four fifths calibrate."""
    order = np.random.default_rng(SEED).permutation(COUNT)
    return values[np.sort(order[CALIBRATION:])], np.sort(order[CALIBRATION:])


@pytest.mark.parametrize("method", ["wanda", "reconstruction"])
def test_drift_accuracy_and_layer_errors_are_those_of_the_saved_file(
    page: Client, network: Path, tmp_path: Path, values: Any, method: str
) -> None:
    weights = ids(page, "conv1", "conv2", "fc")
    wish = {"weights": weights, "method": method, "format": "2:4", "order": "one-pass"}
    assert page.post("/api/prune", wish).status == 200
    found = page.post("/api/evaluation", {}).json
    target = tmp_path / "pruned.onnx"
    page.post("/api/save", {"path": str(target)})
    x, places = held_out(values)
    (before,), (after,) = run(network, x), run(target, x)
    apart = np.linalg.norm((before - after).reshape(len(x), -1), axis=1)
    size = np.linalg.norm(before.reshape(len(x), -1), axis=1)
    assert found["drift"]["relative_l2"] == pytest.approx((apart / size).mean(), rel=1e-3)
    assert (found["held_out"], found["calibration"]) == (COUNT - CALIBRATION, CALIBRATION)
    labels = places % 10
    right = (after.reshape(len(x), -1).argmax(axis=1) == labels).mean()
    assert found["accuracy_after"]["top1"] == pytest.approx(right)

    gemm = next(n for n in onnx.load(network).graph.node if n.op_type == "Gemm")
    (rows,) = run(network, x, gemm.input[0])
    stored = [
        {t.name: numpy_helper.to_array(t).astype(float) for t in onnx.load(path).graph.initializer}
        for path in (network, target)
    ]
    w, v = (tensors[gemm.input[1]] for tensors in stored)
    b, c = (tensors[gemm.input[2]] if len(gemm.input) > 2 else 0.0 for tensors in stored)
    if any(a.name == "transB" and a.i for a in gemm.attribute):
        w, v = w.T, v.T
    lost = np.linalg.norm(rows @ (v - w) + (c - b)) / np.linalg.norm(rows @ w)
    errors = {layer["layer"]: layer["error"] for layer in found["layers"]}
    assert errors["fc"] == pytest.approx(lost, rel=1e-3)


def test_errors_that_no_prune_told_are_measured_when_asked(page: Client) -> None:
    (fc,) = ids(page, "fc")
    page.post("/api/prune", {"weights": [fc], "sparsity": 0.6})
    assert [e["error"] for e in page.post("/api/evaluation", {}).json["layers"]] == [None]
    (effect,) = page.post("/api/evaluation", {"layers": True}).json["layers"]
    assert effect["layer"] == "fc" and 0 < effect["error"] < 1


def test_errors_are_against_the_file_also_after_another_prune(page: Client) -> None:
    """What a prune tells is of the inputs as they were then; an evaluation tells of the file's."""
    conv1, fc = ids(page, "conv1"), ids(page, "fc")
    wish = {"method": "wanda", "sparsity": 0.6, "order": "one-pass"}
    page.post("/api/prune", {"weights": conv1, "method": "magnitude", "sparsity": 0.9})
    page.post("/api/prune", {"weights": fc, **wish})
    told = page.post("/api/evaluation", {"layers": True}).json["layers"]
    page.post("/api/data", {"path": page.get("/api/data")["data"]["path"]})  # forgets what is known
    afresh = page.post("/api/evaluation", {"layers": True}).json["layers"]
    assert [e["layer"] for e in told] == ["conv1", "fc"]
    assert [e["error"] for e in told] == pytest.approx([e["error"] for e in afresh])


def test_undo_and_redo_bring_the_evaluation_back(page: Client) -> None:
    page.post("/api/prune", {"weights": ids(page, "fc"), "method": "wanda", "sparsity": 0.5})
    found = page.post("/api/evaluation", {}).json
    page.post("/api/undo")
    assert page.get("/api/evaluation") is None
    page.post("/api/redo")
    assert page.get("/api/evaluation") == found
    page.post("/api/data", {"path": "synthetic:4"})
    assert page.get("/api/evaluation") is None
    assert page.post("/api/evaluation", {}).json["synthetic"] is True


def test_what_it_takes_is_told_before(page: Client, client: Client) -> None:
    weights = ids(page, "conv1", "conv2", "fc")
    page.post("/api/protect", {"weights": ids(page, "conv2")})
    told = page.post("/api/foresight", {"weights": weights, "method": "wanda", "sparsity": 0.5})
    found = told.json
    assert (found["layers"], found["samples"], found["runs"]) == (2, CALIBRATION, 2)
    assert found["bytes"] > 0 and found["seconds"] is None
    wish = {"weights": weights, "method": "wanda", "sparsity": 0.5, "timed": True}
    assert page.post("/api/foresight", wish).json["seconds"] >= 0
    assert found["skipped"] == [{"layer": "conv2", "reason": "protected from pruning"}]
    assert page.post("/api/data", {"path": None}).status == 200
    refused = page.post("/api/foresight", {"weights": weights, "method": "wanda", "sparsity": 0.5})
    assert refused.json["code"] == "no-data"
    refused = page.post("/api/prune", {"weights": weights, "method": "wanda", "sparsity": 0.5})
    assert refused.json["code"] == "no-data"


def test_a_preview_by_data_is_a_job_and_the_prune_after_it_is_the_same(page: Client) -> None:
    stream = Stream(page)
    wish = {"weights": ids(page, "conv1", "fc"), "method": "wanda", "sparsity": 0.5}
    made = page.post("/api/preview", wish).json
    assert all(0 < row["layer_error"] < 1 for row in made["rows"])
    page.post("/api/prune", wish)
    effects = {e["layer"]: e["error"] for e in page.post("/api/evaluation").json["layers"]}
    assert effects == {row["layer"]: row["layer_error"] for row in made["rows"]}
    stream.close()


def test_a_cancelled_prune_leaves_the_model_as_it_was(
    server: Server, page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sparseview.pruning import driven

    before = page.get("/api/weights")
    pruned = driven._pruned

    def slow(*arguments: Any) -> Any:
        done = pruned(*arguments)
        for job in (page.get("/api/state")["job"],):
            page.post("/api/cancel", {"job": job["id"]})
        return done

    monkeypatch.setattr(driven, "_pruned", slow)
    wish = {"weights": ids(page, "conv1", "conv2", "fc"), "method": "wanda", "sparsity": 0.5}
    answer = page.post("/api/prune", wish)
    assert (answer.status, answer.json["code"]) == (409, "cancelled")
    assert page.get("/api/weights") == before
    state = page.get("/api/state")
    assert state["history"]["edits"] == [] and not server.desk.dirty
    until(lambda: page.get("/api/state")["job"] is None)


def test_another_model_ends_a_prune_that_is_under_way(
    server: Server, page: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sparseview.pruning import driven

    other = tmp_path / "other.onnx"
    other.write_bytes(Path(page.get("/api/state")["model"]["path"]).read_bytes())
    pruned, opening = driven._pruned, threading.Event()

    def slow(*arguments: Any) -> Any:
        done = pruned(*arguments)
        if not opening.is_set():
            opening.set()
            threading.Thread(target=page.post, args=("/api/open", {"path": str(other)})).start()
            until(lambda: server.desk.open_path == str(other))
        return done

    monkeypatch.setattr(driven, "_pruned", slow)
    wish = {"weights": ids(page, "conv1", "conv2", "fc"), "method": "wanda", "sparsity": 0.5}
    assert page.post("/api/prune", wish).json["code"] == "cancelled"
    state = until(lambda: page.get("/api/state"))
    assert state["model"]["name"] == "other.onnx" and state["history"]["edits"] == []
