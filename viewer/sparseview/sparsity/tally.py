"""Counts over the zeros of one weight, each computed once and only when a format asks for it.

Works on bools at memory speed: groups along the input axis by reinterpreting four or eight bools
as one integer (`bitwise_count`), larger groups and blocks by halving, channels by reductions.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

_OUT, _IN = 1, 3
# Counting by reinterpretation pays from four bools on; pairs are faster added.
_WORD = {4: np.uint32, 8: np.uint64}


class Tally:
    """Counts over `nonzero`, a bool array [stack, out, kernel, in].

    Group and block sizes are powers of two, as in every format of `annotation.md`; callers ask
    only for sizes that divide the axis.
    """

    def __init__(self, nonzero: NDArray[np.bool_]) -> None:
        if nonzero.ndim != 4 or nonzero.dtype != np.bool_:
            raise ValueError(f"need 4-D bools, got {nonzero.ndim}-D {nonzero.dtype}")
        # With `in` or `out` innermost every step below runs over long contiguous rows; any other
        # order (a 3x3 convolution's) is put in order once, at 1 byte an element.
        if nonzero.strides[_IN] != 1 and nonzero.strides[_OUT] != 1:
            nonzero = np.ascontiguousarray(nonzero)
        self.nonzero = nonzero
        self.elements = int(nonzero.size)
        self.zeros = self.elements - int(np.count_nonzero(nonzero))
        self._groups: dict[int, NDArray[np.uint8]] = {1: nonzero.view(np.uint8)}
        self._columns: dict[int, NDArray[np.uint8]] = {1: nonzero.view(np.uint8)}
        self._most: dict[int, int] = {}
        self._dead: dict[object, int] = {}

    @property
    def shape(self) -> tuple[int, int, int, int]:
        stack, out, kernel, in_ = self.nonzero.shape
        return stack, out, kernel, in_

    @property
    def sparsity(self) -> float:
        """The fraction of zeros, 0..1; 0 for a weight without elements."""
        return self.zeros / self.elements if self.elements else 0.0

    def groups(self, m: int) -> NDArray[np.uint8]:
        """Non-zeros in each group of `m` along the input axis, [stack, out, kernel, in / m]."""
        if m not in self._groups:
            if m in _WORD and self.nonzero.strides[_IN] == 1:
                self._groups[m] = np.bitwise_count(self.nonzero.view(_WORD[m]))
            else:
                half = self.groups(m // 2)
                self._groups[m] = half[..., 0::2] + half[..., 1::2]
        return self._groups[m]

    def most(self, m: int) -> int:
        """The largest count of non-zeros in any group of `m`."""
        if m not in self._most:
            self._most[m] = int(self.groups(m).max(initial=0))
        return self._most[m]

    def violating(self, n: int, m: int) -> tuple[int, int]:
        """Groups of `m` with more than `n` non-zeros, and how many groups there are."""
        groups = self.groups(m)
        if self.zeros == 0 or self._most.get(m, m) <= n:
            return (int(groups.size) if self.zeros == 0 else 0), int(groups.size)
        return int(np.count_nonzero(groups > n)), int(groups.size)

    def zeros_in_blocks(self, rows: int, columns: int) -> int:
        """Zeros that lie in all-zero blocks of `rows` along out by `columns` along in."""
        if (rows, columns) not in self._dead:
            live = self._blocks(rows, columns)
            dead = int(live.size) - int(np.count_nonzero(live))
            self._dead[rows, columns] = dead * rows * columns
        return self._dead[rows, columns]

    def zeros_in_channels(self, side: Literal["out", "in"]) -> int:
        """Zeros that lie in output (input) channels that are all zero; groups have their own."""
        if side not in self._dead:
            live = self.nonzero.any(axis=(2, 3) if side == "out" else (1, 2))
            dead = int(live.size) - int(np.count_nonzero(live))
            self._dead[side] = dead * (self.elements // live.size if live.size else 0)
        return self._dead[side]

    def _blocks(self, rows: int, columns: int) -> NDArray[np.uint8]:
        """Non-zero where the block has a non-zero, [stack, out / rows, kernel, in / columns]."""
        if columns == 1:
            return self._down(rows)
        live = self.groups(columns)
        for _ in range(rows.bit_length() - 1):
            live = live[:, 0::2] | live[:, 1::2]
        return live

    def _down(self, rows: int) -> NDArray[np.uint8]:
        """Non-zero where any of `rows` neighbours along out is, [stack, out / rows, kernel, in]."""
        if rows not in self._columns:
            if rows == 4 and self.nonzero.strides[_OUT] == 1:
                turned: NDArray[Any] = self.nonzero.swapaxes(_OUT, _IN)
                words = turned.view(np.uint32).swapaxes(_OUT, _IN)
                self._columns[rows] = (words != 0).view(np.uint8)
            else:
                half = self._down(rows // 2)
                self._columns[rows] = half[:, 0::2] | half[:, 1::2]
        return self._columns[rows]
