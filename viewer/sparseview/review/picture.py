"""One weight looked at closely: its distribution, its channels, and its mask at any zoom."""

from __future__ import annotations

import threading
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.dtypes import storage
from sparseview.model.pieces import Piece, Pieces
from sparseview.model.weights import Weight
from sparseview.progress import SILENT, Progress
from sparseview.sparsity.formats import get
from sparseview.sparsity.formats.nm import NM
from sparseview.sparsity.histogram import Histogram, HistogramCounter
from sparseview.sparsity.mask import Pool, arrange
from sparseview.sparsity.offenders import OffenderFinder
from sparseview.sparsity.partial import PartialFinder
from sparseview.sparsity.profiles import Profile, ProfileCounter

# Pixels kept of the whole image, eight bytes each; of a larger weight they pool several entries.
KEPT = 1 << 20
TILE = 256  # pixels along each side of a tile
VALUES = 1 << 16  # values told at once


class Profiles(msgspec.Struct, frozen=True):
    """Density of the output and of the input channels."""

    out: Profile
    in_: Profile = msgspec.field(name="in")


class MaskFacts(msgspec.Struct, frozen=True):
    """A weight as an image of height x width entries, in panels of out x in.

    Panels lie in stack * kernel_rows rows and kernel_columns columns. `largest` is the greatest
    finite |value|. The overview has pixels of pool_rows x pool_columns entries: bytes row by row,
    density 0 for zeros only to 255 for non-zeros only, magnitude on a square-root scale.
    """

    height: int
    width: int
    stack: int
    out: int
    kernel: int
    in_: int = msgspec.field(name="in")
    kernel_rows: int
    kernel_columns: int
    tile: int
    largest: float
    pool_rows: int
    pool_columns: int
    density: bytes
    magnitude: bytes


class Violation(msgspec.Struct, frozen=True):
    """A group that breaks N:M, a block or channel that is zero in part: its first entry, and the
    rectangle of the image that it takes (of a channel, in the first panel that it runs through).
    """

    stack: int
    out: int
    kernel: int
    in_: int = msgspec.field(name="in")
    row: int
    column: int
    nonzeros: int
    height: int
    width: int


class Violations(msgspec.Struct, frozen=True):
    """The first groups that break a format: of `size` entries, of which `most` may be non-zero."""

    format: str
    most: int
    size: int
    groups: int
    violating: int
    first: tuple[Violation, ...]


class Picture:
    """Looks at one weight of one state of a model; may be asked from any thread.

    The first question reads the weight once, in pieces; what it keeps is bounded by KEPT pixels,
    whatever the weight's size. Raises SparseviewError where the weight cannot be read, Cancelled
    where `progress` says so.
    """

    def __init__(self, model: Model, weight: Weight, progress: Progress = SILENT) -> None:
        if weight.problem is not None:
            raise SparseviewError(weight.problem, code="unmeasurable")
        self.progress = progress
        self._pieces = Pieces(model, weight)
        self.layout = arrange(self._pieces.shape, self._pieces.kernel)
        self._whole_numbers = storage(weight.constant.dtype).meaning is None and (
            storage(weight.constant.dtype).dtype.kind in "iub"
        )
        self._lock = threading.Lock()
        self._seen: tuple[Histogram, Profiles, Pool, float] | None = None

    @property
    def known(self) -> bool:
        """Whether the weight has been read."""
        return self._seen is not None

    @property
    def held(self) -> int:
        """Bytes of the weight itself that are held in memory."""
        return self._pieces.held

    def histogram(self) -> Histogram:
        """The distribution of the values; those of a quantized weight count from its zero."""
        return self._look()[0]

    def profiles(self) -> Profiles:
        """Density per output and input channel."""
        return self._look()[1]

    def facts(self, rows: int, columns: int) -> MaskFacts:
        """The image's measures, and an overview of at most rows x columns pixels."""
        _, _, pool, largest = self._look()
        down = -(-pool.counts.shape[0] // max(rows, 1)) or 1
        right = -(-pool.counts.shape[1] // max(columns, 1)) or 1
        overview = pool.again(down, right)
        density, magnitude = overview.planes(largest)
        stack, out, kernel, in_ = self.layout.shape
        return MaskFacts(
            height=self.layout.height,
            width=self.layout.width,
            stack=stack,
            out=out,
            kernel=kernel,
            in_=in_,
            kernel_rows=self.layout.kernel_rows,
            kernel_columns=self.layout.kernel_columns,
            tile=TILE,
            largest=largest,
            pool_rows=overview.rows,
            pool_columns=overview.columns,
            density=density,
            magnitude=magnitude,
        )

    def tile(self, pool: int, row: int, column: int) -> bytes:
        """Tile (row, column) of pixels of pool x pool entries: density, then magnitude.

        pool : a power of two.  The last tiles end with the image; outside it there is none.
        """
        if pool < 1 or pool & (pool - 1):
            raise SparseviewError(f"{pool} is no power of two.", "", "request")
        _, _, kept, largest = self._look()
        if pool >= kept.rows:
            times = pool // kept.rows
            size = TILE * times
            found = kept.cut(row * size, column * size, size, size).again(times, times)
        else:
            found = self._pooled(row * TILE * pool, column * TILE * pool, TILE * pool, pool)
        return b"".join(found.planes(largest))

    def values(self, row: int, column: int, height: int, width: int) -> NDArray[np.float32]:
        """The values in a rectangle of the image, [height, width]; it must lie inside."""
        inside = 0 <= row <= row + height <= self.layout.height
        inside = inside and 0 <= column <= column + width <= self.layout.width
        if not inside or height < 1 or width < 1 or height * width > VALUES:
            raise SparseviewError("There are no such entries.", "", "request")
        found = np.zeros((height, width), np.float32)
        for part in self.layout.parts((row, row + height), (column, column + width)):
            for piece in self._pieces.part(*part):
                for y, x, (values,) in self.layout.places(piece.index, (piece.values,)):
                    with np.errstate(over="ignore", invalid="ignore"):
                        found[np.ix_(y - row, x - column)] = values
        return found

    def violations(self, name: str, limit: int) -> Violations:
        """Where the format called `name` is broken, the first `limit` places.

        Groups with too many non-zeros for N:M; blocks and channels that are zero in part for bsr
        and channel: there lie the zeros that their coverage lacks.
        """
        if isinstance(get(name), NM):
            finder = self._over(name, limit)
            form = finder.format
            return self._told(finder, form.n, form.m, (1, form.m))
        partial = PartialFinder(name, self._pieces.shape, limit)
        for done, piece in enumerate(self._pieces.all()):
            self.progress.step(done, 0)
            partial.add(piece.index, piece.nonzero)
        return self._told(partial, 0, partial.size, partial.unit[1::2])

    def _over(self, name: str, limit: int) -> OffenderFinder:
        """The groups that break an N:M, looked for."""
        shape = self._pieces.shape
        finder = OffenderFinder(name, shape, limit)
        for done, piece in enumerate(self._pieces.all()):
            self.progress.step(done, 0)
            if not finder.takes(piece.index[3]):
                break
            finder.add(piece.index, piece.nonzero)
        else:
            return finder
        # Groups lie across the file's pieces: go by output instead.
        finder = OffenderFinder(name, shape, limit)
        ways = (0, shape[2]), (0, shape[3])
        for stack in range(shape[0]):
            for out in range(shape[1]):
                self.progress.step(out, shape[1])
                for piece in self._pieces.part((stack, stack + 1), (out, out + 1), *ways):
                    finder.add(piece.index, piece.nonzero)
        return finder

    def _told(
        self,
        finder: OffenderFinder | PartialFinder,
        most: int,
        size: int,
        extent: tuple[int, ...],
    ) -> Violations:
        """extent : rows and columns of the image."""
        first = []
        for one in finder.first:
            row, column = self.layout.place(one.stack, one.out, one.kernel, one.in_)
            place = (one.stack, one.out, one.kernel, one.in_)
            first.append(Violation(*place, row, column, one.nonzeros, *extent))
        name = finder.format.name
        return Violations(name, most, size, finder.groups, finder.violating, tuple(first))

    def _look(self) -> tuple[Histogram, Profiles, Pool, float]:
        """Read the weight, once."""
        with self._lock:
            if self._seen is None:
                layout = self.layout
                pool = 1
                while -(-layout.height // pool) * -(-layout.width // pool) > KEPT:
                    pool *= 2
                image = Pool((0, 0, layout.height, layout.width), pool, pool)
                histogram = HistogramCounter(self._whole_numbers)
                profiles = ProfileCounter(self._pieces.shape)
                done = 0
                for piece in self._pieces.all():
                    self.progress.step(done, self._pieces.elements, "Looking at values")
                    histogram.add(piece.values, piece.nonzero)
                    profiles.add(piece.index, piece.nonzero)
                    self._draw(image, piece)
                    done += piece.nonzero.size
                self._seen = (
                    histogram.result(),
                    Profiles(*profiles.result()),
                    image,
                    histogram.largest,
                )
            return self._seen

    def _pooled(self, top: int, left: int, size: int, pool: int) -> Pool:
        """A square of the image from the file, `pool` x `pool` entries a pixel."""
        bottom, right = min(top + size, self.layout.height), min(left + size, self.layout.width)
        if top >= bottom or left >= right:
            return Pool((top, left, 0, 0), pool, pool)
        image = Pool((top, left, bottom - top, right - left), pool, pool)
        # Bands of pixel rows, so that a tile of large pixels takes no more memory than another.
        for start in range(top, bottom, max(TILE // pool, 1) * pool):
            end = min(start + max(TILE // pool, 1) * pool, bottom)
            for part in self.layout.parts((start, end), (left, right)):
                for piece in self._pieces.part(*part):
                    self._draw(image, piece)
        return image

    def _draw(self, image: Pool, piece: Piece) -> None:
        # Beyond float32, or no number at all: drawn as the largest.
        with np.errstate(over="ignore", invalid="ignore"):
            magnitude: NDArray[Any] = np.abs(piece.values).astype(np.float32, copy=False)
        for y, x, (nonzero, sizes) in self.layout.places(piece.index, (piece.nonzero, magnitude)):
            image.add(y, x, nonzero, sizes)
