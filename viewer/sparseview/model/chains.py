"""Follow a tensor name back to the constant it is made from, and what happens on the way."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.model.arithmetic import SIDES, factor, scales, shift
from sparseview.model.arithmetic import side as weight_side
from sparseview.model.constants import Constant
from sparseview.model.dtypes import STORAGE
from sparseview.model.layouts import Filled, Packed
from sparseview.model.operators.row import Row, Use, Value, Zero, integer
from sparseview.model.passes import PASSES, fills, passes, zero_point
from sparseview.model.proto import NodeProto, TensorProto
from sparseview.model.repeated import Repeated
from sparseview.model.scopes import Parameter, Place, Produced, Scopes
from sparseview.model.shuffles import MOST_PARTS, shuffle, source
from sparseview.model.stored import stored_range
from sparseview.model.tensors import read
from sparseview.model.values import to_float
from sparseview.model.view import Reshape, Shape, Step

if TYPE_CHECKING:
    from sparseview.model.document import Node

Array = NDArray[Any]
# Exporters chain a handful of operators; the bound ends cycles and hostile models.
LONGEST = 64
# A shape may be reshaped itself, by a constant shape; what lies deeper is no exporter's work.
DEEPEST = 1
BELIEVED = 1 << 20  # elements
# What may follow the Concat of a weight's parts: what treats each part as it treats the whole.
KEEPING = frozenset({"Identity", "Cast", "CastLike", "Concat"})


class Hop(msgspec.Struct, frozen=True):
    """One operator that a weight passes through, and where it stands; `side`: by which input."""

    node: Node
    place: Place
    side: int = 0

    def under(self, call: Node, caller: Place) -> Hop:
        return replace(self, place=self.place.under(call, caller))


class Chain(msgspec.Struct, frozen=True):
    """Where a tensor comes from, and the hops from there to its reader, in that order.

    joined : the axis of the Concat that the constant is only one part of; else None.
    """

    origin: Constant | Parameter
    hops: tuple[Hop, ...]
    joined: int | None = None


class Passage(msgspec.Struct, frozen=True, eq=False):
    """What the hops do to a constant.

    steps : from the stored tensor to what the operator reads.  shape : at the operator.
    zero_point : what counts as zero in storage, broadcasting against the stored shape; None is 0.
    problem : why the zero point is unknown, else None.
    dequantized : whether the zero is told by the hops, a DequantizeLinear among them.
    scaled : that DequantizeLinear, or a Mul or Div by a constant, the shape that it reads and the
        steps before it; else None.
    """

    steps: tuple[Step, ...]
    shape: Shape
    zero_point: Array | Repeated | None
    problem: str | None
    dequantized: bool = False
    scaled: tuple[Hop, Shape, tuple[Step, ...]] | None = None


def trace(scopes: Scopes, place: Place, name: str, depth: int = 0) -> Chain | None:
    """Walk from the reader of `name` in `place` back to a constant or an unbound parameter.

    depth : of shapes that are made by other shapes, so that a cycle of them ends.
    """
    origin, hops = _walk(scopes, place, name, depth)
    return None if origin is None or isinstance(origin, Produced) else Chain(origin, hops)


def traces(scopes: Scopes, place: Place, name: str, depth: int = 0) -> list[Chain]:
    """As `trace`, but of a Concat of different constants, each of which is a part of a weight."""
    origin, hops = _walk(scopes, place, name, 0)
    if origin is None:
        return []
    if not isinstance(origin, Produced):
        return [Chain(origin, hops)]
    names = origin.node.proto.input
    if depth > DEEPEST or not 2 <= len(names) <= MOST_PARTS:
        return []
    if any(hop.node.proto.op_type not in KEEPING for hop in hops):
        return []
    parts: dict[str, Chain] = {}
    for part in names:
        found = traces(scopes, origin.place, part, depth + 1)
        if len(found) != 1 or not isinstance(found[0].origin, Constant):
            return []
        axis = integer(scopes.bound(origin.node, origin.place), "axis", 1)
        parts[found[0].origin.key] = Chain(found[0].origin, found[0].hops + hops, axis)
    return list(parts.values()) if len(parts) == len(names) else []


def _walk(
    scopes: Scopes, place: Place, name: str, depth: int
) -> tuple[Constant | Parameter | Produced | None, tuple[Hop, ...]]:
    """(what a tensor is made from, the hops to its reader); Produced is a Concat of several."""
    nothing = (None, ())
    hops: list[Hop] = []
    for _ in range(LONGEST):
        origin = scopes.find(place, name)
        if origin is None:
            return nothing
        if not isinstance(origin, Produced):
            return origin, tuple(reversed(hops))
        node, place = origin.node, origin.place
        function = scopes.model.function_of(node)
        if function is not None:
            results = function.proto.output
            if origin.output >= len(results):
                return nothing
            name = str(results[origin.output])
            place = Place(function.id, node, place)
        elif fills(node.proto):
            return _filled(scopes, node, place, depth), tuple(reversed(hops))
        elif passes(node.proto) and origin.output == 0 and node.proto.input:
            hops.append(Hop(node, place))
            name = node.proto.input[0]
        elif scales(node.proto) and not depth:
            side = weight_side(scopes, node.proto, place)
            if side is None:
                return nothing
            hops.append(Hop(node, place, side))
            name = node.proto.input[side]
        elif node.proto.op_type == "Concat" and node.proto.domain in ("", "ai.onnx"):
            found = source(scopes, node.proto, place)
            if found is None:
                return origin, tuple(reversed(hops))
            hops.append(Hop(node, place))
            name, place = found
        else:
            return nothing
    return nothing


def follow(
    scopes: Scopes, constant: Constant, hops: Sequence[Hop], codes: bool = False
) -> Passage | None:
    """Carry a constant's shape and zero through the hops; None where that is not possible.

    A QuantizeLinear on the way must be undone by a DequantizeLinear, or by an operator that reads
    `codes`: together they only round, so that the stored floats are the weight, and their zero is
    0.0.
    """
    if not hops:
        return Passage((), constant.shape, None, None)
    shape = constant.shape
    steps: list[Step] = []
    stored_zero: Array | Repeated | None = None
    problem: str | None = None
    rounding = dequantized = False
    scaled: tuple[Hop, Shape, tuple[Step, ...]] | None = None
    for hop in hops:
        node = scopes.bound(hop.node, hop.place)
        op = node.op_type
        value = _inputs(scopes, hop)
        if op == "QuantizeLinear":
            rounding = True
        elif op == "DequantizeLinear" and rounding:
            rounding = False
        elif op == "DequantizeLinear" and not dequantized:
            dequantized = True
            scaled = hop, shape, tuple(steps)
            backed = shape if _backed(scopes, constant) else None
            zeros, problem = _zeros(node, backed, value)
            stored_zero = None if zeros is None else _stored(zeros, steps, shape, constant)
        elif op in ("Mul", "Div"):
            if scaled is not None or codes or factor(node, shape, _other(scopes, hop)) is None:
                return None
            scaled = hop, shape, tuple(steps)
        elif op == "Sub":
            row = STORAGE[constant.dtype]
            whole = row.dtype.kind in "iu" and row.meaning is None and _backed(scopes, constant)
            taken = shift(shape, _other(scopes, hop)) if whole else None
            if taken is None or dequantized or codes or scaled is not None:
                return None
            dequantized = True
            stored_zero = _stored(taken, steps, shape, constant)
        try:
            more = _steps(scopes, hop, node, shape, value)
        except SparseviewError:  # a shape that cannot be read leads nowhere
            return None
        if more is None:
            return None
        for step in more:
            steps.append(step)
            shape = step.reshaped(shape)
    if rounding and not codes:
        return None
    return Passage(tuple(steps), shape, stored_zero, problem, dequantized or rounding, scaled)


def _steps(
    scopes: Scopes, hop: Hop, node: NodeProto, shape: Shape, value: Value, depth: int = 0
) -> Sequence[Step] | None:
    """What one hop does to an array of `shape`; None where that is not known."""
    if node.op_type in SIDES:
        return ()
    if node.op_type != "Concat":
        return PASSES[node.op_type](node, shape, value)

    def values(part: NodeProto, place: Place) -> Value:
        return _inputs_of(scopes, part, place, depth)

    step = shuffle(scopes, node, hop.place, shape, values)
    return None if step is None else (step,)


def looked_up(scopes: Scopes, constant: Constant, node: Node, place: Place) -> Passage | None:
    """The zero of a quantized table that is dequantized only after `node` has picked from it.

    None where no DequantizeLinear reads the node's output. A zero point per channel is a problem:
    which channel an element lands in is for the indices to say.
    """
    shape = constant.shape
    for reader in scopes.readers(node):
        if reader.proto.op_type == "DequantizeLinear" and passes(reader.proto):
            bound = scopes.bound(reader, place)
            zeros, problem = _zeros(bound, None, _inputs(scopes, Hop(reader, place)))
            stored_zero = None if zeros is None else _stored(zeros, [], shape, constant)
            return Passage((), shape, stored_zero, problem)
    return None


def read_as(constant: Constant, passage: Passage, use: Use) -> Constant | None:
    """The constant whose elements the operator sees, where they are packed into what is stored.

    None where what is stored lies otherwise than the operator expects.
    """
    packed = use.packed
    if packed is None:
        return constant
    if constant.layout is not None or not all(isinstance(s, Reshape) for s in passage.steps):
        return None
    return replace(constant, shape=packed.shape, dtype=packed.dtype, layout=packed)


def zero_of(
    scopes: Scopes, row: Row, hop: Hop, index: int, constant: Constant, passage: Passage
) -> Zero:
    """What counts as zero in the stored constant, by the hops and by the operator `hop` itself.

    constant : as `read_as` gives it.
    """
    if row.zero is None or passage.dequantized:
        return Zero(passage.zero_point, passage.problem)
    packed = isinstance(constant.layout, Packed)
    shape = constant.shape if packed else passage.shape
    if not _backed(scopes, constant):
        return Zero(problem="Its zero point does not fit its shape.")
    zero = row.zero(scopes.bound(hop.node, hop.place), index, shape, _inputs(scopes, hop))
    if zero.values is None:
        return zero
    steps = [] if packed else list(passage.steps)
    return replace(zero, values=_stored(zero.values, steps, shape, constant))


def scale_of(
    scopes: Scopes, row: Row, hop: Hop, index: int, constant: Constant, passage: Passage
) -> Array | Repeated | None:
    """What a code, less its zero point, is multiplied by: broadcasts against the stored shape.

    None where nobody says so, or in numbers that are no plain floats. Arguments as of `zero_of`.
    """
    if not _backed(scopes, constant):
        return None
    try:
        if passage.scaled is not None:
            at, shape, steps = passage.scaled
            node = scopes.bound(at.node, at.place)
            if node.op_type == "DequantizeLinear":
                given = _inputs(scopes, at, numbers=True)(1)
                scale = None if given is None else zero_point(node, shape, given)
            else:
                scale = factor(node, shape, _other(scopes, at))
        elif row.scale is not None and not passage.dequantized:
            packed = isinstance(constant.layout, Packed)
            shape = constant.shape if packed else passage.shape
            steps = () if packed else passage.steps
            node = scopes.bound(hop.node, hop.place)
            scale = row.scale(node, index, shape, _inputs(scopes, hop, numbers=True)).values
        else:
            return None
    except SparseviewError:
        return None
    if scale is None or (scale.values if isinstance(scale, Repeated) else scale).dtype.kind != "f":
        return None
    return _stored(scale, list(steps), shape, constant)


def _filled(scopes: Scopes, node: Node, place: Place, depth: int) -> Constant | None:
    """A ConstantOfShape of a constant shape, as a constant that stores one value."""
    proto = scopes.bound(node, place)
    if depth > DEEPEST:
        return None
    try:
        sizes = _value(scopes, place, proto.input[0], depth + 1) if proto.input else None
    except SparseviewError:
        return None
    if sizes is None or sizes.dtype.kind != "i":
        return None
    shape = tuple(int(size) for size in sizes.reshape(-1))
    value = next((a.t for a in proto.attribute if a.name == "value"), None)
    if value is None:
        value = TensorProto(data_type=TensorProto.FLOAT, dims=(1,), raw_data=bytes(4))
    if prod(value.dims) != 1:
        return None
    key = f"{scopes.model.graphs[node.graph].path}#{node.index}:value"
    return Constant(
        key,
        proto.output[0],
        node.graph,
        "attribute",
        node.index,
        "value",
        value,
        value.data_type,
        shape,
        "dense",
        Filled(shape),
    )


def _zeros(
    node: NodeProto, shape: Shape | None, value: Value
) -> tuple[Array | Repeated | None, str | None]:
    """(a DequantizeLinear's zero point, why it is unknown); shape None: only a scalar will do."""
    if len(node.input) < 3 or not node.input[2]:
        return None, None
    try:
        given = value(2)
    except SparseviewError as error:
        return None, f"Its zero point is unknown. {error.message}"
    zeros: Array | Repeated | None = None
    if given is not None and shape is None:
        zeros = given.reshape(()) if given.size == 1 else None
    elif given is not None and shape is not None:
        zeros = zero_point(node, shape, given)
    if zeros is None:
        return None, "Its zero point is computed, or does not fit its shape."
    return zeros, None


def _stored(
    zeros: Array | Repeated, steps: list[Step], shape: Shape, constant: Constant
) -> Array | Repeated | None:
    """A zero point as the stored tensor sees it: None if all 0, scalar if all the same."""
    values = zeros.values if isinstance(zeros, Repeated) else zeros
    if not values.any():
        return None
    row = STORAGE.get(constant.dtype)
    codes = row is not None and row.dtype.kind in "iu" and row.meaning is None
    if row is not None and codes and values.dtype.kind != "f":
        zeros, values = zeros.astype(row.dtype), values.astype(row.dtype)
    if (values == values.flat[0]).all():
        return np.asarray(values.flat[0])
    if not steps:
        return zeros
    spread = zeros.whole() if isinstance(zeros, Repeated) else zeros
    for step in reversed(steps):
        if isinstance(step, Reshape):
            spread = np.broadcast_to(spread, step.after)
        spread = step.undo(spread)
    return spread


def _backed(scopes: Scopes, constant: Constant) -> bool:
    """Whether the declared shape is believable, before arrays of that shape are made from it."""
    elements = prod(constant.shape)
    if elements <= BELIEVED:
        return True
    if not isinstance(constant.proto, TensorProto):
        return False
    try:
        outside = stored_range(scopes.model, constant.proto) is not None
    except SparseviewError:
        return False  # whoever reads the weight tells why
    return outside or elements <= 4 * constant.proto.ByteSize()  # 2 bits are the least


def _other(scopes: Scopes, hop: Hop) -> Array | None:
    """The constant that a weight is multiplied by, divided by, or that is taken off it."""
    try:
        return _inputs(scopes, hop, numbers=True)(1 - hop.side)
    except SparseviewError:
        return None


def _inputs(scopes: Scopes, hop: Hop, depth: int = 0, numbers: bool = False) -> Value:
    """The constant inputs of a hop, by position; see `_value`."""
    return _inputs_of(scopes, hop.node.proto, hop.place, depth, numbers)


def _inputs_of(
    scopes: Scopes, node: NodeProto, place: Place, depth: int, numbers: bool = False
) -> Value:
    def value(index: int) -> Array | None:
        names = node.input
        if index >= len(names) or depth > DEEPEST:
            return None
        return _value(scopes, place, names[index], depth, numbers)

    return value


def _value(
    scopes: Scopes, place: Place, name: str, depth: int, numbers: bool = False
) -> Array | None:
    """A small constant input, also behind operators that hand it on; None if not constant.

    A Cast is not carried out: shapes and zero points are whole numbers in every type.
    numbers : what bit patterns (bfloat16, float8) mean, as scales are; else as they are stored.
    """
    chain = trace(scopes, place, name, depth)
    if chain is None or isinstance(chain.origin, Parameter):
        return None
    array = read(scopes.model, chain.origin)
    if numbers and STORAGE[chain.origin.dtype].meaning is not None:
        array = to_float(array, chain.origin.dtype)
    for hop in chain.hops:
        node = scopes.bound(hop.node, hop.place)
        if node.op_type in ("QuantizeLinear", "DequantizeLinear") or node.op_type in SIDES:
            return None
        value = _inputs(scopes, hop, depth + 1)
        steps = _steps(scopes, hop, node, array.shape, value, depth + 1)
        if steps is None:
            return None
        for step in steps:
            array = step.apply(array)
    return array


def readable(constant: Constant) -> bool:
    """Whether the constant has a shape that an array can have."""
    return constant.dtype != TensorProto.STRING and all(size >= 0 for size in constant.shape)
