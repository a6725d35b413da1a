"""Which outputs of a model tell classes apart, along which axis: for agreement, KL and accuracy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from sparseview.model.document import Model

Array = NDArray[Any]
Kind = Literal["probabilities", "log-probabilities", "logits"]
# What may stand between the last product and the output, and keeps what it means.
PASSED = frozenset(
    {"Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Add", "Sub", "Mul", "Div"}
    | {"Transpose", "Dropout", "QuantizeLinear", "DequantizeLinear", "Relu"}
    | {"GlobalAveragePool", "AveragePool", "ReduceMean", "Gather", "Slice", "Concat"}
)
# Of those, what may give an axis another place.
MOVING = frozenset(
    {"Reshape", "Squeeze", "Unsqueeze", "Flatten", "Transpose", "ReduceMean", "Gather"}
)
PRODUCTS = frozenset({"Gemm", "MatMul", "Conv", "FusedGemm", "MatMulNBits", "QGemm", "Einsum"} | {
    "MatMulInteger", "QLinearMatMul", "QLinearConv", "FusedMatMul", "DynamicQuantizeMatMul"
})  # fmt: skip
FARTHEST = 64  # operators before an output
CLOSE = 1e-2  # how far from 1 the sum of half-precision probabilities may be
TINY = 1e-10  # a probability that counts as impossible


@dataclass(frozen=True, slots=True)
class Head:
    """An output that tells classes apart: what its values are, and the axis of the classes."""

    kind: Kind
    axis: int


def head(model: Model, name: str, values: Array, source: int = 0) -> Head | None:
    """What an output is, from how it is made and from the values of one batch; else None.

    A class axis has two places or more: the one that a Softmax or a product makes, if nothing moves
    it on the way; else the second of pictures and of [batch, classes], the last of [batch, tokens,
    classes]. An embedding is no head: it ends in no product that scores.

    values : with the axis of samples in front.  source : where the model has that axis.
    """
    if values.dtype.kind != "f" or values.ndim < 2 or values.size == 0:
        return None
    made, natural = _made_by(model, name)
    axis = values.ndim - 1 if values.ndim == 3 else 1
    if natural is not None:
        own = natural + values.ndim * (natural < 0)
        if not 0 <= own < values.ndim or own == source:
            return None
        axis = own + (own < source)
    if values.shape[axis] < 2:
        return None
    wide = values.astype(np.float64)
    sums = wide.sum(axis=axis)
    if wide.min() >= 0 and np.abs(sums - 1).max() < CLOSE and (wide != np.rint(wide)).any():
        return Head("probabilities", axis)
    if made == "LogSoftmax" and np.abs(np.exp(wide).sum(axis=axis) - 1).max() < CLOSE:
        return Head("log-probabilities", axis)
    pooled = all(size == 1 for size in values.shape[2:]) if values.ndim > 3 else True
    if made == "product" and pooled:
        return Head("logits", axis)
    return None


def _made_by(model: Model, name: str) -> tuple[str | None, int | None]:
    """(what makes an output: Softmax, LogSoftmax, a product, or something else; the axis of its
    classes, where nothing moved it since)."""
    makers: dict[str, NodeProto] = {}
    constants = set(model.constants(0))
    for node in model.proto.graph.node:
        makers |= dict.fromkeys(node.output, node)
        if all(name in constants for name in node.input if name):
            constants.update(node.output)
    moved = False
    for _ in range(FARTHEST):
        node = makers.get(name)
        if node is None:
            return None, None
        if node.op_type in ("Softmax", "LogSoftmax"):
            return node.op_type, None if moved else _softmax_axis(model, node)
        if node.op_type in PRODUCTS:
            return "product", None if moved else 1 if "Conv" in node.op_type else -1
        computed = [each for each in node.input if each and each not in constants]
        if node.op_type not in PASSED or len(computed) != 1:
            return None, None  # a sum of several branches is no score
        moved = moved or node.op_type in MOVING
        name = computed[0]
    return None, None


def _softmax_axis(model: Model, node: NodeProto) -> int:
    for attribute in node.attribute:
        if attribute.name == "axis":
            return int(attribute.i)
    opset = {each.domain: each.version for each in model.proto.opset_import}
    return -1 if opset.get("", opset.get("ai.onnx", 1)) >= 13 else 1


def distributions(values: Array, what: Head) -> Array:
    """log p, float64 [rows, classes], whatever the output holds of it."""
    rows = np.moveaxis(values.astype(np.float64), what.axis, -1)
    rows = rows.reshape(-1, rows.shape[-1])
    with np.errstate(invalid="ignore"):  # what is no number stays none
        if what.kind == "probabilities":
            rows = np.maximum(rows, 0) / np.maximum(rows.sum(axis=1, keepdims=True), TINY)
            return np.asarray(np.log(np.maximum(rows, TINY)))
        rows = rows - rows.max(axis=1, keepdims=True)
        return np.asarray(rows - np.log(np.exp(rows).sum(axis=1, keepdims=True)))


def classes(values: Array, what: Head) -> NDArray[np.int64]:
    """The most likely class of each row; NaN never wins."""
    rows = np.moveaxis(values, what.axis, -1)
    filled = np.where(np.isnan(rows), -np.inf, rows)
    return np.asarray(filled.reshape(-1, rows.shape[-1]).argmax(axis=1))
