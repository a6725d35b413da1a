"""Sensitivity: how far a model's outputs drift when one tensor alone is pruned, level by level.

A sweep prunes every tensor by itself, in one pass over the calibration samples, and runs the held
out ones. `shared` makes a budget of it: drifts 1 - cosine of single tensors are added up, and what
costs the least drift per zero goes first, along the lower convex hull of each tensor's curve; for
such a sum that is the optimum (Everett, Operations Research 11, 1963).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import prod

import msgspec

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.kept import Entry
from sparseview.model.masks import zeros
from sparseview.progress import SILENT, Progress
from sparseview.pruning import bias
from sparseview.pruning.budget import TOO_MUCH
from sparseview.pruning.evidence import Evidence
from sparseview.pruning.methods import get
from sparseview.pruning.plan import Plan, PruneRow
from sparseview.pruning.prune import NOBODY, begin, plan
from sparseview.pruning.request import PARAMS, PruneRequest
from sparseview.pruning.tensor import Target
from sparseview.runtime.drift import Reference
from sparseview.shares import percent
from sparseview.sparsity.analysis import Measurement

SAMPLES = 64  # of those held out that a sweep runs, at most


class Point(msgspec.Struct, frozen=True):
    """The outputs with one tensor at `level`, all others as they are; see `runtime.drift`. None
    where they are not finite."""

    level: float
    cosine: float | None
    relative_l2: float | None


# A tensor by its key, at a level; or why it cannot be pruned to any.
Tell = Callable[[str, Point | str], None]


def sweep(
    model: Model,
    request: PruneRequest,
    levels: Sequence[float],
    evidence: Evidence,
    known: Mapping[str, Sequence[Point]],
    tell: Tell,
    left: Mapping[int, str] = NOBODY,
    progress: Progress = SILENT,
) -> None:
    """Measure the points that are not known; each is told as soon as it is there.

    request : weights, method, format and parameters; its target is not looked at.
    known : by the tensor's key. What was told before a cancellation can be given here.

    Raises SparseviewError where the request makes no sense or nothing is held out; Cancelled.
    """
    samples = evidence.held_out.take(range(min(evidence.held_out.count, SAMPLES)))
    _, targets, refused = begin(model, alone(request, levels[0]), left)
    for target in targets:
        if (reason := refused[target.key]) is not None:
            tell(target.key, reason)
    blind = replace(evidence, held_out=evidence.held_out.take([]))
    missing = [
        (level, [t for t in targets if refused[t.key] is None and not _has(known, t, level)])
        for level in levels
    ]
    missing = [(level, unmeasured) for level, unmeasured in missing if unmeasured]
    if not missing:
        return
    measured: dict[int, Measurement] = {}  # as the tensors are, level after level
    with Reference(model, samples, provider=evidence.provider) as reference:
        for at, (level, unmeasured) in enumerate(missing):
            ids = tuple(use.id for target in unmeasured for use in target.uses)
            wish = msgspec.structs.replace(alone(request, level), weights=ids)
            planning = progress.part(2 * at, 2 * len(missing))
            made, rows = _planned(model, wish, blind, left, measured, planning)
            measured |= {i: row.before for i, row in rows.items() if row.before is not None}
            running = progress.part(2 * at + 1, 2 * len(missing))
            for done, target in enumerate(unmeasured):
                running.step(
                    done, len(unmeasured), f"{_layer(model, target)} at {100 * level:.4g} %"
                )
                row = rows[target.lead.id]
                if row.skipped is not None:
                    tell(target.key, _unmoved(model, target, row, level))
                elif made is not None:
                    entries = _entries(model, made, target)
                    found = reference.drift(model.with_overlay(model.overlay.with_(entries)))
                    tell(target.key, Point(level, found.cosine, found.relative_l2))


def alone(request: PruneRequest, level: float) -> PruneRequest:
    """The wish for one level of each tensor, in one pass: none sees what others became."""
    params = {name: getattr(request, name) for name in PARAMS}
    if get(request.method).needs != "nothing":
        params["order"] = "one-pass"
    return PruneRequest(
        weights=request.weights,
        method=request.method,
        format=request.format,
        sparsity=level,
        **params,
    )


def _has(known: Mapping[str, Sequence[Point]], target: Target, level: float) -> bool:
    return any(point.level == level for point in known.get(target.key, ()))


def _layer(model: Model, target: Target) -> str:
    return model.title(model.nodes[target.lead.node])


def _planned(
    model: Model,
    wish: PruneRequest,
    evidence: Evidence,
    left: Mapping[int, str],
    measured: Mapping[int, Measurement],
    progress: Progress,
) -> tuple[Plan | None, dict[int, PruneRow]]:
    """The plan and its rows by weight; no plan where it would change nothing."""
    try:
        made = plan(model, wish, progress, left, measured, evidence)
    except SparseviewError as error:
        if error.code != "nothing":
            raise
        rows = [PruneRow(i, None, None, 1.0, error.message) for i in wish.weights]
        return None, {row.weight: row for row in rows}
    return made, {row.weight: row for row in made.rows}


def _unmoved(model: Model, target: Target, row: PruneRow, level: float) -> Point | str:
    """A tensor that the plan leaves as it is: sparse enough already, or for a reason."""
    try:
        # Counted as a prune rounds it: else the level that a layer was pruned to is never measured.
        missing = round(level * prod(target.lead.constant.shape)) - zeros(model, target.lead)
    except SparseviewError:
        return str(row.skipped)
    return Point(level, 1.0, 0.0) if missing <= 0 else str(row.skipped)


def _entries(model: Model, made: Plan, target: Target) -> dict[str, Entry]:
    """What changes with one tensor: itself, and the bias that takes its loss up."""
    entries = made.changes.entries
    found = {target.key: entries[target.key]}
    behind = bias.find(model, target.lead)
    if isinstance(behind, bias.Bias) and behind.constant.key in entries:
        found[behind.constant.key] = entries[behind.constant.key]
    return found


@dataclass(frozen=True, slots=True)
class Curve:
    """One tensor: its elements, the zeros that it has, its points, and the least level that its
    format allows."""

    elements: int
    zeros: int
    points: tuple[Point, ...]
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Shared:
    """levels : by key, of the tensors that are to be pruned.  zeros : of all, afterwards.
    cosine : of the outputs, as predicted."""

    levels: Mapping[str, float]
    zeros: int
    cosine: float


@dataclass(frozen=True, slots=True)
class _Segment:
    """A straight piece of a hull: so many more zeros for so much more drift.

    least : what a part of it holds at least, since its format allows nothing between."""

    key: str
    zeros: float
    drift: float
    least: float


def shared(
    curves: Mapping[str, Curve], *, target: float | None = None, cosine: float | None = None
) -> Shared:
    """Levels so that `target` of all elements are zero, or as many as keep the predicted cosine.

    Raises SparseviewError where the measured levels do not reach the target.
    """
    elements = sum(curve.elements for curve in curves.values())
    zeros = float(sum(curve.zeros for curve in curves.values()))
    wanted = float("inf") if target is None else target * elements
    limit = float("inf") if cosine is None else 1 - cosine
    reached = {key: float(curve.zeros) for key, curve in curves.items()}
    closed: set[str] = set()
    lost = 0.0
    segments = [s for key, curve in curves.items() for s in _hull(key, curve)]
    for segment in sorted(segments, key=lambda s: s.drift / s.zeros):
        if segment.key in closed or zeros >= wanted:
            continue
        part = min(1.0, (wanted - zeros) / segment.zeros)
        if segment.drift > 0:
            part = min(part, (limit - lost) / segment.drift)
        if part * segment.zeros < segment.least:
            # To a share a little more than it is taken; a drift is never exceeded.
            part = segment.least / segment.zeros if cosine is None else 0.0
        if part < 1:
            closed.add(segment.key)  # what comes behind this piece lies beyond it
        reached[segment.key] += part * segment.zeros
        zeros += part * segment.zeros
        lost += part * segment.drift
    if target is not None and zeros < wanted - 0.5:
        raise SparseviewError(
            f"The levels that are measured reach {percent(zeros / max(elements, 1), 1)} at most.",
            "Measure higher levels, or ask for less.",
            TOO_MUCH,
        )
    levels = {
        key: min(reached[key] / curve.elements, 1.0)
        for key, curve in curves.items()
        if round(reached[key]) > curve.zeros
    }
    return Shared(levels, round(zeros), 1 - lost)


def _hull(key: str, curve: Curve) -> Iterator[_Segment]:
    """The lower convex hull from what the tensor has, through its points, drift never falling."""
    places = [(float(curve.zeros), 0.0)]
    most = 0.0
    for point in sorted(curve.points, key=lambda p: p.level):
        zeros = point.level * curve.elements
        if point.cosine is None or zeros <= curve.zeros:
            continue
        most = max(most, 1 - point.cosine)
        places.append((zeros, most))
    kept: list[tuple[float, float]] = []
    for place in places:
        while len(kept) > 1 and _slope(kept[-2], kept[-1]) >= _slope(kept[-2], place):
            kept.pop()
        kept.append(place)
    border = curve.least * curve.elements
    for (x, y), (next_x, next_y) in pairwise(kept):
        yield _Segment(key, next_x - x, next_y - y, max(min(next_x, border) - x, 0.0))


def _slope(a: tuple[float, float], b: tuple[float, float]) -> float:
    return (b[1] - a[1]) / (b[0] - a[0])
