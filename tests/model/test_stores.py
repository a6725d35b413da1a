"""Weights stored as ONNX sparse tensors and back: values, predicted bytes, what stays dense."""

from __future__ import annotations

from pathlib import Path

import builders
import numpy as np
import onnx
import onnxruntime as ort
import pytest
from layers import model_of, saved, tensor
from onnx import TensorProto, helper, numpy_helper

from sparseview.errors import SparseviewError
from sparseview.model import stores
from sparseview.model.document import Model
from sparseview.model.save import save
from sparseview.model.stores import refuse_growth, storing
from sparseview.model.tensors import chunks, read
from sparseview.review.storing import store_options

RNG = np.random.default_rng(4)


def sparse(shape: tuple[int, ...], zeros: float = 0.95) -> np.ndarray:
    array = RNG.standard_normal(shape).astype(np.float32)
    array[RNG.random(shape) < zeros] = 0
    return array


def gemm(folder: Path, weight: TensorProto | np.ndarray, name: str = "m.onnx") -> Model:
    held = weight if isinstance(weight, TensorProto) else tensor("w", weight)
    node = helper.make_node("Gemm", ["x", "w"], ["y"], "layer", transB=1)
    return Model.open(saved(model_of([node], [held], {"x": [1, 64]}), folder, name))


def run(path: Path) -> np.ndarray:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": np.ones((1, 64), np.float32)})[0]


@pytest.mark.parametrize("zeros", [0.95, 1.0])
def test_there_and_back_as_predicted(tmp_path: Path, zeros: float) -> None:
    w = sparse((48, 64), zeros)
    w.reshape(-1)[5] = -0.0
    model, out, back = gemm(tmp_path, w), tmp_path / "s.onnx", tmp_path / "d.onnx"
    found = storing(model, "onnx-sparse")
    result = save(model, out, storing=found)
    assert abs(result.bytes - model.path.stat().st_size - found.change) <= 4
    (held,) = onnx.load(out).graph.sparse_initializer
    assert held.values.name == "w" and list(held.dims) == [48, 64]
    places = numpy_helper.to_array(held.indices)
    assert places.dtype == np.int64 and np.array_equal(places, np.flatnonzero(w))
    assert np.array_equal(numpy_helper.to_array(held.values), w.reshape(-1)[places])
    assert np.array_equal(run(out), run(model.path))
    again = Model.open(out)
    assert np.array_equal(read(again, again.weights[0].constant), w)
    save(again, back, storing=storing(again, "dense"))
    (dense,) = onnx.load(back).graph.initializer
    assert np.array_equal(numpy_helper.to_array(dense), w)


def test_what_is_pruned_now_is_stored_sparse(tmp_path: Path) -> None:
    w = sparse((48, 64), 0.0)
    model = gemm(tmp_path, w)
    pruned = np.where(np.abs(w) < 2, 0, w).astype(np.float32)
    edited = model.with_overlay(model.overlay.with_({"main/w": pruned}))
    save(edited, tmp_path / "s.onnx", storing=storing(edited, "onnx-sparse"))
    again = Model.open(tmp_path / "s.onnx")
    assert again.weights[0].constant.stored_as == "coo"
    assert np.array_equal(read(again, again.weights[0].constant), pruned)


def test_external_data_come_into_the_file(tmp_path: Path) -> None:
    w = sparse((48, 64))
    (tmp_path / "w.bin").write_bytes(w.tobytes())
    held = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=w.shape)
    held.data_location = TensorProto.EXTERNAL
    held.external_data.add(key="location", value="w.bin")
    path = tmp_path / "m.onnx"
    node = helper.make_node("Gemm", ["x", "w"], ["y"], "layer", transB=1)
    path.write_bytes(model_of([node], [held], {"x": [1, 64]}).SerializeToString())
    model = Model.open(path)
    (tmp_path / "elsewhere").mkdir()
    result = save(model, tmp_path / "elsewhere" / "s.onnx", storing=storing(model, "onnx-sparse"))
    assert not result.data_files
    assert np.array_equal(run(result.path), run(path))


def test_growth_is_refused_unless_forced(tmp_path: Path) -> None:
    model = gemm(tmp_path, sparse((48, 64), 0.5))
    found = storing(model, "onnx-sparse")
    assert not found.changes and "would grow" in found.left[0].reason
    with pytest.raises(SparseviewError, match="would grow from") as told:
        refuse_growth(model, found, force=False)
    assert told.value.code == "grows"
    forced = storing(model, "onnx-sparse", force=True)
    assert forced.change > 0
    refuse_growth(model, forced, force=True)
    dense = gemm(tmp_path, sparse((48, 64), 0.0), "d.onnx")
    assert not storing(dense, "onnx-sparse", force=True).changes


def test_every_weight_is_counted_once_whatever_is_asked(tmp_path: Path, monkeypatch) -> None:
    """One that shrinks, one that grows, one without zeros: one look at each for all answers."""
    weights = {"a": sparse((48, 64)), "b": sparse((48, 64), 0.5), "c": sparse((48, 64), 0.0)}
    nodes = [helper.make_node("MatMul", ["x", k], [f"y{k}"], f"m{k}") for k in weights]
    turned = {name: np.ascontiguousarray(array.T) for name, array in weights.items()}
    model = Model.open(saved(model_of(nodes, turned, {"x": [1, 64]}), tmp_path))
    read_: list[str] = []

    def counted(model, constant):
        read_.append(constant.name)
        return chunks(model, constant)

    monkeypatch.setattr(stores, "chunks", counted)
    found = storing(model, "onnx-sparse")
    assert [one.key for one in found.changes] == ["main/a"]
    assert [one.key for one in found.left] == ["main/b", "main/c"]
    forced = found.forced()
    assert [one.key for one in forced.changes] == ["main/a", "main/b"]
    assert [one.key for one in forced.left] == ["main/c"]
    assert read_ == ["a", "b", "c"]
    assert forced == storing(model, "onnx-sparse", force=True)
    size = model.path.stat().st_size
    assert abs(save(model, tmp_path / "f.onnx", storing=forced).bytes - size - forced.change) <= 8
    only = model.with_overlay(model.overlay.with_({"main/a": turned["b"]}))
    read_.clear()
    dense, sparse_ = store_options(only).options
    assert (dense.grows, sparse_.grows, sparse_.sparse) == (False, True, 2)
    with pytest.raises(SparseviewError, match="would grow from"):
        refuse_growth(only, storing(only, "onnx-sparse"), force=False)
    assert sorted(read_) == ["a", "a", "b", "b", "c", "c"]  # the options once, the refusal once


def test_what_cannot_be_sparse_says_why(tmp_path: Path) -> None:
    w = sparse((48, 64))
    node = helper.make_node("Gemm", ["x", "w"], ["y"], "layer", transB=1)
    old = model_of([node], {"w": w}, {"x": [1, 64]}, opset=9)
    old.ir_version = 5
    input_too = model_of([node], {"w": w}, {"x": [1, 64], "w": [48, 64]})
    constant = helper.make_node("Constant", [], ["w"], value=tensor("", w))
    inner = model_of([constant, node], {}, {"x": [1, 64]})
    for number, (proto, why) in enumerate(
        [(old, "IR version 5"), (input_too, "graph input"), (inner, "Constant node")]
    ):
        model = Model.open(saved(proto, tmp_path, f"{number}.onnx"))
        (left,) = storing(model, "onnx-sparse").left
        assert why in left.reason


def test_weights_of_subgraphs_go_along(tmp_path: Path) -> None:
    model = Model.open(saved(builders.subgraph_if(), tmp_path))
    zeros = {w.constant.key: np.zeros(w.constant.shape, np.float32) for w in model.weights}
    edited = model.with_overlay(model.overlay.with_(zeros))
    found = storing(edited, "onnx-sparse")
    save(edited, tmp_path / "s.onnx", storing=found)
    again = Model.open(tmp_path / "s.onnx")
    kinds = {w.constant.key: w.constant.stored_as for w in again.weights}
    assert {key: kinds[key] for key in (c.key for c in found.changes)} == {
        c.key: "coo" for c in found.changes
    }
    assert all(not read(again, w.constant).any() for w in again.weights)
