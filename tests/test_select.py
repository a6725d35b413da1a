"""What a query makes a session measure: the weights that its other terms leave, and no more."""

from __future__ import annotations

import json
from pathlib import Path

import builders
import numpy as np
import onnx
import pytest
from onnx import numpy_helper

import sparseview as sv
from sparseview.session import Session


def opened(folder: Path, model: onnx.ModelProto) -> Session:
    path = folder / "m.onnx"
    path.write_bytes(model.SerializeToString())
    return sv.open(path)


def known(session: Session) -> tuple[int, ...]:
    return tuple(row.id for row in session.weights if row.measured)


@pytest.mark.parametrize(
    ("query", "found", "measured"),
    [
        ("op:Conv", (0, 1), ()),
        ("params>1k", (0, 2), ()),
        ("-sparsity_head", (0, 1, 2), ()),  # a name
        ("op:Conv sparsity<50%", (0, 1), (0, 1)),
        ("sparsity<50% fc", (2,), (2,)),
        ("-fc -format:nm", (0, 1), (0, 1)),
        ("params>1G SPARSITY>=0", (), ()),
        ("declared:any", (1,), ()),
        ("declared:wrong", (1,), (0, 1, 2)),
        ("conv1 declared:wrong", (), (0,)),
    ],
)
def test_a_query_measures_what_it_asks_about(
    tmp_path: Path, query: str, found: tuple[int, ...], measured: tuple[int, ...]
) -> None:
    declared = {"conv2": (0.9, "unstructured")}
    session = opened(tmp_path, builders.network(declared=declared))
    assert session.select(query) == found
    assert known(session) == measured


@pytest.mark.parametrize("query", ["declared:wrong params<20", "params<20"])
def test_a_claim_about_two_weights_is_held_against_both(tmp_path: Path, query: str) -> None:
    """Also where one of them is asked for."""
    node = onnx.helper.make_node("RNN", ["x", "w", "r"], ["y"], "rnn", hidden_size=4)
    node.attribute.append(onnx.helper.make_attribute("__sparsity", 0.0))
    tensors = [
        numpy_helper.from_array(np.zeros((1, 4, 16), np.float32), "w"),
        numpy_helper.from_array(np.ones((1, 4, 4), np.float32), "r"),
    ]
    proto = builders.model([node], tensors, x=(5, 1, 16), y=(5, 1, 1, 4))
    session = opened(tmp_path, proto)
    assert session.select(query) == (1,)
    (row,) = json.loads(session.report((1,)).to_json())["weights"]
    assert (row["tensor"], row["agrees"]) == ("r", False)
    assert "80.00 % were measured" in session.row(1).disagreements[0]
    assert opened(tmp_path, proto).report((1,)).to_json() == session.report((1,)).to_json()
