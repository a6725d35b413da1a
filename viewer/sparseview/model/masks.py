"""Which elements of a weight are not zero: streamed from its file in bounded memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from sparseview.model.buffers import lent
from sparseview.model.dtypes import Array
from sparseview.model.nonfinite import nonfinite
from sparseview.model.slabs import At, Slab, in_order, slabs
from sparseview.model.tensors import Kind, chunks
from sparseview.model.values import count_nonzero, is_nonzero
from sparseview.model.view import View

if TYPE_CHECKING:
    from sparseview.model.document import Model
    from sparseview.model.weights import Weight


class Mask(msgspec.Struct, frozen=True):
    """A part of a weight: bools [stack, out, kernel, in], where the first of them lies in the
    weight, and how many of its elements are NaN or infinite. Good until the next one is asked for.
    """

    at: At
    nonzero: NDArray[np.bool_]
    nan: int
    inf: int


def masks(
    model: Model, weight: Weight, limit: int, unit: int, finite: bool = False
) -> Iterator[Mask]:
    """A weight in the order of the file, in parts of about `limit` elements (see `slabs`).

    finite : do not look for NaN and infinities.

    Takes a byte per element of a part and a chunk of the file; of the whole weight, where its axes
    are not dims of the stored tensor. Raises SparseviewError where it cannot be read.
    """
    constant = weight.constant
    pieces = chunks(model, constant)
    yield from cut(pieces, constant, weight.view, weight.zero_point, limit, unit, finite)


def cut(
    pieces: Iterator[Array],
    constant: Kind,
    view: View,
    zero_point: Array | None,
    limit: int,
    unit: int,
    finite: bool = False,
) -> Iterator[Mask]:
    """As `masks`, from the pieces that `chunks` gives."""
    elements = math.prod(constant.shape)
    ordered = in_order(view)
    parts = slabs(view, limit, unit) if ordered else iter([Slab(0, elements, (0, 0, 0, 0), ())])
    sizes = view.factors[0] if ordered else constant.shape
    zeros = _Zeros(zero_point, constant.shape, sizes)
    stream = _Stream(pieces)
    first = next(parts, None)
    if first is None:
        return
    # No part is larger than the first.
    with lent(first.stop - first.start) as buffer:
        memory = buffer.view(np.bool_)
        for slab in chain((first,), parts):
            size = slab.stop - slab.start
            zero = zeros.of(slab.index)
            nan = inf = done = 0
            while done < size:
                piece = stream.take(size - done)
                end = done + piece.size
                point = zero[done:end] if zero is not None and zero.size > 1 else zero
                is_nonzero(piece, constant.dtype, point, out=memory[done:end])
                if not finite:
                    more = nonfinite(piece, constant.dtype)
                    nan, inf = nan + more[0], inf + more[1]
                done = end
            found = memory[:size]
            if ordered:
                yield Mask(slab.at, slab.logical(found, view), nan, inf)
            else:
                yield Mask(slab.at, view.logical(found.reshape(constant.shape)), nan, inf)


def zeros(model: Model, weight: Weight) -> int:
    """How many elements are zero, and nothing else: at about the speed of reading them."""
    constant = weight.constant
    if _differs(weight.zero_point):
        parts = masks(model, weight, 1 << 20, 1)
        live = sum(int(np.count_nonzero(part.nonzero)) for part in parts)
    else:
        zero = None if weight.zero_point is None else weight.zero_point.reshape(-1)[:1]
        pieces = chunks(model, constant)
        live = sum(count_nonzero(piece, constant.dtype, zero) for piece in pieces)
    return math.prod(constant.shape) - live


class _Stream:
    """Flat pieces, cut to measure."""

    def __init__(self, pieces: Iterator[Array]) -> None:
        self._pieces = pieces
        self._left: Array | None = next(pieces, None)  # checks the sizes before memory is taken

    def take(self, most: int) -> Array:
        """The next elements, at least one and at most so many."""
        if self._left is None or not self._left.size:
            self._left = next(self._pieces)
        taken, self._left = self._left[:most], self._left[most:]
        return taken


class _Zeros:
    """What counts as zero: nothing but 0, one value, or other ones along some dims."""

    def __init__(self, point: Array | None, shape: tuple[int, ...], sizes: tuple[int, ...]) -> None:
        self._point = point
        self._spread: Array | None = None
        if self._point is None:
            return
        if _differs(self._point):
            self._spread = np.broadcast_to(self._point, shape).reshape(sizes)
        else:
            self._point = self._point.reshape(-1)[:1]

    def of(self, index: tuple[slice, ...]) -> Array | None:
        """For the elements of a box: None, one value, or one for each, flat."""
        if self._spread is None:
            return self._point
        return self._spread[index].reshape(-1)


def _differs(zero_point: Array | None) -> bool:
    """Whether not all elements have the same zero."""
    if zero_point is None or zero_point.size <= 1:
        return False
    return bool((zero_point != zero_point.flat[0]).any())
