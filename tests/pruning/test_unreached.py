"""Tensors that no data reach take no part: an overall budget is spent on the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import sparseview as sv
from sparseview.session import Session

F = TensorProto.FLOAT


def branches(folder: Path, taken: bool) -> Session:
    """An If whose condition never changes, with a MatMul in each branch, and one behind it."""
    random = np.random.default_rng(8)

    def tensor(name: str) -> onnx.TensorProto:
        return numpy_helper.from_array(random.standard_normal((8, 8)).astype(np.float32), name)

    def branch(name: str) -> onnx.GraphProto:
        node = helper.make_node("MatMul", ["x", f"{name}_w"], [f"{name}_y"], name)
        out = helper.make_tensor_value_info(f"{name}_y", F, ["n", 8])
        return helper.make_graph([node], name, [], [out], [tensor(f"{name}_w")])

    condition = numpy_helper.from_array(np.array(taken))
    graph = helper.make_graph(
        [
            helper.make_node("Constant", [], ["c"], value=condition),
            helper.make_node(
                "If", ["c"], ["h"], then_branch=branch("yes"), else_branch=branch("no")
            ),
            helper.make_node("MatMul", ["h", "w"], ["y"], "last"),
        ],
        "branches",
        [helper.make_tensor_value_info("x", F, ["n", 8])],
        [helper.make_tensor_value_info("y", F, ["n", 8])],
        [tensor("w")],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(proto, folder / "branches.onnx")
    np.savez(folder / "x.npz", x=random.standard_normal((30, 8)).astype(np.float32))
    session = sv.open(folder / "branches.onnx")
    session.use_data(folder / "x.npz")
    return session


@pytest.mark.parametrize("taken", [True, False])
@pytest.mark.parametrize(
    "wish",
    [
        {"method": "wanda", "budget": "overall"},
        {"method": "wanda", "budget": "overall", "order": "one-pass"},
        {"method": "wanda", "budget": "sensitivity"},
        {"method": "reconstruction", "budget": "overall", "rounds": 1},
    ],
    ids=lambda wish: "-".join(map(str, wish.values())),
)
def test_the_whole_budget_is_spent(tmp_path: Path, taken: bool, wish: dict[str, Any]) -> None:
    session = branches(tmp_path, taken)
    edit = session.prune(sparsity=0.5, **wish)
    session.measure()
    reached, hidden = ("yes", "no") if taken else ("no", "yes")
    zeros = {row.layer: round((row.sparsity or 0) * 64) for row in session.weights}
    assert zeros[hidden] == 0 and sum(zeros.values()) == 96
    assert zeros[reached] and zeros["last"]
    (left,) = edit.step["skipped"]
    assert left["layer"] == hidden and "data cannot reach it" in left["reason"]
