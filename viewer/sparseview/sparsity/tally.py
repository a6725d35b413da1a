"""Counts over the zeros of one weight, gathered piece by piece in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from sparseview.sparsity.bits import (
    byte_sum,
    group_counts,
    live_nibbles,
    pack,
    pairs,
    rows_of_four,
    set_bits,
    small_groups,
    words,
)

Shape = tuple[int, int, int, int]
At = tuple[int, int, int, int]

# Elements looked at together: enough that numpy's calls weigh little, few enough that their bits
# fit a core's cache.
PIECE = 1 << 21
# Pieces start at multiples of it along out and in: no group and no block is ever cut.
UNIT = 32
# Sizes of groups, and the N:M of which violating groups are always counted. Those of others are as
# long as they may still be near misses: not more than one group of FAR.
GROUP_SIZES = (2, 4, 8, 16, 32)
FAR = 10
COUNTED = ((1, 2), (1, 4), (2, 4), (2, 8), (4, 8), (4, 16), (8, 16), (8, 32), (16, 32))
_OUT, _IN = 1, 3
_SQUARES = (4, 8, 16, 32)
_WORDS: dict[int, type[np.unsignedinteger[Any]]] = {8: np.uint8, 16: np.uint16, 32: np.uint32}


class Part(Protocol):
    """A part of a weight: bools [stack, out, kernel, in], where the first of them lies, and how
    many elements are NaN and infinite."""

    @property
    def nonzero(self) -> NDArray[np.bool_]: ...

    @property
    def at(self) -> At: ...

    @property
    def nan(self) -> int: ...

    @property
    def inf(self) -> int: ...


class Tally:
    """Counts over a weight, bools [stack, out, kernel, in]; all of it, or what was added so far.

    Every piece is packed to bits along in; groups, blocks and channels are then counted on an
    eighth of the bytes. Sizes of groups and blocks are those of `annotation.md`: powers of two up
    to 32, blocks square or of one row or column; callers ask only for sizes that divide the axis.

    nan, inf : elements that are not numbers, infinite; for whoever adds them up.
    """

    def __init__(self, nonzero: NDArray[np.bool_]) -> None:
        if nonzero.ndim != 4 or nonzero.dtype != np.bool_:
            raise ValueError(f"need 4-D bools, got {nonzero.ndim}-D {nonzero.dtype}")
        stack, out, kernel, in_ = nonzero.shape
        self._begin((stack, out, kernel, in_), None)
        for at, piece in pieces(nonzero):
            self.add(piece, at)

    @classmethod
    def empty(cls, shape: Shape, only: tuple[int, int] | None = None) -> Tally:
        """A tally to which pieces will be added. `only`: count nothing but this N:M."""
        tally = cls.__new__(cls)
        tally._begin(shape, only)
        return tally

    @classmethod
    def gathered(
        cls,
        shape: tuple[int, ...],
        parts: Iterable[Part],
        only: tuple[int, int] | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> Tally:
        """The counts over all parts of a weight [stack, out, kernel, in]; see `empty`.

        check : called before each part; what it raises ends the counting.
        """
        stack, out, kernel, in_ = shape
        tally = cls.empty((stack, out, kernel, in_), only)
        for part in parts:
            check()
            tally.add(part.nonzero, part.at)
            tally.nan += part.nan
            tally.inf += part.inf
        return tally

    def _begin(self, shape: Shape, only: tuple[int, int] | None) -> None:
        stack, out, kernel, in_ = shape
        self.shape = shape
        self.elements = stack * out * kernel * in_
        self.nonzeros = self.nan = self.inf = 0
        self._only = only
        sizes = GROUP_SIZES if only is None else (only[1],)
        self._most = {m: 0 for m in sizes if in_ % m == 0}
        self._over = {
            (n, m): 0 for n, m in (COUNTED if only is None else (only,)) if m in self._most
        }
        # Of each size the other N that are not far yet, the largest first: a smaller one is broken
        # by every group that breaks a larger one.
        self._near: dict[int, list[int]] = {}
        if only is None:
            self._near = {m: [n for n in range(m // 2, 0, -1) if (n, m) not in COUNTED]
                          for m in self._most if m > 4}  # fmt: skip
            self._over |= {(n, m): 0 for m, near in self._near.items() for n in near}
        self._live: dict[tuple[int, int], int] = {}
        if only is None:
            self._live = {(1, m): 0 for m in self._most}
            self._live |= {(r, 1): 0 for r in _SQUARES if out % r == 0}
            self._live |= {(r, r): 0 for r in _SQUARES if out % r == in_ % r == 0}
        self._live_out = np.zeros((stack, out), np.bool_)
        self._live_in = np.zeros((stack, in_), np.bool_)

    def add(self, nonzero: NDArray[np.bool_], at: At = (0, 0, 0, 0)) -> None:
        """Count a piece, bools [stack, out, kernel, in], whose first entry lies `at` there.

        Along out and in a piece begins at a multiple of UNIT, and ends at one or at the axis' end.
        """
        if not nonzero.size:
            return
        if self._only is not None and self._only[1] in (4, 8):
            # Without the bits.
            if not self._most:
                self.nonzeros += int(np.count_nonzero(nonzero))
                return
            n, m = self._only
            rows = rows_of_four(nonzero, n) if m == 4 else None
            if rows is not None:
                self.add_counted(*rows)
                return
            counts = group_counts(nonzero, m)
            self.nonzeros += byte_sum(counts, m)
            self._add_counts(m, counts)
            return
        packed = pack(nonzero)
        flags = words(packed)
        total = set_bits(flags)
        self.nonzeros += total
        for m, found in small_groups(flags, total).items():
            if m in self._most:
                self._add_groups(m, found)
        counts = np.bitwise_count(packed)
        for m in (8, 16, 32):
            if self.shape[_IN] % m == 0:
                counts = counts if m == 8 else pairs(counts)
                if m in self._most:
                    self._add_counts(m, counts)
        if self._only is None:
            self._add_blocks(packed, nonzero.shape[_IN], at)

    def add_counted(self, nonzeros: int, over: int) -> None:
        """What somebody counted in a piece of a tally of one N:M: `over` groups break it."""
        assert self._only is not None
        n, m = self._only
        self.nonzeros += nonzeros
        self._over[n, m] += over
        self._most[m] = max(self._most[m], n + (over > 0))  # more is not asked

    def _add_groups(self, m: int, found: list[int]) -> None:
        """found : groups of m with at least 1, 2, .. non-zeros."""
        self._most[m] = max(self._most[m], sum(groups > 0 for groups in found))
        if (1, m) in self._live:
            self._live[1, m] += found[0]
        for n in (n for n, size in self._over if size == m):
            self._over[n, m] += found[n]

    def _add_counts(self, m: int, counts: NDArray[np.uint8]) -> None:
        """counts : non-zeros of each group of m."""
        most = int(counts.max())
        self._most[m] = max(self._most[m], most)
        if (1, m) in self._live:
            self._live[1, m] += int(np.count_nonzero(counts))
        always = (n for n, size in self._over if size == m and n < most)
        for n in [n for n in always if n not in self._near.get(m, ())]:
            self._over[n, m] += int(np.count_nonzero(counts > n))
        for n in [n for n in self._near.get(m, ()) if n < most]:
            self._over[n, m] += int(np.count_nonzero(counts > n))
            if self._far(n, m):
                self._drop(n, m)
                break

    def _far(self, n: int, m: int) -> bool:
        """Whether more groups than a near miss has were counted that break N:M."""
        return self._over[n, m] * FAR > self.elements // m

    def _drop(self, n: int, m: int) -> None:
        """Count this N no more, nor smaller ones."""
        for far in [one for one in self._near[m] if one <= n]:
            self._near[m].remove(far)
            del self._over[far, m]

    @property
    def zeros(self) -> int:
        return self.elements - self.nonzeros

    @property
    def sparsity(self) -> float:
        """The fraction of zeros, 0..1; 0 for a weight without elements."""
        return self.zeros / self.elements if self.elements else 0.0

    def most(self, m: int) -> int:
        """The largest count of non-zeros in any group of `m` along in; of 4, 3 stands for 4 too."""
        return self._most[m]

    def near(self, n: int, m: int) -> bool:
        """Whether `violating` knows: for N:M of COUNTED, for near misses, and for what holds."""
        return self._most[m] <= n or (n, m) in self._over

    def violating(self, n: int, m: int) -> tuple[int, int]:
        """Groups of `m` with more than `n` non-zeros, and how many groups there are.

        For N:M that are `near`, and the one that alone was counted.
        """
        over = 0 if self._most[m] <= n else self._over[n, m]
        return over, self.elements // m

    def live_blocks(self, rows: int, columns: int) -> int:
        """Blocks of `rows` along out by `columns` along in that have a non-zero."""
        return self._live[rows, columns]

    def zeros_in_blocks(self, rows: int, columns: int) -> int:
        """Zeros that lie in all-zero blocks of `rows` along out by `columns` along in."""
        return self.elements - self.live_blocks(rows, columns) * rows * columns

    def channels(self, side: Literal["out", "in"]) -> tuple[int, int]:
        """(all-zero output or input channels, all of them); groups have their own."""
        live = self._live_out if side == "out" else self._live_in
        return int(live.size) - int(np.count_nonzero(live)), int(live.size)

    def zeros_in_channels(self, side: Literal["out", "in"]) -> int:
        """Zeros that lie in output (input) channels that are all zero."""
        dead, channels = self.channels(side)
        return dead * (self.elements // channels) if channels else 0

    def _add_blocks(self, packed: NDArray[np.uint8], in_: int, at: At) -> None:
        stack, out, kernel, width = packed.shape
        first, top, _, left = at
        bits = packed.reshape(stack, out, kernel * width)
        wide = bits.view(np.uint64) if kernel * width % 8 == 0 else bits
        self._live_out[first : first + stack, top : top + out] |= wide.any(axis=2)
        rows = 1
        while rows < UNIT and self.shape[_OUT] % (2 * rows) == 0:
            bits = bits[:, 0::2] | bits[:, 1::2]
            rows *= 2
            if rows > 2:
                self._add_live(bits, rows)
        some = np.bitwise_or.reduce(bits, axis=1).reshape(stack, kernel, width)
        seen = np.bitwise_or.reduce(some, axis=1)
        live = np.unpackbits(seen, axis=1, count=in_, bitorder="little").view(np.bool_)
        self._live_in[first : first + stack, left : left + in_] |= live

    def _add_live(self, bits: NDArray[np.uint8], rows: int) -> None:
        """Blocks of `rows`: a bit is set where any of so many neighbours along out is."""
        flags = words(bits)
        self._live[rows, 1] += set_bits(flags)
        if rows == 4 and (4, 4) in self._live:
            self._live[4, 4] += live_nibbles(flags)
        elif (rows, rows) in self._live:
            self._live[rows, rows] += int(np.count_nonzero(bits.view(_WORDS[rows])))


def pieces(nonzero: NDArray[np.bool_]) -> Iterator[tuple[At, NDArray[np.bool_]]]:
    """Cut along the axis outermost in memory, into pieces that stay in the cache."""
    axis = max(range(4), key=lambda a: abs(nonzero.strides[a]) * (nonzero.shape[a] > 1))
    size = nonzero.shape[axis]
    unit = UNIT if axis in (_OUT, _IN) else 1
    step = max(PIECE * size // max(nonzero.size, 1) // unit, 1) * unit
    for start in range(0, size, step):
        first, chosen = [0, 0, 0, 0], [slice(None)] * 4
        first[axis], chosen[axis] = start, slice(start, start + step)
        yield (first[0], first[1], first[2], first[3]), nonzero[tuple(chosen)]
