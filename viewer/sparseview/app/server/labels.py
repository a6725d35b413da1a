"""Shape texts for edges that the file itself declares; inference finds the others later."""

from __future__ import annotations

from collections.abc import Iterable

from sparseview.app.server.names import shape_text
from sparseview.model.document import Graph
from sparseview.model.proto import FunctionProto, ValueInfoProto


def declared(graph: Graph) -> dict[str, str]:
    """Tensor name -> shape text, from the graph's own inputs, outputs and value_info."""
    proto = graph.proto
    known: dict[bytes, str] = {}
    labels: dict[str, str] = {}
    groups: tuple[Iterable[ValueInfoProto], ...] = (proto.value_info,)
    if not isinstance(proto, FunctionProto):
        groups = (proto.input, proto.output, proto.value_info)
    for group in groups:
        for value in group:
            # Many tensors share a shape; decoding each dimension in Python is what costs.
            raw = value.type.SerializeToString()
            text = known.get(raw)
            if text is None:
                text = known[raw] = value_shape(value)
            if text:
                labels[value.name] = text
    return labels


def value_shape(value: ValueInfoProto) -> str:
    """The shape text of a typed value; "" where it has none (sequence, map, unknown rank)."""
    kind = value.type.WhichOneof("value")
    if kind not in ("tensor_type", "sparse_tensor_type"):
        return ""
    tensor = getattr(value.type, kind)
    if not tensor.HasField("shape"):
        return ""
    return shape_text(
        d.dim_value if d.HasField("dim_value") else d.dim_param or None for d in tensor.shape.dim
    )
