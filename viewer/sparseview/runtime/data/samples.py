"""Samples: data as a model wants it, batch by batch; a part for calibration, the rest held out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sparseview.runtime.data.preparation import ImagePreparation

Array = NDArray[Any]
Indices = NDArray[np.int64]
SEED = 0  # of the order in which samples are shared out


@dataclass(frozen=True, eq=False)
class Samples:
    """What a reader gives. Immutable; nothing is read before a batch is asked for, where the
    source allows it.

    source : where it comes from, in words.  synthetic : made up, not data.
    labels : int64 [count], or None.  notes : what was done to make it fit the model.
    fetch : indices into the source -> a batch of those samples, by input name.
    kinds : of the source's samples; those of one kind can be in one batch.
    fixed : the size that every batch must have, where the model says so; None: any.
    axes : of inputs, where it is not the first that counts samples; None: no axis does, it is the
    same for all of a batch.  alone : whether each sample goes in by itself, since none of its
    arrays has such an axis.
    chosen : the samples that are meant, as indices into the source.
    preparation : how pictures were prepared, guesses included.  tokenizer : its file.
    seed : of made-up samples. None each where there are none.
    """

    source: str
    fetch: Callable[[Indices], dict[str, Array]] = field(repr=False)
    kinds: Indices = field(repr=False)
    chosen: Indices = field(repr=False)
    known: Indices | None = field(default=None, repr=False)
    synthetic: bool = False
    notes: tuple[str, ...] = ()
    fixed: int | None = None
    axes: Mapping[str, int | None] = field(default_factory=dict)
    alone: bool = False
    preparation: ImagePreparation | None = None
    tokenizer: Path | None = None
    seed: int | None = None

    @property
    def count(self) -> int:
        return len(self.chosen)

    @property
    def labels(self) -> Indices | None:
        return None if self.known is None else self.known[self.chosen]

    def batch(self, indices: Indices | list[int] | range) -> dict[str, Array]:
        """The samples at these positions, by input name; all of one kind."""
        return self.fetch(self.chosen[np.asarray(indices, np.int64)])

    def batches(self, size: int) -> Iterator[Indices]:
        """Positions in batches of at most `size`, each of one kind; all samples once, in order.

        Where the model has a fixed batch, each has that size: the last one then repeats its last
        sample: `distinct` tells how many count.
        """
        kinds = self.kinds[self.chosen]
        step = self.fixed or max(size, 1)
        for kind in dict.fromkeys(kinds.tolist()):
            positions = np.flatnonzero(kinds == kind)
            for start in range(0, len(positions), step):
                part = positions[start : start + step]
                if self.fixed is not None and len(part) < step:
                    part = np.concatenate([part, np.repeat(part[-1:], step - len(part))])
                yield part

    def several(self) -> Iterator[Indices]:
        """The first batch of more than one sample, for a trial; none where there is none."""
        if self.fixed is None:
            yield from next(([at] for at in self.batches(2) if len(at) > 1), [])

    def take(self, positions: Indices | list[int] | range) -> Samples:
        """Only the samples at these positions."""
        return replace(self, chosen=self.chosen[np.asarray(positions, np.int64)])

    def split(self, part: float | int) -> tuple[Samples, Samples]:
        """(calibration, held out): no sample is in both; the same samples each time.

        part : an int is the number of samples to calibrate on, a float their fraction. At least
        one stays on either side where there are two; of a single one nothing is held out.
        """
        wanted = part if isinstance(part, int) else round(part * self.count)
        most = max(self.count - 1, 1)
        wanted = min(max(int(wanted), 1), most)
        order = np.random.default_rng(SEED).permutation(self.count)
        return self.take(np.sort(order[:wanted])), self.take(np.sort(order[wanted:]))


def distinct(batch: Indices) -> int:
    """How many samples of a batch count: a fixed batch may repeat its last one."""
    return len(np.unique(batch))
