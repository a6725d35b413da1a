"""Layer errors against the products written out, streamed and from Gram matrices."""

from __future__ import annotations

from pathlib import Path

import builders
import numpy as np
from builders import model, weights
from onnx import helper
from onnx import numpy_helper as nh
from onnx.reference import ReferenceEvaluator
from probing import opened, samples
from test_taps import random

from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.model.overlay import Overlay
from sparseview.runtime.calibration import Statistics, calibrate
from sparseview.runtime.layer_error import layer_errors, matrix, parted, relative_error
from sparseview.runtime.statistics import Unreachable


def halved(before: Model) -> Model:
    """Every second element of every weight is zero."""
    entries = {}
    for weight in before.weights:
        array = np.array(tensors.read(before, weight.constant))
        array.reshape(-1)[::2] = 0
        entries[weight.constant.key] = array
    return before.with_overlay(Overlay(entries))


def test_the_error_of_a_grouped_conv_is_that_of_its_output(tmp_path: Path) -> None:
    node = helper.make_node(
        "Conv", ["x", "w"], ["y"], "c", group=2, pads=[1, 0, 1, 2], strides=[2, 1]
    )
    kernel = weights(6, 2, 3, 3, sparsity=0)
    proto = model([node], [nh.from_array(kernel, "w")], x=("N", 4, 7, 6))
    before = opened(proto, tmp_path)
    after = halved(before)
    x = random(5, 4, 7, 6)
    found = layer_errors(before, after, before.weights, samples(before, x=x))[0]
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
    again = relative_error(matrix(before, weight), matrix(after, weight), statistics.gram)
    np.testing.assert_allclose(again, wanted, rtol=1e-5)


def test_inputs_are_those_of_the_reference_and_unchanged_layers_have_no_error(
    tmp_path: Path,
) -> None:
    before = opened(builders.matmul(), tmp_path)
    first, second = before.weights
    both = halved(before)
    only = before.with_overlay(Overlay({second.constant.key: both.overlay[second.constant.key]}))
    x = random(9, 32)
    errors = layer_errors(before, both, before.weights, samples(before, x=x))
    alone = layer_errors(before, only, before.weights, samples(before, x=x))
    assert alone[first.id] == 0 and errors[first.id] > 0
    assert alone[second.id] == errors[second.id]
    h = x @ tensors.read(before, first.constant)
    w, v = (tensors.read(each, second.constant) for each in (before, both))
    wanted = np.linalg.norm(h @ (w - v)) / np.linalg.norm(h @ w)
    np.testing.assert_allclose(errors[second.id], wanted, rtol=1e-5)


def test_little_memory_changes_no_error(tmp_path: Path) -> None:
    before = opened(builders.matmul(), tmp_path)
    data = samples(before, x=random(9, 32))
    whole = layer_errors(before, halved(before), before.weights, data)
    small = layer_errors(before, halved(before), before.weights, data, memory=40 << 20)
    assert whole == small
    assert [len(lot) for lot in parted(before.weights, 1)] == [1, 1]


def test_codes_are_decoded(tmp_path: Path) -> None:
    before = opened(builders.qdq(), tmp_path)
    (weight,) = before.weights
    codes = tensors.read(before, weight.constant).astype(np.float32)
    np.testing.assert_allclose(
        matrix(before, weight)[0], (codes - 128) * np.float32(0.1), rtol=1e-6
    )
    found = layer_errors(before, halved(before), before.weights, samples(before, x=random(5, 32)))
    assert isinstance(found[0], float) and found[0] > 0


def test_what_cannot_be_told_says_why(tmp_path: Path) -> None:
    before = opened(builders.subgraph_if(), tmp_path)
    found = layer_errors(before, halved(before), before.weights, samples(before, x=random(5, 32)))
    told = {before.weights[i].constant.name: each for i, each in found.items()}
    assert told["else_w"] == Unreachable("no sample reaches it")
    assert isinstance(told["then_w"], float)
    zeros = layer_errors(
        before, halved(before), before.weights, samples(before, x=np.zeros((3, 32), np.float32))
    )
    assert Unreachable("it gives nothing but zeros on these samples") in zeros.values()
