"""Calibration: runs samples and sums up what comes into each weight, in bounded memory.

Only sums are kept, never activations. Where the sums of all layers do not fit, the samples run
several times, each time for a group of layers, and each run computes no more than its group needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from math import prod

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.dtypes import STORAGE
from sparseview.model.weights import Weight
from sparseview.progress import SILENT, Progress
from sparseview.runtime import memory as memories
from sparseview.runtime.bodies import Point, turns, unstacked
from sparseview.runtime.data.samples import Samples, distinct
from sparseview.runtime.engine import Engine
from sparseview.runtime.sites import Site, Sites, as_fed, find
from sparseview.runtime.statistics import TOGETHER, Statistics, Sums, Unreachable, merged
from sparseview.runtime.taps import Misfit
from sparseview.runtime.taps.base import slice_rows

MOST_BATCH = 32  # samples


@dataclass(frozen=True)
class Foreseen:
    """What a calibration is going to take, known before it begins.

    groups : the sites of each pass over the samples.  batch : samples in one run.
    bytes : the most that sums, activations and slices take together, beside the model itself.
    """

    sites: Sites
    groups: tuple[tuple[Site, ...], ...]
    batch: int
    bytes: int

    @property
    def passes(self) -> int:
        return len(self.groups)


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
    half of what is free. `foresee` tells beforehand what will be taken; give its answer as
    `foreseen` if it is there. Cancelling leaves nothing behind.

    Raises SparseviewError where the model does not run on these samples, or the memory is too
    little for a single layer.
    """
    if foreseen is None:
        foreseen = foresee(
            model, weights, samples, gram=gram, provider=provider, memory=memory, progress=progress
        )
    found: dict[int, list[Statistics]] = {weight.id: [] for weight in weights}
    problems: dict[int, Unreachable] = dict(foreseen.sites.unreachable)
    total = foreseen.passes * samples.count
    for number, group in enumerate(foreseen.groups):
        label = "Calibrating"
        if foreseen.passes > 1:
            label = f"Calibrating, pass {number + 1} of {foreseen.passes}"
        before = number * samples.count

        def step(done: int, before: int = before, label: str = label) -> None:
            progress.step(before + done, total, label)

        for site, sums in _sum(foreseen, group, samples, gram, provider, step).items():
            told = sums if isinstance(sums, Unreachable) else sums.statistics(site.stack)
            for weight in site.weights:
                if isinstance(told, Unreachable):
                    problems.setdefault(weight, told)
                else:
                    found[weight].append(told)
    return {
        weight.id: merged(found[weight.id]) if found[weight.id] else problems[weight.id]
        for weight in weights
    }


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
    """Find the sites, and plan passes that stay below `memory` bytes. Runs one sample."""
    if not samples.count:
        raise SparseviewError("There are no samples to calibrate on.", "Give more data.", "data")
    sites = find(model, weights)
    sizes = _sizes(sites, samples, provider)
    progress.check()
    most = memories.budget(memory)
    batch = samples.fixed or min(MOST_BATCH, samples.count)
    groups, taken = _groups(sites, sizes, gram, batch, most)
    while len(groups) > 1 and batch > 1 and samples.fixed is None:
        # Smaller batches cost little; another pass costs a run of the model over all samples.
        smaller, less = _groups(sites, sizes, gram, batch // 2, most)
        if len(smaller) >= len(groups):
            break
        groups, taken, batch = smaller, less, batch // 2
    while taken > most and batch > 1 and samples.fixed is None:
        batch //= 2
        groups, taken = _groups(sites, sizes, gram, batch, most)
    if taken > most:
        raise SparseviewError(
            f"The statistics of one layer take {taken / 1e9:.1f} GB, "
            f"and {most / 1e9:.1f} GB may be used.",
            "Allow more memory, or leave the largest layers out.",
            "memory",
        )
    return Foreseen(sites, groups, batch, taken)


def _groups(
    sites: Sites, sizes: Mapping[Point, int], gram: bool, batch: int, most: int
) -> tuple[tuple[tuple[Site, ...], ...], int]:
    """(sites shared out over passes, the bytes of the largest pass)."""
    groups: list[list[Site]] = []
    largest = 0
    used = slices = 0
    points: set[Point] = set()
    for site in sites.sites:
        new = [point for point in site.points if point not in points]
        more = _sums_bytes(site, gram) + batch * sum(sizes.get(point, 0) for point in new)
        wide = _slice_bytes(site)
        if not groups or used + more + max(slices, wide) > most:
            groups.append([])
            used = slices = 0
            points = set()
            more = _sums_bytes(site, gram) + batch * sum(sizes.get(p, 0) for p in site.points)
        groups[-1].append(site)
        points.update(site.points)
        used += more
        slices = max(slices, wide)
        largest = max(largest, used + slices)
    return tuple(tuple(group) for group in groups), largest


def _sums_bytes(site: Site, gram: bool) -> int:
    """The sums of a site, and the rows that wait to be multiplied."""
    width = site.parts * site.columns
    return 8 * width * ((site.columns if gram else 0) + 2) + (4 * TOGETHER * width if gram else 0)


def _slice_bytes(site: Site) -> int:
    """A slice of rows, what is made of it in float64, and the product of one part."""
    width = site.parts * site.columns
    return 20 * slice_rows(width) * width + 4 * site.columns**2


def _sizes(sites: Sites, samples: Samples, provider: str | None) -> dict[Point, int]:
    """Bytes of each point for one sample, from a run that fetches nothing but shapes.

    What is fed, and what did not run for that sample, counts as nothing.
    """
    model = sites.flat.model
    points = list(dict.fromkeys(point for site in sites.sites for point in site.points))
    positions = next(samples.batches(1))
    feeds = samples.batch(positions)
    asked = {
        replace(point, shape=True): point for point in points if as_fed(feeds, model, point) is None
    }
    if not asked:
        return {}
    with Engine(model, tuple(asked), only=True, provider=provider, lean=True) as engine:
        shapes = engine.look(feeds, tuple(asked))
    sizes: dict[Point, int] = {}
    for shape, point in asked.items():
        told = list(unstacked(shapes[shape], turns(model, point)))
        row = STORAGE.get(point.dtype)
        width = row.dtype.itemsize if row is not None else 4
        elements = sum(prod(each.tolist()) for each in told)
        sizes[point] = width * elements // len(positions)
    return sizes


def _sum(
    foreseen: Foreseen,
    group: Sequence[Site],
    samples: Samples,
    gram: bool,
    provider: str | None,
    step: Callable[[int], None],
) -> dict[Site, Sums | Unreachable]:
    """One pass over the samples for a group of sites."""
    model = foreseen.sites.flat.model
    found: dict[Site, Sums | Unreachable] = {site: Sums(gram) for site in group}
    first = samples.batch(next(samples.batches(1)))
    points = list(dict.fromkeys(point for site in group for point in site.points))
    computed = [point for point in points if as_fed(first, model, point) is None]
    # Where all that is wanted is fed, nothing runs.
    runs = Engine(model, computed, only=True, provider=provider) if computed else None
    done = 0
    with runs or nullcontext():
        for positions in samples.batches(foreseen.batch):
            step(done)
            feeds = samples.batch(positions)
            seen = runs.look(feeds, computed) if runs is not None else {}
            count = distinct(positions)
            for point in points:
                array = seen.get(point, as_fed(feeds, model, point))
                assert array is not None
                repeats = count < len(positions) and array.shape[:1] == positions.shape
                seen[point] = array[:count] if repeats else array
            for site, sums in found.items():
                if isinstance(sums, Unreachable):
                    continue
                try:
                    for rows in site.rows(seen, foreseen.sites.depth(site)):
                        sums.add(rows)
                except Misfit as misfit:
                    found[site] = Unreachable(str(misfit))
                step(done)
            done += count
    step(done)
    return found
