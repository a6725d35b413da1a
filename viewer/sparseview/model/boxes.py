"""Random access to a tensor: boxes of its elements, read by position without reading the rest."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sparseview.errors import SparseviewError
from sparseview.model.dtypes import Array, byte_count, storage, unpack
from sparseview.model.layouts import Packed
from sparseview.model.proto import TensorProto
from sparseview.model.source import Source
from sparseview.model.stored import aligned, stored_range
from sparseview.model.tensors import read

if TYPE_CHECKING:
    from sparseview.model.constants import Constant
    from sparseview.model.document import Model

Shape = tuple[int, ...]
# Elements that fill whole bytes in every type, 6-bit ones included.
_UNIT = 24
# A longer read is cheaper than several short ones up to so many bytes, or times what is wanted.
_RUN, _LONGER = 1 << 12, 8


class Boxes:
    """A tensor seen as a row-major array of shape `sizes` (any that keeps the order of elements).

    A replaced, sparse, inline, packed or repeated tensor is held in memory whole; of any other
    nothing is.
    Raises SparseviewError where the tensor cannot be read.
    """

    def __init__(self, model: Model, constant: Constant, sizes: Shape) -> None:
        self.sizes = sizes
        self._dtype = constant.dtype
        self._bits = storage(constant.dtype).bits
        self._packed = constant.layout if isinstance(constant.layout, Packed) else None
        payload = _payload(model, constant)
        self._whole: Array | None = None
        if payload is None:
            self._whole = read(model, constant).reshape(sizes)
        else:
            self._source, self._offset = payload

    @property
    def held(self) -> int:
        """Bytes of the tensor that are held in memory."""
        return 0 if self._whole is None else self._whole.nbytes

    def read(self, lows: Shape, highs: Shape) -> Array:
        """Storage elements of the box lows <= index < highs, in its shape; not to be written."""
        if self._whole is not None:
            return self._whole[tuple(slice(a, b) for a, b in zip(lows, highs, strict=True))]
        wide_lows, wide_highs, at = self._widened(lows, highs)
        found = np.empty(
            [b - a for a, b in zip(wide_lows, wide_highs, strict=True)], storage(self._dtype).dtype
        )
        length = math.prod(found.shape[at:])
        strides = [math.prod(self.sizes[dim + 1 :]) for dim in range(len(self.sizes))]
        first = sum(low * stride for low, stride in zip(wide_lows, strides, strict=True))
        runs = found.reshape(-1, length)
        for number, place in enumerate(np.ndindex(*found.shape[:at])):
            start = first + sum(i * stride for i, stride in zip(place, strides, strict=False))
            runs[number] = self._run(start, length)
        return found[
            tuple(slice(a - w, b - w) for a, b, w in zip(lows, highs, wide_lows, strict=True))
        ]

    def _widened(self, lows: Shape, highs: Shape) -> tuple[Shape, Shape, int]:
        """The box with its last dims made full while a run of them stays short, and the dim from
        which on a run is contiguous in the file."""
        low, high = list(lows), list(highs)
        at = max(len(low) - 1, 0)
        while at > 0:
            if (low[at], high[at]) != (0, self.sizes[at]):
                full = math.prod(self.sizes[at:]) * self._bits // 8
                if full > _RUN and self.sizes[at] > _LONGER * (high[at] - low[at]):
                    break
                low[at], high[at] = 0, self.sizes[at]
            at -= 1
        return tuple(low), tuple(high), at

    def _run(self, start: int, count: int) -> Array:
        """`count` consecutive elements from flat index `start` on."""
        packed = self._packed
        if packed is not None:  # whole rows only
            row, before = divmod(start, packed.columns)
            rows = -(-(before + count) // packed.columns)
            data = aligned(rows * packed.row_bytes)
            self._source.read_into(data.data, self._offset + row * packed.row_bytes)
            return packed.decode(data).reshape(-1)[before : before + count]
        before = start % _UNIT if self._bits < 8 else 0
        start -= before
        data = aligned(byte_count(self._dtype, before + count))
        self._source.read_into(data.data, self._offset + start * self._bits // 8)
        return unpack(data, self._dtype, before + count)[before:]


def _payload(model: Model, constant: Constant) -> tuple[Source, int] | None:
    """Where elements lie in a file, if each can be found there by its position."""
    readable = constant.layout is None or isinstance(constant.layout, Packed)
    if constant.key in model.overlay or not isinstance(constant.proto, TensorProto) or not readable:
        return None
    try:
        return stored_range(model, constant.proto)
    except SparseviewError:
        return None  # reading it whole then says what is wrong
