"""What a prune by magnitude would come to, in numbers only and at once: what a moving slider shows.

The same goals as `plan`, answered by ladders that are kept between two questions. No mask is made.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod, sqrt
from typing import Any

import numpy as np

from sparseview.errors import SparseviewError
from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.model.repeated import Repeated
from sparseview.progress import SILENT, Progress
from sparseview.pruning.goals import goals
from sparseview.pruning.ladder import Entries, Ladder, Rung, ladder, least
from sparseview.pruning.methods.magnitude import MAGNITUDE
from sparseview.pruning.prune import NOBODY, begin, kept_share, nothing, why_unchanged
from sparseview.pruning.request import PruneRequest, Wish
from sparseview.pruning.tensor import Target, load
from sparseview.sparsity import formats
from sparseview.sparsity.formats import Format

BUDGET = 384 << 20
"""Bytes of ladders that are kept. Where one ladder of each tensor needs more than half of it (a
second one may be for the format), a sample is ranked."""
ITEM = 4  # bytes of a score, as a rule
LEAST = 1 << 12  # entries of a sample
UNSTRUCTURED = formats.get("unstructured")


class NoOutlookError(Exception):
    """Only the mask itself would tell."""


@dataclass(frozen=True, slots=True)
class OutlookPart:
    """One tensor: its elements and zeros, before and after; lost of its energy goes (squares)."""

    target: Target
    elements: int
    before: int | None
    after: int | None
    energy: Any = 0.0
    lost: Any = 0.0
    skipped: str | None = None
    border: float | None = None


@dataclass(frozen=True, slots=True)
class OutlookPlan:
    """All tensors in their order. exact: False where samples were ranked."""

    parts: tuple[OutlookPart, ...]
    exact: bool


@dataclass(slots=True)
class Ladders:
    """Ladders made so far, the ones used last; safe for threads."""

    budget: int = BUDGET
    _kept: OrderedDict[tuple[object, ...], tuple[object, Ladder]] = field(
        default_factory=OrderedDict
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, model: Model, target: Target, format_: Format, most: int | None) -> Ladder:
        """The ladder of a tensor as it is in this model; SparseviewError, NoOutlookError."""
        entry = model.overlay.get(target.key)
        place = (target.key, target.lead.view, format_.name, most)
        with self._lock:
            known = self._kept.get(place)
            if known is not None and known[0] is entry:
                self._kept.move_to_end(place)
                return known[1]
        made = ladder(load(model, target, MAGNITUDE), format_, most)
        if made is None:
            raise NoOutlookError
        with self._lock:
            self._kept[place] = (entry, made)
            while len(self._kept) > 1 and self.nbytes > self.budget:
                self._kept.popitem(last=False)
        return made

    @property
    def nbytes(self) -> int:
        return sum(one.nbytes for _, one in self._kept.values())


@dataclass(frozen=True, slots=True)
class _Counts:
    """Goals' counts, from ladders."""

    model: Model
    wish: Wish
    ladders: Ladders
    most: int | None
    known: Mapping[int, int]

    def zeros(self, target: Target) -> int:
        found = self.known.get(target.lead.id)
        return self.entries(target, UNSTRUCTURED).zeros if found is None else found

    def below(self, target: Target, threshold: float) -> int:
        return self.entries(target, UNSTRUCTURED).below(threshold)

    def least(self, targets: Sequence[Target], count: int) -> list[int]:
        format_ = self.wish.format if self.wish.format.least else UNSTRUCTURED
        found = [self.entries(target, format_) for target in targets]
        over = [_rms(one) if self.wish.relative else 1.0 for one in found]
        return least(found, over, count)

    def entries(self, target: Target, format_: Format) -> Entries:
        found = self.ladders.get(self.model, target, format_, self.most)
        assert isinstance(found, Entries)
        return found


def _rms(one: Entries) -> float:
    return sqrt(float(one.energy) / max(one.size, 1)) or 1.0


def outlook(
    model: Model,
    request: PruneRequest,
    ladders: Ladders,
    progress: Progress = SILENT,
    left: Mapping[int, str] = NOBODY,
    known: Mapping[int, int] | None = None,
) -> OutlookPlan | None:
    """The numbers of a prune, equal to those of `plan`; None where only its mask would tell.

    known : zeros of weights as they are, by id. Raises what `plan` raises, and Cancelled.
    """
    wish, targets, refused = begin(model, request, left)
    if wish.method is not MAGNITUDE:
        return None
    open_ = [t for t in targets if refused[t.key] is None]
    if wish.format.family != "unstructured" and any(map(_several, open_)):
        return None  # whether it holds along other axes too, only the mask tells
    total = sum(prod(t.lead.constant.shape) for t in open_)
    room = ladders.budget // 2 // ITEM
    # A sample tells as much as people see; what could just be kept would take long to sort.
    most = None if total <= room else max(room // 4 // max(len(open_), 1), LEAST)
    counts = _Counts(model, wish, ladders, most, known or {})
    parts: list[OutlookPart] = []
    exact = True
    missing = 0
    try:
        levels = goals(model, targets, refused, wish, counts, progress)
        for done, target in enumerate(targets):
            progress.step(done, len(targets), "Ranking")
            goal = levels.get(target.key, wish.sparsity)
            part, sure = _part(counts, target, goal, refused[target.key], missing)
            exact &= sure
            if wish.overall and goal is not None and target.key in levels and part.after:
                missing += round(goal * part.elements) - part.after
            parts.append(part)
    except NoOutlookError:
        return None
    if all(part.skipped is not None for part in parts):
        raise nothing(
            (part.skipped for part in parts), any(part.before is not None for part in parts)
        )
    return OutlookPlan(tuple(parts), exact)


def _several(target: Target) -> bool:
    uses = (*target.uses, *target.everywhere)
    return any(use.view != target.lead.view for use in uses)


def _part(
    counts: _Counts, target: Target, goal: float | None, refused: str | None, missing: int
) -> tuple[OutlookPart, bool]:
    """(one tensor's numbers, whether they are exact)."""
    size = prod(target.lead.constant.shape)
    problem = next((use.problem for use in target.uses if use.problem), None)
    if problem is not None:
        return OutlookPart(target, size, None, None, skipped=problem), True
    try:
        whole = counts.entries(target, UNSTRUCTURED)
        if refused is not None:
            return _unchanged(target, whole, refused), True
        if missing and goal is not None and size:
            goal = min(max(goal + missing / size, 0.0), 1.0)
        wish = counts.wish
        found = counts.ladders.get(counts.model, target, wish.format, counts.most)
        rung: Rung = found.at(goal)
        if rung.zeros <= found.zeros:
            sparsity = 1 - (size - found.zeros) / max(size, 1)  # to the bit as Loaded tells it
            why = why_unchanged(sparsity, wish, goal)
            return _unchanged(target, whole, why), found.exact
        if not isinstance(target.lead.zero, Repeated):
            tensors.zero_value(target.lead.constant.dtype, target.lead.zero_point)
    except SparseviewError as error:
        return OutlookPart(target, size, None, None, skipped=error.message), True
    part = OutlookPart(
        target, size, found.zeros, rung.zeros, found.energy, rung.lost, None, rung.border
    )
    return part, found.exact


def _unchanged(target: Target, whole: Entries, reason: str) -> OutlookPart:
    return OutlookPart(target, whole.size, whole.zeros, whole.zeros, whole.energy, 0.0, reason)


def totals(parts: Sequence[OutlookPart]) -> tuple[float | None, float | None, float]:
    """(sparsity before, after, share of the squares that stays), over what could be read."""
    read = [part for part in parts if part.before is not None]
    elements = sum(part.elements for part in read)
    kept = kept_share(
        np.longdouble(sum(part.lost for part in read)),
        np.longdouble(sum(part.energy for part in read)),
    )
    if not elements:
        return None, None, kept
    before = sum(part.before or 0 for part in read)
    after = sum(part.after or 0 for part in read)
    return before / elements, after / elements, kept
