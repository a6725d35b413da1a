"""What goals need to know of tensors: their zeros, and how many entries lie below a border."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import sqrt
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from sparseview.model.document import Model
from sparseview.model.masks import zeros as count_zeros
from sparseview.pruning.request import Wish
from sparseview.pruning.share import share
from sparseview.pruning.tensor import Loaded, Target, load, pieces


class Counts(Protocol):
    """Where the counts come from; each raises SparseviewError for what cannot be read."""

    def zeros(self, target: Target) -> int:
        """Elements that are zero now."""

    def below(self, target: Target, threshold: float) -> int:
        """Elements whose score is less than the threshold."""

    def least(self, targets: Sequence[Target], count: int) -> list[int]:
        """How many of the `count` least important elements of all lie in each; see `share`."""


class FileCounts(msgspec.Struct, frozen=True):
    """Counted by reading the tensors, one at a time."""

    model: Model
    wish: Wish

    def zeros(self, target: Target) -> int:
        return count_zeros(self.model, target.lead)

    def below(self, target: Target, threshold: float) -> int:
        loaded = load(self.model, target, self.wish.method)
        return sum(int(np.count_nonzero(p < threshold)) for p in pieces(loaded.flat()))

    def least(self, targets: Sequence[Target], count: int) -> list[int]:
        return share([partial(self._ranked, target) for target in targets], count)

    def _ranked(self, target: Target) -> Iterator[NDArray[np.float64]]:
        """A tensor's scores as one border sees them; 0 where the format leaves no choice."""
        loaded = load(self.model, target, self.wish.method)
        flat = loaded.flat()
        if self.wish.format.least:
            flat = np.where(loaded.kept(self.wish.format, None).reshape(-1), flat, 0)
        return pieces(flat, rms(loaded) if self.wish.relative else 1.0)


def rms(loaded: Loaded) -> float:
    """The root mean square of the scores; 1 for a weight of zeros."""
    return sqrt(float(loaded.squared()) / max(loaded.size, 1)) or 1.0
