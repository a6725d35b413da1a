"""Calibration as a whole: passes within memory, cancelling, sharing, data that leads nowhere."""

from __future__ import annotations

import threading
from pathlib import Path

import builders
import numpy as np
import pytest
from builders import model, value, weights
from onnx import ModelProto, helper
from onnx import numpy_helper as nh
from probing import holds, opened, samples
from test_taps import random

from sparseview.errors import SparseviewError
from sparseview.progress import Cancelled, Progress
from sparseview.runtime.calibration import (
    Statistics,
    Unreachable,
    calibrate,
    foresee,
    foresee_lots,
    stream,
)
from sparseview.runtime.drift import drift
from sparseview.runtime.passes import look


def deep(layers: int = 6, width: int = 48) -> ModelProto:
    """A chain of MatMuls with a Relu behind each."""
    nodes, tensors = [], []
    for i in range(layers):
        nodes += [
            helper.make_node("MatMul", [f"h{i}" if i else "x", f"w{i}"], [f"p{i}"], f"m{i}"),
            helper.make_node("Relu", [f"p{i}"], [f"h{i + 1}" if i + 1 < layers else "y"]),
        ]
        tensors.append(nh.from_array(weights(width, width, seed=i), f"w{i}"))
    return model(nodes, tensors, x=("N", width), y=("N", width))


def expected(proto: ModelProto, x: np.ndarray) -> list[np.ndarray]:
    found, h = [], x.astype(np.float64)
    for tensor in proto.graph.initializer:
        found.append(h)
        h = np.maximum(h @ nh.to_array(tensor), 0)
    return found


def test_passes_within_memory_give_the_same_sums(tmp_path: Path) -> None:
    proto = deep()
    opened_model = opened(proto, tmp_path)
    x = random(50, 48)
    data = samples(opened_model, x=x)
    whole = foresee(opened_model, opened_model.weights, data, gram=True)
    assert whole.passes == 1
    one_layer = foresee(opened_model, opened_model.weights[:1], data, gram=True).bytes
    small = foresee(
        opened_model, opened_model.weights, data, gram=True, memory=one_layer + (1 << 19)
    )
    assert small.passes > 1 and small.bytes <= one_layer + (1 << 19) < whole.bytes
    steps: list[tuple[int, int, str]] = []
    found = calibrate(
        opened_model,
        opened_model.weights,
        data,
        gram=True,
        foreseen=small,
        progress=Progress(lambda *step: steps.append(step)),
    )
    for weight, rows in zip(opened_model.weights, expected(proto, x), strict=True):
        holds(found[weight.id], [rows])
    assert steps[-1][0] == steps[-1][1] == 50 * small.passes
    assert [s[0] for s in steps] == sorted(s[0] for s in steps)
    assert steps[0][2] == f"Calibrating, pass 1 of {small.passes}"


def test_too_little_memory_for_one_layer_is_refused_with_sizes(tmp_path: Path) -> None:
    opened_model = opened(deep(2), tmp_path)
    with pytest.raises(SparseviewError, match=r"Layer .m0. alone takes .* MB, and") as refused:
        calibrate(
            opened_model, opened_model.weights, samples(opened_model, x=random(3, 48)),
            gram=True, memory=1000,
        )  # fmt: skip
    assert refused.value.code == "memory"


def test_a_stream_gives_every_weight_once_in_the_order_of_the_run(tmp_path: Path) -> None:
    opened_model = opened(deep(3), tmp_path)
    given = stream(
        opened_model, opened_model.weights, samples(opened_model, x=random(4, 48)), gram=False
    )
    assert [weight for weight, _ in given] == [w.id for w in opened_model.weights]


def test_only_what_was_asked_for_is_run_and_found(tmp_path: Path) -> None:
    opened_model = opened(deep(4), tmp_path)
    second = opened_model.weights[1]
    found = calibrate(opened_model, [second], samples(opened_model, x=random(4, 48)), gram=False)
    (statistics,) = found.values()
    assert isinstance(statistics, Statistics) and statistics.gram is None and statistics.rows == 4


def test_weights_that_read_one_input_share_statistics(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "q"], ["a"], "q"),
        helper.make_node("MatMul", ["x", "k"], ["b"], "k"),
        helper.make_node("Gemm", ["x", "v"], ["c"], "v", transB=1),
        helper.make_node("Sum", ["a", "b", "c"], ["y"]),
    ]
    tensors = [nh.from_array(weights(8, 8, seed=i), name) for i, name in enumerate("qkv")]
    opened_model = opened(model(nodes, tensors, x=("N", 8)), tmp_path)
    found = calibrate(
        opened_model, opened_model.weights, samples(opened_model, x=random(4, 8)), gram=True
    )
    q, k, v = (found[w.id] for w in opened_model.weights)
    assert isinstance(q, Statistics) and isinstance(k, Statistics) and isinstance(v, Statistics)
    assert q.gram is k.gram is v.gram


@pytest.mark.parametrize("at", [0, 1, 3, 8])
def test_a_cancelled_run_leaves_nothing(at: int, tmp_path: Path) -> None:
    opened_model = opened(deep(), tmp_path)
    data = samples(opened_model, x=random(400, 48))
    before = {thread.ident for thread in threading.enumerate()}
    files = sorted(tmp_path.rglob("*"))
    progress = Progress(lambda done, total, label: counted())
    count = 0

    def counted() -> None:
        nonlocal count
        count += 1
        if count > at:
            progress.cancel()

    with pytest.raises(Cancelled):
        calibrate(opened_model, opened_model.weights, data, gram=True, progress=progress)
    assert {thread.ident for thread in threading.enumerate()} <= before
    assert sorted(tmp_path.rglob("*")) == files
    again = calibrate(opened_model, opened_model.weights, data, gram=False)
    assert all(isinstance(each, Statistics) for each in again.values())


def test_a_fixed_batch_counts_no_sample_twice(tmp_path: Path) -> None:
    node = helper.make_node("MatMul", ["h", "w"], ["y"], "m")
    relu = helper.make_node("Relu", ["x"], ["h"])
    proto = model([relu, node], [nh.from_array(weights(6, 4), "w")], x=(4, 6), y=(4, 4))
    opened_model = opened(proto, tmp_path)
    x = random(11, 6)
    found = calibrate(opened_model, opened_model.weights, samples(opened_model, x=x), gram=True)
    holds(found[0], [np.maximum(x, 0)])


def test_one_sample_is_enough_to_calibrate(tmp_path: Path) -> None:
    opened_model = opened(deep(2), tmp_path)
    found = calibrate(
        opened_model, opened_model.weights, samples(opened_model, x=random(1, 48)), gram=True
    )
    assert [each.rows for each in found.values()] == [1, 1]


def test_nan_that_the_model_makes_is_told_for_the_layers_behind_it(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"], "fine"),
        helper.make_node("Log", ["a"], ["b"]),
        helper.make_node("MatMul", ["b", "v"], ["y"], "broken"),
    ]
    tensors = [nh.from_array(weights(6, 4), "w"), nh.from_array(weights(4, 3), "v")]
    opened_model = opened(model(nodes, tensors, x=("N", 6)), tmp_path)
    found = calibrate(
        opened_model, opened_model.weights, samples(opened_model, x=random(9, 6)), gram=True
    )
    assert isinstance(found[0], Statistics)
    assert found[1] == Unreachable("its input holds NaN or infinities on these samples")


def test_tables_and_what_nobody_reads_as_rows_are_told(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Gather", ["table", "x"], ["e"], "embed"),
        helper.make_node("MatMul", ["e", "w"], ["y"], "m"),
    ]
    tensors = [nh.from_array(weights(10, 6), "table"), nh.from_array(weights(6, 4), "w")]
    proto = model(nodes, tensors)
    del proto.graph.input[:]
    proto.graph.input.append(value("x", "N", 3, dtype=7))
    proto.graph.output[0].type.tensor_type.ClearField("shape")
    opened_model = opened(proto, tmp_path)
    ids = np.random.default_rng(0).integers(0, 10, (5, 3))
    found = calibrate(opened_model, opened_model.weights, samples(opened_model, x=ids), gram=True)
    told = [each for each in found.values() if isinstance(each, Unreachable)]
    assert len(told) == 1 and "table" in told[0].reason
    assert sorted(each.rows for each in found.values() if isinstance(each, Statistics)) == [15]


@pytest.mark.parametrize("axis", [0, 1])
def test_each_part_of_a_joined_weight_sees_its_own_columns(axis: int, tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Concat", ["one", "two"], ["w"], axis=axis),
        helper.make_node("MatMul", ["x", "w"], ["y"], "m"),
    ]
    shapes = [(4, 3), (2, 3)] if axis == 0 else [(6, 3), (6, 5)]
    tensors = [
        nh.from_array(weights(*shape), name)
        for shape, name in zip(shapes, ("one", "two"), strict=True)
    ]
    opened_model = opened(model(nodes, tensors, x=("N", 6)), tmp_path)
    x = random(5, 6)
    data = samples(opened_model, x=x)
    one, two = calibrate(opened_model, opened_model.weights, data, gram=True).values()
    holds(one, [x[:, :4] if axis == 0 else x])
    holds(two, [x[:, 4:] if axis == 0 else x])


def test_directions_of_an_lstm_joined_by_a_concat(tmp_path: Path) -> None:
    inputs = ["x", "w", "r"]
    node = helper.make_node(
        "LSTM", inputs, ["", "y"], "l", hidden_size=2, direction="bidirectional"
    )
    joined = helper.make_node("Concat", ["forward", "back"], ["r"], axis=0)
    tensors = [
        nh.from_array(random(2, 8, 3, seed=1), "w"),
        nh.from_array(random(1, 8, 2, seed=2), "forward"),
        nh.from_array(random(1, 8, 2, seed=3), "back"),
    ]
    apart = opened(model([joined, node], tensors, x=(5, 2, 3)), tmp_path)
    data = samples(apart, x=random(4, 5, 2, 3))
    found = calibrate(apart, apart.weights, data, gram=True)
    named = {w.constant.name: found[w.id] for w in apart.weights}
    both = np.concatenate([nh.to_array(t) for t in tensors[1:]])
    whole = opened(model([node], [tensors[0], nh.from_array(both, "r")], x=(5, 2, 3)), tmp_path)
    reference = calibrate(whole, whole.weights, data, gram=True)[1]
    assert isinstance(reference, Statistics) and len(reference.norm2) == 8
    for name, place in (("forward", slice(0, 4)), ("back", slice(4, 8))):
        part = named[name]
        assert isinstance(part, Statistics), part
        np.testing.assert_array_equal(part.gram, reference.gram[place])
    assert not np.array_equal(reference.gram[:4], reference.gram[4:])


def test_a_model_that_takes_one_sample_only_is_given_one_at_a_time(tmp_path: Path) -> None:
    # Says that N is free, and adds a row for one sample.
    nodes = [
        helper.make_node("Reshape", ["x", "shape"], ["h"]),
        helper.make_node("MatMul", ["h", "w"], ["y"], "m"),
    ]
    tensors = [nh.from_array(np.array([1, 6]), "shape"), nh.from_array(weights(6, 4), "w")]
    opened_model = opened(model(nodes, tensors, x=("N", 6), y=("N", 4)), tmp_path)
    x = random(5, 6)
    data = samples(opened_model, x=x)
    holds(calibrate(opened_model, opened_model.weights, data, gram=True)[0], [x])
    assert drift(opened_model, opened_model, data).samples == 5


def test_no_samples_are_refused(tmp_path: Path) -> None:
    opened_model = opened(deep(1), tmp_path)
    data = samples(opened_model, x=random(1, 48))
    _, held_out = data.split(0.5)
    with pytest.raises(SparseviewError, match="no samples"):
        calibrate(opened_model, opened_model.weights, held_out, gram=True)


def test_half_floats_are_summed_in_wider_ones(tmp_path: Path) -> None:
    opened_model = opened(builders.float16(), tmp_path)
    x = (300 * random(40, 32)).astype(np.float16)
    found = calibrate(opened_model, opened_model.weights, samples(opened_model, x=x), gram=True)[0]
    assert isinstance(found, Statistics)
    wide = x.astype(np.float64)
    np.testing.assert_allclose(found.norm2[0], (wide * wide).sum(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.gram[0], wide.T @ wide, rtol=1e-3, atol=10)


def test_what_several_passes_see_counts_in_each_of_them(tmp_path: Path) -> None:
    """Two Convs of one picture: whichever pass they are in, the run shows it."""
    nodes = [
        helper.make_node("Relu", ["x"], ["h"]),
        helper.make_node("Conv", ["h", "one"], ["a"], "one"),
        helper.make_node("Conv", ["h", "two"], ["y"], "two"),
    ]
    tensors = [nh.from_array(weights(3, 4, k, k), n) for n, k in (("one", 1), ("two", 2))]
    proto = model(nodes, tensors, x=("N", 4, 200, 200), y=("N", 3, 199, 199))
    pictures = opened(proto, tmp_path)
    data = samples(pictures, x=random(1, 4, 200, 200))
    alone = [foresee(pictures, [w], data, gram=True).bytes for w in pictures.weights]
    both = foresee(pictures, pictures.weights, data, gram=True, memory=max(alone))
    assert both.passes == 2 and both.bytes == max(alone)


def test_of_weights_that_share_an_input_one_is_seen_without_the_others(tmp_path: Path) -> None:
    nodes = [helper.make_node("MatMul", ["x", n], [o], n) for n, o in (("q", "y"), ("k", "z"))]
    tensors = [nh.from_array(weights(8, 8, seed=i), name) for i, name in enumerate("qk")]
    both = opened(model(nodes, tensors, x=("N", 8)), tmp_path)
    x = random(4, 8)
    data = samples(both, x=x)
    found = look(both, both.weights, data)
    for weight in both.weights:
        (told,) = foresee_lots(found, [[weight]], data, gram=True)
        assert [weight.id in site.weights for site in told.sites.sites] == [True]
        seen = calibrate(both, [weight], data, gram=True, foreseen=told)
        holds(seen[weight.id], [x])
