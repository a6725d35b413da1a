"""The sparsity annotation: what a model claims, whether it is true, and what saving writes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from sparseview.model.claims import Claim
from sparseview.model.declarations import (
    FOREIGN,
    FORMAT,
    MODEL_KEY,
    NODE_FORMAT,
    NODE_SPARSITY,
    SPARSITY,
    Declarations,
    declared_first,
    read_declarations,
    stored_document,
    stored_entries,
    weight_key,
)
from sparseview.model.inscribe import Annotations
from sparseview.model.verdicts import Measured, Verdict, disagreements, judge

if TYPE_CHECKING:
    from sparseview.model.document import Model

__all__ = [
    "FOREIGN",
    "FORMAT",
    "MODEL_KEY",
    "NODE_FORMAT",
    "NODE_SPARSITY",
    "SPARSITY",
    "Annotations",
    "Claim",
    "Declarations",
    "Measured",
    "Verdict",
    "WeightFact",
    "annotate",
    "claims",
    "declared",
    "disagreements",
    "judge",
    "read_declarations",
    "told_protected",
    "told_recipe",
    "verdicts",
]

VERSION = 1
NODE_METADATA_SINCE = 10  # the IR version that gave nodes metadata


class WeightFact(msgspec.Struct, frozen=True):
    """What was measured of the weight with that id: counts, and the canonical format name."""

    weight: int
    elements: int
    zeros: int
    format: str


def declared(model: Model, declarations: Declarations | None = None) -> dict[int, Claim]:
    """What each node declares, by node id: its own claim, else the one about its only weight."""
    found = declarations or read_declarations(model)
    weights: dict[int, list[int]] = {}
    for weight in model.weights:
        weights.setdefault(weight.node, []).append(weight.id)
    result = {}
    for node in sorted(found.nodes.keys() | weights.keys()):
        own = found.nodes.get(node, ())
        ids = weights.get(node, ())
        claim = declared_first(own or (found.weights.get(ids[0], ()) if len(ids) == 1 else ()))
        if claim is not None:
            result[node] = claim
    return result


def claims(model: Model, declarations: Declarations | None = None) -> dict[int, Claim]:
    """The claim that counts for each weight, by weight id; absent where nothing is declared."""
    return {
        weight: verdict.declared
        for weight, verdict in verdicts(model, {}, declarations).items()
        if verdict.declared is not None
    }


def verdicts(
    model: Model,
    facts: Mapping[int, Measured | None],
    declarations: Declarations | None = None,
) -> dict[int, Verdict]:
    """For every weight id: what is declared, whether it is true, and what is not (see `judge`)."""
    return judge(model, declarations or read_declarations(model), facts)


def annotate(
    model: Model,
    facts: Sequence[WeightFact],
    recipe: Sequence[Mapping[str, object]] = (),
    protected: Sequence[int] = (),
) -> Annotations:
    """The annotations for what was measured; equal facts give equal data, to the last byte.

    recipe : provenance of this session's edits, JSON-ready; it follows what the file tells
        already.
    protected : ids of the weights that no prune is to change; `told_protected` reads them again.

    An operator with a weight that is not among `facts` (it could not be read) gets
        no claim of its own, and keeps its old entry in the model metadata.
    """
    known = {fact.weight: fact for fact in facts}
    old, _ = stored_entries(model)
    entries: dict[str, object] = {}
    operators: dict[int, list[WeightFact | None]] = {}
    for weight in model.weights:
        fact = known.get(weight.id)
        operators.setdefault(weight.node, []).append(fact)
        key = weight_key(model, weight)
        if fact is not None:
            entries[key] = {
                "tensor": weight.constant.name,
                "sparsity": fact.zeros / fact.elements if fact.elements else None,
                "format": fact.format,
                "zeros": fact.zeros,
                "elements": fact.elements,
            }
        elif key in old:
            entries[key] = old[key]
    nodes: dict[int, tuple[float, str]] = {}
    for node, parts in operators.items():
        measured = [part for part in parts if part is not None]
        elements = sum(part.elements for part in measured)
        if len(measured) == len(parts) and elements:
            formats = {part.format for part in measured}
            zeros = sum(part.zeros for part in measured)
            nodes[node] = (zeros / elements, formats.pop() if len(formats) == 1 else "mixed")
    document: dict[str, object] = {
        "version": VERSION,
        "weights": entries,
        "summary": _summary(model, known),
        "recipe": [*told_recipe(model), *recipe],
    }
    if protected:
        kept = [model.weights[i] for i in protected]
        document["protected"] = {weight_key(model, w): w.constant.name for w in kept}
    text = json.dumps(document, allow_nan=False, separators=(",", ":"))
    node_metadata = {
        node: {NODE_SPARSITY: repr(sparsity), NODE_FORMAT: name}
        for node, (sparsity, name) in nodes.items()
        if _takes_metadata(model, node)
    }
    return Annotations(nodes, {MODEL_KEY: text} if entries else {}, node_metadata)


def _takes_metadata(model: Model, node: int) -> bool:
    """Whether nodes may have metadata, or this one has ours already, which must not go stale."""
    if model.proto.ir_version >= NODE_METADATA_SINCE:
        return True
    entries = model.nodes[node].proto.metadata_props
    return any(entry.key in (NODE_SPARSITY, NODE_FORMAT) for entry in entries)


def told_recipe(model: Model) -> Sequence[object]:
    """The recipe that the file carries already."""
    document, _ = stored_document(model)
    recipe = document.get("recipe")
    return recipe if isinstance(recipe, list) else []


def told_protected(model: Model) -> tuple[int, ...]:
    """Ids of the weights that the file says no prune is to change, ascending.

    A weight is found by its place while its tensor is there, else by its tensor: tools that add
    nodes shift the places.
    """
    document, _ = stored_document(model)
    told = document.get("protected")
    if not isinstance(told, dict):
        return ()
    places = {weight_key(model, weight): weight for weight in model.weights}
    found: set[int] = set()
    for key, tensor in told.items():
        weight = places.get(key)
        if weight is not None and weight.constant.name == tensor:
            found.add(weight.id)
        else:
            found.update(w.id for w in model.weights if w.constant.name == tensor)
    return tuple(sorted(found))


def _summary(model: Model, known: Mapping[int, WeightFact]) -> dict[str, object]:
    """Totals per kind, each tensor counted once even where operators share it."""
    tensors: dict[str, dict[str, WeightFact]] = {"weight": {}, "embedding": {}}
    for weight in model.weights:
        if weight.id in known:
            tensors.setdefault(weight.kind, {})[weight.constant.key] = known[weight.id]

    def total(kind: str) -> dict[str, object]:
        facts = tensors[kind].values()
        elements, zeros = sum(f.elements for f in facts), sum(f.zeros for f in facts)
        return {"weights": len(facts), "elements": elements, "zeros": zeros}

    weights = total("weight")
    elements = sum(f.elements for f in tensors["weight"].values())
    zeros = sum(f.zeros for f in tensors["weight"].values())
    sparsity = zeros / elements if elements else None
    return {**weights, "sparsity": sparsity, "embeddings": total("embedding")}
