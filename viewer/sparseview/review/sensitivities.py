"""What a sweep has measured of a model so far, and the levels that this makes, as facts."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import msgspec

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.overlay import same
from sparseview.progress import Progress
from sparseview.pruning.evidence import Evidence
from sparseview.pruning.methods import get
from sparseview.pruning.prune import begin
from sparseview.pruning.request import PruneRequest
from sparseview.pruning.sensitivity import SAMPLES, Curve, Point, shared, sweep
from sparseview.pruning.sweeps import Points, quickened, sweep_key
from sparseview.pruning.tensor import Target
from sparseview.sparsity import formats


class LayerSensitivity(msgspec.Struct, frozen=True):
    """One tensor: the weights that use it, the layer of the first of them, its points by level.
    reason : why it cannot be pruned, else None."""

    weights: tuple[int, ...]
    layer: str
    elements: int
    points: tuple[Point, ...]
    reason: str | None


class Sensitivity(msgspec.Struct, frozen=True):
    """A sweep, as far as it is. done, total : points.

    label : how it was pruned, in words.  stale : the model has other values by now.
    """

    method: str
    format: str
    label: str
    layers: tuple[LayerSensitivity, ...]
    done: int
    total: int
    held_out: int
    synthetic: bool
    stale: bool


class MadeLevels(msgspec.Struct, frozen=True):
    """A table of levels by layer. sparsity : of all swept tensors then; cosine : of the outputs, as
    predicted from one tensor at a time."""

    method: str
    format: str
    levels: dict[str, float]
    sparsity: float
    cosine: float


class Sweep:
    """One method, format and set of parameters on one state of a model; grows as it is measured.

    Points come from one thread, and are read from others: what is replaced is whole.
    """

    def __init__(
        self, model: Model, request: PruneRequest, evidence: Evidence, points: Points
    ) -> None:
        self.model, self.evidence, self.request = model, evidence, request
        self._targets: tuple[Target, ...] = ()
        self._points = points  # the session's own: a budget by sensitivity begins with them
        self._reasons: Mapping[str, str] = {}
        self._levels: tuple[float, ...] = ()

    def fits(self, model: Model, request: PruneRequest, evidence: Evidence | None) -> bool:
        """Whether it is about the same values, pruned the same way, on the same data."""
        if evidence is None or not same(self.model.overlay, model.overlay):
            return False
        mine = sweep_key(quickened(self.request), self.evidence)
        return mine == sweep_key(quickened(request), evidence)

    def run(
        self,
        request: PruneRequest,
        levels: tuple[float, ...],
        left: Mapping[int, str],
        progress: Progress,
    ) -> None:
        """Measure what is missing; see `sensitivity.sweep`."""
        _, targets, _ = begin(self.model, msgspec.structs.replace(request, sparsity=levels[0]), {})
        self._targets = tuple(targets)
        self._levels = tuple(sorted({*self._levels, *levels}))
        self._reasons = {}

        def tell(key: str, found: Point | str) -> None:
            if isinstance(found, str):
                self._reasons = {**self._reasons, key: found}
                return
            self._points.add(key, found)

        with self._points.measuring():
            sweep(
                self.model,
                quickened(request),
                levels,
                self.evidence,
                self._points,
                tell,
                left,
                progress,
            )

    def facts(self, now: Model) -> Sensitivity:
        """As far as it is. now : the model as it is meanwhile."""
        points, reasons, request = dict(self._points), self._reasons, self.request
        method = get(request.method)
        structure = "" if request.format == "unstructured" else f" to {request.format}"
        solves = "rounds" in method.params.__struct_fields__
        quick = ", with fewer rounds than a prune has" if solves else ""
        layers = tuple(
            LayerSensitivity(
                tuple(use.id for use in target.uses),
                self.model.nodes[target.lead.node].layer,
                prod(target.lead.constant.shape),
                points.get(target.key, ()),
                None if target.key in points else reasons.get(target.key),
            )
            for target in self._targets
        )
        open_ = [layer for layer in layers if layer.reason is None]
        return Sensitivity(
            request.method,
            request.format,
            f"Pruned by {method.label}{structure}{quick}",
            layers,
            sum(point.level in self._levels for layer in open_ for point in layer.points),
            len(open_) * len(self._levels),
            min(self.evidence.held_out.count, SAMPLES),
            self.evidence.synthetic,
            not same(self.model.overlay, now.overlay),
        )

    def levels(
        self,
        zeros: Mapping[int, int],
        target: float | None,
        cosine: float | None,
    ) -> MadeLevels:
        """A table of levels for the layers that are measured. zeros : by weight.

        Raises SparseviewError where nothing is measured, or too little to reach the target.
        """
        least = formats.get(self.request.format).least
        curves, names = {}, {}
        for one in self._targets:
            points, there = self._points.get(one.key, ()), zeros.get(one.lead.id)
            if points and there is not None:
                curves[one.key] = Curve(prod(one.lead.constant.shape), there, points, least)
                names[one.key] = self.model.nodes[one.lead.node].layer
        if not curves:
            raise SparseviewError(
                "No sensitivity is measured yet.", "Measure some layers first.", "sensitivity"
            )
        made = shared(curves, target=target, cosine=cosine)
        if not made.levels:
            raise SparseviewError(
                "No layer would be pruned further.", "Ask for more zeros, or more drift.", "nothing"
            )
        elements = sum(curve.elements for curve in curves.values())
        # A table knows layers: of several tensors in one, each comes to their mean.
        table = {}
        for layer in dict.fromkeys(names[key] for key in made.levels):
            own = {key: curve for key, curve in curves.items() if names[key] == layer}
            zeros_then = sum(
                c.elements * made.levels[k] if k in made.levels else c.zeros for k, c in own.items()
            )
            table[layer] = round(zeros_then / sum(c.elements for c in own.values()), 4)
        return MadeLevels(
            self.request.method, self.request.format, table, made.zeros / elements, made.cosine
        )
