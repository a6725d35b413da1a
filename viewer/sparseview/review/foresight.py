"""What a prune by data will take, and which layers no data reaches: told before it begins."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from sparseview.model.document import Model
from sparseview.progress import SILENT, Progress
from sparseview.pruning import driven, prune
from sparseview.pruning.evidence import Evidence
from sparseview.pruning.request import PruneRequest
from sparseview.pruning.stages import stages
from sparseview.review.storing import Skipped
from sparseview.runtime.calibration import foresee


class Foresight(msgspec.Struct, frozen=True):
    """bytes : the most that statistics and activations take together, beside the model.

    runs : how often the calibration samples run through the model, or through its front part.
    layers : that will be pruned.  skipped : those that will not, and why.
    """

    bytes: int
    runs: int
    samples: int
    layers: int
    skipped: tuple[Skipped, ...]


def foresight(
    model: Model,
    request: PruneRequest,
    evidence: Evidence,
    left: Mapping[int, str],
    progress: Progress = SILENT,
) -> Foresight:
    """Runs one sample. Raises SparseviewError where the request makes no sense, or the model does
    not run on the data."""
    wish, targets, refused = prune.begin(model, request, left)
    refused = driven.unseen(model, targets, refused, wish.method)
    open_ = [target for target in targets if refused[target.key] is None]
    skipped = tuple(
        Skipped(model.nodes[use.node].layer, reason)
        for target in targets
        if (reason := refused[target.key]) is not None
        for use in target.uses
    )
    if not open_:
        return Foresight(0, 0, evidence.calibration.count, 0, skipped)
    seen = foresee(
        model,
        [use for target in open_ for use in (target.everywhere or target.uses)],
        evidence.calibration,
        gram=wish.method.needs == "gram",
        provider=evidence.provider,
        progress=progress,
    )
    one_by_one = getattr(wish.params, "order", None) == "sequential"
    runs = max(len(stages(model, open_)), seen.passes) if one_by_one else seen.passes
    layers = {use.node for target in open_ for use in target.uses}
    return Foresight(seen.bytes, runs, evidence.calibration.count, len(layers), skipped)
