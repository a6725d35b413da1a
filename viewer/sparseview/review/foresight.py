"""What a prune by data will take, and which layers no data reaches: told before it begins."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial

import msgspec

from sparseview.model.document import Model
from sparseview.model.weights import Weight
from sparseview.progress import SILENT, Progress
from sparseview.pruning import driven, footprint, prune
from sparseview.pruning.by_data import HALVES, LEVELS
from sparseview.pruning.evidence import Evidence
from sparseview.pruning.request import PruneRequest
from sparseview.pruning.sensitivity import SAMPLES
from sparseview.pruning.tensor import Target
from sparseview.review.storing import Skipped
from sparseview.runtime.calibration import calibrate, foresee_lots, kept
from sparseview.runtime.memory import budget
from sparseview.runtime.passes import look

TRIED = 1 << 29  # bytes: where model and statistics take more, no trial is made
MORE = 4  # samples
LONG = 1.0  # seconds of one trial, beside which loading the model is little
TRIES = 2  # the quicker one is the less disturbed


class Foresight(msgspec.Struct, frozen=True):
    """bytes : the most that statistics, activations, solvers and new values take together, beside
    the model.

    runs : how often the calibration samples run through the model, or through its front part.
    seconds : what that and measuring the layers afterwards take, about, solving apart; None: not
    tried, or a trial would take too much by itself.
    layers : that will be pruned.  skipped : those that will not, and why.
    """

    bytes: int
    runs: int
    samples: int
    seconds: float | None
    layers: int
    skipped: tuple[Skipped, ...]


def foresight(
    model: Model,
    request: PruneRequest,
    evidence: Evidence,
    left: Mapping[int, str],
    timed: bool,
    progress: Progress = SILENT,
) -> Foresight:
    """Runs one sample; `timed`: some more, which can take as long as a layer's sums do.

    Raises SparseviewError where the request makes no sense, or the model does not run on the data.
    """
    wish, targets, refused = prune.begin(model, request, left)
    by_method = wish.method.needs != "nothing"
    if by_method:
        refused = driven.unseen(model, targets, refused, wish.method, evidence.memory)
    open_ = [target for target in targets if refused[target.key] is None]
    skipped = tuple(
        Skipped(model.nodes[use.node].layer, reason)
        for target in targets
        if (reason := refused[target.key]) is not None
        for use in target.uses
    )
    if not open_:
        return Foresight(0, 0, evidence.calibration.count, 0.0, 0, skipped)
    weights = _uses(open_)
    layers = {use.node for target in open_ for use in target.uses}
    gram = wish.method.needs == "gram"
    found = look(
        model, weights, evidence.calibration, provider=evidence.provider, progress=progress
    )
    seen = foresee_lots(
        found,
        [_uses(part) for part in driven.in_turn(model, open_, wish, evidence.memory)],
        evidence.calibration,
        gram=gram,
        memory=evidence.memory,
    )
    runs = sum(each.passes for each in seen)
    most = footprint.changing(open_)
    if by_method:
        takes = partial(footprint.solving, method=wish.method)
        parts = [_uses(part) for part in driven.judged(open_, evidence.memory)]
        judged = foresee_lots(found, parts, evidence.calibration, gram=True, memory=evidence.memory)
        most += max(
            footprint.peak(seen, gram, takes, model),
            footprint.peak(judged, True, footprint.judging, model),
        )
    tries = HALVES if wish.limited else 1
    calibration, held_out = evidence.calibration.count, evidence.held_out.count
    # A sweep runs each tensor at each level, beside the model as it is.
    swept = 2 * len(open_) * len(LEVELS) * min(held_out, SAMPLES) if wish.sensitive else 0
    told = None
    # A trial holds the sums of all layers at once.
    held = sum(kept(site, True) for site in found.sites.sites)
    small = held + model.skeleton.size + model.external_bytes < TRIED
    if timed and small and held <= budget(evidence.memory):
        bare, sums = (_sample(model, weights, evidence, one, progress) for one in (False, True))
        once = 0.0
        if by_method:
            each = (sums if gram else bare) + bare * (runs / 2 - 1 if runs > 1 else 0)
            once = calibration * each + held_out * sums
        told = tries * (once + (2 * held_out * bare if wish.limited else 0)) + swept * bare
    return Foresight(
        most, runs * tries if by_method else 0, calibration, told, len(layers), skipped
    )


def _uses(targets: Sequence[Target]) -> list[Weight]:
    return [use for target in targets for use in driven.uses_of(target)]


def _sample(
    model: Model, weights: Sequence[Weight], evidence: Evidence, gram: bool, progress: Progress
) -> float:
    """Seconds that one sample more takes: what loading the model takes counts in neither run."""
    took: list[float] = []
    for count in (1, 1 + MORE):
        samples = evidence.calibration.take(range(min(count, evidence.calibration.count)))
        tries = []
        for _ in range(TRIES):
            began = time.perf_counter()
            calibrate(
                model,
                weights,
                samples,
                gram=gram,
                progress=progress,
                provider=evidence.provider,
                memory=evidence.memory,
            )
            tries.append(time.perf_counter() - began)
            if tries[-1] > LONG:
                return tries[-1] / samples.count
        took.append(min(tries))
    return max((took[1] - took[0]) / MORE, 0.0)
