"""Splices that write annotations into nodes and into the model's metadata."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec

from sparseview.model.declarations import FOREIGN, FORMAT, SPARSITY, parameters
from sparseview.model.locate import (
    MODEL_METADATA,
    NODE_ATTRIBUTE,
    NODE_METADATA,
    Places,
    children,
    text,
)
from sparseview.model.proto import AttributeProto, StringStringEntryProto
from sparseview.model.protobuf import Buffer, bytes_field
from sparseview.model.splice import Span, Splice

CLAIM_TYPES = frozenset({AttributeProto.FLOAT, AttributeProto.INT, AttributeProto.STRING})

SCHEMA_DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft"})
"""Domains whose operators take no attribute called so; one of another domain may."""


class Annotations(msgspec.Struct, frozen=True):
    """What a save writes about the weights.

    `nodes`: node id -> (fraction of zeros 0..1, format), the node attributes; `metadata`: entries
    of the model's metadata_props; `node_metadata`: node id -> entries of its metadata_props.
    None leaves what the file says.
    """

    nodes: Mapping[int, tuple[float | None, str | None]] = msgspec.field(default_factory=dict)
    metadata: Mapping[str, str] = msgspec.field(default_factory=dict)
    node_metadata: Mapping[int, Mapping[str, str]] = msgspec.field(default_factory=dict)


def annotation_splices(places: Places, annotations: Annotations) -> list[Splice]:
    """What it takes for the file to say `annotations`: nothing where it says so already.

    Entries are replaced where they stand, new ones end their message. A value of None leaves what
    the file has. Plain claims of a node that gets ours are removed.
    """
    splices: list[Splice] = []
    for node, (sparsity, form) in sorted(annotations.nodes.items()):
        splices += _attributes(places, node, sparsity, form)
    for node, entries in sorted(annotations.node_metadata.items()):
        splices += _metadata(places.buf, places.node(node), NODE_METADATA, entries)
    splices += _metadata(places.buf, places.root, MODEL_METADATA, annotations.metadata)
    return splices


def _attributes(
    places: Places, node: int, sparsity: float | None, form: str | None
) -> Iterator[Splice]:
    wanted: list[AttributeProto] = []
    if sparsity is not None:
        wanted.append(AttributeProto(name=SPARSITY, f=sparsity, type=AttributeProto.FLOAT))
    if form is not None:
        wanted.append(
            AttributeProto(name=FORMAT, s=form.encode("utf-8"), type=AttributeProto.STRING)
        )
    if not wanted:
        return
    span = places.node(node)
    present = places.attributes(span)
    for new in wanted:
        held = [place for name, place in present if name == new.name]
        said = bool(held) and _says(_parsed(places.buf, held[0]), new)
        yield from _put(held, span, said, bytes_field(NODE_ATTRIBUTE, new.SerializeToString()))
    foreign = _foreign(places, node)
    for name, place in present:
        if name in foreign and _is_claim(_parsed(places.buf, place)):
            yield Splice(span, place.tag, place.end, ())


def _foreign(places: Places, node: int) -> Collection[str]:
    """Names of the claims that ours take the place of: the checker and the Runtime refuse them.

    None where the operator may take an attribute of that name itself.
    """
    facts = places.model.nodes[node]
    if places.model.function_of(facts) is not None:
        return set(FOREIGN).difference(parameters(places.model, facts))
    return FOREIGN if facts.proto.domain in SCHEMA_DOMAINS else ()


def _is_claim(attribute: AttributeProto) -> bool:
    return attribute.type in CLAIM_TYPES and not attribute.ref_attr_name


def _says(old: AttributeProto, new: AttributeProto) -> bool:
    return old.type == new.type and (old.f, old.s) == (new.f, new.s) and not old.ref_attr_name


def _parsed(buf: Buffer, span: Span) -> AttributeProto:
    attribute = AttributeProto()
    attribute.ParseFromString(bytes(buf[span.start : span.end]))
    return attribute


def _metadata(
    buf: Buffer, owner: Span, number: int, entries: Mapping[str, str]
) -> Iterator[Splice]:
    if not entries:
        return
    present = [(text(buf, (span,), 1), span) for span in children(buf, (owner,), number)]
    for key, value in entries.items():
        held = [span for name, span in present if name == key]
        said = bool(held) and text(buf, held[:1], 2) == value
        entry = StringStringEntryProto(key=key, value=value)
        yield from _put(held, owner, said, bytes_field(number, entry.SerializeToString()))


def _put(held: Iterable[Span], owner: Span, said: bool, new: bytes) -> Iterator[Splice]:
    """`new` in place of the first one held, unless that says so already; copies of it go."""
    first, *copies = held or (None,)
    if first is None:
        yield Splice(owner, owner.end, owner.end, (new,))
    elif not said:
        yield Splice(owner, first.tag, first.end, (new,))
    for copy in copies:
        if copy is not None:
            yield Splice(owner, copy.tag, copy.end, ())
