"""Accuracy: how often the most likely class is the labelled one, where a model tells classes."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.progress import SILENT, Progress
from sparseview.runtime.batching import fitting, sample_axis, samples_first
from sparseview.runtime.data.samples import Samples, distinct
from sparseview.runtime.engine import Engine
from sparseview.runtime.heads import head

Array = NDArray[Any]
TOP = 5
MANY = 20  # classes, from which on the first five count too


class Accuracy(msgspec.Struct, frozen=True):
    """top1, top5 : fractions of the samples; top5 is None where there are few classes.
    output : what was read as scores or as classes.  error : the standard error of top1."""

    top1: float
    top5: float | None
    output: str
    samples: int
    error: float


def accuracy(
    model: Model,
    samples: Samples,
    *,
    provider: str | None = None,
    progress: Progress = SILENT,
) -> Accuracy | None:
    """Accuracy on labelled samples; None where there are no labels, or no output that they fit.

    An output fits with scores [samples, classes] (dims of 1 apart) for more classes than the
    largest label, with one score per sample where labels are 0 and 1 (above 0, or 0.5 where all
    are in 0..1), or with the class itself, a whole number per sample. Scores come first.
    """
    labels = samples.labels
    if labels is None or not samples.count:
        return None
    right = among = done = 0
    chosen: str | None = None
    ranks = 0
    with Engine(model, provider=provider) as engine:
        scores: list[Array] = []
        wanted: list[Array] = []
        for positions in samples.batches(fitting(engine, samples)):
            progress.step(done, samples.count, "Evaluating")
            count = distinct(positions)
            found = engine.run(samples.batch(positions))
            if chosen is None:
                chosen = _fitting(model, found, len(positions), int(labels.max()))
                if chosen is None:
                    return None
            values = _flat(found[chosen], len(positions))
            if values is None:
                raise SparseviewError(
                    f"Output {chosen!r} changes its shape between samples.", "", "outputs"
                )
            truth = labels[positions[:count]]
            ranks = max(ranks, values.shape[1])
            if values.shape[1] > 1:
                filled = np.where(np.isnan(values[:count]), -np.inf, values[:count])
                right += int((filled.argmax(axis=1) == truth).sum())
                if values.shape[1] >= MANY:
                    first = np.argpartition(-filled, TOP - 1, axis=1)[:, :TOP]
                    among += int((first == truth[:, None]).any(axis=1).sum())
            else:
                scores.append(values[:count, 0])
                wanted.append(truth)
            done += count
    progress.step(done, samples.count, "Evaluating")
    if scores:
        right = _single(np.concatenate(scores), np.concatenate(wanted))
    top1 = right / samples.count
    assert chosen is not None
    return Accuracy(
        top1,
        among / samples.count if ranks >= MANY else None,
        chosen,
        samples.count,
        float(np.sqrt(top1 * (1 - top1) / samples.count)),
    )


def _fitting(model: Model, found: dict[str, Array], fed: int, largest: int) -> str | None:
    """The output that labels up to `largest` can be held against; of several one that nothing goes
    on from, as from features, and that is made as scores are."""
    flats = {name: _flat(values, fed) for name, values in found.items()}
    scores: dict[str, tuple[bool, bool]] = {}
    for name, flat in flats.items():
        if flat is not None and flat.dtype.kind == "f" and flat.shape[1] > max(largest, 1):
            what = head(model, name, flat, sample_axis(found[name], fed))
            scores[name] = bool(model.readers(0, name)), what is None
    if scores:
        return min(scores, key=scores.__getitem__)
    for name, flat in flats.items():
        if flat is not None and flat.dtype.kind in "iu" and flat.shape[1] == 1:
            return name
    for name, flat in flats.items():
        if flat is not None and flat.dtype.kind == "f" and flat.shape[1] == 1 and largest <= 1:
            return name
    return None


def _flat(values: Array, fed: int) -> Array | None:
    """[samples, classes] without dims of 1; None where it has another form."""
    if values.dtype.kind not in "fiu" or not values.ndim:
        return None
    values = samples_first(values, fed)
    if len(values) != fed:
        return None
    if sum(size != 1 for size in values.shape[1:]) > 1:
        return None
    return values.reshape(fed, -1)


def _single(values: Array, truth: Array) -> int:
    """Right answers of one number per sample: the class, a probability, or a score."""
    if values.dtype.kind in "iu":
        return int((values == truth).sum())
    border = 0.5 if values.min() >= 0 and values.max() <= 1 else 0.0
    return int(((values > border) == (truth > 0)).sum())
