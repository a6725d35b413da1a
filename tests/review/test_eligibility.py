"""Runtime eligibility: each rule against its source's own algorithm, and its words."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layers import model_of, saved, tensor
from onnx import TensorProto, helper

import sparseview as sv
from sparseview.review.eligibility import RUNTIMES, Layer, judge
from sparseview.sparsity.analysis import measure


def layer(weight: Any, dtype: str = "float16", op: str = "Conv", **change: Any) -> Layer:
    """A layer over a weight [stack, out, kernel, in]."""
    positions = weight.shape[2]
    side = round(positions**0.5)
    facts: dict[str, Any] = {
        "op": op, "domain": "", "kind": "weight", "dtype": dtype, "stored_as": "dense",
        "shape": weight.shape, "kernel": (side, side) if op == "Conv" else (), "shifted": False,
        "measured": measure(weight != 0),
    }  # fmt: skip
    return Layer(**{**facts, **change})


def two_four(stack: int, out: int, kernel: int, in_: int, n: int = 2, m: int = 4) -> Any:
    weight = np.zeros((stack, out, kernel, in_), np.float32)
    weight.reshape(-1, m)[:, m - n :] = 1
    return weight


def answer(name: str, one: Layer) -> tuple[bool, str]:
    found = judge(one)[name]
    return found.eligible, found.why


# TensorRT


def has_sparse_weights(weights: Any) -> bool:
    """The algorithm of TensorRT's Developer Guide, on weights [K, C, R, S]."""
    k_size, c_size, r_size, s_size = weights.shape
    if c_size % 4:
        return False
    for k, r, s, c in product(range(k_size), range(r_size), range(s_size), range(c_size // 4)):
        if np.count_nonzero(weights[k, c * 4 : (c + 1) * 4, r, s]) > 2:
            return False
    return True


@settings(derandomize=True, max_examples=80, deadline=None)
@given(
    st.sampled_from((1, 3, 4, 6, 8)), st.sampled_from((1, 3)), st.integers(0, 50), st.integers(0, 2)
)
def test_tensorrt_answers_as_its_builder_would(c: int, side: int, seed: int, broken: int) -> None:
    random = np.random.default_rng(seed)
    weights = random.integers(1, 5, (3, c, side, side)).astype(np.float32)
    for k, r, s, group in product(range(3), range(side), range(side), range(c // 4)):
        weights[k, group * 4 + random.permutation(4)[:2], r, s] = 0
    for _ in range(broken):
        weights.reshape(-1)[random.integers(weights.size)] = 1
    logical = weights.transpose(0, 2, 3, 1).reshape(1, 3, side * side, c)
    eligible, why = answer("tensorrt", layer(logical))
    # Without any zero there is no pattern, whatever the loop above says about no groups.
    assert eligible == (has_sparse_weights(weights) and bool((weights == 0).any())), why


@pytest.mark.parametrize(("dtype", "eligible"), [
    ("float16", True), ("int8", True), ("float32", False), ("bfloat16", False), ("uint8", False),
    ("float8e4m3fn", False), ("int4", False),
])  # fmt: skip
def test_tensorrt_takes_fp16_and_int8(dtype: str, eligible: bool) -> None:
    found, why = answer("tensorrt", layer(two_four(1, 8, 9, 8), dtype))
    assert found == eligible
    if not eligible:
        assert why == f"2:4 holds, but {dtype}: needs float16 or int8"


def test_tensorrt_says_what_is_in_the_way() -> None:
    weight = two_four(1, 64, 9, 64)
    weight[0, 0, 0, :8] = 1
    assert answer("tensorrt", layer(weight, "float32")) == (
        False, "2 of 9,216 groups violate 2:4; float32: needs float16 or int8"
    )  # fmt: skip
    assert answer("tensorrt", layer(two_four(32, 1, 9, 4)[..., :1])) == (
        False, "depthwise: one input per group"
    )  # fmt: skip
    assert answer("tensorrt", layer(two_four(1, 8, 1, 8)[..., :3])) == (
        False, "3 inputs, not divisible by 4"
    )  # fmt: skip
    assert answer("tensorrt", layer(np.ones((1, 8, 1, 8)))) == (False, "no zeros")
    assert "ConvTranspose" in answer("tensorrt", layer(two_four(1, 8, 9, 8), op="ConvTranspose"))[1]
    assert not answer("tensorrt", layer(two_four(1, 8, 1, 8), domain="com.microsoft"))[0]
    shifted = answer("tensorrt", layer(two_four(1, 8, 1, 8), "int8", shifted=True))
    assert shifted == (False, "2:4 holds, but its zero point is not 0")


def test_tensorrt_warns_of_few_channels_and_promises_nothing() -> None:
    few = answer("tensorrt", layer(two_four(1, 64, 9, 512)))
    assert few == (True, "2:4 in float16; 512 in, 64 out: few channels for a gain")
    many = answer("tensorrt", layer(two_four(1, 256, 1, 256), op="MatMul"))
    assert many == (True, "2:4 in float16, 256 in, 256 out; the builder times both kernels")


# cuSPARSELt


@pytest.mark.parametrize(("dtype", "n", "m", "rows", "columns", "eligible"), [
    ("float16", 2, 4, 16, 16, True), ("float16", 2, 4, 16, 24, False),
    ("float16", 2, 4, 8, 16, False), ("bfloat16", 2, 4, 48, 16, True),
    ("int8", 2, 4, 32, 64, True), ("int8", 2, 4, 48, 32, False), ("int8", 2, 4, 32, 16, False),
    ("float8e4m3fn", 2, 4, 32, 32, True), ("float8e5m2", 2, 4, 32, 32, True),
    ("float32", 2, 4, 32, 32, False), ("float32", 1, 2, 8, 8, True), ("float32", 1, 2, 8, 4, False),
    ("float16", 1, 2, 16, 16, True), ("float64", 1, 2, 16, 16, False),
    ("uint8", 2, 4, 32, 32, False), ("float8e4m3fnuz", 2, 4, 32, 32, False),
])  # fmt: skip
def test_cusparselt_takes_its_types_and_sizes(
    dtype: str, n: int, m: int, rows: int, columns: int, eligible: bool
) -> None:
    found, why = answer("cusparselt", layer(two_four(1, rows, 1, columns, n, m), dtype, "Gemm"))
    assert found == eligible, why


def test_cusparselt_says_what_is_in_the_way() -> None:
    weight = layer(two_four(1, 32, 1, 32), "float32", "MatMul")
    found = answer("cusparselt", weight)
    assert found == (False, "float32 needs 1:2: 256 of 512 groups violate it")
    assert answer("cusparselt", layer(two_four(1, 16, 9, 16))) == (
        False, "2:4 holds, but 3×3 kernel: takes matrix products only"
    )  # fmt: skip
    assert answer("cusparselt", layer(two_four(1, 16, 1, 16)))[0]  # a 1x1 convolution is one
    assert answer("cusparselt", layer(two_four(4, 16, 1, 16), op="MatMul"))[0]  # a batch
    assert answer("cusparselt", layer(two_four(1, 8, 1, 16), op="Gemm")) == (
        False, "2:4 holds, but 8 × 16: needs multiples of 16"
    )  # fmt: skip
    assert not answer("cusparselt", layer(two_four(1, 32, 1, 32), "int8", shifted=True))[0]


# XNNPACK


def runs_sparse(weights: Any) -> bool:
    """The condition of xnn_subgraph_rewrite_for_nchw, for a run of one layer."""
    zeros = sum(1 for value in weights.reshape(-1) if value == 0.0)
    return not zeros * 3 <= weights.size * 2


@pytest.mark.parametrize("zeros", [0, 63, 64, 65, 96])
@pytest.mark.parametrize("op", ["Conv", "Gemm", "MatMul"])
def test_xnnpack_needs_more_than_two_thirds(zeros: int, op: str) -> None:
    weight = np.ones((1, 8, 1, 12), np.float32)
    weight.reshape(-1)[:zeros] = 0
    found, why = answer("xnnpack", layer(weight, "float32", op))
    assert found == runs_sparse(weight) == (zeros > 64), why


@pytest.mark.parametrize(("change", "word"), [
    ({"kernel": (3, 3), "shape": (1, 8, 9, 8)}, "3×3 kernel"), ({"strides": (2, 2)}, "stride 2×2"),
    ({"pads": (0, 0, 1, 0)}, "padding"), ({"dilations": (2, 2)}, "dilation"),
    ({"shape": (2, 4, 1, 8)}, "grouped"), ({"dtype": "int8"}, "int8"), ({"op": "LSTM"}, "LSTM"),
    ({"kernel": (1, 1, 1)}, "1×1×1 kernel"), ({"op": "Gemm", "domain": "com.microsoft"}, "Gemm"),
    ({"op": "MatMul", "shape": (2, 4, 1, 8)}, "batched"),
])  # fmt: skip
def test_xnnpack_takes_plain_layers_only(change: dict[str, Any], word: str) -> None:
    weight = np.zeros((1, 8, 1, 8))
    weight[0, 0] = 1
    plain = layer(weight, "float32", strides=(1, 1), pads=(0,) * 4, dilations=(1, 1))
    assert answer("xnnpack", plain) == (
        True,
        "1×1, 87.5 % zeros; its whole run of layers must agree",
    )
    facts = {name: getattr(plain, name) for name in Layer.__struct_fields__}
    found, why = answer("xnnpack", Layer(**{**facts, **change}))
    assert not found and word in why


def test_a_share_is_never_rounded_to_what_it_is_not() -> None:
    weight = np.zeros((1, 100, 1, 100))
    weight[0, 0, 0, 0] = 1
    assert "> 99.9 % zeros" in answer("xnnpack", layer(weight, "float32", "Gemm"))[1]


# All of them


def test_onnx_runtime_runs_everything_and_gains_nothing() -> None:
    weight = np.zeros((1, 8, 1, 8))
    assert answer("onnxruntime_cpu", layer(weight)) == (False, "runs, no gain from zeros")
    sparse = answer("onnxruntime_cpu", layer(weight, stored_as="coo"))
    assert sparse == (False, "runs, no gain from zeros: made dense when loaded")


def test_an_embedding_is_never_eligible() -> None:
    table = layer(two_four(1, 256, 1, 256), op="Gather", kind="embedding")
    assert not any(found.eligible for found in judge(table).values())


def test_every_rule_names_itself_and_its_source() -> None:
    assert [runtime.name for runtime in RUNTIMES] == [
        "tensorrt", "cusparselt", "xnnpack", "onnxruntime_cpu",
    ]  # fmt: skip
    for runtime in RUNTIMES:
        assert len(runtime.source) > 20 and len(runtime.rule) > 20


def test_eligible_is_never_called_faster() -> None:
    for weight in (two_four(1, 256, 1, 256), two_four(1, 32, 1, 32, 1, 4)):
        for dtype, op in product(("float16", "int8", "float32"), ("Conv", "Gemm")):
            for found in judge(layer(weight, dtype, op)).values():
                assert "fast" not in found.why and "speed" not in found.why


# Through a model


def rows(tmp_path: Path, *arguments: Any, **named: Any) -> list[sv.WeightRow]:
    session = sv.open(saved(model_of(*arguments, **named), tmp_path))
    session.measure()
    return list(session.weights)


def test_a_grouped_strided_convolution_is_read_from_the_model(tmp_path: Path) -> None:
    weight = two_four(1, 8, 9, 4).reshape(8, 3, 3, 4).transpose(0, 3, 1, 2).astype(np.float16)
    node = helper.make_node("Conv", ["x", "w"], ["y"], name="c", group=2, strides=[2, 2])
    (row,) = rows(tmp_path, [node], {"w": weight}, inputs={"x": [1, 8, 8, 8]})
    assert row.runtimes["tensorrt"].eligible
    assert row.runtimes["cusparselt"].why.startswith("2:4 holds, but 3×3 kernel")
    pointwise = np.zeros((8, 8, 1, 1), np.float32)
    pointwise[0, 0] = 1
    node = helper.make_node("Conv", ["x", "w"], ["y"], name="c", strides=[2, 2])
    (row,) = rows(tmp_path, [node], {"w": pointwise}, inputs={"x": [1, 8, 8, 8]})
    assert row.runtimes["xnnpack"].why == "stride 2×2: takes stride 1"


def test_a_matmul_runs_its_groups_along_the_input(tmp_path: Path) -> None:
    weight = two_four(1, 16, 1, 16)[0, :, 0].T.astype(ml_dtypes.bfloat16).view(np.uint16)
    node = helper.make_node("MatMul", ["x", "w"], ["y"], name="m")
    (row,) = rows(tmp_path, [node], [tensor("w", weight, TensorProto.BFLOAT16)])
    assert row.runtimes["cusparselt"].eligible
    assert row.runtimes["tensorrt"].why == "2:4 holds, but bfloat16: needs float16 or int8"


def test_a_quantized_weight_with_a_shifted_zero(tmp_path: Path) -> None:
    codes = (two_four(1, 32, 1, 32)[0, :, 0] * 50 + 3).astype(np.int8)
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "s", "z"], ["d"]),
        helper.make_node("Gemm", ["x", "d"], ["y"], name="g", transB=1),
    ]
    constants = {"w": codes, "s": np.float32(0.1), "z": np.int8(3)}
    (row,) = rows(tmp_path, nodes, constants)
    assert row.sparsity == 0.5
    assert row.runtimes["cusparselt"].why == "2:4 holds, but its zero point is not 0"
    (row,) = rows(tmp_path, nodes, {**constants, "w": codes - 3, "z": np.int8(0)})
    assert row.runtimes["cusparselt"].eligible and row.runtimes["tensorrt"].eligible
