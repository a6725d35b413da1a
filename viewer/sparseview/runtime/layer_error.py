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


def layer_errors(
    reference: Model,
    other: Model,
    weights: Sequence[Weight],
    samples: Samples,
    *,
    progress: Progress = SILENT,
    provider: str | None = None,
    memory: int | None = None,
) -> dict[int, float | Unreachable]:
    """The error of each weight by its id, 0 where it is unchanged. The models are one, with two
    overlays; for others give the matrices to `errors_between`. Weights are read a part at a time,
    where all of them take too much memory; the samples then run several times.

    Raises SparseviewError as `calibrate` does.
    """
    keys = [weight.constant.key for weight in weights]
    changed = [
        weight
        for weight, key in zip(weights, keys, strict=True)
        if reference.overlay.get(key) is not other.overlay.get(key)
    ]
    found: dict[int, float | Unreachable] = {weight.id: 0.0 for weight in weights}
    for part in parted(changed, memory):
        pairs = {w.id: (matrix(reference, w), matrix(other, w)) for w in part}
        found |= errors_between(
            reference, part, pairs, samples, progress=progress, provider=provider, memory=memory
        )
    return found


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
    """As `layer_errors`, of matrices [stack, out, columns] before and after, by the weight's id."""
    found: dict[int, list[Array]] = {w.id: [] for w in weights}

    def held(site: Site) -> int:
        """What a slice of rows gives, before and after, and the matrices."""
        outs = [pairs[i][0].shape[1] for i in site.weights if i in pairs]
        return (
            8
            * max(outs, default=0)
            * (slice_rows(site.parts * site.columns) + site.columns * site.stack)
        )

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
    values = tensors.to_float(tensors.read(model, constant), constant.dtype)
    zero, scale = weight.zero_point, weight.scale
    if zero is not None:
        values = values - tensors.to_float(zero, constant.dtype)
    if scale is not None:
        values = values * scale.astype(np.float32)
    stack, out, kernel, in_ = weight.view.logical_shape
    return weight.view.logical(values).reshape(stack, out, kernel * in_)


def relative_error(before: Array, after: Array, gram: Array) -> float:
    """The same error from X^T X [stack, columns, columns] instead of X: sqrt(tr(D H D^T) / tr(W H
    W^T)), D = W - V. Where V was solved for with this very H, D H D^T loses digits: for H of
    float64, none that matter."""
    apart = before.astype(np.float64) - after
    lost = float(np.einsum("soc,soc->", apart @ gram, apart))
    whole = float(np.einsum("soc,soc->", before @ gram, before.astype(np.float64)))
    return float(np.sqrt(max(lost, 0.0) / whole)) if whole else 0.0


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
