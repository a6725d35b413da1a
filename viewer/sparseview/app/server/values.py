"""Small constants and attributes as text, for the side panel and for the rows inside a node."""

from __future__ import annotations

import math

from sparseview.app.server.describe import clip
from sparseview.app.server.names import shape_text
from sparseview.errors import SparseviewError
from sparseview.model.document import Constant, Graph, Model
from sparseview.model.proto import AttributeProto, TensorProto
from sparseview.model.tensors import dtype_name, read

# Constants up to this many elements are shown with their values (shapes, scales, axes).
SHOWN_ELEMENTS = 16


def constants_around(model: Model, graph: Graph) -> dict[str, Constant]:
    """Constants that the nodes of `graph` see by name, inner graphs first."""
    seen = dict(model.constants(graph.id))
    while graph.parent is not None:
        graph = model.graphs[model.nodes[graph.parent].graph]
        seen = {**model.constants(graph.id), **seen}
    return seen


def constant_text(model: Model, constant: Constant, most: int = SHOWN_ELEMENTS) -> str | None:
    """The values of a constant of up to `most` elements; None for others and unreadable ones."""
    if math.prod(constant.shape) > most or constant.dtype == TensorProto.STRING:
        return None
    try:
        values = read(model, constant)
    except SparseviewError:
        return None
    return clip(_written(values.tolist()), 200)


def _written(value: object) -> str:
    """Nested lists of numbers; floats with the seven digits that a float32 holds."""
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    return f"{value:.7g}" if isinstance(value, float) else str(value)


def attribute_text(attribute: AttributeProto) -> str:
    """The value of an attribute, as people write it; what it holds where that is large."""
    if attribute.ref_attr_name:
        return f"the function's {attribute.ref_attr_name}"
    kind = attribute.type
    if kind == AttributeProto.TENSOR:
        return f"{dtype_name(attribute.t.data_type)} {shape_text(attribute.t.dims)}"
    if kind == AttributeProto.SPARSE_TENSOR:
        return f"sparse {shape_text(attribute.sparse_tensor.dims)}"
    if kind == AttributeProto.GRAPH:
        return f"{len(attribute.g.node)} nodes"
    if kind == AttributeProto.STRING:
        return attribute.s.decode("utf-8", "replace")
    if kind == AttributeProto.STRINGS:
        return ", ".join(s.decode("utf-8", "replace") for s in attribute.strings[:100])
    if kind == AttributeProto.INT:
        return str(attribute.i)
    if kind == AttributeProto.FLOAT:
        return f"{attribute.f:.7g}"
    if kind == AttributeProto.INTS:
        return ", ".join(map(str, attribute.ints[:100]))
    if kind == AttributeProto.FLOATS:
        return ", ".join(f"{f:.7g}" for f in attribute.floats[:100])
    return ""
