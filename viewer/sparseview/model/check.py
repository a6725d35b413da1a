"""Ask onnx's checker about a model whose weights were not read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import onnx
from onnx import ModelProto, TensorProto

from sparseview.errors import SparseviewError
from sparseview.model.dtypes import byte_count
from sparseview.model.graphs import Node, walk
from sparseview.model.notice import Notice
from sparseview.model.stored import element_count, stored_range
from sparseview.model.survey import tensors_of

if TYPE_CHECKING:
    from sparseview.model.document import Model

HINT = "It is shown all the same, but runtimes may refuse it."
# Once part of ONNX, still run by runtimes. The checker lets them pass, but it prints a warning to
# standard output, where a report may be on its way; unknown domains it passes without a word.
EXPERIMENTAL = frozenset(
    {
        "ATen",
        "Affine",
        "ConstantFill",
        "Crop",
        "DynamicSlice",
        "GRUUnit",
        "GivenTensorFill",
        "ImageScaler",
        "ParametricSoftplus",
        "Scale",
        "ScaledTanh",
    }
)
OTHER_DOMAIN = "sparseview.experimental"
CONTEXT = "==> Context:"  # what the checker puts before the place of the fault


def check(model: Model, between: Callable[[], None] | None = None) -> tuple[Notice, ...]:
    """What `onnx.checker.check_model` would say about the file; empty where it accepts it.

    The checker gets a copy of the graph in which a payload that was not read is an empty tensor:
    it looks only at a dense payload's size, which is held against the shape here instead. Sparse
    tensors it does look into: theirs are read. Missing external data is `Model.notices`' matter.

    between : called between the steps, so that somebody who needs the processor can have it.
    """
    pause = between or (lambda: None)
    copy = ModelProto()
    copy.CopyFrom(model.proto)
    copy.ClearField("training_info")  # the checker passes over it
    pause()
    graphs, nodes = walk(copy)
    pause()
    _hide_experimental(copy, nodes)
    notices: list[Notice] = []
    for tensor, sparse in tensors_of(copy, graphs, nodes):
        if tensor.data_location != TensorProto.EXTERNAL:
            continue
        try:
            _stand_in(model, tensor, sparse)
        except SparseviewError as error:
            if not model.skeleton.cut(tensor):
                return ()  # a sparse tensor's data is missing: Model.notices tells
            text = f"Tensor '{tensor.name}': {error.message}"
            notices.append(Notice(text, error.hint, "checker"))
            _empty(tensor)
    pause()
    try:
        onnx.checker.check_model(copy)
    except onnx.checker.ValidationError as error:
        notices.append(Notice(_sentence(str(error)), HINT, "checker"))
    return tuple(notices)


def _hide_experimental(copy: ModelProto, nodes: tuple[Node, ...]) -> None:
    found = False
    for node in nodes:
        proto = node.proto
        if proto.op_type in EXPERIMENTAL and proto.domain in ("", "ai.onnx"):
            proto.domain = OTHER_DOMAIN
            found = True
    if found:
        for imports in (copy.opset_import, *(f.opset_import for f in copy.functions)):
            imports.add(domain=OTHER_DOMAIN, version=1)


def _stand_in(model: Model, tensor: TensorProto, sparse: bool) -> None:
    """Make a tensor whose data lies in a file one that the checker can look at."""
    if sparse:
        source, offset = stored_range(model, tensor) or (model.skeleton.source, 0)
        payload = source.read(offset, byte_count(tensor.data_type, element_count(tensor)))
        _empty(tensor, tuple(tensor.dims))
        tensor.raw_data = payload
    elif model.skeleton.cut(tensor):
        stored_range(model, tensor)
        if element_count(tensor) == 0:
            raise SparseviewError("it has no elements, but contains data.")
        _empty(tensor)
    else:
        _empty(tensor)


def _empty(tensor: TensorProto, dims: tuple[int, ...] = (0,)) -> None:
    tensor.ClearField("external_data")
    tensor.ClearField("data_location")
    tensor.ClearField("dims")
    tensor.dims.extend(dims)


def _sentence(text: str) -> str:
    """The checker's words in one line: the fault, and where it is."""
    fault, _, place = text.partition(CONTEXT)
    fault, place = (" ".join(part.split()).rstrip(". ") for part in (fault, place))
    return f"onnx.checker: {fault} ({place})." if place else f"onnx.checker: {fault}."
