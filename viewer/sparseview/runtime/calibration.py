"""Calibration: runs samples and sums up what comes into each weight, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from sparseview.model.document import Model
from sparseview.model.weights import Weight
from sparseview.progress import SILENT, Progress
from sparseview.runtime import memory as memories
from sparseview.runtime import passes
from sparseview.runtime.data.samples import Samples
from sparseview.runtime.passes import Foreseen, Looked, slices
from sparseview.runtime.sites import Site
from sparseview.runtime.statistics import Statistics, Sums, Unreachable, merged

__all__ = [
    "Foreseen",
    "Statistics",
    "Unreachable",
    "calibrate",
    "foresee",
    "foresee_lots",
    "kept",
    "lots",
    "stream",
]

HELD = 1 << 30  # bytes of statistics that `lots` lets be asked for at once
T = TypeVar("T")


def calibrate(
    model: Model,
    weights: Sequence[Weight],
    samples: Samples,
    *,
    gram: bool,
    progress: Progress = SILENT,
    provider: str | None = None,
    memory: int | None = None,
    foreseen: Foreseen | None = None,
) -> dict[int, Statistics | Unreachable]:
    """Statistics of the input of each weight, by its id, or why it cannot be seen.

    The model's overlay takes part: later layers see what earlier pruned ones give. Weights that
    read one input share one Statistics.

    gram : whether X^T X is wanted.  memory : bytes to stay below, beside the model's own; None:
    half of what is free.  foreseen : the answer of `foresee` for the same, where it is there.
    The answer holds all sums at once: `stream` gives them pass by pass, for models where that is
    too much. Cancelling leaves nothing behind.

    Raises SparseviewError where the model does not run on these samples, or the memory is too
    little for a single layer.
    """
    return dict(
        stream(
            model,
            weights,
            samples,
            gram=gram,
            progress=progress,
            provider=provider,
            memory=memory,
            foreseen=foreseen,
        )
    )


def stream(
    model: Model,
    weights: Sequence[Weight],
    samples: Samples,
    *,
    gram: bool,
    progress: Progress = SILENT,
    provider: str | None = None,
    memory: int | None = None,
    foreseen: Foreseen | None = None,
) -> Iterator[tuple[int, Statistics | Unreachable]]:
    """As `calibrate`, (weight id, what was found) one after the other, in the order in which the
    layers run. Where the sums of all layers do not fit, the samples run several times: only those
    of one pass are held, so let go of what you got before you ask for the next.
    """
    if foreseen is None:
        foreseen = foresee(
            model, weights, samples, gram=gram, provider=provider, memory=memory, progress=progress
        )
    wanted = {weight.id for weight in weights}
    # A weight in a function that is called twice has two sites.
    left = Counter(weight for site in foreseen.sites.sites for weight in site.weights)
    found: dict[int, list[Statistics]] = {}
    problems: dict[int, Unreachable] = dict(foreseen.unreachable)
    for weight in wanted - left.keys():
        yield weight, problems[weight]
    for done in passes.run(
        foreseen,
        samples,
        lambda _: Sums(gram),
        provider=provider,
        progress=progress,
        label="Calibrating",
    ):
        got = done.result
        told = got.statistics(done.site.stack) if isinstance(got, Sums) else got
        for weight in done.site.weights:
            if isinstance(told, Unreachable):
                problems.setdefault(weight, told)
            else:
                found.setdefault(weight, []).append(told)
            left[weight] -= 1
            if weight in wanted and not left[weight]:
                parts = found.pop(weight, [])
                yield weight, merged(parts) if parts else problems[weight]


def foresee(
    model: Model,
    weights: Sequence[Weight],
    samples: Samples,
    *,
    gram: bool,
    provider: str | None = None,
    memory: int | None = None,
    progress: Progress = SILENT,
) -> Foreseen:
    """What `calibrate` is going to take: passes, batch, bytes. Runs one sample, for the shapes."""
    found = passes.look(model, weights, samples, provider=provider, progress=progress)
    (told,) = foresee_lots(found, [weights], samples, gram=gram, memory=memory)
    return told


def foresee_lots(
    found: Looked,
    lots: Sequence[Sequence[Weight]],
    samples: Samples,
    *,
    gram: bool,
    memory: int | None = None,
) -> list[Foreseen]:
    """As `foresee`, for lots of weights that are calibrated one after the other. Runs nothing.

    found : what `passes.look` tells of them all.
    """
    return [
        found.foresee(samples, partial(kept, gram=gram), memory, {weight.id for weight in lot})
        for lot in lots
    ]


def lots(
    items: Sequence[T],
    weight: Callable[[T], Weight],
    gram: bool,
    memory: int | None = None,
    beside: Callable[[Weight], int] = lambda _: 0,
) -> Iterator[list[T]]:
    """Items in order, as many at a time as `calibrate` may hold the statistics of: HELD bytes, or
    a single one's.

    weight : whose statistics an item asks for.  memory : bytes to stay below where that is less;
    None: half of what is free.  beside : bytes that work on one weight takes while all of them are
    there.
    """
    shapes = [weight(item).view.logical_shape for item in items]
    cuts = [slices(stack * kernel * in_) for stack, _, kernel, in_ in shapes]
    most = max([*cuts, *(beside(weight(item)) for item in items)], default=0)

    def size(item: T) -> int:
        stack, _, kernel, in_ = weight(item).view.logical_shape
        return sums(stack, kernel * in_, gram)

    return memories.lots(items, size, min(HELD, memories.budget(memory) - most))


def kept(site: Site, gram: bool) -> int:
    """Bytes of the sums of a site, and of a product of one part."""
    return sums(site.parts, site.columns, gram)


def sums(stack: int, columns: int, gram: bool) -> int:
    """As `kept`, for an input of this shape."""
    if not gram:
        return 16 * stack * columns
    return 8 * stack * columns * (columns + 2) + 4 * columns**2
