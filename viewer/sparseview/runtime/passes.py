"""Runs samples and hands the rows of every site on, in as many passes as memory asks for.

Activations are never kept. Each pass computes no more than what its group of sites needs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from math import prod
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from sparseview.amounts import size
from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.dtypes import STORAGE
from sparseview.model.weights import Weight
from sparseview.progress import SILENT, Progress
from sparseview.runtime import memory as memories
from sparseview.runtime.batching import distinct_part, side_by_side
from sparseview.runtime.bodies import Point, turns, unstacked
from sparseview.runtime.cores import SideBySide, cores
from sparseview.runtime.data.samples import Samples, distinct
from sparseview.runtime.engine import Engine
from sparseview.runtime.sites import Site, Sites, as_fed, find
from sparseview.runtime.statistics import Unreachable
from sparseview.runtime.taps import Misfit
from sparseview.runtime.taps.base import slice_rows

Array = NDArray[Any]
Feeds = Mapping[str, Array]
# Samples in a run, and the bytes of what it shows: more is no faster.
MOST_BATCH, ENOUGH = 32, 64 << 20
# What a run shows is there twice: in the Runtime's memory and as arrays.
TWICE = 2
# Rows of a site that wait for more: what is done with them costs as much for a few as for these.
TOGETHER = 1024


class Collector(Protocol):
    """What is done with the rows of one site."""

    def add(self, rows: Array) -> None:
        """Some rows, [stack or 1, n > 0, columns], float32 or float64; not to be written to."""


C = TypeVar("C", bound=Collector)


class _Gathered:
    """Rows on their way to a collector."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._waiting: list[Array] = []
        self._count = 0

    def add(self, rows: Array) -> None:
        if rows.shape[1]:
            self._waiting.append(rows)
            self._count += rows.shape[1]
        if self._count >= TOGETHER:
            self.finish()

    def finish(self) -> None:
        if self._waiting:
            many = len(self._waiting) > 1
            rows = np.concatenate(self._waiting, axis=1) if many else self._waiting[0]
            self._waiting.clear()
            self._count = 0
            self._collector.add(rows)


@dataclass(frozen=True)
class Foreseen:
    """What a run over samples is going to take, known before it begins.

    sites : all that can be seen.  groups : those of each pass.  batch : samples in one run.
    bytes : the most that is held at a time, beside the model itself.
    """

    sites: Sites
    groups: tuple[tuple[Site, ...], ...]
    batch: int
    bytes: int
    unreachable: Mapping[int, Unreachable]

    @property
    def passes(self) -> int:
        return len(self.groups)


@dataclass(frozen=True)
class Collected(Generic[C]):
    """One site at the end of its pass."""

    site: Site
    result: C | Unreachable


@dataclass(frozen=True)
class Looked:
    """What one sample tells of a model and its data: the sites that can be seen, the bytes of each
    point for one sample, and whether several samples run together."""

    model: Model
    sites: Sites
    sizes: Mapping[Point, int]
    together: bool

    def foresee(
        self,
        samples: Samples,
        held: Callable[[Site], int],
        memory: int | None = None,
        among: Collection[int] | None = None,
    ) -> Foreseen:
        """Plan passes that stay below `memory` bytes; see the function `foresee`. Runs nothing.

        among : ids of weights, where not the sites of all are wanted.
        """
        sites = self.sites
        if among is not None:
            some = tuple(site for site in sites.sites if not set(among).isdisjoint(site.weights))
            sites = replace(sites, sites=some)
        most = memories.budget(memory)
        points = {point for site in sites.sites for point in site.points}
        shown = sum(size for point, size in self.sizes.items() if point in points)
        fitting = TWICE * ENOUGH // max(shown, 1)
        many = MOST_BATCH if self.together else 1
        batch = samples.fixed or max(1, min(many, samples.count, fitting))
        groups, taken = _groups(sites, self.sizes, held, batch, most)
        while samples.fixed is None and batch > 1 and (taken > most or len(groups) > 1):
            # Smaller batches cost little; another pass runs the model over all samples again.
            smaller, less = _groups(sites, self.sizes, held, batch // 2, most)
            if taken <= most and len(smaller) >= len(groups):
                break
            groups, taken, batch = smaller, less, batch // 2
        if taken > (most := memories.limit(memory)):
            # What does not fit is a site by itself: groups end before they are too large.
            site = max(sites.sites, key=lambda site: held(site) + slice_bytes(site))
            raise SparseviewError(
                f"Layer {self._layer(site)!r} alone takes {size(taken)}, and "
                f"{size(most)} may be used.",
                "Allow more memory, or leave the largest layers out.",
                "memory",
            )
        return Foreseen(sites, groups, batch, taken, sites.unreachable)

    def _layer(self, site: Site) -> str:
        return self.model.title(self.model.nodes[self.model.weights[site.weights[0]].node])


def look(
    model: Model,
    weights: Sequence[Weight],
    samples: Samples,
    *,
    provider: str | None = None,
    progress: Progress = SILENT,
) -> Looked:
    """Find the sites of these weights, and run one batch of one for their shapes.

    Raises SparseviewError where there is no sample, or the model does not run on it.
    """
    if not samples.count:
        raise SparseviewError("There are no samples to run.", "Give more data.", "data")
    sites = find(model, weights)
    progress.check()
    sizes, sites, together = _sizes(sites, samples, provider)
    progress.check()
    return Looked(model, sites, sizes, together)


def foresee(
    model: Model,
    weights: Sequence[Weight],
    samples: Samples,
    held: Callable[[Site], int],
    *,
    provider: str | None = None,
    memory: int | None = None,
    progress: Progress = SILENT,
) -> Foreseen:
    """Find the sites, and plan passes that stay below `memory` bytes. Runs one batch of one.

    held : bytes that a site's collector keeps, and takes while it adds.
    """
    found = look(model, weights, samples, provider=provider, progress=progress)
    return found.foresee(samples, held, memory)


def run(
    foreseen: Foreseen,
    samples: Samples,
    start: Callable[[Site], C],
    *,
    provider: str | None = None,
    progress: Progress = SILENT,
    label: str = "Running",
) -> Iterator[Collected[C]]:
    """Run all samples for each group, and give its sites as soon as they are done."""
    total = foreseen.passes * samples.count
    for number, group in enumerate(foreseen.groups):
        before = number * samples.count
        told = label if foreseen.passes == 1 else f"{label}, pass {number + 1} of {foreseen.passes}"

        def step(done: int, before: int = before, told: str = told) -> None:
            progress.step(before + done, total, told)

        yield from _pass(foreseen, group, samples, start, provider, step)


def _pass(
    foreseen: Foreseen,
    group: Sequence[Site],
    samples: Samples,
    start: Callable[[Site], C],
    provider: str | None,
    step: Callable[[int], None],
) -> Iterator[Collected[C]]:
    """One pass; where a body lets nothing out on these samples, again without what lies there."""
    try:
        yield from [*_run(foreseen, group, samples, start, provider, step)]
    except SparseviewError as error:
        inside = [site for site in group if _in_body(foreseen.sites, site)]
        if error.code != "runtime" or not inside:
            raise
        why = Unreachable(f"the body that it lies in does not show it: {error.message}")
        yield from (Collected(site, why) for site in inside)
        rest = [site for site in group if site not in inside]
        yield from _run(foreseen, rest, samples, start, provider, step)


def _run(
    foreseen: Foreseen,
    group: Sequence[Site],
    samples: Samples,
    start: Callable[[Site], C],
    provider: str | None,
    step: Callable[[int], None],
) -> Iterator[Collected[C]]:
    model = foreseen.sites.flat.model
    collectors = {site: start(site) for site in group}
    gathered = {site: _Gathered(collector) for site, collector in collectors.items()}
    misfits: dict[Site, Unreachable] = {}
    first = samples.batch(next(samples.batches(1)))
    points = list(dict.fromkeys(point for site in group for point in site.points))
    computed = [point for point in points if as_fed(first, model, point) is None]
    # Where all that is wanted is fed, nothing runs.
    runs = Engine(model, computed, only=True, provider=provider, lean=True) if computed else None

    def collect(site: Site, seen: Mapping[Point, Array]) -> None:
        if site in misfits:
            return
        try:
            for some in site.rows(seen, foreseen.sites.depth(site)):
                gathered[site].add(some)
        except Misfit as misfit:
            misfits[site] = Unreachable(str(misfit))

    done = 0
    with runs or nullcontext(), SideBySide() as pool:
        for positions in samples.batches(foreseen.batch):
            step(done)
            feeds = samples.batch(positions)
            seen = runs.look(feeds, computed) if runs is not None else {}
            count = distinct(positions)
            for point in points:
                array = seen.get(point, as_fed(feeds, model, point))
                assert array is not None
                seen[point] = distinct_part(array, len(positions), count)
            for _ in pool.each(partial(collect, seen=seen), group):
                step(done)
            done += count
        for _ in pool.each(lambda site: gathered[site].finish(), group):
            step(done)
    yield from (Collected(site, misfits.get(site, made)) for site, made in collectors.items())


def slice_bytes(site: Site) -> int:
    """A slice of rows of a site, as cut and put together from some, on each core."""
    return slices(site.parts * site.columns)


def slices(width: int) -> int:
    """As `slice_bytes`, for rows of so many elements."""
    return cores() * 8 * slice_rows(width) * width


def _groups(
    sites: Sites,
    sizes: Mapping[Point, int],
    held: Callable[[Site], int],
    batch: int,
    most: int,
) -> tuple[tuple[tuple[Site, ...], ...], int]:
    """(sites shared out over passes, the bytes of the largest pass)."""

    def kept(site: Site) -> int:
        return held(site) + 4 * TOGETHER * site.parts * site.columns

    groups: list[list[Site]] = []
    largest = used = slices = 0
    points: set[Point] = set()
    for site in sites.sites:
        wide = slice_bytes(site)
        new = set(site.points) - points
        more = kept(site) + batch * sum(sizes.get(point, 0) for point in new)
        if not groups or used + more + max(slices, wide) > most:
            groups.append([])
            used = slices = 0
            points = set()
            more = kept(site) + batch * sum(sizes.get(point, 0) for point in set(site.points))
        groups[-1].append(site)
        points.update(site.points)
        used += more
        slices = max(slices, wide)
        largest = max(largest, used + slices)
    return tuple(tuple(group) for group in groups), largest


def _sizes(
    sites: Sites, samples: Samples, provider: str | None
) -> tuple[dict[Point, int], Sites, bool]:
    """(bytes that each point takes for one sample, the sites that a run can show, whether several
    samples can run together).

    Found by a run that fetches nothing but shapes. What is fed, and what did not run for that
    sample, counts as nothing.
    """
    model = sites.flat.model
    positions = next(samples.batches(1))
    feeds = samples.batch(positions)
    together = [(samples.batch(at), [samples.batch([i]) for i in at]) for at in samples.several()]
    try:
        shapes, fits = _shapes(sites.sites, model, feeds, provider, together)
    except SparseviewError as error:
        inside = {site for site in sites.sites if _in_body(sites, site)}
        if error.code != "runtime" or not inside:
            raise
        sites = _without_refused(sites, inside, feeds, provider)
        shapes, fits = _shapes(sites.sites, model, feeds, provider, together)
    sizes: dict[Point, int] = {}
    for point, array in shapes.items():
        row = STORAGE.get(point.dtype)
        width = row.dtype.itemsize if row is not None else 4
        elements = sum(prod(each.tolist()) for each in unstacked(array, turns(model, point)))
        sizes[point] = TWICE * width * elements // len(positions)
    return sizes, sites, fits


def _shapes(
    sites: Sequence[Site],
    model: Model,
    feeds: Feeds,
    provider: str | None,
    together: Sequence[tuple[Feeds, Sequence[Feeds]]] = (),
) -> tuple[dict[Point, Array], bool]:
    """(the shape of each point, whether several samples run together: side by side, as each does
    alone). together : such samples, and each of them alone."""
    points = dict.fromkeys(point for site in sites for point in site.points)
    computed = [point for point in points if as_fed(feeds, model, point) is None]
    asked = {replace(point, shape=True): point for point in computed}
    if not asked:
        return {}, True
    # What all others may have gone into.
    last = [point for point in computed if model.graphs[point.graph].kind == "main"][-1:]
    with Engine(model, (*asked, *last), only=True, provider=provider, lean=True) as engine:
        seen = engine.look(feeds, tuple(asked))
        fits = all(_fits(engine, (*asked, *last), last, *these) for these in together)
    return {point: seen[shape] for shape, point in asked.items()}, fits


def _fits(
    engine: Engine,
    points: Sequence[Point],
    compared: Sequence[Point],
    together: Feeds,
    alone: Sequence[Feeds],
) -> bool:
    try:
        both = engine.look(together, points)
        each = [engine.look(feeds, compared) for feeds in alone] if compared else []
    except SparseviewError as error:
        if error.code != "runtime":
            raise
        return False
    return all(side_by_side(both[point], [one[point] for one in each]) for point in compared)


def _without_refused(
    sites: Sites, inside: set[Site], feeds: Mapping[str, Array], provider: str | None
) -> Sites:
    """The sites without those that the Runtime refuses to show, body by body."""
    bodies: dict[int, list[Site]] = {}
    for site in sites.sites:
        if site in inside:
            bodies.setdefault(site.points[0].graph, []).append(site)
    gone: dict[int, Unreachable] = {}
    refused: set[Site] = set()
    for members in bodies.values():
        try:
            _shapes(members, sites.flat.model, feeds, provider)
        except SparseviewError as error:
            why = Unreachable(f"the body that it lies in does not show it: {error.message}")
            refused.update(members)
            gone.update({weight: why for site in members for weight in site.weights})
    kept = tuple(site for site in sites.sites if site not in refused)
    return replace(sites, sites=kept, unreachable={**gone, **sites.unreachable})


def _in_body(sites: Sites, site: Site) -> bool:
    return any(sites.flat.model.graphs[point.graph].kind != "main" for point in site.points)
