"""assets/demo.onnx as committed: formats, claims and accuracy, by brute force on the file."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import checks
import numpy as np
import onnx
import pytest
from onnx import numpy_helper

ASSETS = Path(__file__).resolve().parents[1] / "assets"
DEMO = ASSETS / "demo.onnx"

# Layer -> (format, fraction of zeros) by measure.
TRUTH = {
    "/stem/conv/Conv": ("dense", 0),
    "/block1/conv1/Conv": ("unstructured", 0.50),
    "/block1/conv2/Conv": ("2:4", 0.50),
    "/block2/down/Conv": ("unstructured", 0.30),
    "/block2/conv1/Conv": ("2:4", 0.50),
    "/block2/conv2/Conv": ("bsr:4x4", 0.60),
    "/block3/expand/Conv": ("bsr:8x8", 0.50),
    "/block3/depthwise/Conv": ("dense", 0),
    "/block3/project/Conv": ("unstructured", 0.4985),
    "/head/fc1/Gemm": ("channel:out", 0.50),
    "/head/fc2/MatMul": ("unstructured", 0.95),
    "/head/fc3/Gemm": ("unstructured", 0.80),
    "/head/out/MatMul": ("dense", 0),
}
WRONG = "/block3/project/Conv"


@pytest.fixture(scope="module")
def model() -> onnx.ModelProto:
    return onnx.load(DEMO)


@pytest.fixture(scope="module")
def layers(model) -> dict[str, tuple[onnx.NodeProto, np.ndarray]]:
    """Each layer's node and its non-zeros as [stack, out, kernel, in]."""
    stored = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    found = {}
    for node in model.graph.node:
        if node.op_type not in ("Conv", "Gemm", "MatMul"):
            continue
        w = stored[node.input[1]]
        if node.op_type == "MatMul":
            w = w.T
        group = next((a.i for a in node.attribute if a.name == "group"), 1)
        logical = w.reshape(group, w.shape[0] // group, w.shape[1], -1).transpose(0, 1, 3, 2)
        found[node.name] = (node, logical != 0)
    return found


def claim(node: onnx.NodeProto) -> tuple[float, str] | None:
    facts = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    if "__sparsity" not in facts:
        return None
    return facts["__sparsity"], facts["__sparsity_format"].decode()


def test_every_kind_of_layer_is_there(layers):
    assert {name: checks.format_of(nonzero) for name, (_, nonzero) in layers.items()} == {
        name: format_ for name, (format_, _) in TRUTH.items()
    }


@pytest.mark.parametrize("name", TRUTH)
def test_the_fraction_of_zeros(layers, name):
    _, nonzero = layers[name]
    assert 1 - nonzero.mean() == pytest.approx(TRUTH[name][1], abs=0.002)


def test_the_claims_are_true_but_one(layers):
    for name, (node, nonzero) in layers.items():
        format_, _ = TRUTH[name]
        if format_ == "dense":
            assert claim(node) is None
            continue
        said = claim(node)
        assert said is not None
        if name == WRONG:
            assert said == (0.5, "2:4")
            assert checks.violating_groups(nonzero, 2, 4) == (12, nonzero.size // 4)
        else:
            assert said == (pytest.approx(1 - nonzero.mean(), abs=1e-6), format_)


def test_it_is_small_valid_and_says_what_it_is(model):
    assert DEMO.stat().st_size < 1_000_000
    assert model.ir_version == 10 and model.opset_import[0].version >= 17
    onnx.checker.check_model(model, full_check=True)
    facts = {p.key: p.value for p in model.metadata_props}
    assert f"{float(facts['accuracy']):.2%}" in model.doc_string


def test_onnx_runtime_runs_it_as_well_as_it_says(model):
    onnxruntime = pytest.importorskip("onnxruntime")
    spec = importlib.util.spec_from_file_location("glyphs", ASSETS / "demo" / "glyphs.py")
    glyphs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(glyphs)
    images, digits = glyphs.draw(500, seed=99)
    session = onnxruntime.InferenceSession(str(DEMO), providers=["CPUExecutionProvider"])
    (logits,) = session.run(None, {"image": images})
    said = next(float(p.value) for p in model.metadata_props if p.key == "accuracy")
    assert (logits.argmax(1) == digits).mean() == pytest.approx(said, abs=0.02)
