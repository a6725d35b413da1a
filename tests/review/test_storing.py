"""Bytes and runtimes of a model's rows: against its tensors as onnx reads them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import builders
import layouts
import numpy as np
import onnx
import pytest
from layers import gemm_model, model_of, saved
from onnx import numpy_helper
from shared_models import shared_model

import sparseview as sv
from sparseview.pruning.prune import PruneRequest
from sparseview.sparsity.storages import gzip as gzips

KEYS = ["dense", "bitmask", "coo", "csr", "bsr:4x4", "2:4", "onnx_sparse", "gzip"]
BIG = gzips.SMALL


def reported(path: Path, **options: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(sv.open(path).report(**options).to_json())["weights"]
    return rows


def logical(array: Any, axes: dict[str, list[int]]) -> Any:
    """[stack, out, kernel, in], where each dim has one role."""
    order = [dim for role in ("stack", "out", "kernel", "in") for dim in axes[role]]
    sizes = [
        int(np.prod([array.shape[d] for d in axes[role]], dtype=int))
        for role in ("stack", "out", "kernel", "in")
    ]
    return array.transpose(order).reshape(sizes)


@pytest.mark.parametrize(
    "name", ["mnist_cnn_pruned88.onnx", "digits_mlp.onnx", "trt_sparse_conv_2_4.onnx"]
)
def test_a_real_model_laid_out_by_hand(name: str) -> None:
    path = shared_model(name)
    stored = {t.name: numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}
    rows = reported(path)
    assert rows
    for row in rows:
        array = stored[row["tensor"]]
        view = logical(array, row["axes"])
        assert list(row["bytes"]) == KEYS
        assert row["bytes"]["dense"] == array.nbytes
        assert row["bytes"]["bitmask"] == layouts.bitmask(view)
        assert row["bytes"]["coo"] == layouts.coo(array)
        assert row["bytes"]["csr"] == layouts.csr(view)
        assert row["bytes"]["bsr:4x4"] == layouts.bsr(view, 4, 4)
        assert row["bytes"]["2:4"] == layouts.packed(view, 2, 4)
        compressed = len(gzip.compress(array.tobytes(), 6))
        if row.get("bytes_estimated"):
            assert row["bytes"]["gzip"] == pytest.approx(compressed, rel=0.05)
        else:
            assert row["bytes"]["gzip"] == compressed
        assert set(row["runtimes"]) == {"tensorrt", "cusparselt", "xnnpack", "onnxruntime_cpu"}
        for found in row["runtimes"].values():
            assert set(found) == {"eligible", "why"} and found["why"]


def test_a_sparse_initializer_is_told_as_what_it_stands_for() -> None:
    dense = reported(shared_model("mnist_cnn_pruned88.onnx"))
    sparse = reported(shared_model("mnist_cnn_pruned88_sparseinit.onnx"))
    assert len(dense) == len(sparse) > 0
    for one, other in zip(dense, sparse, strict=True):
        # But for gzip: the dense file holds -0.0 too, whose bits say more than 0's.
        assert {**one["bytes"], "gzip": 0} == {**other["bytes"], "gzip": 0}


def test_four_bit_weights_take_half_a_byte(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    onnx.save(builders.int4(), path)
    for row in reported(path):
        nonzeros = row["elements"] - row["zeros"]
        assert row["bytes"]["dense"] == -(-row["elements"] // 2)
        assert row["bytes"]["onnx_sparse"] == -(-nonzeros // 2) + 8 * nonzeros


def test_packed_codes_take_their_bits() -> None:
    path = shared_model("stories260K_int4_matmulnbits.onnx")
    stored = {t.name: numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}
    packed = [row for row in reported(path) if row["op"] == "MatMulNBits"]
    assert packed
    for row in packed:
        n, k = row["shape"]
        assert row["elements"] == n * k
        assert row["bytes"]["dense"] == n * k // 2
        assert row["bytes"]["gzip"] == len(gzip.compress(stored[row["tensor"]].tobytes(), 6))


def test_a_repeated_value_is_compressed_as_if_it_were_stored(tmp_path: Path) -> None:
    one = numpy_helper.from_array(np.ones(1, np.float32))
    nodes = [
        onnx.helper.make_node("ConstantOfShape", ["s"], ["w"], value=one),
        onnx.helper.make_node("MatMul", ["x", "w"], ["y"], name="m"),
    ]
    (row,) = reported(saved(model_of(nodes, {"s": np.array([64, 32])}), tmp_path))
    assert row["bytes"]["dense"] == 64 * 32 * 4
    assert row["bytes"]["gzip"] == len(gzip.compress(np.ones((64, 32), np.float32).tobytes(), 6))


def test_nothing_is_said_before_measuring(tmp_path: Path) -> None:
    (row,) = sv.open(saved(gemm_model(np.eye(8, dtype=np.float32)), tmp_path)).weights
    assert row.bytes == {} and row.runtimes == {} and row.bytes_estimated == ()


def test_the_page_also_hears_of_the_weights_own_format_the_report_does_not(tmp_path: Path) -> None:
    weight = np.ones((64, 64), np.float32)
    weight[:16, :32] = 0
    session = sv.open(saved(gemm_model(weight), tmp_path))
    facts = session.report()
    (row,) = session.weights
    assert row.format == "bsr:16x16"
    assert row.bytes["bsr:16x16"] == layouts.bsr(weight.reshape(1, 64, 1, 64), 16, 16)
    assert list(facts.weights[0].bytes) == KEYS


def test_an_edit_changes_bytes_and_forgets_gzip(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    weight = random.standard_normal((512, 512)).astype(np.float32)
    session = sv.open(saved(gemm_model(weight), tmp_path))
    session.measure()
    before = session.gzip(0)
    assert not before.exact
    assert session.row(0).bytes["gzip"] == before.bytes
    assert session.row(0).bytes_estimated == ("gzip",)
    session.prune(PruneRequest(weights=(0,), sparsity=0.9))
    assert session.row(0).bytes["gzip"] is None
    assert session.row(0).bytes_estimated == ()
    after = session.gzip(0)
    assert after.bytes < before.bytes / 2
    session.undo()
    assert session.row(0).bytes["gzip"] is None
    assert session.gzip(0) == before


def test_exact_replaces_an_estimate_and_stays(tmp_path: Path) -> None:
    weight = np.random.default_rng(0).standard_normal((512, 512)).astype(np.float32)
    assert weight.nbytes > BIG
    session = sv.open(saved(gemm_model(weight), tmp_path))
    session.measure()
    assert not session.gzip(0).exact
    exact = session.gzip(0, exact=True)
    assert exact == gzips.Gzip(len(gzip.compress(weight.tobytes(), 6)), True)
    assert session.gzip(0) == exact
    assert session.row(0).bytes["gzip"] == exact.bytes
    assert session.row(0).bytes_estimated == ()
    (row,) = session.report().weights
    assert row.bytes["gzip"] == exact.bytes


def test_a_shared_tensor_is_compressed_once_for_every_use(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    onnx.save(builders.shared(), path)
    session = sv.open(path)
    session.measure()
    first, *others = [row.id for row in session.weights if row.tensor == "w"]
    assert others
    found = session.gzip(first)
    assert all(session.row(weight).bytes["gzip"] == found.bytes for weight in others)


def test_a_report_without_compressing_leaves_gzip_open(tmp_path: Path) -> None:
    path = saved(gemm_model(np.eye(8, dtype=np.float32)), tmp_path)
    (row,) = reported(path, compressed=False)
    assert row["bytes"]["gzip"] is None and row["bytes"]["dense"] == 256


@pytest.mark.parametrize("bits", [3, 4])
def test_packed_codes_take_the_bits_that_they_have(bits: int, tmp_path: Path) -> None:
    """MatMulNBits: 6 outputs of 32 inputs; the middle of the codes is zero, the next one is not."""
    node = onnx.helper.make_node(
        "MatMulNBits", ["x", "w", "s"], ["y"], "op", domain="com.microsoft",
        N=6, K=32, bits=bits, block_size=32,
    )  # fmt: skip
    codes = [2 ** (bits - 1), 2 ** (bits - 1) + 1] * 16
    row_ = sum(code << bits * at for at, code in enumerate(codes)).to_bytes(4 * bits, "little")
    packed = np.tile(np.frombuffer(row_, np.uint8), (6, 1, 1))
    proto = model_of([node], {"w": packed, "s": np.ones((6, 1), np.float32)}, {"x": ["n", 32]})
    proto.opset_import.append(onnx.helper.make_opsetid("com.microsoft", 1))
    (row,) = reported(saved(proto, tmp_path))
    assert row["bytes"]["dense"] == 6 * 32 * bits // 8
    # A bit for each, and the codes that are not zero: half of them.
    assert row["bytes"]["bitmask"] == 6 * 32 // 8 + 6 * 16 * bits // 8
