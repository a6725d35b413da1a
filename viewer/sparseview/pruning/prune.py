"""The plan of a prune: which elements become zero, and what that does; no file is touched.

The target counts the zeros afterwards, those that are there included; nothing is revived; of
equals the lower flat index in the stored tensor is kept. Counts are exact: round(S * elements),
halves to even; whole blocks and channels round down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.progress import SILENT, Progress
from sparseview.pruning.budget import ends
from sparseview.pruning.counts import FileCounts
from sparseview.pruning.goals import check_layers, goals, listed
from sparseview.pruning.outcome import (
    Result,
    kept_share,
    lacking,
    opened,
    summed,
    why_unchanged,
)
from sparseview.pruning.plan import Plan, PruneRow
from sparseview.pruning.request import PruneRequest, Wish, understand
from sparseview.pruning.tensor import Target, conflict, load, refusal, replacement, select, unscaled
from sparseview.sparsity.analysis import Measurement

if TYPE_CHECKING:
    from sparseview.pruning.evidence import Evidence

__all__ = ["Plan", "PruneRequest", "PruneRow", "kept_share", "plan", "why_unchanged"]

NOBODY: Mapping[int, str] = {}
UNKNOWN: Mapping[int, Measurement] = {}


def plan(
    model: Model,
    request: PruneRequest,
    progress: Progress = SILENT,
    left: Mapping[int, str] = NOBODY,
    known: Mapping[int, Measurement] = UNKNOWN,
    evidence: Evidence | None = None,
) -> Plan:
    """Work out a prune on the model as it is; memory: one tensor at a time, and a bit for each
    element of those that change.

    left : why weights are to stay as they are, by id; whoever shares their tensors stays too.
    known : what weights measure as they are, by id; what is not there is measured.
    evidence : data, for methods that go by it.

    Raises SparseviewError if the request makes no sense or nothing would be pruned; Cancelled.
    """
    wish, targets, refused = begin(model, request, left)
    if wish.method.needs != "nothing":
        return _by_data(model, request, (wish, targets, refused), known, evidence, progress)
    levels = goals(model, targets, refused, wish, FileCounts(model, wish), progress)
    results: list[tuple[Target, Result]] = []
    missing = 0  # zeros that an overall budget still lacks because whole units were rounded down
    for done, target in enumerate(targets):
        progress.step(done, len(targets), "Pruning")
        goal = levels.get(target.key, wish.sparsity)
        result = _prune(model, target, wish, goal, refused[target.key], missing, known)
        if wish.overall and goal is not None and target.key in levels:
            missing += lacking(result, goal)
        results.append((target, result))
    progress.step(len(targets), len(targets), "Pruning")
    if all(result.change is None for _, result in results):
        raise nothing(r.skipped for _, result in results for r in result.rows)
    return summed(model, request, results)


def nothing(reasons: Iterable[str | None]) -> SparseviewError:
    """The refusal of a prune that would change no tensor, with the first of its reasons."""
    told = list(dict.fromkeys(map(str, reasons)))
    return SparseviewError(
        f"Nothing was pruned: {'; '.join(told[:3])}.",
        "Ask for more zeros, another format or other layers.",
        "nothing",
    )


def begin(
    model: Model, request: PruneRequest, left: Mapping[int, str]
) -> tuple[Wish, list[Target], dict[str, str | None]]:
    """(what is wished, the tensors that it is about, why some of them stay, by key).

    Raises SparseviewError if the request makes no sense. left : see `plan`.
    """
    wish = understand(request)
    unknown = [i for i in request.weights if not 0 <= i < len(model.weights)]
    if unknown or not request.weights:
        what = f"There is no weight {unknown[0]}." if unknown else "No weight is selected."
        raise SparseviewError(what, "Choose layers that have weights.", "weights")
    chosen = tuple(model.weights[i] for i in dict.fromkeys(request.weights))
    targets = select(model, chosen)
    check_layers(model, targets, wish)
    if request.keep_ends:
        left = {**ends(model), **left}
    refused = {t.key: refusal(t, wish.format, left) or listed(model, t, wish) for t in targets}
    return wish, targets, refused


def _by_data(
    model: Model,
    request: PruneRequest,
    begun: tuple[Wish, list[Target], dict[str, str | None]],
    known: Mapping[int, Measurement],
    evidence: Evidence | None,
    progress: Progress,
) -> Plan:
    """The plan of a method that goes by data."""
    wish, targets, refused = begun
    if evidence is None:
        raise SparseviewError(
            f"{wish.method.label} goes by data, and none is chosen.",
            "Give it with --data: samples of what the model is fed, or synthetic.",
            "no-data",
        )
    from sparseview.pruning import driven  # ONNX Runtime: nothing that other prunes need

    refused = driven.unseen(model, targets, refused, wish.method)
    levels = goals(model, targets, refused, wish, FileCounts(model, wish), progress)
    work = driven.Work(model, wish, levels, refused, known, evidence)
    results = driven.results(work, targets, progress)
    if all(result.change is None for _, result in results):
        raise nothing(r.skipped for _, result in results for r in result.rows)
    return replace(summed(model, request, results), driven=True)


def _prune(
    model: Model,
    target: Target,
    wish: Wish,
    goal: float | None,
    refused: str | None,
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
    dropped = ~kept
    dropped &= loaded.nonzero
    if not dropped.any():
        return found.staying(why_unchanged(loaded.sparsity, wish, goal))
    problem = conflict(model, target, wish.format, loaded.nonzero & kept)
    if problem is not None:
        return found.staying(problem)
    try:
        change = replacement(model, target, dropped)
    except SparseviewError as error:
        return found.staying(error.message)
    return found.changed(kept, wish.format, change, unscaled(target))
