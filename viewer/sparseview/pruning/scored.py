"""Prunes by what weights are worth by themselves: the least go, one tensor after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.progress import Progress
from sparseview.pruning.goals import Goals
from sparseview.pruning.outcome import Result, lacking, opened, why_unchanged
from sparseview.pruning.request import Wish
from sparseview.pruning.tensor import Target, conflict, load, replacement, unscaled
from sparseview.sparsity.analysis import Measurement

UNKNOWN: Mapping[int, Measurement] = {}


def results(
    model: Model,
    targets: Sequence[Target],
    wish: Wish,
    levels: Goals,
    refused: Mapping[str, str | None],
    known: Mapping[int, Measurement],
    progress: Progress,
) -> list[tuple[Target, Result]]:
    """What came of each target, in their order. Raises Cancelled."""
    found: list[tuple[Target, Result]] = []
    missing = 0  # zeros that an overall budget still lacks because whole units were rounded down
    for done, target in enumerate(targets):
        progress.step(done, len(targets), "Pruning")
        goal = levels.get(target.key, wish.sparsity)
        result = by_scores(model, target, wish, goal, refused[target.key], missing, known)
        if wish.overall and goal is not None and target.key in levels:
            missing += lacking(result, goal)
        found.append((target, result))
    progress.step(len(targets), len(targets), "Pruning")
    return found


def by_scores(
    model: Model,
    target: Target,
    wish: Wish,
    goal: float | None,
    refused: str | None = None,
    missing: int = 0,
    known: Mapping[int, Measurement] = UNKNOWN,
) -> Result:
    """Prune one tensor, or say in its rows why not."""
    found = opened(target, lambda: load(model, target, wish.method), known)
    if isinstance(found, Result):
        return found
    if refused is not None:
        return found.staying(refused)
    loaded = found.loaded
    if missing and goal is not None and loaded.size:
        goal = min(max(goal + missing / loaded.size, 0.0), 1.0)
    kept = loaded.kept(wish.format, goal)
    kept = loaded.nonzero & kept
    dropped = loaded.nonzero ^ kept
    if not dropped.any():
        return found.staying(why_unchanged(loaded.sparsity, wish, goal))
    problem = conflict(model, target, wish.format, kept)
    if problem is not None:
        return found.staying(problem)
    try:
        change = replacement(model, target, dropped)
    except SparseviewError as error:
        return found.staying(error.message)
    return found.changed(kept, wish.format, change, unscaled(target))
