"""What a prune did to one tensor after the other, and the plan that this sums up to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.kept import Entry
from sparseview.model.view import View
from sparseview.pruning.plan import Changes, Plan, PruneRow
from sparseview.pruning.request import PruneRequest, Wish
from sparseview.pruning.tensor import Loaded, Target
from sparseview.shares import percent
from sparseview.sparsity.analysis import Measurement, measure
from sparseview.sparsity.formats import Format

# Squares of doubles need long double's range, and so do their sums.
_NONE = np.longdouble(0)


class Result(msgspec.Struct):
    """One tensor's part of the plan. beside : other constants that change with it, by key."""

    rows: list[PruneRow]
    change: Entry | None = None
    energy: np.floating[Any] = _NONE
    lost: np.floating[Any] = _NONE
    beside: dict[str, Entry] = msgspec.field(default_factory=dict)


class Opened(msgspec.Struct, frozen=True):
    """A tensor that could be read: its magnitudes, and what each selected use of it measures."""

    target: Target
    loaded: Loaded
    before: Mapping[int, Measurement]

    def staying(self, reason: str) -> Result:
        """It is left as it is."""
        rows = [PruneRow(i, fact, fact, 1.0, reason) for i, fact in self.before.items()]
        return Result(rows, None, self.loaded.squared())

    def changed(
        self, kept: NDArray[np.bool_], format_: Format, change: Entry, remark: str | None = None
    ) -> Result:
        """What was not zero and is not `kept` (stored shape) became zero."""
        loaded = self.loaded
        after = loaded.nonzero & kept
        energy, lost = loaded.split(loaded.nonzero ^ after)
        border = loaded.border(kept) if format_.family == "unstructured" else None
        share = kept_share(lost, energy)
        rows = [
            PruneRow(
                use.id,
                self.before[use.id],
                measure(use.view.logical(after)),
                share,
                None,
                border,
                remark=remark,
            )
            for use in self.target.uses
        ]
        return Result(rows, change, energy, lost)


def opened(
    target: Target, load: Callable[[], Loaded], known: Mapping[int, Measurement]
) -> Opened | Result:
    """A tensor with its measurements, or rows that say why it cannot be read."""
    unknown = next((use.problem for use in target.uses if use.problem), None)
    try:
        if unknown is not None:
            raise SparseviewError(unknown)
        loaded = load()
    except SparseviewError as error:
        rows = [PruneRow(use.id, None, None, 1.0, error.message) for use in target.uses]
        return Result(rows)
    before = {use.id: known.get(use.id) or _measured(loaded, use.view) for use in target.uses}
    return Opened(target, loaded, before)


def _measured(loaded: Loaded, view: View) -> Measurement:
    """What a tensor measures as it is, in the use that reads it by `view`."""
    nonzero, (nan, inf) = view.logical(loaded.nonzero), loaded.nonfinite
    found = _dense(nonzero.shape) if nonzero.all() else measure(nonzero)
    return replace(found, nan=nan, inf=inf) if nan or inf else found


@lru_cache(maxsize=64)
def _dense(shape: tuple[int, ...]) -> Measurement:
    """What a weight without a zero measures: its shape says it all."""
    return measure(np.ones(shape, np.bool_))


def lacking(result: Result, goal: float) -> int:
    """Zeros that a tensor has less than its level says."""
    after = result.rows[0].after
    return round(goal * after.elements) - after.zeros if after else 0


def kept_share(lost: np.floating[Any], energy: np.floating[Any]) -> float:
    """The share of `energy` that stays when `lost` goes, 0..1; 1 where there is none."""
    # Two sums of many squares round differently: a hair outside of 0..1 is the border.
    return min(max(1.0 - float(lost / energy), 0.0), 1.0) if energy else 1.0


def why_unchanged(sparsity: float, wish: Wish, goal: float | None) -> str:
    """Why a tensor of this sparsity stays as it is although it was asked for."""
    if wish.threshold is not None and wish.format.family == "unstructured":
        return f"no weight that is not zero yet is below {wish.threshold:g}"
    if wish.format.family == "nm":
        return f"already {wish.format.name}, at {percent(sparsity)}"
    if goal == 0 and sparsity == 0:
        return "its level is 0 %: it stays dense"
    if goal is None or sparsity >= goal or wish.format.family == "unstructured":
        return f"already at {percent(sparsity)}"
    unit = "channel" if wish.format.family == "channel" else "block"
    return f"{percent(goal)} is less than one more whole {unit}"


def summed(model: Model, request: PruneRequest, results: Sequence[tuple[Target, Result]]) -> Plan:
    by_id = {row.weight: row for _, result in results for row in result.rows}
    read = [result for _, result in results if result.rows[0].before is not None]
    facts = [(result.rows[0].before, result.rows[0].after) for result in read]
    elements = sum(before.elements for before, _ in facts if before)
    entries = {t.key: result.change for t, result in results if result.change is not None}
    for _, result in results:
        entries |= result.beside
    return Plan(
        changes=Changes(model, entries),
        rows=tuple(by_id[i] for i in dict.fromkeys(request.weights)),
        sparsity_before=sum(b.zeros for b, _ in facts if b) / elements if elements else None,
        sparsity_after=sum(a.zeros for _, a in facts if a) / elements if elements else None,
        kept_energy=kept_share(
            sum((r.lost for r in read), _NONE), sum((r.energy for r in read), _NONE)
        ),
    )
