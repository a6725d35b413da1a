"""Where a structure of blocks or channels is missed: units that are zero in part only."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.sparsity.formats import Format, get
from sparseview.sparsity.formats.bsr import BSR
from sparseview.sparsity.formats.channel import Channel
from sparseview.sparsity.offenders import Offender

Shape4 = tuple[int, int, int, int]


class PartialFinder:
    """Counts the non-zeros of every block (channel) of a weight, from pieces in any order and form.

    What a bsr or channel coverage lacks lies in the units that hold zeros and others, too. `groups`
    counts all units, `violating` those that are zero in part; `first` lists the first of them by
    (stack, out, kernel, in), with the place where each begins. Memory: a count for each unit, of
    one byte for small blocks.

    Raises SparseviewError where `name` is neither bsr nor channel, or the shape cannot have it.
    """

    def __init__(self, name: str, shape: Shape4, limit: int) -> None:
        self.format: Format = get(name)
        self.unit = unit(self.format, shape)
        refused = self.format.refuses(shape)
        if refused is not None:
            raise SparseviewError(f"{self.format.name} does not apply: {refused}.", "", "format")
        self._limit = limit
        self.size = int(np.prod(self.unit))
        held = np.min_scalar_type(self.size)
        counts = [whole // step for whole, step in zip(shape, self.unit, strict=True)]
        self._nonzeros = np.zeros(counts, held)

    def add(self, index: tuple[NDArray[Any], ...], nonzero: NDArray[np.bool_]) -> None:
        """index : ascending positions along stack, out, kernel, in.  nonzero : of those lengths."""
        counts: NDArray[Any] = nonzero.view(np.uint8)
        cells = []
        for axis, (places, step) in enumerate(zip(index, self.unit, strict=True)):
            units = places // step
            starts = np.flatnonzero(np.append(True, units[1:] != units[:-1]))
            if starts.size < units.size:
                counts = np.add.reduceat(counts, starts, axis=axis, dtype=self._nonzeros.dtype)
            cells.append(units[starts])
        self._nonzeros[np.ix_(*cells)] += counts

    @property
    def groups(self) -> int:
        return self._nonzeros.size

    @property
    def violating(self) -> int:
        return int(np.count_nonzero(self._partial()))

    @property
    def first(self) -> list[Offender]:
        """The first offenders, in order."""
        flat = np.flatnonzero(self._partial())[: self._limit]
        places = np.stack(np.unravel_index(flat, self._nonzeros.shape), 1) * self.unit
        held = self._nonzeros.reshape(-1)[flat]
        return [
            Offender(s, o, k, i, count)
            for (s, o, k, i), count in zip(places.tolist(), held.tolist(), strict=True)
        ]

    def _partial(self) -> NDArray[np.bool_]:
        return (self._nonzeros > 0) & (self._nonzeros < self.size)


def unit(found: Format, shape: Shape4) -> Shape4:
    """Entries of a block or channel along stack, out, kernel, in."""
    if isinstance(found, BSR):
        return 1, found.rows, 1, found.columns
    if isinstance(found, Channel):
        _, out, kernel, in_ = shape
        return (1, 1, kernel, in_) if found.side == "out" else (1, out, kernel, 1)
    raise SparseviewError(
        f"{found.name} has no blocks to show.", "Ask for bsr:4x4 or channel:out.", "format"
    )
