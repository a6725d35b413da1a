"""The same layers pruned to several formats, side by side; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.progress import SILENT, Progress
from sparseview.pruning.plan import Plan
from sparseview.pruning.prune import UNKNOWN, plan
from sparseview.pruning.request import PruneRequest
from sparseview.review.storing import smallest
from sparseview.sparsity.analysis import Measurement
from sparseview.sparsity.formats import get

# What people weigh against each other.
USUAL = ("unstructured", "2:4", "1:4", "4:8", "bsr:4x4", "channel:out")

if TYPE_CHECKING:
    from sparseview.pruning.evidence import Evidence
    from sparseview.pruning.sweeps import Sweeps


class CompareRow(msgspec.Struct, frozen=True):
    """One format over all layers: exact, each tensor once.

    zeros, sparsity : afterwards.  kept_energy : share of squared weight that stays.
    bytes : every tensor in its smallest storage; storage : the one that most elements are in.
    skipped : layers where the format cannot apply.  why : why nothing would change, else None.
    """

    format: str
    zeros: int
    sparsity: float | None
    kept_energy: float
    bytes: int | None
    storage: str | None
    skipped: int
    why: str | None = None


class Comparison(msgspec.Struct, frozen=True):
    """The rows in the order asked for."""

    rows: tuple[CompareRow, ...]


def compare(
    model: Model,
    request: PruneRequest,
    formats: Iterable[str] | None,
    left: Mapping[int, str],
    progress: Progress = SILENT,
    known: Mapping[int, Measurement] = UNKNOWN,
    evidence: Evidence | None = None,
    sweeps: Sweeps | None = None,
) -> Comparison:
    """Plan the same prune for every format; N:M, unless it was asked for, with its own zeros only.

    left, known, evidence, sweeps : see `plan`.

    Raises SparseviewError for an unknown format, Cancelled between two tensors.
    """
    asked = get(request.format).name
    chosen = [get(name).name for name in formats] if formats is not None else [asked, *USUAL]
    names = list(dict.fromkeys(chosen))
    rows = []
    for done, name in enumerate(names):
        wish, inner = _fitted(request, name), progress.part(done, len(names))
        try:
            made = plan(model, wish, inner, left, known, evidence, sweeps)
            rows.append(_row(model, name, made))
        except SparseviewError as error:
            rows.append(CompareRow(name, 0, None, 1.0, None, None, 0, error.message))
    return Comparison(tuple(rows))


def _fitted(request: PruneRequest, name: str) -> PruneRequest:
    """The request with another format, and a target that this can reach."""
    if request.max_drift is not None or request.min_cosine is not None:
        return msgspec.structs.replace(request, format=name)  # the limit says how far
    least, threshold = get(name).least, request.threshold
    target = request.sparsity if request.percentile is None else request.percentile / 100
    if get(name).family == "nm":
        # Another format than the asked one is seen as people use it: alone.
        own = name == get(request.format).name and target is not None and target > least
        target = target if own else None
        threshold = None
    elif target is None and threshold is None and request.levels is None:
        target = get(request.format).least or None
    levels = request.levels
    if levels is not None and least:
        levels = {layer: max(level, least) for layer, level in levels.items()}
    return msgspec.structs.replace(
        request, format=name, sparsity=target, percentile=None, threshold=threshold, levels=levels
    )


def _row(model: Model, name: str, made: Plan) -> CompareRow:
    seen: set[str] = set()
    zeros = elements = total = 0
    storages: dict[str, int] = {}
    for row in made.rows:
        weight = model.weights[row.weight]
        if weight.constant.key in seen or row.after is None:
            continue
        seen.add(weight.constant.key)
        zeros, elements = zeros + row.after.zeros, elements + row.after.elements
        best = smallest(weight, row.after)
        total += best.bytes
        storages[best.name] = storages.get(best.name, 0) + row.after.elements
    return CompareRow(
        format=name,
        zeros=zeros,
        sparsity=zeros / elements if elements else None,
        kept_energy=made.kept_energy,
        bytes=total,
        storage=max(storages, key=storages.__getitem__, default=None),
        skipped=sum(row.skipped is not None for row in made.rows),
    )
