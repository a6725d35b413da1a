"""What people see of nodes without a name: that of the weight, or of the first output."""

from __future__ import annotations

import re
from pathlib import Path

import builders
import numpy as np
import onnx
import pytest
from cli.command import sparseview
from onnx import helper, numpy_helper
from shared_models import ALL_MODELS

import sparseview as sv
from sparseview.errors import SparseviewError
from sparseview.model.document import Model


def opened(folder: Path, *nodes: onnx.NodeProto, **weights: np.ndarray) -> Path:
    tensors = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    file = folder / "m.onnx"
    onnx.save(builders.model(nodes, tensors, x=(4, 4), y=(4, 4)), file)
    return file


def matmul(a: str, b: str, out: str, name: str = "") -> onnx.NodeProto:
    return helper.make_node("MatMul", [a, b], [out], name=name)


W = np.eye(4, dtype=np.float32)


def test_a_node_without_a_name_is_seen_by_its_weight_or_its_output(tmp_path: Path) -> None:
    file = opened(
        tmp_path,
        matmul("x", "first.weight", "a"),
        helper.make_node("Relu", ["a"], ["b"]),
        matmul("b", "shared", "c"),  # whose weight is another's too
        matmul("c", "shared", "d"),
        matmul("d", "own", "e", name="named"),
        matmul("e", "spaced", "y", name="  "),
        **dict.fromkeys(["first.weight", "shared", "own", "spaced"], W),
    )
    model = Model.open(file)
    seen = [model.title(node) for node in model.nodes]
    assert seen == ["first.weight", "b", "c", "d", "named", "spaced"]
    # What programs hold on to stays what it was.
    assert [node.layer for node in model.nodes][:2] == ["main#0", "main#1"]


def test_nodes_of_one_name_are_told_apart_by_their_place(tmp_path: Path) -> None:
    nodes = [matmul("x", "v", "a", "mm"), matmul("a", "w", "y", "mm")]
    model = Model.open(opened(tmp_path, *nodes, v=W, w=W))
    assert [model.title(node) for node in model.nodes] == ["mm #0", "mm #1"]


def test_a_title_is_never_another_nodes_name(tmp_path: Path) -> None:
    nodes = [matmul("x", "w", "a"), matmul("a", "v", "y", name="w")]
    model = Model.open(opened(tmp_path, *nodes, v=W, w=W))
    assert [model.title(node) for node in model.nodes] == ["a", "w"]


@pytest.mark.parametrize("path", ALL_MODELS, ids=lambda path: path.name)
def test_titles_of_real_models_are_one_for_each_node(path: Path) -> None:
    try:
        model = Model.open(path)
    except SparseviewError:
        pytest.skip("is no model on purpose")
    titles = [model.title(node) for node in model.nodes]
    assert len(set(titles)) == len(titles)


def test_tables_queries_and_levels_go_by_what_is_seen(tmp_path: Path) -> None:
    dense = np.arange(1, 17, dtype=np.float32).reshape(4, 4)
    file = opened(tmp_path, matmul("x", "stem.weight", "a"), matmul("a", "v", "y"),
                  **{"stem.weight": dense, "v": dense})  # fmt: skip
    table = sparseview("report", file).stdout
    assert "stem.weight" in table
    assert not re.search(r"main#\d", table)
    assert '"layer":"main#0"' in sparseview("report", file, "--as", "json").stdout.replace(" ", "")
    session = sv.open(file)
    assert session.select('"stem.weight"') == session.select('"main#0"') != ()
    levels = tmp_path / "levels.csv"
    levels.write_text("stem.weight,25%\nmain#1,50%\n")
    out = tmp_path / "out.onnx"
    pruned = sparseview("prune", file, "-o", out, "--budget", levels).stdout
    assert not re.search(r"main#\d", pruned)
    done = sv.open(out)
    done.measure()
    assert [row.zeros for row in done.weights] == [4, 8]
