"""Layer error: |X W^T - X V^T| / |X W^T| of a weight before (W) and after (V), on held-out samples.

X is what comes into the layer in the reference model. Streamed: only two sums are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.model.weights import Weight
from sparseview.progress import SILENT, Progress
from sparseview.runtime import memory as memories
from sparseview.runtime import passes
from sparseview.runtime.data.samples import Samples
from sparseview.runtime.sites import Site
from sparseview.runtime.statistics import Unreachable
from sparseview.runtime.taps.base import slice_rows

Array = NDArray[Any]
Pair = tuple[Array, Array]


def parted(weights: Sequence[Weight], memory: int | None) -> Iterator[list[Weight]]:
    """The weights in lots whose matrices, before and after, take a part of the memory each."""
    # Before, after, and their difference.
    return memories.lots(
        weights, lambda w: 12 * prod(w.view.logical_shape), memories.budget(memory) // 2
    )


def errors_between(
    reference: Model,
    weights: Sequence[Weight],
    pairs: Mapping[int, Pair],
    samples: Samples,
    *,
    progress: Progress = SILENT,
    provider: str | None = None,
    memory: int | None = None,
) -> dict[int, float | Unreachable]:
    """The error of each weight by its id, or why it cannot be told.

    reference : the model whose layers' inputs X are.  pairs : matrices [stack, out, columns] before
    and after, by the weight's id. Raises SparseviewError as `calibrate` does.
    """
    found: dict[int, list[Array]] = {w.id: [] for w in weights}

    def held(site: Site) -> int:
        """What a slice of rows gives, before and after, and the matrices."""
        outs = [pairs[i][0].shape[1] for i in site.weights if i in pairs]
        rows = slice_rows(site.parts * site.columns)
        return 8 * site.stack * max(outs, default=0) * (rows + site.columns)

    def start(site: Site) -> _Errors:
        return _Errors({i: pairs[i] for i in site.weights if i in found})

    foreseen = passes.foresee(
        reference, weights, samples, held, provider=provider, memory=memory, progress=progress
    )
    problems: dict[int, Unreachable] = dict(foreseen.unreachable)
    for done in passes.run(
        foreseen,
        samples,
        start,
        provider=provider,
        progress=progress,
        label="Measuring layers",
    ):
        for i in set(found).intersection(done.site.weights):
            if isinstance(done.result, Unreachable):
                problems.setdefault(i, done.result)
            elif done.result.rows:
                found[i].append(done.result.sums[i])
    return {i: _relative(sums, problems.get(i)) for i, sums in found.items()}


def matrix(model: Model, weight: Weight) -> Array:
    """The weight as the product sees it, float32 [stack, out, columns]: columns are kernel * in,
    codes are decoded with their zero point and scale (1 where it is not known)."""
    constant = weight.constant
    stored = tensors.read(model, constant)
    values = tensors.decoded(stored, constant.dtype, weight.zero_point, weight.scale)
    stack, out, kernel, in_ = weight.view.logical_shape
    return weight.view.logical(values).reshape(stack, out, kernel * in_)


class _Errors:
    """[|X W^T - X V^T|^2, |X W^T|^2] of each weight at one site."""

    def __init__(self, pairs: Mapping[int, Pair]) -> None:
        self._before = {i: before.transpose(0, 2, 1) for i, (before, _) in pairs.items()}
        self._apart = {i: (b - a).transpose(0, 2, 1) for i, (b, a) in pairs.items()}
        self.sums: dict[int, Array] = {i: np.zeros(2) for i in pairs}
        self.rows = 0

    def add(self, rows: Array) -> None:
        self.rows += rows.shape[1]
        for i, sums in self.sums.items():
            for place, matrices in enumerate((self._apart[i], self._before[i])):
                made = (rows @ matrices).astype(np.float64).reshape(-1)
                sums[place] += made @ made


def _relative(sums: Sequence[Array], problem: Unreachable | None) -> float | Unreachable:
    if not sums:
        return problem or Unreachable("no sample reaches it")
    lost, whole = np.sum(sums, axis=0)
    if not np.isfinite(whole) or not np.isfinite(lost):
        return Unreachable("its input holds NaN or infinities on these samples")
    if not whole:
        return Unreachable("it gives nothing but zeros on these samples")
    return float(np.sqrt(lost / whole))
