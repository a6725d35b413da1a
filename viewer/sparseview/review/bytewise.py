"""Groups of four counted in the bytes of a file as they are read: no bools are made of them.

Of elements of a byte each pass over memory costs as much as reading them, so one is saved.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from sparseview.model.document import Model
from sparseview.model.dtypes import Array, storage
from sparseview.model.slabs import in_order
from sparseview.model.tensors import PIECE, chunks
from sparseview.model.values import is_nonzero
from sparseview.model.weights import Weight
from sparseview.sparsity.bits import fours
from sparseview.sparsity.tally import Tally


def bytewise(
    model: Model, weight: Weight, only: tuple[int, int], check: Callable[[], None]
) -> Tally | None:
    """The tally of N:4 alone; None where the zeros are not bytes of 0 (4 bits, floats with a -0,
    zero points), or groups do not lie in rows of whole words.

    check : called before each piece; what it raises ends the counting.
    """
    n, m = only
    unit = _unit(weight) if m == 4 and _plain(weight) else None
    if unit is None:
        return None
    stack, out, kernel, in_ = weight.view.logical_shape
    tally = Tally.empty((stack, out, kernel, in_), only)
    for piece in _whole(chunks(model, weight.constant), unit):
        check()
        tally.add_counted(*fours(piece, unit // m, n))
    return tally


def _plain(weight: Weight) -> bool:
    """Whether an element is one byte, and zero where that is 0."""
    row, point = storage(weight.constant.dtype), weight.zero_point
    if row.dtype.itemsize != 1 or row.bits != 8 or row.magnitude is not None:
        return False
    if weight.constant.layout is not None or not in_order(weight.view):
        return False
    return point is None or not is_nonzero(point, weight.constant.dtype).any()


def _unit(weight: Weight) -> int | None:
    """Elements of four inputs with all that is stored inside them: no cut between such units
    parts a group. None where groups do not lie so, or a unit is larger than what is read at once.
    """
    sizes, order, counts = weight.view.factors
    inputs = [dim for dim in order[len(order) - counts[3] :] if sizes[dim] > 1]
    if len(inputs) != 1 or sizes[inputs[0]] % 4:
        return None
    step = math.prod(sizes[inputs[0] + 1 :])
    return 4 * step if step and step % 64 == 0 and 4 * step <= PIECE else None


def _whole(pieces: Iterable[Array], unit: int) -> Iterator[Array]:
    """The same elements as uint8, flat, cut at multiples of `unit`."""
    carried = np.empty(0, np.uint8)
    for piece in pieces:
        flat = piece.view(np.uint8)
        if carried.size:
            flat = np.concatenate((carried, flat))
        end = flat.size // unit * unit
        carried = flat[end:].copy()
        if end:
            yield flat[:end]
