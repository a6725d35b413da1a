"""The open model in facts: what the file says about itself, its graphs, inputs and outputs."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable

from sparseview.app.facts import GraphFacts, ModelFacts, Problem, ValueFacts
from sparseview.app.server.labels import value_shape
from sparseview.model.annotations import told_protected
from sparseview.model.document import Model
from sparseview.model.proto import GraphProto, ValueInfoProto
from sparseview.model.tensors import dtype_name

# Longer texts are cut: a recipe or a vocabulary in the metadata can be megabytes.
TEXT_LIMIT = 2000


def clip(text: str, limit: int = TEXT_LIMIT) -> str:
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text):,} characters)"


def notices(model: Model) -> tuple[Problem, ...]:
    """What is wrong with the model's file; found out at the first call, which costs time."""
    return tuple(Problem(n.message, n.hint, n.code) for n in model.notices)


def model_facts(
    model: Model, path: str, serial: int, problems: tuple[Problem, ...] = ()
) -> ModelFacts:
    """Facts of a model, under the path that it stands for: another than its own once saved."""
    proto = model.proto
    counts = Counter(node.graph for node in model.nodes)
    main = proto.graph
    stored = model.constants(0)
    return ModelFacts(
        serial=serial,
        name=os.path.basename(path),
        path=path,
        folder=os.path.dirname(path),
        bytes=os.path.getsize(path) if os.path.exists(path) else model.skeleton.size,
        external_bytes=model.external_bytes,
        ir_version=proto.ir_version,
        opsets={entry.domain or "ai.onnx": entry.version for entry in proto.opset_import},
        producer=" ".join(filter(None, (proto.producer_name, proto.producer_version))),
        doc=clip(proto.doc_string),
        nodes=len(model.nodes),
        graphs=tuple(
            GraphFacts(
                g.path, g.kind, g.proto.name, counts[g.id], g.parent, holder(model, g.parent)
            )
            for g in model.graphs
        ),
        notices=problems,
        metadata=tuple((entry.key, clip(entry.value)) for entry in proto.metadata_props),
        inputs=values(value for value in main.input if value.name not in stored),
        outputs=values(main.output),
        saveable=True,
        protected=len({model.weights[i].node for i in told_protected(model)}),
    )


def holder(model: Model, node_id: int | None) -> str:
    """An operator with a body, as people find it: by its name, else its type and number."""
    if node_id is None:
        return ""
    node = model.nodes[node_id]
    return node.proto.name or f"{node.proto.op_type}, node {node.index}"


def values(infos: Iterable[ValueInfoProto]) -> tuple[ValueFacts, ...]:
    return tuple(ValueFacts(v.name, value_dtype(v), value_shape(v)) for v in infos)


def value_dtype(value: ValueInfoProto) -> str:
    """The element type; "sequence", "map" or "optional" for what is no tensor, "" if unknown."""
    kind = value.type.WhichOneof("value")
    if kind in ("tensor_type", "sparse_tensor_type"):
        element = getattr(value.type, kind).elem_type
        return dtype_name(element) if element else ""
    return "" if kind is None else str(kind).removesuffix("_type")


def value_infos(proto: GraphProto) -> dict[str, ValueInfoProto]:
    """Every typed value of a graph by name."""
    return {v.name: v for group in (proto.value_info, proto.input, proto.output) for v in group}
