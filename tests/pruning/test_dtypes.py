"""Every element type, all the way: counted, pruned, saved, opened again; bits checked by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import onnx
import pytest
from layers import saved, tensor
from onnx import TensorProto, helper

import sparseview as sv
from sparseview.pruning.prune import PruneRequest

OUT, IN = 6, 16
FLOATS = {
    TensorProto.DOUBLE: np.float64,
    TensorProto.FLOAT: np.float32,
    TensorProto.FLOAT16: np.float16,
    TensorProto.BFLOAT16: ml_dtypes.bfloat16,
    TensorProto.FLOAT8E4M3FN: ml_dtypes.float8_e4m3fn,
    TensorProto.FLOAT8E4M3FNUZ: ml_dtypes.float8_e4m3fnuz,
    TensorProto.FLOAT8E5M2: ml_dtypes.float8_e5m2,
    TensorProto.FLOAT8E5M2FNUZ: ml_dtypes.float8_e5m2fnuz,
}
# type -> (numpy's, bits, zero points per output)
CODES = {
    TensorProto.INT8: (np.int8, 8, np.array([0, -128, 5, 127, -1, 3])),
    TensorProto.UINT8: (np.uint8, 8, np.array([0, 255, 128, 7, 113, 1])),
    TensorProto.INT4: (np.int8, 4, np.array([0, -8, 7, 1, -1, 3])),
    TensorProto.UINT4: (np.uint8, 4, np.array([0, 15, 8, 7, 1, 9])),
}
NAMES = TensorProto.DataType.Name


def packed(array: Any, bits: int) -> bytes:
    """Codes in raw_data: of two in a byte the first lies low."""
    flat = array.reshape(-1).astype(np.uint8)
    if bits == 8:
        return bytes(flat)
    return bytes(int(a & 15) | int(b & 15) << 4 for a, b in flat.reshape(-1, 2))


def initializer(path: Path, name: str) -> TensorProto:
    (found,) = (t for t in onnx.load(path).graph.initializer if t.name == name)
    assert isinstance(found, TensorProto)
    return found


def model(nodes: list[Any], tensors: list[TensorProto]) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "main",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [3, IN])],
        [onnx.ValueInfoProto(name="y")],
        tensors,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def through(proto: onnx.ModelProto, folder: Path, before: int, after: Any, wish: Any) -> None:
    """Prune `w`; `after(saved tensor)` tells which elements are zero then, bool [OUT, IN]."""
    session = sv.open(saved(proto, folder))
    session.measure()
    (row,) = session.weights
    assert (row.zeros, row.elements) == (before, OUT * IN)
    session.prune(PruneRequest(weights=(row.id,), **wish))
    session.save(folder / "out.onnx")
    zero = after(initializer(folder / "out.onnx", "w"))
    if "format" in wish:
        assert (zero.reshape(OUT, -1, 4).sum(-1) >= 2).all()
    else:
        assert zero.sum() == round(wish["sparsity"] * zero.size)
    again = sv.open(folder / "out.onnx")
    again.measure()
    (row,) = again.weights
    assert row.zeros == zero.sum() and row.agrees is True


WISHES = pytest.mark.parametrize("wish", [{"sparsity": 0.75}, {"format": "2:4"}], ids=str)


@WISHES
@pytest.mark.parametrize("dtype", FLOATS, ids=NAMES)
def test_floats(dtype: int, wish: dict[str, Any], tmp_path: Path) -> None:
    """-0.0 is a zero, but FNUZ has none: there its bits are NaN, which is kept."""
    kind = np.dtype(FLOATS[dtype])
    whole = np.random.default_rng(dtype).integers(1, 9, (OUT, IN)) / 4
    whole[0, :3] = whole[2, 4] = 0
    values = whole.astype(kind)
    bits = values.view(f"u{kind.itemsize}").copy()
    bits[1, 0] = 1 << (8 * kind.itemsize - 1)  # -0.0, or a FNUZ type's NaN
    fnuz = kind.name.endswith("fnuz")
    cast = helper.make_node("Cast", ["w"], ["f"], to=TensorProto.FLOAT)
    node = helper.make_node("Gemm", ["x", "f"], ["y"], "layer", transB=1)
    proto = model([cast, node], [tensor("w", bits, dtype)])

    def zeros(stored: TensorProto) -> Any:
        after = np.frombuffer(stored.raw_data, kind).reshape(OUT, IN)
        numbers = after.astype(np.float64)
        assert np.isnan(numbers[1, 0]) == fnuz
        kept = after.view(bits.dtype) == bits
        assert (kept | (numbers == 0)).all()
        return numbers == 0

    through(proto, tmp_path, 4 if fnuz else 5, zeros, wish)


@WISHES
@pytest.mark.parametrize("dtype", CODES, ids=NAMES)
def test_codes(dtype: int, wish: dict[str, Any], tmp_path: Path) -> None:
    """Zero is each output's zero point, and what is pruned gets just that code."""
    kind, bits, points = CODES[dtype]
    low = -(1 << bits - 1) if np.dtype(kind).kind == "i" else 0
    codes = np.random.default_rng(dtype).integers(low, low + (1 << bits), (OUT, IN))
    codes[:, 1] = points
    before = int((codes == points[:, None]).sum())
    stored = TensorProto(name="w", data_type=dtype, dims=[OUT, IN], raw_data=packed(codes, bits))
    point = TensorProto(name="z", data_type=dtype, dims=[OUT], raw_data=packed(points, bits))
    scale = tensor("s", np.ones(OUT, np.float32))
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "s", "z"], ["f"], axis=0),
        helper.make_node("Gemm", ["x", "f"], ["y"], "layer", transB=1),
    ]

    def zeros(stored: TensorProto) -> Any:
        data = np.frombuffer(stored.raw_data, np.uint8)
        if bits == 4:
            data = np.stack([data & 15, data >> 4], 1).reshape(-1)
        after = data.reshape(OUT, IN)
        wanted = points[:, None].astype(np.uint8) & ((1 << bits) - 1)
        kept = after == (codes.astype(np.uint8) & ((1 << bits) - 1))
        assert (kept | (after == wanted)).all()
        return after == wanted

    through(model(nodes, [stored, point, scale]), tmp_path, before, zeros, wish)
