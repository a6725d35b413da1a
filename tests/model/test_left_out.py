"""Constants that reach an operator in a way that is not followed are told, never passed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from layers import model_of, saved
from onnx import NodeProto, TensorProto, helper

import sparseview as sv
from sparseview.model.document import Model
from sparseview.model.left_out import left_out

W = np.arange(1, 97, dtype=np.float32).reshape(12, 8)
node = helper.make_node
CASES: dict[str, tuple[list[NodeProto], dict[str, Any], str]] = {
    "slice": (
        [node("Slice", ["w", "from", "to"], ["t"]), node("MatMul", ["x", "t"], ["y"], "m")],
        {"w": W, "from": np.array([2]), "to": np.array([9])},
        "computed by Slice from w",
    ),
    "one part of a split": (
        [
            node("Split", ["w"], ["a", "b"], axis=1, num_outputs=2),
            node("Transpose", ["a"], ["t"]),
            node("Gemm", ["x", "t"], ["y"], "m", transB=1),
        ],
        {"w": W},
        "computed by Split from w",
    ),
    "rows picked": (
        [node("Gather", ["w", "rows"], ["t"]), node("MatMul", ["x", "t"], ["y"], "m")],
        {"w": W, "rows": np.array([1, 3])},
        "computed by Gather from w",
    ),
    "a sum of two": (
        [node("Add", ["w", "v"], ["t"]), node("MatMul", ["x", "t"], ["y"], "m")],
        {"w": W, "v": W},
        "computed by Add from w and 1 more constant",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_computed_from_constants_is_told(case: str, tmp_path: Path) -> None:
    nodes, constants, why = CASES[case]
    session = sv.open(saved(model_of(nodes, constants), tmp_path))
    assert not any(weight.node == len(nodes) - 1 for weight in session.model.weights)
    index = 0 if nodes[-1].input[0] == "t" else 1
    (found,) = (f for f in left_out(session.model) if session.model.nodes[f.node].layer == "m")
    assert (found.input, found.why) == (index, why)
    told = [notice.message for notice in session.model.notices if notice.code == "left-out"]
    assert len(told) == 1 and f"m: {why}" in told[0]
    (row,) = session.report().not_measured
    assert (row.layer, row.input, row.why) == ("m", index, why)
    assert b'"not_measured"' in session.report().to_json()


def test_in_a_branch_that_reads_outer_constants(tmp_path: Path) -> None:
    branch = helper.make_graph(
        [node("Add", ["w", "w"], ["t"]), node("MatMul", ["x", "t"], ["r"])],
        "branch",
        [],
        [helper.make_tensor_value_info("r", TensorProto.FLOAT, None)],
    )
    choose = node("If", ["c"], ["y"], "choose", then_branch=branch, else_branch=branch)
    model = model_of([choose], {"w": W, "c": np.array(True)})
    found = left_out(Model.open(saved(model, tmp_path)))
    assert [one.why for one in found] == ["computed by Add from w"] * 2


def test_an_unknown_operator_with_a_large_constant(tmp_path: Path) -> None:
    nodes = [
        node("Magic", ["x", "w"], ["h"], "m", domain="my.own"),
        node("Magic", ["h", "small"], ["y"], domain="my.own"),
    ]
    model = model_of(nodes, {"w": np.ones((32, 64), np.float32), "small": W})
    (found,) = left_out(Model.open(saved(model, tmp_path)))
    assert found.why == "how Magic (my.own) reads w is not known"


def test_what_is_no_weight_is_not_told(tmp_path: Path) -> None:
    nodes = [
        node("MatMul", ["x", "w"], ["h"]),
        node("Add", ["b", "b"], ["b2"]),
        node("Add", ["h", "b2"], ["i"]),
        node("Transpose", ["x"], ["xt"]),
        node("MatMul", ["xt", "i"], ["y"]),
    ]
    session = sv.open(saved(model_of(nodes, {"w": W, "b": np.ones(8, np.float32)}), tmp_path))
    assert left_out(session.model) == ()
    assert b"not_measured" not in session.report().to_json()
    assert "left-out" not in [notice.code for notice in session.model.notices]
