"""A tensor's entries, or whole units of them, in the order in which a prune takes them.

Made once, in the time of a sort; then every amount is answered at once and exactly: how many zeros,
how much of the squares is lost, where the border lies.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.pruning.tensor import Loaded
from sparseview.sparsity.formats import Format
from sparseview.sparsity.formats.base import Units, squares, target, whole
from sparseview.sparsity.formats.bsr import BSR
from sparseview.sparsity.formats.channel import Channel

STEP = 1 << 12  # entries between two sums that are kept
RUN = 64  # neighbours that a sample takes together


@dataclass(frozen=True, slots=True)
class Rung:
    """Where an amount leads. lost : the squares that go.  border : the least score that stays."""

    zeros: int
    lost: np.floating[Any]
    border: float | None


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries that fall one by one: of no structure, or those that N:M leaves.

    size, zeros, energy : of the tensor as it is; energy is the sum of the squares.
    forced, given : entries that the format zeroes by itself, and their squares.
    spare : entries that the format leaves and that are zero already.
    ranked : scores of those that it leaves, ascending; a sample of them where there are too many.
    sums : the squares before every STEP-th of them.
    """

    size: int
    zeros: int
    energy: np.floating[Any]
    forced: int
    given: np.floating[Any]
    spare: int
    ranked: NDArray[np.floating[Any]]
    sums: NDArray[np.floating[Any]]

    @property
    def nbytes(self) -> int:
        return self.ranked.nbytes + self.sums.nbytes

    @property
    def weight(self) -> float:
        """Entries that each ranked one stands for: 1 where all of them are ranked."""
        return (self.size - self.forced) / max(self.ranked.size, 1)

    @property
    def exact(self) -> bool:
        return self.ranked.size == self.size - self.forced

    def at(self, goal: float | None) -> Rung:
        """Where a fraction of zeros leads; None: to what the format asks for by itself."""
        wanted = 0 if goal is None else target(goal, self.size)
        falls = max(wanted - self.forced, self.spare, 0)
        place = min(round(falls / self.weight), self.ranked.size)
        start = place // STEP
        rest = squares(self.ranked[start * STEP : place], False)
        lost = self.sums[start] + rest[np.isfinite(rest)].sum()
        border = float(self.ranked[place]) if place < self.ranked.size else np.inf
        return Rung(
            self.forced + falls,
            self.given + lost * self.weight,
            border if not self.forced and np.isfinite(border) else None,
        )

    def below(self, threshold: float) -> int:
        """Entries whose score is less than that; those that the format zeroes count."""
        found = bisect_left(self.ranked, threshold, key=float)
        return (self.forced if threshold > 0 else 0) + round(found * self.weight)


@dataclass(frozen=True, slots=True)
class Whole:
    """Units (blocks, channels) that fall as a whole, the least important first.

    removed, lost : non-zeros and squares that are gone once the first k units are, for k = 0 ...
    """

    size: int
    zeros: int
    energy: np.floating[Any]
    removed: NDArray[np.int64]
    lost: NDArray[np.floating[Any]]

    exact = True

    @property
    def nbytes(self) -> int:
        return self.removed.nbytes + self.lost.nbytes

    def at(self, goal: float | None) -> Rung:
        """Where a fraction of zeros leads: it is not exceeded."""
        assert goal is not None  # the format's own check wants one
        allowed = max(whole(goal, self.size) - self.zeros, 0)
        units = int(np.searchsorted(self.removed, allowed, side="right")) - 1
        return Rung(self.zeros + int(self.removed[units]), self.lost[units], None)


Ladder = Entries | Whole


def ladder(loaded: Loaded, format_: Format, most: int | None = None) -> Ladder | None:
    """The ladder of a tensor for a format; None where its scores do not tell its zeros apart.

    most : more entries than this are sampled, the same ones each time.
    """
    if isinstance(format_, BSR | Channel):
        return _whole(loaded, format_.units(loaded.scores, loaded.position(), squared=False))
    flat, energy = loaded.flat(), loaded.squared()
    zeros = loaded.size - int(np.count_nonzero(loaded.nonzero))
    forced, given = 0, energy * 0
    if format_.least:
        kept = loaded.kept(format_, None).reshape(-1)
        given = loaded.split(~kept.reshape(loaded.nonzero.shape))[1]
        flat = flat[kept]
        forced = loaded.size - flat.size
    spare = flat.size - int(np.count_nonzero(flat))
    if not format_.least and spare != zeros:
        return None  # a score so small that it vanished
    if most is not None and flat.size > most:
        flat = _sample(flat, most)
    ranked = np.sort(flat)
    return Entries(loaded.size, zeros, energy, forced, given, spare, ranked, _sums(ranked))


def _sample(flat: NDArray[np.floating[Any]], most: int) -> NDArray[np.floating[Any]]:
    """About `most` entries: whole runs of neighbours, which are read several times as fast."""
    runs = flat[: flat.size // RUN * RUN].reshape(-1, RUN)
    chosen = np.random.default_rng(0).choice(len(runs), max(most // RUN, 1), replace=False)
    return np.asarray(runs[np.sort(chosen)].reshape(-1))


def _sums(ranked: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """The squares before every STEP-th entry; what is not finite is left out."""
    found = []
    for start in range(0, ranked.size, STEP):
        piece = squares(ranked[start : start + STEP], False)
        found.append(piece[np.isfinite(piece)].sum())
    return np.cumsum([squares(ranked[:0], False).sum(), *found])


def _whole(loaded: Loaded, units: Units) -> Whole | None:
    sums, counts, first = (part.reshape(-1) for part in units)
    zeros = loaded.size - int(np.count_nonzero(loaded.nonzero))
    if not np.isfinite(sums).all() or zeros != loaded.size - int(counts.sum(dtype=np.int64)):
        return None
    order = np.lexsort((-first, sums))
    removed = np.cumsum(counts[order], dtype=np.int64)
    return Whole(
        loaded.size,
        zeros,
        loaded.squared(),
        np.concatenate([[0], removed]),
        np.concatenate([sums[:0], np.zeros(1, sums.dtype), np.cumsum(sums[order])]),
    )


def least(ladders: list[Entries], over: list[float], count: int) -> list[int]:
    """How many of the `count` least entries of all tensors lie in each, by one border.

    over : what the scores of each are divided by. Of equals at the border the earlier tensor keeps
    its own. Found by halving the range of float64, whose bits sort as their values do.
    """
    count = min(count, sum(one.size for one in ladders))
    if count <= 0:
        return [0] * len(ladders)
    low, high = 0, int(np.float64(np.inf).view(np.uint64))
    spans = [(0, one.ranked.size) for one in ladders]
    while low < high:
        middle = (low + high) // 2
        border = float(np.uint64(middle).view(np.float64))
        found = _places(bisect_right, ladders, over, border, spans)
        if sum(_through(one, place) for one, place in zip(ladders, found, strict=True)) >= count:
            high = middle
            spans = [(a, place) for (a, _), place in zip(spans, found, strict=True)]
        else:
            low = middle + 1
            spans = [(place, b) for (_, b), place in zip(spans, found, strict=True)]
    border = float(np.uint64(low).view(np.float64))
    everywhere = [(0, one.ranked.size) for one in ladders]
    under = _places(bisect_left, ladders, over, border, everywhere)
    through = _places(bisect_right, ladders, over, border, everywhere)
    counts = [
        _through(one, place) if border > 0 else 0 for one, place in zip(ladders, under, strict=True)
    ]
    missing = count - sum(counts)
    for at in reversed(range(len(ladders))):
        equal = _through(ladders[at], through[at]) - counts[at]
        taken = min(max(missing, 0), equal)
        counts[at] += taken
        missing -= taken
    return counts


def _through(one: Entries, place: int) -> int:
    return one.forced + round(place * one.weight)


def _places(
    bisect: Callable[..., int],
    ladders: list[Entries],
    over: list[float],
    border: float,
    spans: list[tuple[int, int]],
) -> list[int]:
    return [
        bisect(one.ranked, border, a, b, key=lambda score, by=by: float(score) / by)
        for one, by, (a, b) in zip(ladders, over, spans, strict=True)
    ]
