"""Weights hold against ONNX's reference evaluator: their values, axes and zeros, however stored."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper
from onnx import numpy_helper as nh

from sparseview.model.tensors import nonzero_mask
from sparseview.model.weights import Weight
from tests.weight_models import (
    READINGS,
    WAYS,
    Reading,
    Way,
    evaluated,
    model,
    only_weight,
    opened,
    replaced,
    small_integers,
    stored_tensor,
    what_is_read,
)

CONVS_AND_MATRICES = [r for r in READINGS if r.y_of is not None]


def axes_json(weight: Weight) -> dict[str, list[int]]:
    axes = weight.view.axes
    return {
        "stack": list(axes.stack),
        "out": list(axes.out),
        "kernel": list(axes.kernel),
        "in": list(axes.in_),
    }


def in_some_order(logical: Any) -> Any:
    return np.stack(sorted(logical, key=lambda part: part.tobytes()))


def with_unit_front(reading: Reading) -> Reading:
    """The same operator reading a first dim of size 1, which can be stored without it."""
    roles = reading.roles
    if reading.op == "Conv":
        roles = lambda w: np.moveaxis(w.reshape(1, 1, w.shape[1], -1), 2, 3)  # noqa: E731
    return replace(reading, shape=(1, *reading.shape[1:]), roles=roles)


def pairs() -> list[Any]:
    """Every reading in every way that its rank allows."""
    found = []
    for reading, way in itertools.product(READINGS, WAYS):
        if len(reading.shape) not in way.ranks:
            continue
        if way.name == "unsqueeze":
            if "group" in reading.attributes or {"batched", "transposed", "einsum"} & set(
                reading.name.split()
            ):
                continue  # a first dim of 1 is another operator there
            reading = with_unit_front(reading)
        found.append(pytest.param(reading, way, id=f"{reading.name}-{way.name}"))
    return found


@pytest.mark.parametrize(("reading", "way"), pairs())
def test_what_is_zero_and_where(reading: Reading, way: Way, tmp_path: Path) -> None:
    """The mask of non-zeros, read logically, is that of the tensor that the operator gets."""
    made = reading.model(way, np.abs(small_integers(reading.shape)))
    stored = stored_tensor(made)
    read = what_is_read(made)
    assert read.shape == reading.shape and 0 < np.count_nonzero(read) < read.size

    file = opened(made, tmp_path)
    weight = only_weight(file.weights)
    assert weight.problem is None and weight.input == reading.input
    assert file.nodes[weight.node].layer == "op"
    mask = nonzero_mask(file, weight.constant, weight.zero_point)
    assert mask.shape == tuple(stored.dims)
    logical, wanted = weight.view.logical(mask), reading.roles(read) != 0
    if way.name == "split":  # what is stacked may stay in the order of the file
        logical, wanted = in_some_order(logical), in_some_order(wanted)
    np.testing.assert_array_equal(logical, wanted)
    if way.keeps_dims:
        assert weight.view.shape == tuple(stored.dims)
    else:
        assert weight.view.shape == reading.shape
        assert axes_json(weight) == reading.axes


@pytest.mark.parametrize("reading", CONVS_AND_MATRICES, ids=lambda r: r.name)
def test_an_output_channel_of_zeros_gives_zeros_and_leaves_the_others(
    reading: Reading, tmp_path: Path
) -> None:
    made = reading.model()
    file = opened(made, tmp_path)
    view = only_weight(file.weights).view
    full = small_integers(reading.shape, 2) + 5
    x = small_integers(reading.x, 3) + 4
    y = evaluated(replaced(made, full), x)
    stacks, outs = view.logical_shape[:2]
    assert reading.y_of is not None
    for s, o in itertools.product(range(stacks), range(outs)):
        logical = view.logical(full.copy()).copy()
        logical[s, o] = 0
        pruned = evaluated(replaced(made, view.stored(logical)), x)
        assert not np.any(reading.y_of(pruned, s, o))
        for other in itertools.product(range(stacks), range(outs)):
            if other != (s, o):
                np.testing.assert_array_equal(reading.y_of(pruned, *other), reading.y_of(y, *other))


@pytest.mark.parametrize("reading", CONVS_AND_MATRICES, ids=lambda r: r.name)
def test_an_input_channel_of_zeros_is_not_read(reading: Reading, tmp_path: Path) -> None:
    made = reading.model()
    file = opened(made, tmp_path)
    view = only_weight(file.weights).view
    full = small_integers(reading.shape, 2) + 5
    x = small_integers(reading.x, 3) + 4
    stacks, _, _, ins = view.logical_shape
    for s, i in itertools.product(range(stacks), range(ins)):
        logical = view.logical(full.copy()).copy()
        logical[s, :, :, i] = 0
        pruned = replaced(made, view.stored(logical))
        before = evaluated(pruned, x)
        changed = x.copy()
        reading.x_of(changed, s, i)[...] += 7
        np.testing.assert_array_equal(evaluated(pruned, changed), before)
        for other in range(ins):
            if other != i:
                changed = x.copy()
                reading.x_of(changed, s, other)[...] += 7
                assert np.any(evaluated(pruned, changed) != before)


@pytest.mark.parametrize("reading", READINGS, ids=lambda r: r.name)
def test_axes_and_kind(reading: Reading, tmp_path: Path) -> None:
    weight = only_weight(opened(reading.model(), tmp_path).weights)
    assert axes_json(weight) == reading.axes
    assert weight.view.shape == reading.shape
    assert weight.kind == ("embedding" if reading.op == "Gather" else "weight")


# What is no weight, and must not stop anything.
MATMUL = helper.make_node("MatMul", ["x", "w"], ["y"], "op")
W = nh.from_array(small_integers((4, 4)), "w")


def loop() -> list[onnx.NodeProto]:
    return [
        helper.make_node("Identity", ["b"], ["a"]),
        helper.make_node("Identity", ["a"], ["b"]),
        helper.make_node("MatMul", ["x", "a"], ["y"]),
    ]


def made(nodes: list[onnx.NodeProto], *tensors: TensorProto) -> ModelProto:
    return model(nodes, tensors, (4, 4))


def string() -> TensorProto:
    return nh.from_array(np.full((4, 4), "a", object), "w")


NOTHING: dict[str, ModelProto] = {
    "a scalar": made([MATMUL], nh.from_array(np.float32(2), "w")),
    "text": made([MATMUL], string()),
    "a table of indices": made(
        [helper.make_node("Gather", ["w", "i"], ["y"])],
        nh.from_array(np.arange(8).reshape(2, 4), "w"),
        nh.from_array(np.array([0]), "i"),
    ),
    "a vector looked up": made(
        [helper.make_node("Gather", ["w", "i"], ["y"])],
        nh.from_array(np.ones(4, np.float32), "w"),
        nh.from_array(np.array([0]), "i"),
    ),
    "a Gemm of rank 3": made(
        [helper.make_node("Gemm", ["x", "w"], ["y"])],
        nh.from_array(np.ones((2, 4, 4), np.float32), "w"),
    ),
    "a Conv of rank 2": made([helper.make_node("Conv", ["x", "w"], ["y"])], W),
    "groups that do not divide": made(
        [helper.make_node("Conv", ["x", "w"], ["y"], group=3)],
        nh.from_array(np.ones((4, 4, 1), np.float32), "w"),
    ),
    "no groups": made(
        [helper.make_node("Conv", ["x", "w"], ["y"], group=0)],
        nh.from_array(np.ones((4, 4, 1), np.float32), "w"),
    ),
    "a cycle": made(loop()),
    "an operator that no one knows": made(
        [helper.make_node("MatMul", ["x", "w"], ["y"], domain="nobody")], W
    ),
    "a chain without an end": made(
        [
            *(helper.make_node("Identity", [f"t{i}"], [f"t{i + 1}"]) for i in range(500)),
            helper.make_node("MatMul", ["x", "t500"], ["y"]),
        ],
        nh.from_array(np.ones((4, 4), np.float32), "t0"),
    ),
    "a transpose of another rank": made(
        [
            helper.make_node("Transpose", ["w"], ["t"], perm=[0, 2, 1]),
            helper.make_node("MatMul", ["x", "t"], ["y"]),
        ],
        W,
    ),
    "a shape that does not fit": made(
        [
            helper.make_node("Reshape", ["w", "to"], ["t"]),
            helper.make_node("MatMul", ["x", "t"], ["y"]),
        ],
        W,
        nh.from_array(np.array([5, -1]), "to"),
    ),
    "a computed shape": made(
        [
            helper.make_node("Shape", ["x"], ["to"]),
            helper.make_node("Reshape", ["w", "to"], ["t"]),
            helper.make_node("MatMul", ["x", "t"], ["y"]),
        ],
        W,
    ),
    "a shape that is reshaped by itself": made(
        [
            helper.make_node("Reshape", ["to", "loop"], ["loop"]),
            helper.make_node("Reshape", ["w", "loop"], ["t"]),
            helper.make_node("MatMul", ["x", "t"], ["y"]),
        ],
        W,
        nh.from_array(np.array([2]), "to"),
    ),
    "shapes that double at every step": made(
        [
            *(helper.make_node("Reshape", [f"s{i}"] * 2, [f"s{i + 1}"]) for i in range(60)),
            helper.make_node("Reshape", ["w", "s60"], ["t"]),
            helper.make_node("MatMul", ["x", "t"], ["y"]),
        ],
        W,
        nh.from_array(np.array([1]), "s0"),
    ),
    "only quantized": made(
        [
            helper.make_node("QuantizeLinear", ["w", "s"], ["t"]),
            helper.make_node("MatMul", ["x", "t"], ["y"]),
        ],
        W,
        nh.from_array(np.float32(1), "s"),
    ),
    "an einsum of one": made([helper.make_node("Einsum", ["w"], ["y"], equation="ij->ji")], W),
    "an einsum that only scales": made(
        [helper.make_node("Einsum", ["x", "w"], ["y"], equation="ij,ij->ij")], W
    ),
    "an einsum's diagonal": made(
        [helper.make_node("Einsum", ["x", "w"], ["y"], equation="ij,jj->ij")], W
    ),
    "an einsum that does not fit": made(
        [helper.make_node("Einsum", ["x", "w"], ["y"], equation="ij,jkl->ikl")], W
    ),
    "an einsum without an equation": made([helper.make_node("Einsum", ["x", "w"], ["y"])], W),
    "one value of a computed shape": made(
        [
            helper.make_node("Shape", ["x"], ["s"]),
            helper.make_node("ConstantOfShape", ["s"], ["w"]),
            MATMUL,
        ]
    ),
    "values that give each other their shapes": made(
        [
            helper.make_node("ConstantOfShape", ["b"], ["a"]),
            helper.make_node("ConstantOfShape", ["a"], ["b"]),
            helper.make_node("MatMul", ["x", "a"], ["y"]),
        ]
    ),
    "a bias": made(
        [helper.make_node("Gemm", ["x", "x", "w"], ["y"])],
        nh.from_array(np.ones((4, 4), np.float32), "w"),
    ),
    "missing inputs": made(
        [helper.make_node("Conv", ["x"], ["y"]), helper.make_node("MatMul", [], ["z"])]
    ),
    "a negative size": made([MATMUL], TensorProto(name="w", data_type=1, dims=[-4, 4])),
}


@pytest.mark.parametrize("name", NOTHING)
def test_no_weight(name: str, tmp_path: Path) -> None:
    assert opened(NOTHING[name], tmp_path).weights == ()


@pytest.mark.parametrize("domain", ["onnx.brevitas", "qonnx.custom_op.general", "", "nobody"])
def test_floats_that_are_only_rounded(domain: str, tmp_path: Path) -> None:
    """Brevitas and QONNX keep the weights as floats before an operator that rounds them."""
    nodes = [
        helper.make_node("Quant", ["w", "s", "z", "bits"], ["t"], domain=domain),
        helper.make_node("MatMul", ["x", "t"], ["y"]),
    ]
    file = opened(made(nodes, W), tmp_path)
    assert len(file.weights) == (domain in ("onnx.brevitas", "qonnx.custom_op.general"))


def test_a_weight_without_elements_is_a_row(tmp_path: Path) -> None:
    file = opened(made([MATMUL], nh.from_array(np.ones((4, 0), np.float32), "w")), tmp_path)
    weight = only_weight(file.weights)
    assert weight.view.logical(nonzero_mask(file, weight.constant)).shape == (1, 0, 1, 4)


def test_a_computed_zero_point_is_told(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("ReduceMax", ["z"], ["zero"]),
        helper.make_node("DequantizeLinear", ["w", "s", "zero"], ["t"]),
        helper.make_node("MatMul", ["x", "t"], ["y"]),
    ]
    tensors = [
        nh.from_array(np.ones((4, 4), np.uint8), "w"),
        nh.from_array(np.float32(1), "s"),
        nh.from_array(np.array([1, 2], np.uint8), "z"),
    ]
    weight = only_weight(opened(made(nodes, *tensors), tmp_path).weights)
    assert weight.problem is not None and "zero point" in weight.problem


def test_zero_points_of_the_blocks_of_a_vector(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "s", "z"], ["t"], axis=0, block_size=4),
        helper.make_node("MatMul", ["x", "t"], ["y"]),
    ]
    tensors = [
        nh.from_array(np.zeros(10, np.uint8), "w"),
        nh.from_array(np.ones(3, np.float32), "s"),
        nh.from_array(np.array([7, 8, 9], np.uint8), "z"),
    ]
    weight = only_weight(opened(made(nodes, *tensors), tmp_path).weights)
    assert weight.problem is None and weight.zero_point is not None
    assert weight.zero_point.tolist() == [7] * 4 + [8] * 4 + [9] * 2


@pytest.mark.parametrize(
    ("dims", "zeros", "attributes"),
    [
        ([1 << 40, 4], np.arange(4).reshape(1, 4), {"axis": 0, "block_size": 1 << 40}),
        ([4, 4], np.arange(8).reshape(2, 4), {"axis": 0, "block_size": 3}),
        ([4, 4], np.arange(4).reshape(1, 4), {"axis": 0, "block_size": 2}),
        ([4, 4], np.arange(3), {"axis": 0}),
        ([4, 4], np.arange(4), {"axis": 5}),
    ],
    ids=["a lie about the size", "one that fits", "too few blocks", "too few", "no such axis"],
)
def test_zero_points_that_do_not_fit_are_told(
    dims: list[int], zeros: Any, attributes: dict[str, Any], tmp_path: Path
) -> None:
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "s", "z"], ["t"], **attributes),
        helper.make_node("MatMul", ["x", "t"], ["y"]),
    ]
    tensors = [
        TensorProto(name="w", data_type=TensorProto.UINT8, dims=dims, raw_data=bytes(16)),
        nh.from_array(np.ones(zeros.shape, np.float32), "s"),
        nh.from_array(zeros.astype(np.uint8), "z"),
    ]
    weight = only_weight(opened(made(nodes, *tensors), tmp_path).weights)
    fits = zeros.shape == (2, 4)
    assert (weight.problem is None) == fits
    if fits:
        assert weight.zero_point is not None
        assert weight.zero_point[:, 1].tolist() == [1, 1, 1, 5]


@pytest.mark.parametrize(("zeros", "wanted"), [([113], 2), ([0], 3), ([1, 2], None)])
def test_a_table_that_is_dequantized_after_the_lookup(
    zeros: list[int], wanted: int | None, tmp_path: Path
) -> None:
    """As dynamic quantization writes embeddings: Gather picks codes, then they get their zero."""
    nodes = [
        helper.make_node("Gather", ["w", "i"], ["codes"]),
        helper.make_node("DequantizeLinear", ["codes", "s", "z"], ["y"], axis=-1),
    ]
    point = zeros[0] if len(zeros) == 1 else zeros
    tensors = [
        nh.from_array(np.array([[113, 0], [0, 113], [0, 7]], np.uint8), "w"),
        nh.from_array(np.array([1]), "i"),
        nh.from_array(np.ones(np.shape(point), np.float32), "s"),
        nh.from_array(np.array(point, np.uint8), "z"),
    ]
    file = opened(made(nodes, *tensors), tmp_path)
    weight = only_weight(file.weights)
    if wanted is None:
        assert weight.problem is not None and "zero point" in weight.problem
    else:
        mask = nonzero_mask(file, weight.constant, weight.zero_point)
        assert weight.problem is None and np.count_nonzero(~mask) == wanted


def test_both_sides_and_a_shared_tensor(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("MatMul", ["w", "w"], ["a"], "twice"),
        helper.make_node("Gemm", ["x", "w"], ["b"], "gemm", transB=1),
        helper.make_node("Gather", ["w", "i"], ["c"], "look up"),
    ]
    file = opened(made(nodes, W, nh.from_array(np.array([1]), "i")), tmp_path)
    found = [(file.nodes[w.node].layer, w.input, w.kind, w.view.axes.out) for w in file.weights]
    assert found == [
        ("twice", 0, "weight", (0,)),
        ("twice", 1, "weight", (1,)),
        ("gemm", 1, "weight", (0,)),
        ("look up", 0, "embedding", (0,)),
    ]
    assert {w.constant.key for w in file.weights} == {"main/w"}
    assert [w.id for w in file.weights] == [0, 1, 2, 3]


def test_an_initializer_that_is_also_an_input(tmp_path: Path) -> None:
    proto = made([MATMUL], W)
    proto.graph.input.append(helper.make_tensor_value_info("w", 1, [4, 4]))
    assert only_weight(opened(proto, tmp_path).weights).constant.name == "w"
