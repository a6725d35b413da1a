"""Find a model's weights: constant tensors in their use by one operator input, with their axes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace
from numpy.typing import NDArray

from sparseview.model.chains import (
    Chain,
    Hop,
    follow,
    looked_up,
    read_as,
    readable,
    scale_of,
    traces,
    zero_of,
)
from sparseview.model.layouts import Filled, Packed
from sparseview.model.operators import OPERATORS
from sparseview.model.operators.row import QUANTIZED, Row
from sparseview.model.repeated import Repeated, whole
from sparseview.model.scopes import Parameter, Place, Scopes
from sparseview.model.view import View, through

if TYPE_CHECKING:
    from sparseview.model.constants import Constant
    from sparseview.model.document import Model, Node

# Calls inside calls that an argument is followed through; a bound on the stack.
DEEPEST_CALL = 64
# Readers of one parameter that are kept: each level of calls could double them.
MOST_READERS = 8
# ONNX's own domain has two names.
ROWS = {
    (row.op_type, domain): row
    for row in OPERATORS
    for domain in ((row.domain,) if row.domain else ("", "ai.onnx"))
}


class Weight(msgspec.Struct, frozen=True, eq=False):
    """A constant tensor in its use by one operator input.

    id : position in the model's weights.  node : id of the operator; of the call, where a
        function's body uses what the call gives it.  input : the operator's (the call's) input;
        attributes that a call gives count on after its inputs.
    kind : 'weight' or 'embedding'.
    zero : storage elements that count as zero; None: 0 does. See `zero_point`.
    problem : why what counts as zero is unknown, so that it cannot be measured; else None.
    fixed : why it can be measured but not pruned; else None.
    scaling : reads its scale, see `scale`.
    part : its number among the weights that come in by that input: constants that are joined, or
        one that a function's body reads in several ways.
    """

    id: int
    node: int
    input: int
    kind: str
    constant: Constant
    view: View
    zero: NDArray[Any] | Repeated | None = None
    problem: str | None = None
    fixed: str | None = None
    part: int = 0
    scaling: Callable[[], NDArray[Any] | Repeated | None] | None = None

    @property
    def scale(self) -> NDArray[Any] | None:
        """What a quantized weight's codes, less their zero point, are multiplied by, broadcasting
        against the stored shape; None: not quantized, or not known. Read anew each time."""
        return None if self.scaling is None else whole(self.scaling())

    @property
    def zero_point(self) -> NDArray[Any] | None:
        """What counts as zero, broadcasting against the stored shape; None: 0 does.

        Where blocks have their own it is made anew each time, as large as the weight.
        """
        return whole(self.zero)


def find(model: Model) -> tuple[Weight, ...]:
    """All weights, in the order of node ids and inputs. Reads shapes and zero points, no weight."""
    search = _Search(model)
    found: list[Weight] = []
    for node in model.nodes:
        found += search.of(node, len(found))
    return tuple(found)


class _Reader(msgspec.Struct, frozen=True):
    """An operator input that reads a weight, and the hops that end there."""

    row: Row
    node: Node
    input: int
    place: Place
    hops: tuple[Hop, ...]

    def under(self, call: Node, caller: Place, before: tuple[Hop, ...]) -> _Reader:
        """The same reader as a call sees it, with the hops that its argument went through."""
        hops = before + tuple(hop.under(call, caller) for hop in self.hops)
        return replace(self, place=self.place.under(call, caller), hops=hops)


class _Search:
    def __init__(self, model: Model) -> None:
        self._model = model
        self._scopes = Scopes(model)
        self._parameters: dict[int, list[tuple[int | str, _Reader]]] = {}
        self._depth = 0  # of the function bodies being looked at, one inside the other
        self._calls = any(graph.kind == "function" for graph in model.graphs)

    def of(self, node: Node, first_id: int) -> list[Weight]:
        """The weights of one node; their ids count from `first_id`."""
        found: list[Weight] = []
        for index, chain, reader in self._readers(node):
            if isinstance(chain.origin, Parameter):
                continue  # a weight of whoever calls this function
            weight = self._weight(first_id + len(found), node, index, chain.origin, reader)
            if weight is None:
                continue
            if chain.joined is not None and not _apart(weight.view, chain.joined):
                continue
            beside = [other for other in found if other.input == index]
            if not any(_same(weight, other) for other in beside):
                found.append(replace(weight, part=len(beside)) if beside else weight)
        return found

    def _weight(
        self, new_id: int, node: Node, index: int, constant: Constant, reader: _Reader
    ) -> Weight | None:
        if constant.dtype not in reader.row.dtypes or not readable(constant):
            return None
        row, scopes = reader.row, self._scopes
        passage = follow(scopes, constant, reader.hops, codes=row.zero is not None)
        if passage is None:
            return None
        proto = scopes.bound(reader.node, reader.place)
        use = row.use(proto, reader.input, passage.shape)
        read = None if use is None else read_as(constant, passage, use)
        if use is None or read is None:
            return None
        if isinstance(read.layout, Packed):
            view = View(read.shape, (), use.axes)
        else:
            view = through(read.shape, passage.steps, use.axes, use.groups)
        if use.kind == "embedding" and read.dtype in QUANTIZED and not passage.dequantized:
            passage = looked_up(scopes, read, reader.node, reader.place) or passage
        zero = zero_of(scopes, row, Hop(reader.node, reader.place), reader.input, read, passage)
        fixed = read.layout.fixed if isinstance(read.layout, Filled) else zero.fixed
        if read.place == "default":
            fixed = "it is what a function takes where a call gives nothing, and stays as it is"
        at = Hop(reader.node, reader.place)
        scaling = None
        if passage.scaled is not None or row.scale is not None:
            scaling = partial(scale_of, scopes, row, at, reader.input, read, passage)
        return Weight(
            new_id,
            node.id,
            index,
            use.kind,
            read,
            view,
            zero.values,
            zero.problem,
            fixed,
            scaling=scaling,
        )

    def _readers(self, node: Node) -> Iterator[tuple[int, Chain, _Reader]]:
        """Inputs of a node that a weight can come in by, where each comes from, and who reads it.

        (input position, chain up to the node, reader with all hops from the chain's origin).
        """
        function = self._model.function_of(node) if self._calls else None
        proto = node.proto
        readers: Sequence[tuple[int | str, _Reader]]
        if function is not None:
            readers = self._read_parameters(function.id)
            place = Place(node.graph)
        else:
            row = ROWS.get((proto.op_type, proto.domain))
            if row is None:
                return
            place = Place(node.graph)
            readers = [(index, _Reader(row, node, index, place, ())) for index in row.inputs]
        names = proto.input
        for index, reader in readers:
            if isinstance(index, str):
                held = self._scopes.given(Place(-1, node, place), index)
                if held is not None:
                    at = len(names) + next(
                        (i for i, a in enumerate(proto.attribute) if a.name == index), 0
                    )
                    yield at, Chain(held, ()), reader.under(node, place, ())
                continue
            if index >= len(names) or not names[index]:
                continue
            for chain in traces(self._scopes, place, names[index]):
                if function is not None:
                    yield index, chain, reader.under(node, place, chain.hops)
                elif chain.hops:
                    yield index, chain, replace(reader, hops=chain.hops)
                else:
                    yield index, chain, reader

    def _read_parameters(self, function: int) -> Sequence[tuple[int | str, _Reader]]:
        """Who reads a function's parameters as weights: (parameter, reader), the first few.

        A parameter is an input, by number, or an attribute, by name.
        """
        known = self._parameters.get(function)
        if known is not None:
            return known
        if self._depth >= DEEPEST_CALL:
            return []
        self._parameters[function] = []  # what a function that calls itself sees
        found: dict[int | str, list[_Reader]] = {}
        self._depth += 1
        for node in self._scopes.inside(function):
            for _, chain, reader in self._readers(node):
                if isinstance(chain.origin, Parameter):
                    readers = found.setdefault(chain.origin.index, [])
                    if len(readers) < MOST_READERS:
                        readers.append(reader)
        self._depth -= 1
        self._parameters[function] = [
            (index, reader)
            for index in sorted(found, key=lambda one: (isinstance(one, str), one))
            for reader in found[index]
        ]
        return self._parameters[function]


def _same(one: Weight, other: Weight) -> bool:
    """Whether a second reader of a function's parameter reads it as the first one does."""
    return one.constant.key == other.constant.key and one.view == other.view


def _apart(view: View, axis: int) -> bool:
    """Whether a part joined to others along an axis is read by itself as it is in the whole."""
    axes, rank = view.axes, len(view.shape)
    if view.groups == 1 or not -rank <= axis < rank:
        return True
    return axis % rank not in set(axes.stack) & (set(axes.out) | set(axes.in_))
