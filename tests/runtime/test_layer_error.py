"""Layer errors against the products written out, streamed and from Gram matrices."""

from __future__ import annotations

from pathlib import Path

import builders
import numpy as np
from builders import model, weights
from fed_network import halved
from onnx import helper
from onnx import numpy_helper as nh
from onnx.reference import ReferenceEvaluator
from probing import opened, samples
from test_taps import random

from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.model.overlay import Overlay
from sparseview.pruning.effect import relative_error
from sparseview.pruning.tensor import values
from sparseview.runtime.calibration import Statistics, calibrate
from sparseview.runtime.data import Samples
from sparseview.runtime.evaluation import LayerRow, evaluate
from sparseview.runtime.layer_error import errors_between, matrix, parted


def layers(before: Model, after: Model, data: Samples) -> dict[str, LayerRow]:
    """What `eval` tells of the layers that differ, by name."""
    beside = evaluate(after, data, before).baseline
    assert beside is not None
    assert beside.unchanged + len(beside.layers) == len(before.weights)
    return {row.layer: row for row in beside.layers}


def test_the_error_of_a_grouped_conv_is_that_of_its_output(tmp_path: Path) -> None:
    node = helper.make_node(
        "Conv", ["x", "w"], ["y"], "c", group=2, pads=[1, 0, 1, 2], strides=[2, 1]
    )
    kernel = weights(6, 2, 3, 3, sparsity=0)
    proto = model([node], [nh.from_array(kernel, "w")], x=("N", 4, 7, 6))
    before = opened(proto, tmp_path)
    after = halved(before)
    x = random(5, 4, 7, 6)
    found = layers(before, after, samples(before, x=x))["c"].error
    (dense,) = ReferenceEvaluator(proto).run(None, {"x": x})
    kernel = kernel.copy()
    kernel.reshape(-1)[::2] = 0
    proto.graph.initializer[0].CopyFrom(nh.from_array(kernel, "w"))
    (sparse,) = ReferenceEvaluator(proto).run(None, {"x": x})
    wanted = np.linalg.norm(dense - sparse) / np.linalg.norm(dense)
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
    statistics = calibrate(before, before.weights, samples(before, x=x), gram=True)[0]
    assert isinstance(statistics, Statistics) and statistics.gram is not None
    (weight,) = before.weights
    w, v = (values(each, weight)[1] for each in (before, after))
    again = relative_error(w, v, statistics)
    np.testing.assert_allclose(again, wanted, rtol=1e-5)


def test_inputs_are_those_of_the_reference_and_unchanged_layers_have_no_error(
    tmp_path: Path,
) -> None:
    before = opened(builders.matmul(), tmp_path)
    first, second = before.weights
    both = halved(before)
    only = before.with_overlay(Overlay({second.constant.key: both.overlay[second.constant.key]}))
    x = random(9, 32)
    errors = layers(before, both, samples(before, x=x))
    alone = layers(before, only, samples(before, x=x))
    first_, second_ = (before.nodes[weight.node].layer for weight in (first, second))
    assert list(alone) == [second_] and errors[first_].error
    assert alone[second_] == errors[second_]
    h = x @ tensors.read(before, first.constant)
    w, v = (tensors.read(each, second.constant) for each in (before, both))
    wanted = np.linalg.norm(h @ (w - v)) / np.linalg.norm(h @ w)
    np.testing.assert_allclose(errors[second_].error, wanted, rtol=1e-5)


def test_little_memory_changes_no_error(tmp_path: Path) -> None:
    before = opened(builders.matmul(), tmp_path)
    data = samples(before, x=random(9, 32))
    after = halved(before)
    pairs = {w.id: (matrix(before, w), matrix(after, w)) for w in before.weights}
    whole = errors_between(before, before.weights, pairs, data)
    small = errors_between(before, before.weights, pairs, data, memory=40 << 20)
    assert whole == small and all(isinstance(each, float) for each in whole.values())
    assert [len(lot) for lot in parted(before.weights, 1)] == [1, 1]


def test_codes_are_decoded(tmp_path: Path) -> None:
    before = opened(builders.qdq(), tmp_path)
    (weight,) = before.weights
    codes = tensors.read(before, weight.constant).astype(np.float32)
    np.testing.assert_allclose(
        matrix(before, weight)[0], (codes - 128) * np.float32(0.1), rtol=1e-6
    )
    after, x = halved(before), random(5, 32)
    (row,) = layers(before, after, samples(before, x=x)).values()
    w, v = (matrix(each, weight)[0] for each in (before, after))
    wanted = np.linalg.norm(x @ (w - v).T) / np.linalg.norm(x @ w.T)
    assert row.error is not None
    np.testing.assert_allclose(row.error, wanted, rtol=1e-2)  # what comes in is rounded to codes


def test_what_cannot_be_told_says_why(tmp_path: Path) -> None:
    before = opened(builders.subgraph_if(), tmp_path)
    found = layers(before, halved(before), samples(before, x=random(5, 32)))
    assert {name: row.why for name, row in found.items()} == {
        "then_matmul": None, "deep_then_matmul": None,
        "else_matmul": "no sample reaches it", "deep_else_matmul": "no sample reaches it",
    }  # fmt: skip
    assert all((row.error is None) == (row.why is not None) for row in found.values())
    zeros = layers(before, halved(before), samples(before, x=np.zeros((3, 32), np.float32)))
    told = {row.why for row in zeros.values() if row.error is None}
    assert "it gives nothing but zeros on these samples" in told
