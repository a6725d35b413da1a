"""The Python API as a notebook uses it: its examples, its one-liner, its pictures."""

from __future__ import annotations

import doctest
from pathlib import Path

import builders
import numpy as np
import onnx
import pytest
from layers import model_of, saved
from onnx import helper, numpy_helper

import sparseview as sv
from sparseview import editing, reading, session


def chain(folder: Path) -> Path:
    """Two Gemms without zeros, fc1 [32, 64] and fc2 [10, 32]."""
    rng = np.random.default_rng(0)
    nodes = [
        helper.make_node("Gemm", ["x", "a"], ["h"], "fc1", transB=1),
        helper.make_node("Gemm", ["h", "b"], ["y"], "fc2", transB=1),
    ]
    a, b = (rng.standard_normal(s).astype(np.float32) for s in ((32, 64), (10, 32)))
    return saved(model_of(nodes, {"a": a, "b": b}, {"x": [1, 64]}), folder)


def tensors(path: Path) -> dict[str, np.ndarray]:
    return {t.name: numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}


EXAMPLES = [
    test
    for module in (sv, session, editing, reading)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, module.__name__)
    if test.examples
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda test: test.name)
def test_the_examples_are_true(example: doctest.DocTest, tmp_path: Path) -> None:
    example.globs = {"sv": sv, "model": str(chain(tmp_path)), "out": str(tmp_path / "out.onnx")}
    told: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example, out=told.append)
    assert not told, "".join(told)


def test_there_are_examples() -> None:
    assert {test.name for test in EXAMPLES} >= {
        "sparseview.open",
        "sparseview.prune",
        "sparseview.session.Session",
        "sparseview.editing.Editing.protect",
        "sparseview.session.Session.replay",
    }


def test_one_line_prunes(tmp_path: Path) -> None:
    path, out = chain(tmp_path), tmp_path / "out.onnx"
    before = path.read_bytes()
    result = sv.prune(path, out, percentile=50)
    assert result.path == out and result.bytes == out.stat().st_size
    for name, array in tensors(out).items():
        flat = np.abs(tensors(path)[name]).reshape(-1)
        assert np.array_equal(array.reshape(-1) == 0, flat < np.sort(flat)[flat.size // 2])
    assert path.read_bytes() == before
    with pytest.raises(sv.SparseviewError, match="the model itself"):
        sv.prune(path, path, percentile=50)
    with pytest.raises(sv.SparseviewError, match="no way to prune"):
        sv.prune(path, out, sparsty=0.5)
    sv.prune(path, path, percentile=50, overwrite=True)
    assert tensors(path).keys() == tensors(out).keys()


def test_a_line_with_layers_protection_and_store(tmp_path: Path) -> None:
    path, out = chain(tmp_path), tmp_path / "out.onnx"
    sv.prune(path, out, "op:Gemm", protect="fc1", sparsity=0.9, store="onnx-sparse")
    found = onnx.load(out)
    assert [t.name for t in found.graph.initializer] == ["a"]
    assert [t.values.name for t in found.graph.sparse_initializer] == ["b"]


def test_a_line_replays_what_a_file_carries(tmp_path: Path) -> None:
    path, out, again = chain(tmp_path), tmp_path / "out.onnx", tmp_path / "again.onnx"
    sv.prune(path, out, sparsity=0.6, scope="global-rms")
    sv.prune(path, again, recipe=out)
    assert again.read_bytes() == out.read_bytes()
    with pytest.raises(sv.SparseviewError, match="excludes"):
        sv.prune(path, again, recipe=out, sparsity=0.5)


def test_a_notebook_shows_names_as_text(tmp_path: Path) -> None:
    model = builders.gemm()
    model.graph.node[0].name = "<script>alert(1)</script>"
    path = tmp_path / "<b>.onnx"
    path.write_bytes(model.SerializeToString())
    opened = sv.open(path)
    opened.measure()
    html = opened._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html and "&lt;b&gt;" in html
    assert "Gemm" in opened.weights._repr_html_()
    assert isinstance(opened.weights, tuple)
    assert repr(opened).startswith("<Session")
