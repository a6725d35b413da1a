"""Concat of slices of one tensor that only puts its parts into another order, as of gates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.model.operators.row import Value, integer
from sparseview.model.proto import NodeProto
from sparseview.model.scopes import Place, Produced, Scopes
from sparseview.model.view import Shape, Shuffle

# The name of an input where the node stands -> its value, None if it is not constant.
Values = Callable[[NodeProto, Place], Value]
# More parts than any cell has gates; a Concat of more is something else.
MOST_PARTS = 16


def source(scopes: Scopes, node: NodeProto, place: Place) -> tuple[str, Place] | None:
    """The one tensor whose slices a Concat joins, as read in a place; None if there is none."""
    parts = _parts(scopes, node, place)
    if parts is None:
        return None
    sources = {(part.node.proto.input[0], part.node.graph) for part in parts}
    return (parts[0].node.proto.input[0], parts[0].place) if len(sources) == 1 else None


def shuffle(
    scopes: Scopes, node: NodeProto, place: Place, shape: Shape, values: Values
) -> Shuffle | None:
    """The step that a Concat takes from its source of `shape`; None if it leaves something out."""
    rank, axis = len(shape), integer(node, "axis", 1)
    parts = _parts(scopes, node, place)
    if parts is None or not -rank <= axis < rank:
        return None
    axis %= rank
    ranges = [_range(part, axis, shape, values) for part in parts]
    found = [one for one in ranges if one is not None]
    ordered = sorted(found)
    ends = [0, *(end for _, end in ordered)]
    whole = [start for start, _ in ordered] == ends[:-1] and ends[-1] == shape[axis]
    return Shuffle(axis, tuple(found)) if whole and len(found) == len(parts) else None


def _parts(scopes: Scopes, node: NodeProto, place: Place) -> list[Produced] | None:
    if not 2 <= len(node.input) <= MOST_PARTS:
        return None
    parts: list[Produced] = []
    for name in node.input:
        origin = scopes.find(place, name)
        if not isinstance(origin, Produced):
            return None
        proto = origin.node.proto
        if proto.op_type not in ("Slice", "Split") or proto.domain not in ("", "ai.onnx"):
            return None
        if not proto.input:
            return None
        parts.append(origin)
    return parts


def _range(part: Produced, axis: int, shape: Shape, values: Values) -> tuple[int, int] | None:
    """Start and end along `axis` of a Slice's result, or of one of a Split's."""
    node = part.node.proto
    try:
        given = values(node, part.place)
        if node.op_type == "Slice":
            return _slice(node, given, axis, shape)
        return _split(node, given, part.output, axis, shape)
    except SparseviewError:
        return None


def _slice(node: NodeProto, value: Value, axis: int, shape: Shape) -> tuple[int, int] | None:
    starts, ends, axes, steps = (
        _list(node, name, value(index))
        for index, name in ((1, "starts"), (2, "ends"), (3, "axes"), (4, "steps"))
    )
    if starts is None or ends is None or len(starts) != 1 or len(ends) != 1:
        return None
    if (axes or [0])[0] % len(shape) != axis or (steps or [1]) != [1]:
        return None
    start, end, _ = slice(starts[0], ends[0]).indices(shape[axis])
    return (start, end) if start < end else None


def _split(
    node: NodeProto, value: Value, output: int, axis: int, shape: Shape
) -> tuple[int, int] | None:
    if integer(node, "axis", 0) % len(shape) != axis:
        return None
    sizes = _list(node, "split", value(1))
    if sizes is None:
        each = -(-shape[axis] // len(node.output))
        sizes = [each] * (len(node.output) - 1)
        sizes.append(shape[axis] - sum(sizes))
    if output >= len(sizes) or min(sizes) <= 0:
        return None
    start = sum(sizes[:output])
    return start, start + sizes[output]


def _list(node: NodeProto, name: str, value: NDArray[Any] | None) -> list[int] | None:
    """An input of whole numbers, an attribute in old opsets; None where neither is given."""
    if value is not None:
        return [int(number) for number in value.reshape(-1)]
    found = next((a.ints for a in node.attribute if a.name == name), None)
    return None if found is None else list(found)
