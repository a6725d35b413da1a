"""A weight's values piece by piece in its logical axes: all of it, or a part picked out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sparseview.model.boxes import Boxes
from sparseview.model.repeated import Repeated, whole
from sparseview.model.tensors import decoded, is_nonzero, read
from sparseview.model.view import Reshape

if TYPE_CHECKING:
    from sparseview.model.document import Model
    from sparseview.model.weights import Weight

Array = NDArray[Any]
Range = tuple[int, int]
# Elements looked at together: with the floats made of them they fit a core's cache.
PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a weight.

    index : positions along stack, out, kernel and in, each ascending.
    nonzero : bool [len of each index].  values : float32 or float64 of the same shape: what is
        stored, less the zero point of a quantized weight, so that zeros are 0.
    """

    index: tuple[Array, Array, Array, Array]
    nonzero: NDArray[np.bool_]
    values: Array


class Pieces:
    """One weight of a model, in memory as little as the tensor allows (see Boxes).

    `shape` is (stack, out, kernel, in), `kernel` the sizes of the kernel's own dims.
    """

    def __init__(self, model: Model, weight: Weight) -> None:
        view, constant, zero = weight.view, weight.constant, weight.zero
        self._dtype = constant.dtype
        stack, out, kernel, in_ = view.logical_shape
        self.shape = stack, out, kernel, in_
        self.kernel = tuple(view.shape[dim] for dim in view.axes.kernel)
        self._boxes: Boxes | _Whole
        if all(isinstance(step, Reshape) for step in view.steps):
            sizes, order, counts = view.factors
            self._boxes = Boxes(model, constant, sizes)
            if isinstance(zero, Repeated) and sizes != constant.shape:
                zero = zero.whole()
            if isinstance(zero, Repeated):
                self._zero: _Zeros | None = _Blocks(zero, sizes)
            else:
                self._zero = None if zero is None else _Same(zero, constant.shape, sizes)
        else:
            # The axes cut stored dims in the middle: only the whole can be turned.
            self._boxes = _Whole(view.logical(read(model, constant)))
            sizes, order, counts = self._boxes.sizes, (0, 1, 2, 3), (1, 1, 1, 1)
            point = whole(zero)
            spread = None if point is None else np.broadcast_to(point, constant.shape)
            self._zero = None if spread is None else _Whole(view.logical(spread))
        ends = np.cumsum((0, *counts))
        self._sizes = sizes
        self._roles = [order[ends[role] : ends[role + 1]] for role in range(4)]

    @property
    def elements(self) -> int:
        return math.prod(self.shape)

    @property
    def held(self) -> int:
        """Bytes of the tensor that are held in memory."""
        return self._boxes.held

    def all(self) -> Iterator[Piece]:
        """Every element once, in the order of the file."""
        if not self.elements:
            return
        at = len(self._sizes)
        while at > 0 and math.prod(self._sizes[at - 1 :]) <= PIECE:
            at -= 1
        # Dims before `at - 1` one by one, that dim in steps, the rest whole.
        split = max(at - 1, 0)
        rest = math.prod(self._sizes[split + 1 :])
        step = max(PIECE // rest, 1)
        if self._sizes and split in self._roles[3]:
            step = -(-step // 32) * 32  # whole groups of any N:M
        for outer in np.ndindex(*self._sizes[:split]):
            size = self._sizes[split] if self._sizes else 1
            for start in range(0, size, step):
                lows = (*outer, start, *(0 for _ in self._sizes[split + 1 :]))
                ends = (*(i + 1 for i in outer), min(start + step, size), *self._sizes[split + 1 :])
                yield self._piece(lows[: len(self._sizes)], ends[: len(self._sizes)])

    def part(self, stack: Range, out: Range, kernel: Range, in_: Range) -> Iterator[Piece]:
        """The elements whose positions lie in these ranges, start included, end not."""
        wanted = (stack, out, kernel, in_)
        choices = [
            list(_boxes([self._sizes[dim] for dim in dims], *within))
            for dims, within in zip(self._roles, wanted, strict=True)
        ]
        for chosen in product(*choices):
            lows, highs = [0] * len(self._sizes), list(self._sizes)
            for dims, box in zip(self._roles, chosen, strict=True):
                for dim, (low, high) in zip(dims, box, strict=True):
                    lows[dim], highs[dim] = low, high
            yield self._piece(tuple(lows), tuple(highs))

    def _piece(self, lows: tuple[int, ...], highs: tuple[int, ...]) -> Piece:
        stored = self._boxes.read(lows, highs)
        zero = None if self._zero is None else self._zero.read(lows, highs)
        index = tuple(self._positions(dims, lows, highs) for dims in self._roles)
        shape = [len(one) for one in index]
        order = [dim for dims in self._roles for dim in dims]
        values = decoded(stored, self._dtype, zero)
        nonzero = is_nonzero(np.ascontiguousarray(stored), self._dtype, zero)
        return Piece(
            (index[0], index[1], index[2], index[3]),
            nonzero.transpose(order).reshape(shape),
            values.transpose(order).reshape(shape),
        )

    def _positions(
        self, dims: tuple[int, ...], lows: tuple[int, ...], highs: tuple[int, ...]
    ) -> Array:
        """Positions along one logical axis that a box covers, ascending."""
        found = np.zeros(1, np.int64)
        for dim in dims:
            here = np.arange(lows[dim], highs[dim])
            found = (found[:, None] * self._sizes[dim] + here).reshape(-1)
        return found


class _Whole:
    """An array in memory with the interface of Boxes."""

    def __init__(self, array: Array) -> None:
        self.sizes = array.shape
        self.held = array.nbytes
        self._array = array

    def read(self, lows: tuple[int, ...], highs: tuple[int, ...]) -> Array:
        return self._array[tuple(slice(a, b) for a, b in zip(lows, highs, strict=True))]


class _Same(_Whole):
    """A zero point that broadcasts against the stored `shape`, seen as `sizes`."""

    def __init__(self, zero: Array, shape: tuple[int, ...], sizes: tuple[int, ...]) -> None:
        super().__init__(np.broadcast_to(zero, shape).reshape(sizes))


class _Blocks:
    """A zero point per block of a weight of shape `sizes`, spread out box by box."""

    def __init__(self, zero: Repeated, sizes: tuple[int, ...]) -> None:
        self._axis = zero.axis % len(sizes)
        self._index = zero.index
        blocks = zero.values.shape[zero.axis]
        shape = (*sizes[: self._axis], blocks, *sizes[self._axis + 1 :])
        self._values = np.broadcast_to(zero.values, shape)

    def read(self, lows: tuple[int, ...], highs: tuple[int, ...]) -> Array:
        box = [slice(a, b) for a, b in zip(lows, highs, strict=True)]
        along = self._index[box[self._axis]]
        box[self._axis] = slice(None)
        return np.asarray(np.take(self._values[tuple(box)], along, self._axis))


_Zeros = _Whole | _Blocks


def _boxes(sizes: list[int], start: int, end: int) -> Iterator[tuple[Range, ...]]:
    """The flat range start..end of row-major dims as boxes: a head, a middle and a tail."""
    if start >= end:
        return
    if len(sizes) <= 1:
        yield ((start, end),) if sizes else ()
        return
    rest = math.prod(sizes[1:])
    whole = tuple((0, size) for size in sizes[1:])
    first, last = start // rest, end // rest
    if start % rest:
        stop = min(end, (first + 1) * rest)
        for box in _boxes(sizes[1:], start % rest, stop - first * rest):
            yield ((first, first + 1), *box)
        first += 1
    if first < last:
        yield ((first, last), *whole)
    if end % rest and last >= first:
        for box in _boxes(sizes[1:], 0, end % rest):
            yield ((last, last + 1), *box)
