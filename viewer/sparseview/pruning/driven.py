"""Prunes by data: statistics of each layer's input, a solver on them, and what that did.

Sequential: layers go in the order of the graph, and the data run again through what the ones
before became, since errors add up and later layers can make up for them. One pass: the statistics
of the model as it is serve all layers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.kept import Entry
from sparseview.model.weights import Weight
from sparseview.progress import Progress
from sparseview.pruning import bias as biases
from sparseview.pruning.bias import Bias
from sparseview.pruning.effect import Layer, layer_errors
from sparseview.pruning.evidence import Evidence
from sparseview.pruning.footprint import judging, require_room, solving
from sparseview.pruning.goals import Goals
from sparseview.pruning.methods import Method
from sparseview.pruning.methods.magnitude import MAGNITUDE
from sparseview.pruning.outcome import (
    Opened,
    Result,
    lacking,
    opened,
    why_unchanged,
)
from sparseview.pruning.plan import PruneRow
from sparseview.pruning.problem import Problem, Solution
from sparseview.pruning.request import Wish
from sparseview.pruning.rewrite import refuses_values, rewritten
from sparseview.pruning.stages import stages
from sparseview.pruning.tensor import Target, conflict, load, replacement, values
from sparseview.runtime import sites
from sparseview.runtime.calibration import calibrate, lots
from sparseview.runtime.statistics import Statistics, Unreachable, merged
from sparseview.sparsity.analysis import Measurement
from sparseview.sparsity.formats.base import target as zeros_for

MEASURING = "Measuring what the layers lost, on samples held out"
ELSEWHERE = "it is used a second time along other axes, where its input is another one"


@dataclass(slots=True)
class Work:
    """What is to be done, and how far it is. model : as it was; now : as it is by now."""

    model: Model
    wish: Wish
    levels: Goals
    refused: Mapping[str, str | None]
    known: Mapping[int, Measurement]
    evidence: Evidence
    missing: int = 0  # zeros that an overall budget still lacks; whole units are rounded down
    entries: dict[str, Entry] = field(default_factory=dict)

    @property
    def now(self) -> Model:
        return self.model.with_overlay(self.model.overlay.with_(self.entries))

    @property
    def seen(self) -> Model:
        """The model whose layers the data run through."""
        return self.now if self.wish.params.order == "sequential" else self.model


def unseen(
    model: Model,
    targets: Sequence[Target],
    refused: Mapping[str, str | None],
    method: Method,
    memory: int | None,
) -> dict[str, str | None]:
    """Why tensors stay, by key: as `refused` says, or because no data reaches them.

    memory : bytes that may be taken; None: what is free. Raises SparseviewError where a single
    layer takes more.
    """
    found = dict(refused)
    open_ = [t for t in targets if refused[t.key] is None]
    at = sites.find(model, [use for t in open_ for use in uses_of(t)])
    require_room(model, at, method, memory)
    hidden = at.unreachable
    for target in open_:
        if any(use.view != target.lead.view for use in target.everywhere):
            found[target.key] = ELSEWHERE
        elif all(use.id in hidden for use in uses_of(target)):
            found[target.key] = _hidden(hidden[uses_of(target)[0].id])
        elif method.needs == "gram":
            found[target.key] = refuses_values(target.lead)
    return found


def unreached(
    model: Model,
    targets: Sequence[Target],
    refused: Mapping[str, str | None],
    evidence: Evidence,
    progress: Progress,
) -> dict[str, str | None]:
    """As `refused`, and tensors in bodies that no sample gets to, as of an If that goes the other
    way each time: their share of an overall budget is to come from the others. Runs the samples."""
    found = dict(refused)
    inside = [
        t
        for t in targets
        if refused[t.key] is None
        and any(model.graphs[model.nodes[use.node].graph].kind != "main" for use in uses_of(t))
    ]
    if inside:
        told = _statistics(model, inside, evidence, False, progress)
        found |= {key: why for key, why in told.items() if isinstance(why, str)}
    return found


def in_turn(
    model: Model, targets: Sequence[Target], wish: Wish, memory: int | None
) -> list[list[Target]]:
    """The targets in the groups that are calibrated for and pruned one after the other."""
    sequential = getattr(wish.params, "order", None) == "sequential"
    takes = partial(solving, method=wish.method)
    return [
        part for stage in (stages(model, targets) if sequential else [targets])
        for part in lots(stage, _lead, wish.method.needs == "gram", memory, takes)
    ]  # fmt: skip


def results(
    work: Work, targets: Sequence[Target], progress: Progress
) -> list[tuple[Target, Result]]:
    """Prune; what came of each target, in their order. Raises SparseviewError, Cancelled."""
    done: dict[str, Result] = {}
    open_ = [t for t in targets if work.refused[t.key] is None]
    for target in targets:
        if work.refused[target.key] is not None:
            done[target.key] = _opened(work, target, work.refused[target.key])
    groups = in_turn(work.model, open_, work.wish, work.evidence.memory)
    total = 2 * len(groups) + 1
    told: list[Target] = []  # whose turn has come
    for at, group in enumerate(groups):
        layers = [_layer(work.model, target) for target in group]
        more = f" and {len(layers) - 1} more" if len(layers) > 1 else ""
        looking = progress.part(2 * at, total, f"Calibrating for {layers[0]}{more}")
        statistics = seen(work, work.seen, group, looking)
        for number, target in enumerate(group):
            inner = progress.part(2 * at + 1, total)
            layer = _layer(work.model, target)
            inner.step(number, len(group), f"Layer {len(told) + 1} of {len(open_)}: {layer}")
            told.append(target)
            done[target.key] = _pruned(work, target, statistics[target.key], inner)
    found = [(target, done[target.key]) for target in targets]
    measure_errors(work, found, progress.part(2 * len(groups), total))
    progress.step(total, total, "Pruning")
    return found


def seen(
    work: Work, model: Model, group: Sequence[Target], progress: Progress
) -> dict[str, Statistics | str]:
    """The statistics of each tensor's input in all its uses together, or why there are none."""
    return _statistics(model, group, work.evidence, work.wish.method.needs == "gram", progress)


def _statistics(
    model: Model, group: Sequence[Target], evidence: Evidence, gram: bool, progress: Progress
) -> dict[str, Statistics | str]:
    found = calibrate(
        model,
        [use for target in group for use in uses_of(target)],
        evidence.calibration,
        gram=gram,
        progress=progress,
        provider=evidence.provider,
        memory=evidence.memory,
    )
    told: dict[str, Statistics | str] = {}
    for target in group:
        each = [found[use.id] for use in uses_of(target)]
        parts = [one for one in each if isinstance(one, Statistics)]
        reasons = [_hidden(one) for one in each if not isinstance(one, Statistics)]
        told[target.key] = merged(parts) if parts else reasons[0]
    return told


def _hidden(why: Unreachable) -> str:
    return f"data cannot reach it: {why.reason}"


def _layer(model: Model, target: Target) -> str:
    """What people see as the layer's name."""
    return model.title(model.nodes[target.lead.node])


def _lead(target: Target) -> Weight:
    return target.lead


def uses_of(target: Target) -> tuple[Weight, ...]:
    """The uses of a tensor that data are to reach."""
    return target.everywhere or target.uses


def _opened(work: Work, target: Target, reason: str | None) -> Result:
    found = opened(target, lambda: load(work.model, target, MAGNITUDE), work.known)
    return found.staying(str(reason)) if isinstance(found, Opened) else found


def _pruned(work: Work, target: Target, statistics: Statistics | str, progress: Progress) -> Result:
    """Prune one tensor, or say in its rows why not."""
    model, wish = work.now, work.wish
    found = opened(target, lambda: load(model, target, MAGNITUDE), work.known)
    if isinstance(found, Result):
        return found
    if isinstance(statistics, str):
        return found.staying(statistics)
    goal = work.levels.get(target.key, wish.sparsity)
    wanted = _wanted(work, found, goal)
    zeros = found.loaded.size - int(np.count_nonzero(found.loaded.nonzero))
    if wanted is not None and zeros >= zeros_for(wanted, found.loaded.size):
        return found.staying(why_unchanged(found.loaded.sparsity, wish, wanted))
    bias = _bias(model, target, wish, statistics)
    try:
        result = _solved(work, found, statistics, wanted, bias, progress)
    except SparseviewError as error:
        return found.staying(error.message)
    if wish.overall and goal is not None:
        work.missing += lacking(result, goal)
    if result.change is not None:
        work.entries |= {target.key: result.change, **result.beside}
    return result


def _wanted(work: Work, found: Opened, goal: float | None) -> float | None:
    """The level of one tensor; None where the format's own is enough."""
    if goal is None:
        return None
    size, format_ = found.loaded.size, work.wish.format
    if work.missing and size:
        goal = min(max(goal + work.missing / size, 0.0), 1.0)
    own = format_.family == "nm" and zeros_for(goal, size) <= zeros_for(format_.least, size)
    return None if own else goal


def _bias(model: Model, target: Target, wish: Wish, statistics: Statistics) -> Bias | str:
    if wish.params.bias != "correct":
        return ""
    if statistics.rows < biases.ENOUGH:
        return f"a mean over {statistics.rows} rows of input says too little"
    if len(uses_of(target)) > 1:
        return "several layers share its weights"
    return biases.find(model, target.lead)


def _solved(
    work: Work,
    found: Opened,
    statistics: Statistics,
    goal: float | None,
    bias: Bias | str,
    progress: Progress,
) -> Result:
    """Raises SparseviewError where the data, or the type, does not allow it."""
    model, wish, lead = work.now, work.wish, found.target.lead
    _, before, _ = values(model, lead)
    problem = Problem(
        before,
        lead.view.logical(found.loaded.nonzero),
        statistics,
        wish.format,
        goal,
        found.loaded.position(),
        centred=isinstance(bias, Bias),
    )
    assert wish.method.solve is not None
    solution: Solution = wish.method.solve(problem, wish.params, progress)
    kept = lead.view.stored(solution.kept)
    dropped = found.loaded.nonzero & ~kept
    if not dropped.any():
        return found.staying(why_unchanged(found.loaded.sparsity, wish, goal))
    reason = conflict(model, found.target, wish.format, found.loaded.nonzero & kept)
    if reason is not None:
        return found.staying(reason)
    if solution.values is None:
        change: Entry = replacement(model, found.target, dropped)
    else:
        change = rewritten(model, lead, solution.kept, solution.values)
    remark = f"bias as it was: {bias}" if isinstance(bias, str) and bias else None
    result = found.changed(kept, wish.format, change, remark)
    if isinstance(bias, Bias):
        _, after, _ = values(_with(model, lead.constant.key, change), lead)
        lost = biases.alpha(model, lead) * lost_mean(before, after, statistics)
        result.beside[bias.constant.key] = bias.corrected(model, lost)
    return result


def lost_mean(before: NDArray[Any], after: NDArray[Any], statistics: Statistics) -> NDArray[Any]:
    """(W - W_hat) E[X], [stack, out]."""
    stack, out, kernel, in_ = before.shape
    apart = (before.astype(np.float64) - after).reshape(stack, out, kernel * in_)
    return np.asarray(np.einsum("soc,sc->so", apart, statistics.mean))


def _with(model: Model, key: str, entry: Entry) -> Model:
    return model.with_overlay(model.overlay.with_({key: entry}))


def measure_errors(
    work: Work, results: Sequence[tuple[Target, Result]], progress: Progress
) -> None:
    """Fill in the layer errors on the samples held out, where there are some."""
    if not work.evidence.held_out.count:
        return
    changed = {target.key: result for target, result in results if result.change is not None}
    parts = judged([t for t, _ in results if t.key in changed], work.evidence.memory)
    for at, part in enumerate(parts):
        inner = progress.part(at, len(parts), MEASURING)
        # Uses of one tensor have inputs of their own.
        layers = [Layer(use, tuple(changed[t.key].beside)) for t in part for use in t.uses]
        errors = layer_errors(work.model, work.now, layers, work.evidence, inner)
        for target in part:
            result = changed[target.key]
            result.rows = [_with_error(row, errors.get(row.weight)) for row in result.rows]


def judged(targets: Sequence[Target], memory: int | None) -> list[list[Target]]:
    """The targets in the groups whose layer errors are measured together."""
    return list(lots(targets, _lead, True, memory, judging))


def _with_error(row: PruneRow, error: float | None) -> PruneRow:
    return row if error is None else msgspec.structs.replace(row, layer_error=error)
