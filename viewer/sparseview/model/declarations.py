"""Read every annotation of a model: node attributes, node and model metadata, doc strings."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from sparseview.model.claims import Claim, ClaimParts
from sparseview.model.proto import AttributeProto, FunctionProto, NodeProto, SparseTensorProto

if TYPE_CHECKING:
    from sparseview.model.constants import Constant
    from sparseview.model.document import Model, Node
    from sparseview.model.weights import Weight

SPARSITY, FORMAT = "__sparsity", "__sparsity_format"
NODE_SPARSITY, NODE_FORMAT = "pkg.sparseview.sparsity", "pkg.sparseview.format"
MODEL_KEY = "pkg.sparseview"
# What others write; onnx.checker and ONNX Runtime refuse these on standard operators.
FOREIGN = ("sparsity", "sparsity %", "sparsity_percent", "sparsity_format")
WEIGHTLESS_2_4 = "TRT_WEIGHTLESS/SPARSE_2_4"  # written by TensorRT's polygraphy


class Declarations(msgspec.Struct, frozen=True):
    """All claims of a model, each list in order of precedence.

    nodes : node id -> claims over all weights of that operator, from its attributes and metadata.
    weights : weight id -> claims about that one weight, from model metadata and doc strings.
    problems : sentences about metadata that says nothing about any weight here.
    """

    nodes: Mapping[int, tuple[Claim, ...]]
    weights: Mapping[int, tuple[Claim, ...]]
    problems: tuple[str, ...] = ()


def read_declarations(model: Model) -> Declarations:
    """Every annotation of the model, valid or not; never raises on what a model may hold."""
    nodes: dict[int, tuple[Claim, ...]] = {}
    for node in model.nodes:
        if _may_claim(node.proto):
            said = of_node(node.proto, parameters(model, node))
            if said:
                nodes[node.id] = said
    stored, problems = stored_entries(model)
    entries = dict(stored)
    weights: dict[int, tuple[Claim, ...]] = {}
    for weight in model.weights:
        found: list[Claim] = []
        key = weight_key(model, weight)
        if key in entries and _about(entries[key], weight.constant):
            found.append(_of_entry(entries.pop(key)))
        found += of_tensor(weight.constant)
        if found:
            weights[weight.id] = tuple(found)
    problems += [
        f"The model metadata {MODEL_KEY} describes weight {key!r}, which is not there."
        for key in entries
    ]
    return Declarations(nodes, weights, tuple(problems))


def _may_claim(node: NodeProto) -> bool:
    """Whether a node may claim anything: few do, and every one is looked at."""
    for attribute in node.attribute:
        if "sparsity" in attribute.name:
            return True
    return bool(node.metadata_props)


def of_node(node: NodeProto, parameters: Collection[str] = ()) -> tuple[Claim, ...]:
    """The claims in a node's attributes (ours, then others'), then in its metadata.

    parameters : names of attributes that the operator itself takes, so that they claim nothing.
    """
    own, foreign = ClaimParts("attribute"), ClaimParts("attribute")
    for attribute in node.attribute:
        name = attribute.name
        if "sparsity" not in name or attribute.ref_attr_name or name in parameters:
            continue
        value = _value(attribute)
        if value is None and name in FOREIGN:
            continue  # neither number nor text: something else of that name
        if name == SPARSITY:
            own.fraction(name, value)
        elif name == FORMAT:
            own.format(name, value)
        elif name == "sparsity" and isinstance(value, str):
            foreign.format(name, value)
        elif name == "sparsity":
            foreign.fraction(name, value)
        elif name in ("sparsity %", "sparsity_percent"):
            foreign.percent(name, value)
        elif name == "sparsity_format":
            foreign.format(name, value)
    metadata = ClaimParts("node_metadata")
    for entry in node.metadata_props:
        if entry.key == NODE_SPARSITY:
            metadata.fraction(entry.key, _parsed(entry.value))
        elif entry.key == NODE_FORMAT:
            metadata.format(entry.key, entry.value)
    claims = (parts.claim() for parts in (own, foreign, metadata))
    return tuple(claim for claim in claims if claim is not None)


def of_tensor(constant: Constant) -> Iterator[Claim]:
    """The claim in a stored tensor's doc string, if it makes one."""
    proto = constant.proto
    text = proto.values.doc_string if isinstance(proto, SparseTensorProto) else proto.doc_string
    if WEIGHTLESS_2_4 in text:
        yield Claim(None, "2:4", "doc_string")


def weight_key(model: Model, weight: Weight) -> str:
    """The name of a weight in model metadata: graph path, node index and input index.

    Where several constants are joined at that input, the second one's ends in ".1", and so on.
    """
    node = model.nodes[weight.node]
    key = f"{model.graphs[node.graph].path}/{node.index}/{weight.input}"
    return f"{key}.{weight.part}" if weight.part else key


def stored_document(model: Model) -> tuple[Mapping[str, object], list[str]]:
    """Our JSON object in the model's metadata (empty if there is none), and what is wrong."""
    text = next((p.value for p in model.proto.metadata_props if p.key == MODEL_KEY), None)
    if text is None:
        return {}, []
    try:
        document = json.loads(text, parse_constant=str, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        return {}, [f"The model metadata {MODEL_KEY} is no valid JSON: {error}."]
    if not isinstance(document, dict):
        return {}, [f"The model metadata {MODEL_KEY} is no JSON object."]
    return document, []


def stored_entries(model: Model) -> tuple[Mapping[str, object], list[str]]:
    """The entries per weight of our JSON object, and what is wrong with it."""
    document, problems = stored_document(model)
    entries = document.get("weights", {})
    if isinstance(entries, dict):
        return entries, problems
    return {}, [*problems, f"The weights in the model metadata {MODEL_KEY} are no JSON object."]


def _about(entry: object, constant: Constant) -> bool:
    """Whether an entry is about this tensor: tools that add nodes shift the numbers in its key."""
    tensor = entry.get("tensor") if isinstance(entry, dict) else None
    return not isinstance(tensor, str) or tensor == constant.name


def _of_entry(entry: object) -> Claim:
    parts = ClaimParts("model_metadata")
    if not isinstance(entry, dict):
        parts.refuse(f"the entry in {MODEL_KEY} is no JSON object")
        entry = {}
    elif not entry.keys() & {"sparsity", "format", "zeros", "elements"}:
        parts.refuse(f"the entry in {MODEL_KEY} declares nothing")
    for name, take in (
        ("sparsity", parts.fraction),
        ("format", parts.format),
        ("zeros", parts.count),
        ("elements", parts.count),
    ):
        # Without elements there is no sparsity: null is what we write ourselves.
        if entry.get(name) is not None or (name in entry and entry.get("elements") != 0):
            take(name, entry[name])
    claim = parts.claim()
    return claim or Claim(None, None, "model_metadata")


def _value(attribute: AttributeProto) -> object:
    """The attribute's value, a number or a text; None for another type."""
    if attribute.type == AttributeProto.FLOAT:
        # The shortest decimal that is this float32: 0.88, not 0.8799999952316284.
        return float(str(np.float32(attribute.f)))
    if attribute.type == AttributeProto.INT:
        return int(attribute.i)
    if attribute.type == AttributeProto.STRING:
        return attribute.s.decode("utf-8", "replace")
    return None


def parameters(model: Model, node: Node) -> Collection[str]:
    """The attributes of the function that a node calls."""
    function = model.function_of(node)
    if function is None or not isinstance(function.proto, FunctionProto):
        return ()
    return {*function.proto.attribute, *(a.name for a in function.proto.attribute_proto)}


def _finite(text: str) -> object:
    """A JSON number as a float, or as its text where it is too large for one."""
    number = float(text)
    return number if math.isfinite(number) else text


def _parsed(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def declared_first(claims: Iterable[Claim]) -> Claim | None:
    """The claim that counts: the first in order of precedence."""
    return next(iter(claims), None)
