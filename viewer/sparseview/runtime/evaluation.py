"""What a model is worth on data: accuracy; beside a baseline its drift and layer errors."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.weights import Weight
from sparseview.progress import SILENT, Progress
from sparseview.runtime.accuracy import Accuracy, accuracy
from sparseview.runtime.data.samples import Samples
from sparseview.runtime.drift import Drift, drift
from sparseview.runtime.layer_error import errors_between, matrix, parted
from sparseview.runtime.signature import inputs, wants
from sparseview.runtime.statistics import Unreachable

SCHEMA = "sparseview.eval/1"


class DataRow(msgspec.Struct, frozen=True):
    """The samples: where from, how many, whether made up, labelled, and what was done to them."""

    source: str
    samples: int
    synthetic: bool
    labelled: bool
    notes: tuple[str, ...]


class LayerRow(msgspec.Struct, frozen=True):
    """|X W^T - X V^T| / |X W^T| of one weight; None, with the reason, where it cannot be told."""

    layer: str
    graph: str
    op: str
    input: int
    error: float | None
    why: str | None


class BaselineRow(msgspec.Struct, frozen=True):
    """How far the model is from a dense one. layers: those whose weights differ."""

    model: str
    accuracy: Accuracy | None
    drift: Drift
    layers: tuple[LayerRow, ...]
    unchanged: int


class Evaluation(msgspec.Struct, frozen=True):
    """Everything that `sparseview eval` tells."""

    schema: str
    model: str
    data: DataRow
    accuracy: Accuracy | None
    baseline: BaselineRow | None

    def to_json(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def evaluate(
    model: Model,
    samples: Samples,
    baseline: Model | None = None,
    *,
    provider: str | None = None,
    progress: Progress = SILENT,
) -> Evaluation:
    """Raises SparseviewError where there is nothing to hold the model against: neither labels that
    fit an output, nor a baseline with the same inputs."""
    if baseline is None and samples.labels is None:
        raise SparseviewError(
            f"There is nothing to hold {model.path.name} against: {samples.source} has no labels.",
            "Add y, or compare with --baseline DENSE.",
            "nothing",
        )
    if baseline is not None:
        _same_inputs(model, baseline)
    found = accuracy(model, samples, provider=provider, progress=progress)
    if found is None and baseline is None:
        raise SparseviewError(
            f"No output of {model.path.name} can be held against these labels: it needs scores "
            "for every class, or the class itself, for each sample.",
            "Compare with --baseline DENSE instead.",
            "nothing",
        )
    data = DataRow(
        samples.source,
        samples.count,
        samples.synthetic,
        samples.labels is not None,
        samples.notes,
    )
    beside = None
    if baseline is not None:
        moved = drift(baseline, model, samples, provider=provider, progress=progress)
        layers, unchanged = _layers(baseline, model, samples, provider, progress)
        dense = accuracy(baseline, samples, provider=provider, progress=progress)
        beside = BaselineRow(baseline.path.name, dense, moved, layers, unchanged)
    return Evaluation(SCHEMA, model.path.name, data, found, beside)


def _same_inputs(model: Model, baseline: Model) -> None:
    mine = {(each.name, each.dtype) for each in inputs(model)}
    if mine != {(each.name, each.dtype) for each in inputs(baseline)}:
        raise SparseviewError(
            f"{baseline.path.name} has other inputs than {model.path.name}, "
            "so one cannot be compared with the other.",
            f"{wants(model)} {wants(baseline)}",
            "baseline",
        )


def _layers(
    baseline: Model, model: Model, samples: Samples, provider: str | None, progress: Progress
) -> tuple[tuple[LayerRow, ...], int]:
    """(the weights that differ, in order; how many do not)."""
    theirs = {_place(model, weight): weight for weight in model.weights if weight.kind == "weight"}
    pairs: list[tuple[Weight, Weight]] = []
    for weight in baseline.weights:
        other = theirs.get(_place(baseline, weight))
        if other is not None and other.view.logical_shape == weight.view.logical_shape:
            pairs.append((weight, other))
    others = {weight.id: other for weight, other in pairs}
    rows: list[LayerRow] = []
    unchanged = 0
    for lot in parted([weight for weight, _ in pairs], None):
        matrices = {w.id: (matrix(baseline, w), matrix(model, others[w.id])) for w in lot}
        changed = [w for w in lot if (matrices[w.id][0] != matrices[w.id][1]).any()]
        unchanged += len(lot) - len(changed)
        if changed:
            errors = errors_between(
                baseline, changed, matrices, samples, provider=provider, progress=progress
            )
            rows += _rows(model, [others[w.id] for w in changed], [errors[w.id] for w in changed])
    return tuple(rows), unchanged


def _rows(
    model: Model, weights: Sequence[Weight], errors: Sequence[float | Unreachable]
) -> list[LayerRow]:
    rows: list[LayerRow] = []
    for weight, error in zip(weights, errors, strict=True):
        node = model.nodes[weight.node]
        told, why = (None, error.reason) if isinstance(error, Unreachable) else (error, None)
        graph = model.graphs[node.graph].path
        rows.append(LayerRow(node.layer, graph, node.proto.op_type, weight.input, told, why))
    return rows


def _place(model: Model, weight: Weight) -> tuple[str, str, int, int]:
    """Where a weight is, in words that another file made from the same one shares."""
    node = model.nodes[weight.node]
    return model.graphs[node.graph].path, node.layer, weight.input, weight.part
