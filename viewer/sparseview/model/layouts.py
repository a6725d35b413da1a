"""Weights that are not stored element by element: codes packed in bytes, one value for all."""

from __future__ import annotations

from math import prod
from typing import ClassVar

import msgspec
import numpy as np

from sparseview.errors import SparseviewError
from sparseview.model.dtypes import UINT2, Array
from sparseview.model.proto import TensorProto

# Bytes that one repeated value may fill: a file of a few bytes may not take all memory.
FILLED_LIMIT = 256 << 20
CODES = {2: UINT2, 4: TensorProto.UINT4}


class Packed(msgspec.Struct, frozen=True):
    """Codes of `bits` bits in bytes, from the low bits up: [rows, blocks, bytes of a block].

    Each row's `columns` codes are cut into blocks of `block`; the last one is filled up with codes
    that mean nothing, and so is each block up to whole bytes.
    """

    rows: int
    columns: int
    bits: int
    block: int

    @property
    def shape(self) -> tuple[int, int]:
        """Of the codes that count."""
        return self.rows, self.columns

    @property
    def dtype(self) -> int:
        """onnx's type of the codes: the narrowest that holds them."""
        return CODES.get(self.bits, int(TensorProto.UINT8))

    @property
    def blocks(self) -> int:
        return -(-self.columns // self.block)

    @property
    def block_bytes(self) -> int:
        return -(-self.block * self.bits // 8)

    @property
    def row_bytes(self) -> int:
        return self.blocks * self.block_bytes

    def decode(self, stored: Array) -> Array:
        """The codes, uint8 [n, columns], of n whole rows as stored (any shape)."""
        blocks = _bytes(stored).reshape(-1, self.block_bytes)
        codes = _codes(blocks, self.bits)[:, : self.block]
        return codes.reshape(-1, self.blocks * self.block)[:, : self.columns]

    def encode(self, codes: Array, stored: Array) -> Array:
        """The stored tensor with other codes [rows, columns]; what fills up stays as it is."""
        blocks = _bytes(stored).reshape(-1, self.block_bytes)
        whole = _codes(blocks, self.bits)
        spread = whole[:, : self.block].reshape(self.rows, -1)  # a copy where blocks end in bits
        spread[:, : self.columns] = codes.reshape(self.rows, self.columns)
        whole[:, : self.block] = spread.reshape(-1, self.block)
        left = self.block_bytes * 8 % self.bits  # bits behind the last whole code
        packed = _packed(whole, self.bits, self.block_bytes)
        if left:
            mask = np.uint8(0xFF << (8 - left) & 0xFF)
            packed[:, -1] |= blocks[:, -1] & mask
        return np.asarray(packed.reshape(-1).view(stored.dtype).reshape(stored.shape))


class Filled(msgspec.Struct, frozen=True):
    """One stored value that a ConstantOfShape repeats over `shape`."""

    shape: tuple[int, ...]
    fixed: ClassVar[str] = "the file stores one value for all of it, which no element can leave"

    def decode(self, stored: Array) -> Array:
        """The value over the whole shape, in no memory; raises SparseviewError if it is huge."""
        size = prod(self.shape) * stored.dtype.itemsize
        if size > FILLED_LIMIT:
            raise SparseviewError(
                f"one value is repeated over {size / 1e9:,.1f} GB.",
                "Store a smaller tensor.",
                "size",
            )
        return np.broadcast_to(stored.reshape(()), self.shape)


Layout = Packed | Filled


def _bytes(stored: Array) -> Array:
    return np.asarray(np.ascontiguousarray(stored).reshape(-1).view(np.uint8))


def _codes(blocks: Array, bits: int) -> Array:
    """Bytes [n, b] as whole codes uint8 [n, 8 * b // bits], low bits first."""
    if bits == 8:
        return np.array(blocks)
    count = blocks.shape[1] * 8 // bits
    if 8 % bits == 0:
        codes = np.empty((*blocks.shape, 8 // bits), np.uint8)
        for place in range(8 // bits):  # long strided loops: a loop of two in the middle is slow
            np.right_shift(blocks, np.uint8(place * bits), out=codes[:, :, place])
        codes &= np.uint8((1 << bits) - 1)
        return np.asarray(codes.reshape(len(blocks), count))
    flags = np.unpackbits(blocks, axis=1, bitorder="little")[:, : count * bits]
    weighed = flags.reshape(len(blocks), count, bits) << np.arange(bits, dtype=np.uint8)
    return np.asarray(weighed.sum(axis=2, dtype=np.uint8))


def _packed(codes: Array, bits: int, width: int) -> Array:
    """The inverse of `_codes`: bytes [n, width], bits behind the last code 0."""
    if bits == 8:
        return np.array(codes)
    if 8 % bits == 0:
        parts = codes.reshape(len(codes), width, 8 // bits)
        joined = np.array(parts[:, :, 0])
        for place in range(1, 8 // bits):
            joined |= parts[:, :, place] << np.uint8(place * bits)
        return joined
    flags = codes[:, :, None] >> np.arange(bits, dtype=np.uint8) & np.uint8(1)
    packed = np.packbits(flags.reshape(len(codes), -1), axis=1, bitorder="little")
    return np.asarray(packed[:, :width])
