"""Where a structure is broken: the groups of N:M with too many non-zeros, one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.sparsity.formats import get
from sparseview.sparsity.formats.nm import NM


@dataclass(frozen=True, slots=True, order=True)
class Offender:
    """A group that breaks N:M: where it begins, and how many non-zeros it holds."""

    stack: int
    out: int
    kernel: int
    in_: int
    nonzeros: int


class OffenderFinder:
    """Collects the first offenders in the order of (stack, out, kernel, in), piece by piece.

    `groups` counts those looked at, `violating` those that break the format.
    Raises SparseviewError where `name` is no N:M, or the shape cannot have it.
    """

    def __init__(self, name: str, shape: tuple[int, int, int, int], limit: int) -> None:
        found = get(name)
        if not isinstance(found, NM):
            raise SparseviewError(
                f"{found.name} has no groups to show.", "Ask for an N:M format, as 2:4.", "format"
            )
        refused = found.refuses(shape)
        if refused is not None:
            raise SparseviewError(f"{found.name} does not apply: {refused}.", "", "format")
        self.format = found
        self._limit = limit
        self._first: list[Offender] = []
        self.groups = self.violating = 0

    def takes(self, in_: NDArray[Any]) -> bool:
        """Whether these positions along in (ascending) are whole groups side by side."""
        m = self.format.m
        joined = int(in_[-1]) - int(in_[0]) + 1 == in_.size
        return joined and int(in_[0]) % m == 0 and in_.size % m == 0

    def add(self, index: tuple[NDArray[Any], ...], nonzero: NDArray[np.bool_]) -> None:
        """index : positions along stack, out, kernel, in.  nonzero : bool, of those lengths."""
        n, m = self.format.n, self.format.m
        stack, out, kernel, in_ = index
        groups = nonzero.reshape(*nonzero.shape[:3], -1, m)
        counts = np.count_nonzero(groups, axis=4)
        self.groups += counts.size
        places = np.argwhere(counts > n)
        self.violating += len(places)
        for s, o, k, g in places[: self._limit].tolist():
            held = int(counts[s, o, k, g])
            place = int(stack[s]), int(out[o]), int(kernel[k]), int(in_[g * m])
            self._first.append(Offender(*place, held))
        if len(self._first) > 2 * self._limit:
            self._first = sorted(self._first)[: self._limit]

    @property
    def first(self) -> list[Offender]:
        """The first offenders, in order."""
        return sorted(self._first)[: self._limit]
