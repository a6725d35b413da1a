"""The plan of a prune that goes by data: by its method, its budget, or a limit of the drift."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.kept import Entry
from sparseview.progress import Progress
from sparseview.pruning import driven, scored
from sparseview.pruning.budget import TOO_LITTLE, TOO_MUCH, Share
from sparseview.pruning.counts import FileCounts
from sparseview.pruning.evidence import Evidence
from sparseview.pruning.goals import Goals, goals, wanted_overall
from sparseview.pruning.outcome import Result, summed
from sparseview.pruning.plan import Plan
from sparseview.pruning.request import PruneRequest, Wish
from sparseview.pruning.sensitivity import Curve, Point, shared, sweep
from sparseview.pruning.sweeps import Sweeps, quickened
from sparseview.pruning.tensor import Target
from sparseview.runtime.drift import Reference
from sparseview.shares import percent
from sparseview.sparsity.analysis import Measurement

# A limit is approached in halves of what is left: 7 of them leave less than 1 % of the weights.
HALVES = 7
LEVELS = (0.4, 0.6, 0.75, 0.85, 0.95, 1.0)
LOOKING = "Looking which layers the data reach"
LEFT = "the budget leaves it as it is: zeros in others cost the outputs less"


def planned(
    model: Model,
    request: PruneRequest,
    wish: Wish,
    targets: Sequence[Target],
    refused: Mapping[str, str | None],
    known: Mapping[int, Measurement],
    evidence: Evidence,
    sweeps: Sweeps | None,
    progress: Progress,
) -> Plan:
    """As `prune.plan`, which begins it. Raises SparseviewError, Cancelled."""
    if wish.method.needs != "nothing":
        refused = driven.unseen(model, targets, refused, wish.method, evidence.memory)
        if wish.overall:
            looking = progress.part(0, 20, LOOKING)
            refused = driven.unreached(model, targets, refused, evidence, looking)
            progress = progress.part(1, 20, steps=19)
    job = _Job(model, request, targets, refused, known, evidence, sweeps or Sweeps())
    return job.limited(wish, progress) if wish.limited else job.once(wish, progress)


@dataclass(frozen=True, slots=True)
class _Done:
    """What came of each target, and the work of a method that goes by data."""

    results: list[tuple[Target, Result]]
    work: driven.Work | None = None

    @property
    def entries(self) -> dict[str, Entry]:
        """What the overlay would get."""
        found = {t.key: result.change for t, result in self.results if result.change is not None}
        for _, result in self.results:
            found |= result.beside
        return found

    def refusal(self) -> SparseviewError:
        """Of a prune that would change nothing."""
        from sparseview.pruning.prune import nothing  # which leads here

        return nothing(row.skipped for _, result in self.results for row in result.rows)


@dataclass(frozen=True, slots=True)
class _Job:
    """What stays the same however often it is tried."""

    model: Model
    request: PruneRequest
    targets: Sequence[Target]
    refused: Mapping[str, str | None]
    known: Mapping[int, Measurement]
    evidence: Evidence
    sweeps: Sweeps

    def once(self, wish: Wish, progress: Progress) -> Plan:
        """Prune to the wish's target."""
        return self._summed(self._done(wish, self.evidence, progress))

    def limited(self, wish: Wish, progress: Progress) -> Plan:
        """Prune as far as the outputs stay within the limit, on samples held out."""
        held_out = self.evidence.held_out
        blind = dataclasses.replace(self.evidence, held_out=held_out.take([]))
        # Over all of them less than the format makes may do: some are left out, or may not change.
        least = 0.0 if wish.overall else wish.format.least
        low, high = least, 1.0
        best: _Done | None = None
        level, broken = wish.format.least or 0.5, False
        refusal: SparseviewError | None = None
        with Reference(self.model, held_out, provider=self.evidence.provider) as reference:
            for half in range(HALVES):
                inner = progress.part(half, HALVES + 1)
                made = self._tried(replace(wish, sparsity=level), blind, inner.part(0, 2))
                if isinstance(made, SparseviewError):
                    # Where nothing changes, or too little is asked for, nothing drifts either.
                    fits, refusal = made.code != TOO_MUCH, made
                else:
                    fits = self._within(reference, made, wish, inner.part(1, 2))
                    broken = broken or not fits
                    best = made if fits else best
                low, high = (level, high) if fits else (low, level)
                if high <= least or high - low < 0.005:
                    break
                level = (low + high) / 2
        if best is None:
            raise refusal if refusal is not None and not broken else _too_far(high)
        if best.work is not None:
            work = dataclasses.replace(best.work, evidence=self.evidence)
            driven.measure_errors(work, best.results, progress.part(HALVES, HALVES + 1))
        return self._summed(best)

    def _tried(self, wish: Wish, evidence: Evidence, progress: Progress) -> _Done | SparseviewError:
        """What comes of a level; the refusal where it is none for these tensors."""
        try:
            done = self._done(wish, evidence, progress)
        except SparseviewError as error:
            if error.code in (TOO_MUCH, TOO_LITTLE):
                return error
            raise
        return done if done.entries else done.refusal()

    def _within(self, reference: Reference, made: _Done, wish: Wish, progress: Progress) -> bool:
        changed = self.model.with_overlay(self.model.overlay.with_(made.entries))
        found = reference.drift(changed, progress)
        if found.relative_l2 is None or found.cosine is None:
            return False
        near = wish.max_drift is None or found.relative_l2 <= wish.max_drift
        return near and (wish.min_cosine is None or found.cosine >= wish.min_cosine)

    def _summed(self, done: _Done) -> Plan:
        if not done.entries:
            raise done.refusal()
        return replace(summed(self.model, self.request, done.results), driven=True)

    def _done(self, wish: Wish, evidence: Evidence, progress: Progress) -> _Done:
        from sparseview.pruning.prune import parts  # which leads here

        ranking, pruning = parts(wish, progress)
        levels = self._levels(wish, ranking)
        refused = self.refused
        if wish.sensitive and wish.format.family == "nm":
            # Nothing lies between a tensor as it is and its groups: some are left out whole.
            least = wish.format.least
            left = {key: LEFT for key, level in levels.items() if level is None or level < least}
            refused = {**refused, **left}
        if wish.method.needs == "nothing":
            return _Done(
                scored.results(self.model, self.targets, wish, levels, refused, self.known, pruning)
            )
        work = driven.Work(self.model, wish, levels, refused, self.known, evidence)
        return _Done(driven.results(work, self.targets, pruning), work)

    def _levels(self, wish: Wish, progress: Progress) -> Goals:
        counts = FileCounts(self.model, wish)
        if not wish.sensitive:
            return goals(self.model, self.targets, self.refused, wish, counts, progress)
        readable, shares, wanted = wanted_overall(
            self.targets, self.refused, wish, counts, progress.part(0, 20), strict=False
        )
        curves = self._curves(readable, shares, wish, progress.part(1, 20, steps=19))
        total = sum(share.elements for share in shares)
        found = shared(curves, target=min(max(wanted / max(total, 1), 0.0), 1.0)).levels
        zeros = {
            t.key: round(found[t.key] * s.elements) if t.key in found else s.zeros
            for t, s in zip(readable, shares, strict=True)
        }
        if wish.format.family == "unstructured":
            _settle(zeros, found, readable, shares, wanted)
        return {
            t.key: zeros[t.key] / max(s.elements, 1) for t, s in zip(readable, shares, strict=True)
        }

    def _curves(
        self, targets: Sequence[Target], shares: Sequence[Share], wish: Wish, progress: Progress
    ) -> dict[str, Curve]:
        """The sensitivity of these tensors; measures what is not known yet."""
        if not targets:
            return {}  # all of them stay, each for a reason of its own
        ids = tuple(use.id for target in targets for use in target.uses)
        request = quickened(msgspec.structs.replace(self.request, weights=ids))
        points = self.sweeps.of(self.model, request, self.evidence, progress.part(0, 20))

        def tell(key: str, found: Point | str) -> None:
            if isinstance(found, Point):
                points.add(key, found)

        own = (wish.format.least,) if wish.format.least else ()
        levels = (*own, *(level for level in LEVELS if level > wish.format.least))
        with points.measuring():
            inner = progress.part(1, 20, steps=19)
            sweep(self.model, request, levels, self.evidence, points, tell, progress=inner)
        return {
            t.key: Curve(s.elements, s.zeros, points.get(t.key, ()), wish.format.least)
            for t, s in zip(targets, shares, strict=True)
        }


def _too_far(level: float) -> SparseviewError:
    return SparseviewError(
        f"Pruned as little as {percent(level, 1)}, the outputs already drift beyond the limit.",
        "Allow more, leave sensitive layers out, or take a budget by sensitivity.",
        "limit",
    )


def _settle(
    zeros: dict[str, int],
    chosen: Mapping[str, float],
    targets: Sequence[Target],
    shares: Sequence[Share],
    wanted: int,
) -> None:
    """Let rounded counts come to exactly what is wanted: the largest tensors take the rest."""
    rest = wanted - sum(zeros.values())
    pairs = zip(targets, shares, strict=True)
    for target, share in sorted(pairs, key=lambda pair: -pair[1].elements):
        if target.key in chosen:
            took = min(max(zeros[target.key] + rest, share.zeros), share.elements)
            rest -= took - zeros[target.key]
            zeros[target.key] = took
