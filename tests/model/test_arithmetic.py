"""Scales and zero points that are written out as Mul, Div and Sub by small constants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from layers import model_of, saved, tensor
from onnx import NodeProto, TensorProto, helper
from onnx import numpy_helper as nh
from onnx.reference import ReferenceEvaluator

import sparseview as sv

RANDOM = np.random.default_rng(7)
W = RANDOM.standard_normal((16, 6)).astype(np.float32)
W[RANDOM.random(W.shape) < 0.4] = 0
COLUMN = (RANDOM.random((16, 1)) * 4 + 0.1).astype(np.float32)
node = helper.make_node
CASES: dict[str, tuple[list[NodeProto], np.ndarray, np.ndarray]] = {
    "Mul": ([node("Mul", ["w", "s"], ["t"])], COLUMN, W * COLUMN),
    "Mul from the other side": ([node("Mul", ["s", "w"], ["t"])], COLUMN, W * COLUMN),
    "Div": ([node("Div", ["w", "s"], ["t"])], COLUMN, W / COLUMN),
    "a scalar": ([node("Mul", ["w", "s"], ["t"])], np.float32(-2), W * -2),
    "behind Transpose": (
        [node("Transpose", ["w"], ["u"]), node("Mul", ["u", "s"], ["v"]),
         node("Transpose", ["v"], ["t"])],
        COLUMN.T.copy(), W * COLUMN,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_scaled_weight_is_ranked_by_what_the_operator_reads(case: str, tmp_path: Path) -> None:
    nodes, scale, real = CASES[case]
    nodes = [*nodes, node("MatMul", ["x", "t"], ["y"], "m")]
    path = saved(model_of(nodes, {"w": W, "s": scale}), tmp_path)
    session = sv.open(path)
    (row,) = session.report().weights
    assert (row.tensor, row.zeros, row.axes.in_) == ("w", int((W == 0).sum()), (0,))
    session.prune("m", sparsity=0.7)
    session.save(tmp_path / "out.onnx")
    after = onnx.load(tmp_path / "out.onnx")
    found = next(nh.to_array(t) for t in after.graph.initializer if t.name == "w")
    order = np.lexsort((-np.arange(W.size), np.abs(real).reshape(-1)))[: round(0.7 * W.size)]
    wanted = W.copy()
    wanted.reshape(-1)[order] = 0
    assert np.array_equal(found, wanted)
    x = RANDOM.standard_normal((3, 16)).astype(np.float32)
    (result,) = ReferenceEvaluator(after).run(None, {"x": x})
    assert np.allclose(result, x @ np.where(wanted != 0, real, 0), atol=1e-4)


@pytest.mark.parametrize("points", [np.float32(8), np.arange(3, 9, dtype=np.float32)])
def test_codes_that_are_shifted_and_scaled(points: np.ndarray, tmp_path: Path) -> None:
    codes = RANDOM.integers(0, 16, (16, 6)).astype(np.uint8)
    nodes = [
        node("Cast", ["w"], ["f"], to=TensorProto.FLOAT),
        node("Sub", ["f", "z"], ["c"]),
        node("Mul", ["c", "s"], ["t"]),
        node("MatMul", ["x", "t"], ["y"], "m"),
    ]
    constants = [tensor("w", codes), tensor("z", points), tensor("s", COLUMN)]
    session = sv.open(saved(model_of(nodes, constants), tmp_path))
    (row,) = session.report().weights
    assert row.zeros == int((codes == points).sum())
    session.prune("m", format="2:4")
    session.save(tmp_path / "out.onnx")
    after = onnx.load(tmp_path / "out.onnx")
    found = next(nh.to_array(t) for t in after.graph.initializer if t.name == "w")
    real = np.abs((codes - points) * COLUMN).reshape(4, 4, 6)
    spread = np.broadcast_to(points, codes.shape).astype(np.uint8)
    for group in np.ndindex(4, 6):
        old, new = (a.reshape(4, 4, 6)[group[0], :, group[1]] for a in (codes, found))
        zero = spread.reshape(4, 4, 6)[group[0], :, group[1]]
        sizes = real[group[0], :, group[1]]
        kept = np.lexsort((np.arange(4), -sizes))[:2]
        wanted = zero.copy()
        wanted[kept] = old[kept]
        assert np.array_equal(new, wanted)


@pytest.mark.parametrize(
    ("op", "constants"),
    [
        ("Mul", {"w": W, "s": np.where(W[:1] > 0, 1, 0).astype(np.float32)}),
        ("Mul", {"w": W, "s": np.float32(np.inf)}),
        ("Mul", {"w": W, "s": np.ones((2, 16, 1), np.float32)}),
        ("Mul", {"w": W, "s": np.ones((16, 6), np.float32)}),
        ("Sub", {"w": W, "s": np.float32(1)}),
    ],
    ids=["a mask", "infinite", "another shape", "as large", "floats shifted"],
)
def test_what_moves_zeros_is_told_and_not_measured(
    op: str, constants: dict[str, Any], tmp_path: Path
) -> None:
    nodes = [node(op, ["w", "s"], ["t"]), node("MatMul", ["x", "t"], ["y"], "m")]
    report = sv.open(saved(model_of(nodes, constants), tmp_path)).report()
    assert report.weights == ()
    assert report.not_measured[0].why.startswith(f"computed by {op} from w")
