"""Every operator that the project knows weights of is calibrated, or is a table, and says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import model, weights
from onnx import TensorProto, helper
from onnx import numpy_helper as nh
from probing import opened, samples
from test_taps import random

from sparseview.model.operators import OPERATORS
from sparseview.model.operators.row import Row
from sparseview.runtime.calibration import Unreachable, calibrate
from sparseview.runtime.taps import ROWS

TABLES = {("", "Gather"), ("com.microsoft", "EmbedLayerNormalization")}


@pytest.mark.parametrize("row", OPERATORS, ids=lambda row: f"{row.domain}:{row.op_type}")
def test_what_has_weights_has_a_tap_or_is_a_table(row: Row) -> None:
    known = (row.op_type, row.domain) in ROWS
    assert known != ((row.domain, row.op_type) in TABLES)


def test_a_table_of_a_fused_embedding_says_what_it_is(tmp_path: Path) -> None:
    names = ["words", "places", "kinds", "gamma", "beta"]
    node = helper.make_node(
        "EmbedLayerNormalization", ["x", "x", *names], ["y", "m"], "e", domain="com.microsoft"
    )
    tensors = [nh.from_array(weights(8, 4, seed=i), name) for i, name in enumerate(names[:3])]
    tensors += [nh.from_array(random(4), name) for name in names[3:]]
    proto = model([node], tensors, x=("N", 3), domains=["com.microsoft"])
    proto.graph.input[0].type.tensor_type.elem_type = TensorProto.INT32
    proto.graph.output[0].type.tensor_type.ClearField("shape")
    table = opened(proto, tmp_path)
    data = samples(table, x=random(2, 3).clip(0, 1).astype("int32"))
    found = calibrate(table, table.weights, data, gram=False)
    assert len(found) == 3
    assert set(found.values()) == {
        Unreachable("it is a table that rows are picked from, not a factor of a product")
    }


# Why an Einsum's weight cannot be seen.
EINSUMS = {
    "...k,kn->...n": "its Einsum has an ellipsis",
    "bk,kn,n->bn": "its Einsum has more operands than two",
    "bkk,kn->bn": "its Einsum takes a diagonal of the input",
}


@pytest.mark.parametrize("equation", EINSUMS)
def test_an_einsum_that_is_not_turned_into_rows_says_why(equation: str, tmp_path: Path) -> None:
    inputs = ["x", "w", "v"][: equation.count(",") + 1]
    node = helper.make_node("Einsum", inputs, ["y"], "e", equation=equation)
    tensors = [nh.from_array(weights(6, 4), "w"), nh.from_array(random(4), "v")]
    x = (5, 6, 6) if "kk" in equation else (5, 6)
    proto = model([node], tensors[: len(inputs) - 1], x=x)
    refused = opened(proto, tmp_path)
    data = samples(refused, x=random(*x))
    assert calibrate(refused, refused.weights[:1], data, gram=False) == {
        0: Unreachable(EINSUMS[equation])
    }
