"""What edits did to a model, on held-out samples: layer by layer, end to end, and in accuracy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from sparseview.model.document import Model
from sparseview.model.kept import Entry
from sparseview.model.overlay import EMPTY, same
from sparseview.model.weights import Weight
from sparseview.progress import SILENT, Progress
from sparseview.pruning import bias
from sparseview.pruning.effect import Layer, layer_errors
from sparseview.pruning.evidence import Evidence
from sparseview.pruning.footprint import judging
from sparseview.runtime import sites
from sparseview.runtime.accuracy import Accuracy, accuracy
from sparseview.runtime.calibration import lots
from sparseview.runtime.drift import Drift, drift
from sparseview.runtime.statistics import Unreachable

KEPT = 12  # evaluations that undo and redo come back to


class LayerEffect(msgspec.Struct, frozen=True):
    """A weight that is not what the file holds. error : |X W^T - X W_hat^T| / |X W^T| of its
    layer's outputs; None: not measured, or data does not reach it, for that `reason`. remark :
    what is worth knowing about how it was pruned."""

    weight: int
    layer: str
    error: float | None
    reason: str | None = None
    remark: str | None = None


class Evaluation(msgspec.Struct, frozen=True):
    """The model as edited against the one in the file, on samples that calibrated nothing.

    accuracy_before, accuracy_after : of the two; None without labels that fit an output.
    """

    source: str
    synthetic: bool
    calibration: int
    held_out: int
    layers: tuple[LayerEffect, ...]
    drift: Drift
    accuracy_before: Accuracy | None
    accuracy_after: Accuracy | None


def evaluate(model: Model, evidence: Evidence, progress: Progress = SILENT) -> Evaluation:
    """Run the held-out samples through the model in the file and the one with its overlay.

    The errors of single layers are left open: see `measured`. Raises SparseviewError where nothing
    is held out, or the model does not run on the data.
    """
    before, held_out, provider = model.with_overlay(EMPTY), evidence.held_out, evidence.provider
    between = drift(before, model, held_out, provider=provider, progress=progress.part(0, 3))
    dense = accuracy(before, held_out, provider=provider, progress=progress.part(1, 3))
    now = None
    if dense is not None:
        now = accuracy(model, held_out, provider=provider, progress=progress.part(2, 3))
    return Evaluation(
        held_out.source,
        held_out.synthetic,
        evidence.calibration.count,
        held_out.count,
        tuple(LayerEffect(w.id, model.nodes[w.node].layer, None) for w in changed(model)),
        between,
        dense,
        now,
    )


def changed(model: Model) -> list[Weight]:
    """The weights that are not what the file holds."""
    return [w for w in model.weights if w.kind == "weight" and w.constant.key in model.overlay]


def measured(
    model: Model, evidence: Evidence, weights: Sequence[Weight], progress: Progress = SILENT
) -> dict[int, LayerEffect]:
    """The errors of these weights' layers against the file, by weight; X: their inputs there."""
    before = model.with_overlay(EMPTY)
    hidden = sites.find(before, weights).unreachable
    told: dict[int, float] = {}
    seen = [w for w in weights if w.id not in hidden]
    parts = list(lots(seen, lambda w: w, True, evidence.memory, judging))
    for done, part in enumerate(parts):
        layers = [Layer(w, _beside(model, w)) for w in part]
        inner = progress.part(done, len(parts))
        told |= layer_errors(before, model, layers, evidence, inner)
    return {
        w.id: LayerEffect(w.id, model.nodes[w.node].layer, told.get(w.id), _reason(w, told, hidden))
        for w in weights
    }


def _reason(
    weight: Weight, told: Mapping[int, float], hidden: Mapping[int, Unreachable]
) -> str | None:
    if weight.id in told:
        return None
    unseen = hidden.get(weight.id)
    return unseen.reason if unseen else "no held-out sample reaches it, or it holds NaN"


def _beside(after: Model, weight: Weight) -> tuple[str, ...]:
    """The bias behind a weight, where it was corrected along with it."""
    found = bias.find(after, weight)
    if isinstance(found, bias.Bias) and found.constant.key in after.overlay:
        return (found.constant.key,)
    return ()


@dataclass(frozen=True, slots=True)
class _Known:
    overlay: dict[str, Entry]
    found: Evaluation


class Evaluations:
    """What is known about one model's edits by one set of data.

    Undo and redo bring the very same values back: what was found about them holds again.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self._known: list[_Known] = []
        self._effects: dict[int, list[tuple[Entry, LayerEffect]]] = {}

    def learn(self, model: Model, effects: Iterable[LayerEffect]) -> None:
        """Errors of layers, of the values that the model has now against those in the file."""
        for effect in effects:
            value = model.overlay.get(model.weights[effect.weight].constant.key)
            if value is not None:
                self._effects.setdefault(effect.weight, []).append((value, effect))
                del self._effects[effect.weight][:-KEPT]

    def known(self, model: Model) -> Evaluation | None:
        """What was found for exactly these values; None: not yet."""
        for one in self._known:
            if same(one.overlay, model.overlay):
                layers = tuple(self._effect(model, w) for w in changed(model))
                return msgspec.structs.replace(one.found, layers=layers)
        return None

    def of(self, model: Model, layers: bool, progress: Progress = SILENT) -> Evaluation:
        """Likewise, worked out where it is not known. layers : also the errors of all layers."""
        if self.known(model) is None:
            found = evaluate(model, self.evidence, progress.part(0, 2) if layers else progress)
            self._known.append(_Known(dict(model.overlay), found))
            del self._known[:-KEPT]
        if layers:
            missing = [w for w in changed(model) if _open(self._effect(model, w))]
            if missing:
                found_ = measured(model, self.evidence, missing, progress.part(1, 2))
                self.learn(model, found_.values())
        now = self.known(model)
        assert now is not None
        return now

    def _effect(self, model: Model, weight: Weight) -> LayerEffect:
        value = model.overlay[weight.constant.key]
        for known, effect in self._effects.get(weight.id, ()):
            if known is value:
                return effect
        return LayerEffect(weight.id, model.nodes[weight.node].layer, None)


def _open(effect: LayerEffect) -> bool:
    return effect.error is None and effect.reason is None
