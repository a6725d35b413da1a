"""Bias correction: what a layer loses in the mean goes to the constant that its output is added to.

b += (W - W_hat) E[X], one number for each output. The constant is the operator's own bias, that
of an Add right behind it, or the mean that a BatchNormalization right behind it subtracts.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.model import tensors
from sparseview.model.constants import Constant
from sparseview.model.document import Model
from sparseview.model.dtypes import STORAGE
from sparseview.model.graphs import Node, handed_out
from sparseview.model.kept import Entry
from sparseview.model.proto import NodeProto
from sparseview.model.weights import Weight
from sparseview.pruning.rewrite import as_elements

Array = NDArray[Any]
OWN = {"Conv": 2, "ConvTranspose": 2, "Gemm": 2}
NONE = "no constant bias follows it"
# Rows of input whose mean is worth a correction: with fewer its noise costs more than it gains.
ENOUGH = 32


@dataclass(frozen=True, slots=True)
class Bias:
    """The constant that takes a correction up, and how much of it: +1, or -1 for a mean that is
    subtracted; over Gemm's beta."""

    constant: Constant
    factor: float

    def corrected(self, model: Model, lost: Array) -> Entry:
        """The constant with `lost`, one number for each output, in its own type and shape."""
        stored = tensors.read(model, self.constant)
        values = tensors.to_float(stored, self.constant.dtype).astype(np.float64)
        values = values + self.factor * lost.reshape(values.shape)
        after = as_elements(values, self.constant.dtype, None, None)
        after.flags.writeable = False
        return after


def find(model: Model, weight: Weight) -> Bias | str:
    """The bias behind a weight, or why there is none to correct."""
    node = model.nodes[weight.node]
    proto = node.proto
    outputs = weight.view.logical_shape[0] * weight.view.logical_shape[1]
    if proto.op_type not in ("Conv", "ConvTranspose", "Gemm", "MatMul") or weight.input != 1:
        return NONE
    if proto.op_type == "MatMul" and weight.view.logical_shape[0] > 1:
        return "its products are stacked, and a bias would be of one of them"
    place = OWN.get(proto.op_type)
    if place is not None and len(proto.input) > place and proto.input[place]:
        beta = _number(proto, "beta", 1.0) if proto.op_type == "Gemm" else 1.0
        return _only(model, node, proto.input[place], outputs, 1 / beta) if beta else NONE
    reads = model.readers(node.graph, proto.output[0])
    if len(reads) != 1 or proto.output[0] in handed_out(model.graphs[node.graph]):
        return NONE
    (behind,) = reads
    if behind.domain not in ("", "ai.onnx"):
        return NONE
    if behind.op_type == "Add":
        other = next((name for name in behind.input if name != proto.output[0]), None)
        if other is not None:
            return _only(model, node, other, outputs, 1.0, len(weight.view.axes.kernel))
    if behind.op_type == "BatchNormalization" and weight.view.axes.kernel:
        training = _number(behind, "training_mode", 0) or len(behind.output) > 1
        return NONE if training else _only(model, node, behind.input[3], outputs, -1.0)
    return NONE


def alpha(model: Model, weight: Weight) -> float:
    """What the operator multiplies its product by."""
    proto = model.nodes[weight.node].proto
    return _number(proto, "alpha", 1.0) if proto.op_type == "Gemm" else 1.0


def _only(
    model: Model, node: Node, name: str, outputs: int, factor: float, behind: int = 0
) -> Bias | str:
    """The constant of that name, if nothing else reads it and it has a number for each output.

    behind : dims of the output that follow the one of the channels.
    """
    constant = model.constants(node.graph).get(name)
    row = None if constant is None else STORAGE.get(constant.dtype)
    if constant is None or row is None:
        return NONE
    if constant.stored_as != "dense" or (row.dtype.kind != "f" and row.meaning is None):
        return "its bias is not stored as floats"
    if len(model.readers(node.graph, name)) != 1 or name in handed_out(model.graphs[node.graph]):
        return "its bias is used elsewhere too"
    shape = constant.shape
    if len(shape) <= behind or shape[-1 - behind] != outputs or prod(shape) != outputs:
        return "its bias is not one number for each output"
    return Bias(constant, factor)


def _number(proto: NodeProto, name: str, default: float) -> float:
    for attribute in proto.attribute:
        if attribute.name == name:
            return float(attribute.i or attribute.f)
    return default
