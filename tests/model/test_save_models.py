"""Saving real models: only what was annotated or edited differs, and tools accept the result."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import protos
import pytest
import wire
from saving import halve
from shared_models import ALL_MODELS, shared_model

from sparseview.model.document import Model
from sparseview.model.inscribe import Annotations
from sparseview.model.save import save
from sparseview.model.tensors import read

UNREADABLE = (TypeError, ValueError, RuntimeError)


def everything(model: Model, number: float, form: str) -> Annotations:
    """A claim on every node that may have one, and in the metadata."""
    # A Constant must have exactly one attribute.
    claimed = [node for node in model.nodes if node.proto.op_type != "Constant"]
    return Annotations(
        nodes={node.id: (number, form) for node in claimed},
        metadata={"pkg.sparseview": f'{{"version": 1, "format": "{form}"}}'},
        node_metadata={node.id: {"pkg.sparseview.format": form} for node in claimed}
        if model.proto.ir_version >= 10
        else {},
    )


@pytest.mark.parametrize("path", ALL_MODELS)
def test_unedited_is_a_copy_to_the_byte(path: Path, tmp_path: Path) -> None:
    model = Model.open(path)
    save(model, tmp_path / "same.onnx")
    assert (tmp_path / "same.onnx").read_bytes() == path.read_bytes()
    save(model, tmp_path / "empty.onnx", Annotations())
    assert (tmp_path / "empty.onnx").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("path", ALL_MODELS)
def test_annotations_are_all_that_differs(path: Path, tmp_path: Path) -> None:
    model = Model.open(path)
    first, again, other = (tmp_path / f"{n}.onnx" for n in ("first", "again", "other"))
    result = save(model, first, everything(model, 0.25, "2:4"))
    assert result.bytes == first.stat().st_size > path.stat().st_size

    source, saved = path.read_bytes(), first.read_bytes()
    assert wire.without_annotations(saved) == source  # to the byte, length prefixes included
    before = onnx.load(path, load_external_data=False)
    after = onnx.load(first, load_external_data=False)
    assert protos.without_annotations(after) == protos.without_annotations(before)
    for node in protos.nodes(after):
        if node.op_type == "Constant":
            continue
        said = {a.name: (a.type, a.f, a.s) for a in node.attribute}
        assert said["__sparsity"] == (onnx.AttributeProto.FLOAT, 0.25, b"")
        assert said["__sparsity_format"] == (onnx.AttributeProto.STRING, 0, b"2:4")

    saved_model = Model.open(first)
    save(saved_model, again, everything(saved_model, 0.25, "2:4"))
    assert again.read_bytes() == saved
    save(saved_model, other, everything(saved_model, 0.5, "unstructured"))
    assert wire.without_annotations(other.read_bytes()) == source
    said_again = [
        [a.name for a in node.attribute].count("__sparsity")
        for node in protos.nodes(onnx.load(other, load_external_data=False))
        if node.op_type != "Constant"
    ]
    assert set(said_again) == {1}


@pytest.mark.parametrize("path", ALL_MODELS)
def test_one_changed_tensor_of_each_kind(path: Path, tmp_path: Path) -> None:
    model = Model.open(path)
    seen = set()
    for constant in (c for graph in model.graphs for c in model.constants(graph.id).values()):
        kind = (constant.place, constant.dtype, constant.stored_as, constant.attribute,
                len(constant.shape) > 1, model.graphs[constant.graph].kind)  # fmt: skip
        if kind in seen or not 1 < np.prod(constant.shape) < 3_000_000:
            continue
        if constant.dtype == onnx.TensorProto.STRING:
            continue
        seen.add(kind)
        folder = tmp_path / str(len(seen))
        folder.mkdir()
        halve(path, constant.key, folder / "saved.onnx", model)


def loads(path: Path) -> bool:
    """Whether ONNX Runtime makes a session of the file."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    options.add_session_config_entry("session.disable_prepacking", "1")
    try:
        ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception:  # noqa: BLE001 - the Runtime's errors have no common base
        return False
    return True


def valid(path: Path) -> bool:
    """Whether onnx's checker accepts the file."""
    try:
        onnx.checker.check_model(str(path))
    except (onnx.checker.ValidationError, *UNREADABLE):
        return False
    return True


@pytest.mark.parametrize("path", ALL_MODELS)
def test_tools_accept_what_they_accepted(path: Path, tmp_path: Path) -> None:
    model = Model.open(path)
    changes = {}
    for graph in model.graphs:
        for constant in model.constants(graph.id).values():
            if 64 < np.prod(constant.shape) < 300_000 and constant.dtype == onnx.TensorProto.FLOAT:
                array = read(model, constant).copy()
                array.reshape(-1)[::2] = 0
                changes[constant.key] = array
    edited = model.with_overlay(model.overlay.with_(changes))
    target = tmp_path / "saved.onnx"
    save(edited, target, everything(model, 0.5, "mixed"))
    assert valid(target) >= valid(path)
    assert loads(target) >= loads(path)


def test_outputs_are_the_same_where_only_claims_were_added(tmp_path: Path) -> None:
    path = shared_model("resnet20_cifar10.onnx")
    model = Model.open(path)
    save(model, tmp_path / "saved.onnx", everything(model, 0.5, "mixed"))
    results = []
    for one in (path, tmp_path / "saved.onnx"):
        session = ort.InferenceSession(str(one), providers=["CPUExecutionProvider"])
        feed = session.get_inputs()[0]
        shape = [d if isinstance(d, int) else 1 for d in feed.shape]
        image = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
        results.append(session.run(None, {feed.name: image})[0])
    assert np.array_equal(*results)
