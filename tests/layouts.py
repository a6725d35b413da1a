"""Weights really laid out in each storage, by hand, and their bytes counted.

Never imports the project: what it writes is the truth that formulas are held against. Slow.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import SparseTensorProto, helper, numpy_helper


def rows_of(weight: Any) -> Any:
    """[stack, out, kernel, in] as the matrix [stack x out, kernel x in]."""
    stack, out, kernel, in_ = weight.shape
    return weight.reshape(stack * out, kernel * in_)


def dense(weight: Any) -> int:
    return len(np.ascontiguousarray(weight).tobytes())


def bitmask(weight: Any) -> int:
    present = np.packbits((weight != 0).reshape(-1))
    values = weight[weight != 0]
    whole = np.zeros(weight.size, weight.dtype)
    whole[np.unpackbits(present, count=weight.size).astype(bool)] = values
    assert np.array_equal(whole.reshape(weight.shape), weight)
    return present.nbytes + values.nbytes


def coo(tensor: Any) -> int:
    """Of the tensor in its own shape."""
    where = np.argwhere(tensor != 0).astype(np.int32)
    values = tensor[tuple(where.T)]
    whole = np.zeros_like(tensor)
    whole[tuple(where.T)] = values
    assert np.array_equal(whole, tensor)
    return where.nbytes + values.nbytes


def csr(weight: Any) -> int:
    matrix = rows_of(weight)
    pointers, columns, values = [0], [], []
    for row in matrix:
        for column, value in enumerate(row):
            if value != 0:
                columns.append(column)
                values.append(value)
        pointers.append(len(columns))
    stored = (
        np.array(pointers, np.int32),
        np.array(columns, np.int32),
        np.array(values, matrix.dtype),
    )
    whole = np.zeros_like(matrix)
    for row in range(len(matrix)):
        for at in range(stored[0][row], stored[0][row + 1]):
            whole[row, stored[1][at]] = stored[2][at]
    assert np.array_equal(whole, matrix)
    return sum(array.nbytes for array in stored)


def bsr(weight: Any, r: int, c: int) -> int | None:
    _stack, out, kernel, in_ = weight.shape
    if out % r or in_ % c:
        return None
    matrix = rows_of(weight)
    pointers, columns, blocks = [0], [], []
    for top in range(0, len(matrix), r):
        for left in range(0, kernel * in_, c):
            block = matrix[top : top + r, left : left + c]
            if (block != 0).any():
                columns.append(left // c)
                blocks.append(block)
        pointers.append(len(columns))
    stored = (
        np.array(pointers, np.int32),
        np.array(columns, np.int32),
        np.array(blocks, matrix.dtype),
    )
    return sum(array.nbytes for array in stored)


def packed(weight: Any, n: int, m: int) -> int | None:
    """N:M: the values of n slots per group, and their places in ceil(log2 m) bits each."""
    in_ = weight.shape[3]
    if in_ % m or not (weight == 0).any():
        return None
    groups = weight.reshape(-1, m)
    if ((groups != 0).sum(axis=1) > n).any():
        return None
    values, bits = [], []
    width = int(np.ceil(np.log2(m)))
    for group in groups:
        places = list(np.flatnonzero(group))
        places += [at for at in range(m) if at not in places][: n - len(places)]
        values += [group[at] for at in sorted(places)]
        bits += [place >> k & 1 for place in sorted(places) for k in range(width)]
    return np.array(values, weight.dtype).nbytes + np.packbits(np.array(bits, np.uint8)).nbytes


def onnx_sparse(tensor: Any) -> SparseTensorProto:
    """A SparseTensorProto with linear indices, as ONNX wants it."""
    flat = tensor.reshape(-1)
    where = np.flatnonzero(flat).astype(np.int64)
    return helper.make_sparse_tensor(
        numpy_helper.from_array(flat[where], "w"), numpy_helper.from_array(where), tensor.shape
    )
