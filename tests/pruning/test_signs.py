"""Scales below zero turn the sign of what codes mean: biases, layer errors and solvers heed it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from layers import saved, tensor
from onnx import TensorProto, helper

import sparseview as sv
from sparseview.model import tensors
from sparseview.session import Session

OUT, IN, BLOCK = 6, 32, 8
RNG = np.random.default_rng(3)
CODES = np.clip(np.rint(RNG.standard_normal((OUT, IN)) * 25), -128, 127).astype(np.int8)
# Per channel [OUT], and per block of 8 along the inputs [OUT, 4]; signs mixed.
SCALES = {
    "channel": np.array([0.02, -0.02, 0.03, -0.01, -0.04, 0.01], np.float32),
    "block": (RNG.choice([-1, 1], (OUT, IN // BLOCK)) * RNG.uniform(0.01, 0.03, (OUT, 4))).astype(
        np.float32
    ),
}
X = (RNG.standard_normal((300, IN)) @ RNG.standard_normal((IN, IN)) + 0.7).astype(np.float32)


def spread(kind: str) -> np.ndarray:
    """The scale of every element, [OUT, IN]."""
    scale = SCALES[kind]
    return np.repeat(scale, BLOCK, 1) if kind == "block" else np.tile(scale[:, None], (1, IN))


@pytest.fixture(params=["channel", "block"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def opened(kind: str, tmp_path: Path) -> Session:
    own: dict[str, Any] = {"axis": 1, "block_size": BLOCK} if kind == "block" else {"axis": 0}
    f = TensorProto.FLOAT
    graph = helper.make_graph(
        [
            helper.make_node("DequantizeLinear", ["w", "s"], ["v"], **own),
            helper.make_node("Gemm", ["x", "v", "b"], ["y"], "fc", transB=1),
        ],
        "signs",
        [helper.make_tensor_value_info("x", f, ["n", IN])],
        [helper.make_tensor_value_info("y", f, ["n", OUT])],
        [
            tensor("w", CODES, TensorProto.INT8),
            tensor("s", SCALES[kind]),
            tensor("b", np.linspace(-1, 1, OUT, dtype=np.float32)),
        ],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    session = sv.open(saved(proto, tmp_path))
    np.savez(tmp_path / "x.npz", x=X)
    session.use_data(tmp_path / "x.npz")
    return session


def outputs(session: Session, kind: str, x: np.ndarray) -> np.ndarray:
    """x W^T + b in numpy, from the codes that the model holds now."""
    model = session.model
    codes, bias = (tensors.read(model, model.constant(f"main/{n}")) for n in "wb")
    return x.astype(np.float64) @ (codes * spread(kind).astype(np.float64)).T + bias


@pytest.mark.parametrize("method", ["wanda", "sparsegpt", "reconstruction"])
def test_a_bias_takes_up_what_was_lost(opened: Session, kind: str, method: str) -> None:
    x = X[opened.data.calibration.chosen]
    dense = outputs(opened, kind, x)
    opened.prune(sparsity=0.6, method=method, bias="correct")
    after = outputs(opened, kind, x)
    assert np.abs(after - dense).mean() > 0.05
    assert np.allclose(after.mean(0), dense.mean(0), atol=1e-3)


@pytest.mark.parametrize("method", ["wanda", "sparsegpt", "reconstruction"])
def test_the_error_of_a_layer_is_that_of_its_outputs(
    opened: Session, kind: str, method: str
) -> None:
    x = X[opened.data.held_out.chosen]
    dense = outputs(opened, kind, x)
    wish = {"sparsity": 0.6, "method": method, "bias": "correct"}
    (row,) = opened.preview(**wish).rows
    opened.prune(**wish)
    product = dense - np.linspace(-1, 1, OUT, dtype=np.float32)
    lost = np.linalg.norm(outputs(opened, kind, x) - dense) / np.linalg.norm(product)
    assert row.layer_error == pytest.approx(lost, rel=1e-3)


def test_solving_lowers_the_error_of_the_outputs(opened: Session, kind: str) -> None:
    dense, errors = outputs(opened, kind, X), {}
    for method in ("wanda", "sparsegpt", "reconstruction"):
        opened.prune(sparsity=0.6, method=method)
        errors[method] = np.linalg.norm(outputs(opened, kind, X) - dense)
        opened.undo()
    assert errors["reconstruction"] < 0.8 * min(errors["wanda"], errors["sparsegpt"])


def test_magnitude_goes_by_the_size_alone(opened: Session, kind: str) -> None:
    opened.prune(sparsity=0.5, method="magnitude")
    size = np.abs(CODES.astype(float) * spread(kind))
    now = tensors.read(opened.model, opened.model.constant("main/w"))
    assert (now == 0).sum() == CODES.size // 2
    assert size[now == 0].max() <= size[now != 0].min()
