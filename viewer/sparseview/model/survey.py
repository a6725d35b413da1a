"""A model's external data at a glance: how much there is, and what of it cannot be read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sparseview.errors import SparseviewError
from sparseview.model.dtypes import byte_count
from sparseview.model.external import reference, resolve
from sparseview.model.graphs import Graph, Node
from sparseview.model.notice import Notice
from sparseview.model.proto import (
    AttributeProto,
    FunctionProto,
    ModelProto,
    SparseTensorProto,
    TensorProto,
)
from sparseview.model.stored import element_count, stored_range

if TYPE_CHECKING:
    from sparseview.model.document import Model


class External(NamedTuple):
    """`size`: bytes referred to that are there; `notices`: one for each file with a problem."""

    size: int
    notices: tuple[Notice, ...]


def survey(model: Model) -> External:
    """Look up every external reference of the model, without reading the data."""
    ranges: dict[tuple[str, int], int] = {}
    problems: dict[tuple[str, str], tuple[SparseviewError, int]] = {}
    for tensor in external_tensors(model):
        location = ""
        try:
            location, offset, _ = reference(tensor)
            stored_range(model, tensor)
            needed = byte_count(tensor.data_type, element_count(tensor))
        except SparseviewError as error:
            first, count = problems.get((location, error.code), (error, 0))
            problems[location, error.code] = (first, count + 1)
            continue
        ranges[location, offset] = max(needed, ranges.get((location, offset), 0))
    notices = tuple(_notice(*problem) for problem in problems.values())
    return External(sum(ranges.values()), notices)


def refuse_data_file(model: Model, target: Path) -> None:
    """Raise SparseviewError (`exists`) where `target` is a file that holds weights of the model.

    Such a file is never written to, not even when the result needs nothing of it any more: the
    opened model does.
    """
    if not os.path.exists(target):
        return
    locations: set[str] = set()
    for tensor in external_tensors(model):
        with suppress(SparseviewError):
            locations.add(reference(tensor)[0])
    for location in locations:
        with suppress(SparseviewError, OSError):  # what is missing is no target
            if os.path.samefile(resolve(model.path, location), target):
                break
    else:
        return
    raise SparseviewError(
        f"{target} holds weights of this model.", "Write to a file of another name.", "exists"
    )


def external_tensors(model: Model) -> Iterator[TensorProto]:
    """Every tensor whose data the model keeps in another file."""
    for tensor, _ in tensors_of(model.proto, model.graphs, model.nodes):
        if tensor.data_location == TensorProto.EXTERNAL and not model.skeleton.cut(tensor):
            yield tensor


def tensors_of(
    proto: ModelProto, graphs: Iterable[Graph], nodes: Iterable[Node]
) -> Iterator[tuple[TensorProto, bool]]:
    """Every TensorProto of the model, and whether it is one of the two parts of a sparse one."""
    for graph in graphs:
        if isinstance(graph.proto, FunctionProto):
            continue
        for tensor in graph.proto.initializer:
            yield tensor, False
        for sparse in graph.proto.sparse_initializer:
            yield from _parts(sparse)
    for node in nodes:
        yield from _attributes(node.proto.attribute)
    for function in proto.functions:
        yield from _attributes(function.attribute_proto)


def _attributes(attributes: Iterable[AttributeProto]) -> Iterator[tuple[TensorProto, bool]]:
    for attribute in attributes:
        if attribute.type not in _TENSOR_TYPES:
            continue
        if attribute.HasField("t"):
            yield attribute.t, False
        if attribute.HasField("sparse_tensor"):
            yield from _parts(attribute.sparse_tensor)
        for tensor in attribute.tensors:
            yield tensor, False
        for sparse in attribute.sparse_tensors:
            yield from _parts(sparse)


# The oldest files leave an attribute's type out.
_TENSOR_TYPES = frozenset(
    {
        AttributeProto.UNDEFINED,
        AttributeProto.TENSOR,
        AttributeProto.TENSORS,
        AttributeProto.SPARSE_TENSOR,
        AttributeProto.SPARSE_TENSORS,
    }
)


def _parts(sparse: SparseTensorProto) -> Iterator[tuple[TensorProto, bool]]:
    yield sparse.values, True
    yield sparse.indices, True


def _notice(error: SparseviewError, count: int) -> Notice:
    text = error.message[:1].upper() + error.message[1:].rstrip(".")
    tensors = "1 tensor" if count == 1 else f"{count} tensors"
    return Notice(f"{text}: {tensors} cannot be read.", error.hint, error.code)
