"""The plan of a prune: which elements become zero, and what that does; no file is touched.

The target counts the zeros afterwards, those that are there included; nothing is revived; of
equals the lower flat index in the stored tensor is kept. Counts are exact: round(S * elements),
halves to even; whole blocks and channels round down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.progress import SILENT, Progress
from sparseview.pruning.request import PruneRequest, Wish, understand
from sparseview.pruning.share import share
from sparseview.pruning.tensor import Loaded, Target, conflict, load, refusal, select, zeroed
from sparseview.sparsity.analysis import Measurement, measure
from sparseview.sparsity.formats.base import target as zeros_for

__all__ = ["Plan", "PruneRequest", "PruneRow", "plan"]


class PruneRow(msgspec.Struct, frozen=True):
    """What a prune does to one weight.

    kept_energy : share of the sum of squares that stays, 0..1 (1 for a weight of zeros).
    skipped : why nothing changes here, else None. before, after : None if it cannot be read.
    """

    weight: int
    before: Measurement | None
    after: Measurement | None
    kept_energy: float
    skipped: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """New arrays by constant key, in storage and stored shape, and one row per requested weight.

    The fractions are over the requested tensors that could be read, each once.
    """

    changes: Mapping[str, NDArray[Any]]
    rows: tuple[PruneRow, ...]
    sparsity_before: float | None
    sparsity_after: float | None
    kept_energy: float


# Squares of doubles need long double's range, and so do their sums.
_NONE = np.longdouble(0)


@dataclass(slots=True)
class _Result:
    """One tensor's part of the plan."""

    rows: list[PruneRow]
    change: NDArray[Any] | None = None
    energy: np.floating[Any] = _NONE
    lost: np.floating[Any] = _NONE


def plan(model: Model, request: PruneRequest, progress: Progress = SILENT) -> Plan:
    """Work out a prune on the model as it is; memory: what changes, and one tensor at a time.

    Raises SparseviewError if the request makes no sense or nothing would be pruned; Cancelled.
    """
    wish = understand(request)
    unknown = [i for i in request.weights if not 0 <= i < len(model.weights)]
    if unknown or not request.weights:
        what = f"There is no weight {unknown[0]}." if unknown else "No weight is selected."
        raise SparseviewError(what, "Choose layers that have weights.", "weights")
    chosen = tuple(model.weights[i] for i in dict.fromkeys(request.weights))
    targets = select(model, chosen)
    refused = {t.key: refusal(t, wish.format) for t in targets}
    goals = _goals(model, [t for t in targets if refused[t.key] is None], wish, progress)
    results = []
    for done, target in enumerate(targets):
        progress.step(done, len(targets), "Pruning")
        goal = goals.get(target.key, wish.sparsity)
        results.append((target, _prune(model, target, wish, goal, refused[target.key])))
    progress.step(len(targets), len(targets), "Pruning")
    if all(result.change is None for _, result in results):
        reasons = dict.fromkeys(r.skipped for _, result in results for r in result.rows)
        raise SparseviewError(
            f"Nothing was pruned: {'; '.join(str(r) for r in list(reasons)[:3])}.",
            "Ask for more zeros, another format or other layers.",
            "nothing",
        )
    return _summed(request, results)


def _goals(model: Model, targets: list[Target], wish: Wish, progress: Progress) -> dict[str, float]:
    """Each tensor's own fraction of zeros, where a |w| border decides; unreadable ones left out."""
    if not wish.together and wish.threshold is None:
        return {}
    goals: dict[str, float] = {}
    readable: list[Target] = []
    sizes: list[int] = []
    for done, target in enumerate(targets):
        progress.step(done, len(targets), "Ranking")
        try:
            roots = _roots(model, target, wish)
        except SparseviewError:
            continue  # pruning it meets the same error, and says so in its row
        if wish.threshold is not None:
            below = int(np.count_nonzero(roots < wish.threshold))
            goals[target.key] = below / max(roots.size, 1)
        readable.append(target)
        sizes.append(roots.size)
    if wish.together and wish.sparsity is not None:
        parts = [partial(_roots, model, target, wish) for target in readable]
        counts = share(parts, zeros_for(wish.sparsity, sum(sizes)))
        for target, count, size in zip(readable, counts, sizes, strict=True):
            goals[target.key] = max(count / max(size, 1), wish.format.least)
    return goals


def _roots(model: Model, target: Target, wish: Wish) -> NDArray[np.float64]:
    """|w| of a tensor (the root of its importance); 0 where the format itself leaves no choice."""
    loaded = load(model, target, wish.method)
    roots: NDArray[np.float64] = np.sqrt(loaded.importance).astype(np.float64, copy=False)
    if wish.format.least:
        roots = np.where(wish.format.keep(loaded.importance, None, loaded.position), roots, 0.0)
    return roots


def _prune(
    model: Model, target: Target, wish: Wish, goal: float | None, refused: str | None
) -> _Result:
    """Prune one tensor, or say in its rows why not."""
    unknown = next((use.problem for use in target.uses if use.problem), None)
    try:
        if unknown is not None:
            raise SparseviewError(unknown)
        loaded = load(model, target, wish.method)
    except SparseviewError as error:
        rows = [PruneRow(use.id, None, None, 1.0, error.message) for use in target.uses]
        return _Result(rows)
    before = {use.id: measure(use.view.logical(loaded.nonzero)) for use in target.uses}
    energy = _energy(loaded, None)

    def left(reason: str) -> _Result:
        rows = [PruneRow(i, fact, fact, 1.0, reason) for i, fact in before.items()]
        return _Result(rows, None, energy)

    if refused is not None:
        return left(refused)
    kept = wish.format.keep(loaded.importance, goal, loaded.position)
    dropped = ~target.lead.view.stored(kept) & loaded.nonzero
    if not dropped.any():
        return left(_why_unchanged(loaded, wish, goal))
    after = loaded.nonzero & ~dropped
    problem = conflict(model, target, wish.format, after)
    if problem is not None:
        return left(problem)
    try:
        change = zeroed(model, target, loaded, dropped)
    except SparseviewError as error:
        return left(error.message)
    lost = _energy(loaded, ~kept)
    rows = [
        PruneRow(use.id, before[use.id], measure(use.view.logical(after)), _kept(lost, energy))
        for use in target.uses
    ]
    return _Result(rows, change, energy, lost)


def _energy(loaded: Loaded, where: NDArray[np.bool_] | None) -> np.floating[Any]:
    """The sum of the squares, all or some of them; what is not finite is left out."""
    squares = loaded.importance
    with np.errstate(invalid="ignore"):  # infinity times False is NaN, and handled below
        total: np.floating[Any] = (squares if where is None else squares * where).sum()
    if np.isfinite(total):
        return total
    counted = np.isfinite(squares) if where is None else np.isfinite(squares) & where
    rest: np.floating[Any] = squares.sum(where=counted)
    return rest


def _kept(lost: np.floating[Any], energy: np.floating[Any]) -> float:
    # Two sums of many squares round differently: a hair outside of 0..1 is the border.
    return min(max(1.0 - float(lost / energy), 0.0), 1.0) if energy else 1.0


def _why_unchanged(loaded: Loaded, wish: Wish, goal: float | None) -> str:
    if wish.threshold is not None and wish.format.family == "unstructured":
        return f"no weight that is not zero yet is below {wish.threshold:g}"
    if wish.format.family == "nm":
        return f"already {wish.format.name}, at {loaded.sparsity:.2%}"
    if goal is None or loaded.sparsity >= goal or wish.format.family == "unstructured":
        return f"already at {loaded.sparsity:.2%}"
    unit = "channel" if wish.format.family == "channel" else "block"
    return f"{goal:.2%} is less than one more whole {unit}"


def _summed(request: PruneRequest, results: list[tuple[Target, _Result]]) -> Plan:
    by_id = {row.weight: row for _, result in results for row in result.rows}
    read = [result for _, result in results if result.rows[0].before is not None]
    facts = [(result.rows[0].before, result.rows[0].after) for result in read]
    elements = sum(before.elements for before, _ in facts if before)
    return Plan(
        changes={t.key: result.change for t, result in results if result.change is not None},
        rows=tuple(by_id[i] for i in dict.fromkeys(request.weights)),
        sparsity_before=sum(b.zeros for b, _ in facts if b) / elements if elements else None,
        sparsity_after=sum(a.zeros for _, a in facts if a) / elements if elements else None,
        kept_energy=_kept(sum((r.lost for r in read), _NONE), sum((r.energy for r in read), _NONE)),
    )
