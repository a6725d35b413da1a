"""A weight as an image: where each entry lies, and pixels that pool what does not fit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Shape4 = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the entries of [stack, out, kernel, in] lie: one pixel each, in panels.

    A panel is out (down) by in (to the right), so that the groups of N:M lie side by side; one for
    each stacked part and kernel position. Stacked parts lie below each other; kernel positions in
    `kernel_rows` rows of `kernel_columns`.
    """

    shape: Shape4
    kernel_rows: int
    kernel_columns: int

    @property
    def height(self) -> int:
        return self.shape[0] * self.kernel_rows * self.shape[1]

    @property
    def width(self) -> int:
        return self.kernel_columns * self.shape[3]

    def places(
        self, index: tuple[Array, ...], values: tuple[Array, ...]
    ) -> Iterator[tuple[Array, Array, tuple[Array, ...]]]:
        """(rows, columns, each of `values` as [rows, columns]) of entries at these positions."""
        stack, out, kernel, in_ = index
        for row in np.unique(kernel // self.kernel_columns):
            chosen = kernel // self.kernel_columns == row
            y = (((stack * self.kernel_rows + row) * self.shape[1])[:, None] + out).reshape(-1)
            column = (kernel[chosen] % self.kernel_columns) * self.shape[3]
            x = (column[:, None] + in_).reshape(-1)
            yield y, x, tuple(a[:, :, chosen].reshape(y.size, x.size) for a in values)

    def parts(
        self, rows: tuple[int, int], columns: tuple[int, int]
    ) -> Iterator[tuple[tuple[int, int], ...]]:
        """The entries of a rectangle of pixels as ranges along stack, out, kernel and in."""
        for panels, out in _spans(*rows, self.shape[1]):
            for stack, row in self._downwards(*panels):
                first = row * self.kernel_columns
                for kernels, in_ in _spans(*columns, self.shape[3]):
                    yield stack, out, (first + kernels[0], first + kernels[1]), in_

    def _downwards(self, start: int, end: int) -> Iterator[tuple[tuple[int, int], int]]:
        """Panels start..end below each other as (stacked parts, row of kernel positions)."""
        if self.kernel_rows == 1:
            yield (start, end), 0
            return
        for panel in range(start, end):
            stack, row = divmod(panel, self.kernel_rows)
            yield (stack, stack + 1), row

    def place(self, stack: int, out: int, kernel: int, in_: int) -> tuple[int, int]:
        """(row, column) of one entry."""
        row, column = divmod(kernel, self.kernel_columns)
        return (
            (stack * self.kernel_rows + row) * self.shape[1] + out,
            column * self.shape[3] + in_,
        )


def arrange(shape: Shape4, kernel: tuple[int, ...]) -> Layout:
    """The layout nearest to a square; `kernel`: sizes of the kernel's own dims, row-major.

    Kernel positions form rows only where nothing else is stacked.
    """
    columns = {shape[2]}
    if shape[0] == 1:
        columns |= {math.prod(kernel[at:]) for at in range(len(kernel) + 1)}
    fitting = sorted(c for c in columns if c and shape[2] % c == 0)
    layouts = [Layout(shape, shape[2] // c, c) for c in fitting] or [Layout(shape, 1, shape[2])]
    return min(layouts, key=lambda one: abs(math.log(max(one.height, 1) / max(one.width, 1))))


class Pool:
    """Pixels over `rows` x `columns` entries each: how many are no zeros, and their magnitudes.

    box : (top, left, height, width) of the part of the image that is pooled, in entries.
    """

    def __init__(self, box: tuple[int, int, int, int], rows: int = 1, columns: int = 1) -> None:
        self.top, self.left, self.height, self.width = box
        self.rows, self.columns = rows, columns
        shape = -(-self.height // rows), -(-self.width // columns)
        self.counts = np.zeros(shape, np.uint32)
        self.sums = np.zeros(shape, np.float32)

    def add(self, y: Array, x: Array, nonzero: Array, magnitude: Array) -> None:
        """y, x : ascending positions in the image.  nonzero, magnitude : [len(y), len(x)]."""
        down, right = (y - self.top) // self.rows, (x - self.left) // self.columns
        rows, columns = _starts(down), _starts(right)
        place = np.ix_(down[rows], right[columns])
        self.counts[place] += _summed(nonzero.view(np.uint8), rows, columns, np.uint32)
        self.sums[place] += _summed(magnitude, rows, columns, np.float32)

    def again(self, rows: int, columns: int) -> Pool:
        """The same part in larger pixels: `rows` x `columns` of these make one."""
        box = (self.top, self.left, self.height, self.width)
        found = Pool(box, self.rows * rows, self.columns * columns)
        y = np.arange(0, self.counts.shape[0], rows)
        x = np.arange(0, self.counts.shape[1], columns)
        found.counts = _summed(self.counts, y, x, np.uint32)
        found.sums = _summed(self.sums, y, x, np.float32)
        return found

    def cut(self, top: int, left: int, height: int, width: int) -> Pool:
        """A part, in pixels; it ends where the image does."""
        counts = self.counts[top : top + height, left : left + width]
        found = Pool(
            (
                self.top + top * self.rows,
                self.left + left * self.columns,
                max(min(counts.shape[0] * self.rows, self.height - top * self.rows), 0),
                max(min(counts.shape[1] * self.columns, self.width - left * self.columns), 0),
            ),
            self.rows,
            self.columns,
        )
        found.counts = counts
        found.sums = self.sums[top : top + height, left : left + width]
        return found

    def planes(self, largest: float) -> tuple[bytes, bytes]:
        """Density and magnitude, a byte a pixel, row by row.

        Density: 0 for zeros only, 255 for non-zeros only, between them the share of non-zeros.
        Magnitude: 255 * sqrt(mean |non-zero| / largest), at least 1 where there is a non-zero.
        """
        tall = np.diff(np.append(np.arange(0, self.height, self.rows), self.height))
        wide = np.diff(np.append(np.arange(0, self.width, self.columns), self.width))
        share = self.counts / (tall[:, None] * wide)
        density = np.clip(np.rint(share * 255), 1, 254)
        density[self.counts == 0] = 0
        density[share == 1] = 255
        mean = self.sums / np.maximum(self.counts, 1)
        level = np.nan_to_num(np.sqrt(mean / (largest or 1)), nan=1, posinf=1)
        magnitude = np.clip(np.rint(level * 255), 1, 255)
        magnitude[self.counts == 0] = 0
        return density.astype(np.uint8).tobytes(), magnitude.astype(np.uint8).tobytes()


def _starts(cells: Array) -> Array:
    """Where each run of equal cells begins."""
    return np.flatnonzero(np.append(True, cells[1:] != cells[:-1]))


def _summed(array: Array, rows: Array, columns: Array, dtype: Any) -> Array:
    """Sums over the rectangles that begin at these rows and columns."""
    if columns.size < array.shape[1]:
        array = np.add.reduceat(array, columns, axis=1, dtype=dtype)
    if rows.size < array.shape[0]:
        array = np.add.reduceat(array, rows, axis=0, dtype=dtype)
    return array.astype(dtype, copy=False)


def _spans(start: int, end: int, size: int) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """A range over panels of `size` as (panels, range inside them): a head, a middle, a tail."""
    first, last = start // size, end // size
    if start % size:
        yield (first, first + 1), (start % size, min(end - first * size, size))
        first += 1
    if first < last:
        yield (first, last), (0, size)
    if end % size and last >= first:
        yield (last, last + 1), (0, end % size)
