"""`sparseview prune` and `annotate`: the saved files, against masks made by hand and ORT."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import builders
import numpy as np
import onnx
import onnxruntime as ort
import pytest
from cli.command import refused, sparseview
from onnx import numpy_helper


def written(folder: Path, model: onnx.ModelProto, name: str = "m.onnx") -> Path:
    path = folder / name
    path.write_bytes(model.SerializeToString())
    return path


def tensors(model: onnx.ModelProto) -> dict[str, np.ndarray[Any, Any]]:
    return {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}


def smallest_zeroed(array: np.ndarray[Any, Any], sparsity: float) -> np.ndarray[Any, Any]:
    """The same with its least entries zero: plain magnitude pruning, written down by hand."""
    flat = array.ravel().copy()
    flat[np.argsort(np.abs(flat), kind="stable")[: round(sparsity * flat.size)]] = 0
    return flat.reshape(array.shape)


def two_of_four(array: np.ndarray[Any, Any], axis: int) -> np.ndarray[Any, Any]:
    """The two least of each four along an axis zeroed."""
    moved = np.moveaxis(array, axis, -1)
    groups = moved.reshape(-1, 4).copy()
    for group in groups:
        group[np.argsort(np.abs(group), kind="stable")[:2]] = 0
    return np.moveaxis(groups.reshape(moved.shape), -1, axis)


def outputs(data: bytes) -> np.ndarray[Any, Any]:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    x = np.random.default_rng(7).standard_normal((2, 8, 8, 8)).astype(np.float32)
    found: np.ndarray[Any, Any] = session.run(None, {"x": x})[0]
    return found


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--sparsity", "50%"], lambda a, axis: smallest_zeroed(a, 0.5)),
        (["--sparsity", "0.5"], lambda a, axis: smallest_zeroed(a, 0.5)),
        (["--percentile", "25"], lambda a, axis: smallest_zeroed(a, 0.25)),
        (["--threshold", "0.7"], lambda a, axis: np.where(np.abs(a) < 0.7, 0, a)),
        (["--format", "2:4"], two_of_four),
    ],
    ids=["percent", "fraction", "percentile", "threshold", "2:4"],
)
def test_a_pruned_model_equals_one_masked_by_hand(
    tmp_path: Path, options: list[str], expected: Any
) -> None:
    source = builders.network()
    path, out = written(tmp_path, source), tmp_path / "out.onnx"
    before = path.read_bytes()
    ran = sparseview("prune", path, "-o", out, *options)
    assert ran.returncode == 0, ran.stderr
    assert path.read_bytes() == before

    reference = onnx.ModelProto()
    reference.CopyFrom(source)
    for tensor in reference.graph.initializer:
        masked = expected(numpy_helper.to_array(tensor), 1)
        tensor.CopyFrom(numpy_helper.from_array(masked.astype(np.float32), tensor.name))
    pruned = onnx.load(out)
    wanted = tensors(reference)
    for name, array in tensors(pruned).items():
        assert np.array_equal(array, wanted[name]), name
    assert np.array_equal(outputs(out.read_bytes()), outputs(reference.SerializeToString()))
    onnx.checker.check_model(pruned)

    props = {p.key: p.value for p in pruned.metadata_props}
    (step,) = json.loads(props["pkg.sparseview"])["recipe"]
    assert step["layers"] == ["conv1", "conv2", "fc"]
    claims = [
        onnx.helper.get_node_attr_value(node, "__sparsity")
        for node in pruned.graph.node
        if node.op_type in ("Conv", "Gemm")
    ]
    assert claims == pytest.approx([float(np.mean(a == 0)) for a in wanted.values()])


def test_global_scope_shares_one_border(tmp_path: Path) -> None:
    source = builders.network()
    path, out = written(tmp_path, source), tmp_path / "out.onnx"
    ran = sparseview("prune", path, "-o", out, "--sparsity", "0.5", "--scope", "global")
    assert ran.returncode == 0, ran.stderr
    whole = np.concatenate([a.ravel() for a in tensors(source).values()])
    border = np.sort(np.abs(whole))[whole.size // 2]
    for name, array in tensors(onnx.load(out)).items():
        assert np.array_equal(array == 0, np.abs(tensors(source)[name]) < border), name


def test_layers_choose_what_is_pruned(tmp_path: Path) -> None:
    source = builders.network()
    path, out = written(tmp_path, source), tmp_path / "out.onnx"
    ran = sparseview("prune", path, "-o", out, "--sparsity", "50%", "--layers", "op:Conv -conv2")
    assert ran.returncode == 0, ran.stderr
    zeros = {name: np.mean(array == 0) for name, array in tensors(onnx.load(out)).items()}
    assert zeros == {"conv1.weight": 0.5, "conv2.weight": 0, "fc.weight": 0}
    assert "conv1" in ran.stdout and "50.00 %" in ran.stdout
    refused(
        sparseview("prune", path, "-o", tmp_path / "b", "--sparsity", "1%", "--layers", "nope"),
        "nope",
    )


def test_embeddings_are_left_alone_unless_asked_for(tmp_path: Path) -> None:
    source = builders.shared()
    path, out = written(tmp_path, source), tmp_path / "out.onnx"
    assert sparseview("prune", path, "-o", out, "--sparsity", "0.9").returncode == 0
    assert np.array_equal(tensors(onnx.load(out))["table"], tensors(source)["table"])
    ran = sparseview("prune", path, "-o", out, "--sparsity", "0.9", "--layers", "kind:embedding")
    assert ran.returncode == 0, ran.stderr
    after = tensors(onnx.load(out))
    assert np.mean(after["table"] == 0) == 0.9
    assert np.array_equal(after["w"], tensors(source)["w"])


def test_a_layer_that_cannot_have_the_format_is_listed(tmp_path: Path) -> None:
    model = builders.network()
    first = next(t for t in model.graph.initializer if t.name == "conv1.weight")
    first.CopyFrom(numpy_helper.from_array(builders.weights(16, 6, 3, 3), "conv1.weight"))
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 6
    ran = sparseview("prune", written(tmp_path, model), "-o", tmp_path / "o", "--format", "2:4")
    assert ran.returncode == 0
    assert "Left alone: 1 layer\n  conv1: " in ran.stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "target"),
        (["--sparsity", "50"], "50%"),
        (["--sparsity", "1.01"], "1.01"),
        (["--sparsity", "150%"], "150%"),
        (["--sparsity", "-0.5"], "-0.5"),
        (["--sparsity", "nan"], "nan"),
        (["--sparsity", "half"], "half"),
        (["--percentile", "101"], "101"),
        (["--threshold", "-1"], "-1"),
        (["--threshold", "inf"], "inf is no number"),
        (["--threshold", "nan"], "nan is no number"),
        (["--sparsity", "0.5", "--threshold", "0.1"], "exclude"),
        (["--sparsity", "0"], "othing"),
        (["--format", "2:4", "--sparsity", "25%"], "2:4"),
        (["--format", "2:4", "--threshold", "0.1"], "2:4"),
        (["--format", "3:5"], "3:5"),
        (["--method", "magic", "--sparsity", "0.5"], "magic"),
        (["--scope", "world", "--sparsity", "0.5"], "world"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wishes_that_make_no_sense(tmp_path: Path, options: list[str], told: str) -> None:
    path = written(tmp_path, builders.network())
    refused(sparseview("prune", path, "-o", tmp_path / "out.onnx", *options), told)
    assert [p.name for p in tmp_path.iterdir()] == ["m.onnx"]


def test_the_source_is_replaced_only_when_asked(tmp_path: Path) -> None:
    path = written(tmp_path, builders.network())
    before = path.read_bytes()
    wish = ["prune", path, "-o", path, "--sparsity", "50%"]
    refused(sparseview(*wish), "is the model itself", "--overwrite")
    assert path.read_bytes() == before
    assert sparseview(*wish, "--overwrite").returncode == 0
    assert np.mean(tensors(onnx.load(path))["fc.weight"] == 0) == 0.5
    other = written(tmp_path, builders.gemm(), "other.onnx")
    assert sparseview("prune", path, "-o", other, "--sparsity", "75%").returncode == 0
    assert np.mean(tensors(onnx.load(other))["fc.weight"] == 0) == 0.75


def test_annotate_changes_no_weight_and_mends_claims(tmp_path: Path) -> None:
    source = builders.network(declared={"conv1": (0.9, "2:4")})
    path, out = written(tmp_path, source), tmp_path / "out.onnx"
    ran = sparseview("annotate", path, "-o", out)
    assert ran.returncode == 0 and "1 false claim" in ran.stdout
    made = onnx.load(out)
    before, after = tensors(source), tensors(made)
    assert all(after[name].tobytes() == before[name].tobytes() for name in before)
    conv = made.graph.node[0]
    assert onnx.helper.get_node_attr_value(conv, "__sparsity") == 0.0
    assert onnx.helper.get_node_attr_value(conv, "__sparsity_format") == b"dense"
    again = tmp_path / "again.onnx"
    assert sparseview("annotate", out, "-o", again).returncode == 0
    assert again.read_bytes() == out.read_bytes()
    assert np.array_equal(outputs(out.read_bytes()), outputs(path.read_bytes()))
