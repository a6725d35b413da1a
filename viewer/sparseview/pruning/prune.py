"""The plan of a prune: which elements become zero, and what that does; no file is touched.

The target counts the zeros afterwards, those that are there included; nothing is revived; of
equals the lower flat index in the stored tensor is kept. Counts are exact: round(S * elements),
halves to even; whole blocks and channels round down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.progress import SILENT, Progress
from sparseview.pruning import scored
from sparseview.pruning.budget import ends
from sparseview.pruning.counts import FileCounts
from sparseview.pruning.goals import check_layers, goals, listed
from sparseview.pruning.outcome import kept_share, summed, why_unchanged
from sparseview.pruning.plan import Plan, PruneRow
from sparseview.pruning.request import PruneRequest, Wish, understand
from sparseview.pruning.tensor import Target, refusal, select
from sparseview.sparsity.analysis import Measurement

if TYPE_CHECKING:
    from sparseview.pruning.evidence import Evidence
    from sparseview.pruning.sweeps import Sweeps

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
    sweeps: Sweeps | None = None,
) -> Plan:
    """Work out a prune on the model as it is; memory: one tensor at a time, and a bit for each
    element of those that change.

    left : why weights are to stay as they are, by id; whoever shares their tensors stays too.
    known : what weights measure as they are, by id; what is not there is measured.
    evidence : data, for what goes by it.  sweeps : where measured sensitivities are kept.

    Raises SparseviewError if the request makes no sense or nothing would be pruned; Cancelled.
    """
    wish, targets, refused = begin(model, request, left)
    if wish.by_data:
        if evidence is None:
            raise no_data(wish)
        from sparseview.pruning.by_data import planned  # ONNX Runtime: nothing that others need

        return planned(model, request, wish, targets, refused, known, evidence, sweeps, progress)
    ranking, pruning = parts(wish, progress)
    levels = goals(model, targets, refused, wish, FileCounts(model, wish), ranking)
    results = scored.results(model, targets, wish, levels, refused, known, pruning)
    if all(result.change is None for _, result in results):
        rows = [row for _, result in results for row in result.rows]
        raise nothing((row.skipped for row in rows), any(row.before is not None for row in rows))
    return summed(model, request, results)


def parts(wish: Wish, progress: Progress) -> tuple[Progress, Progress]:
    """What tells of finding the levels, and of pruning to them."""
    return (progress.part(0, 2), progress.part(1, 2)) if wish.ranks else (progress, progress)


def no_data(wish: Wish) -> SparseviewError:
    """The refusal of a prune that goes by data where there are none."""
    what = f"{wish.method.label} goes by data" if wish.method.needs != "nothing" else (
        "A budget by sensitivity, or a limit of the drift, is measured on data"
    )  # fmt: skip
    return SparseviewError(
        f"{what}, and none is chosen.",
        "Give it with --data: samples of what the model is fed, or synthetic.",
        "no-data",
    )


def nothing(reasons: Iterable[str | None], readable: bool = True) -> SparseviewError:
    """The refusal of a prune that would change no tensor, with the first of its reasons.

    readable : False where none of the tensors could be read: no other wish would help.
    """
    told = [reason.rstrip(".") for reason in dict.fromkeys(map(str, reasons))]
    return SparseviewError(
        f"Nothing was pruned: {'; '.join(told[:3])}.",
        "Ask for more zeros, another format or other layers."
        if readable
        else "Put the file back in place, then open the model again (F5 in the window).",
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
