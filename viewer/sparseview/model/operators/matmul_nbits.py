"""com.microsoft MatMulNBits: B's codes [N, K] packed by blocks of K, as [N, blocks, bytes]."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import NDArray

from sparseview.model.layouts import Packed
from sparseview.model.operators.row import Row, Use, Value, Zero, integer
from sparseview.model.operators.zeros import UNKNOWN, given, known
from sparseview.model.proto import NodeProto, TensorProto
from sparseview.model.repeated import Repeated
from sparseview.model.values import to_float
from sparseview.model.view import Axes, Shape


def _packed(node: NodeProto) -> Packed | None:
    bits = integer(node, "bits", 4)
    n, k, block = (integer(node, name, 0) for name in ("N", "K", "block_size"))
    return Packed(n, k, bits, block) if 2 <= bits <= 8 and min(n, k, block) > 0 else None


def matmul_nbits(node: NodeProto, index: int, shape: Shape) -> Use | None:
    packed = _packed(node)
    if packed is None or prod(shape) not in (
        packed.rows * packed.row_bytes,
        packed.rows * packed.row_bytes // 4,  # four bytes to an int32
    ):
        return None
    return Use(Axes(out=(0,), in_=(1,)), packed=packed)


def zero(node: NodeProto, index: int, shape: Shape, value: Value) -> Zero:
    """Per block: packed codes, or numbers of A's type; 2^(bits-1) where there is no zero point."""
    packed = _packed(node)
    if packed is None:
        return Zero()
    if not given(node, 3):
        return Zero(np.array(1 << (packed.bits - 1), np.uint8))
    values = known(value, 3)
    if isinstance(values, Zero):
        return values
    n, blocks = packed.rows, packed.blocks
    row_bytes = -(-blocks * packed.bits // 8)
    fixed = None
    if values.dtype == np.uint8:
        if values.size != n * row_bytes:
            return Zero(problem=UNKNOWN)
        values = Packed(n, blocks, packed.bits, blocks).decode(values)
    elif values.size == n * blocks:
        if values.dtype == np.uint16:  # how bfloat16 is held
            values = to_float(values, TensorProto.BFLOAT16)
        values = values.reshape(n, blocks).astype(np.float64)
        if not np.isin(values, np.arange(1 << packed.bits)).all():
            fixed = "its zero points are no whole codes, so that no code is exactly zero"
    else:
        return Zero(problem=UNKNOWN)
    if (values == values.flat[0]).all():
        return Zero(values.reshape(-1)[0].reshape(()), fixed=fixed)
    block_of = _block_of(node, packed, value)
    if block_of is None:
        return Zero(problem=UNKNOWN)
    return Zero(Repeated(values, block_of, 1), fixed=fixed)


def scale(node: NodeProto, index: int, shape: Shape, value: Value) -> Zero:
    """Per block: [N, blocks] numbers of A's type."""
    packed = _packed(node)
    values = known(value, 2) if packed is not None and given(node, 2) else Zero()
    if packed is None or isinstance(values, Zero) or values.size != packed.rows * packed.blocks:
        return Zero()
    if values.dtype == np.uint16:  # how bfloat16 is held
        values = to_float(values, TensorProto.BFLOAT16)
    block_of = _block_of(node, packed, value)
    if block_of is None:
        return Zero()
    return Zero(Repeated(values.reshape(packed.rows, packed.blocks), block_of, 1))


def _block_of(node: NodeProto, packed: Packed, value: Value) -> NDArray[np.int64] | None:
    """The block of each column; None where that is not known."""
    if not given(node, 4):
        return np.asarray(np.arange(packed.columns) // packed.block)
    order = known(value, 4)  # columns put into blocks in another order (GPTQ's g_idx)
    if isinstance(order, Zero) or order.size < packed.columns:
        return None
    block_of = order.reshape(-1)[: packed.columns].astype(np.int64)
    if block_of.min() < 0 or block_of.max() >= packed.blocks:
        return None
    return block_of


MATMUL_NBITS = Row(
    "com.microsoft", "MatMulNBits", (1,), matmul_nbits,
    frozenset({TensorProto.UINT8, TensorProto.INT32}), zero, scale,
)  # fmt: skip
