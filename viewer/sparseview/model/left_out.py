"""Constants that an operator reads as weights and that are not measured, each with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING

import msgspec

from sparseview.model.operators.row import FLOATS, QUANTIZED
from sparseview.model.passes import passes
from sparseview.model.weights import ROWS

if TYPE_CHECKING:
    from sparseview.model.constants import Constant
    from sparseview.model.document import Model, Node

# Operators in a row that a constant is looked for behind.
DEEPEST = 64
# What a weight is made of: numbers in a matrix at least. Shapes, biases and scales are none.
STUFF = FLOATS | QUANTIZED
# ONNX Runtime's operators that hold weights in a layout of their own, which the table has not.
OTHERS = frozenset(
    {
        "GatherBlockQuantized",
        "GemmFloat8",
        "LongformerAttention",
        "MatMulBnb4",
        "MatMulFpQ4",
        "MoE",
        "QMoE",
        "QOrderedAttention",
        "QOrderedMatMul",
    }
)
STANDARD = frozenset({"", "ai.onnx", "ai.onnx.ml", "ai.onnx.preview.training"})
RUNTIME = ("com.microsoft", "com.ms.internal")
# Elements from which a constant of an operator that nobody knows is taken for a weight.
LARGE = 1024


class LeftOut(msgspec.Struct, frozen=True):
    """An operator's input that is constant and not measured.  why : a clause, without a stop."""

    node: int
    input: int
    why: str


def left_out(model: Model) -> tuple[LeftOut, ...]:
    """In the order of node ids and inputs. Reads no weight; costs a look at each node's inputs."""
    search = _Search(model)
    known = {(weight.node, weight.input) for weight in model.weights}
    found: list[LeftOut] = []
    for node in model.nodes:
        proto = node.proto
        row = ROWS.get((proto.op_type, proto.domain))
        if row is None:
            if proto.domain not in STANDARD:
                found += search.strange(node)
            continue
        for index in row.inputs:
            if (node.id, index) not in known and index < len(proto.input):
                why = search.why(node, proto.input[index], row.dtypes)
                if why is not None:
                    found.append(LeftOut(node.id, index, why))
    return tuple(found)


class _Making(msgspec.Struct, frozen=True):
    """What a tensor is made of: constants alone.  by : the operators, the reader's side first."""

    of: tuple[Constant, ...]
    by: tuple[str, ...] = ()


class _Search:
    def __init__(self, model: Model) -> None:
        self._model = model
        self._made: dict[int, _Making | None] = {}  # by node: branches that meet are walked once
        self._derived: dict[int, dict[str, Node]] | None = None

    def why(self, node: Node, name: str, dtypes: frozenset[int]) -> str | None:
        """Why the input called `name` is no weight though it is constant; None if it is not."""
        made = self._making(node.graph, name, DEEPEST)
        if made is None:
            return None
        stuff = [c for c in made.of if c.dtype in STUFF and len(c.shape) > 1]
        if not stuff or (not made.by and stuff[0].dtype not in dtypes):
            return None
        largest = max(stuff, key=lambda constant: prod(constant.shape))
        stops = [op for op in made.by if op not in _PASSING]
        if stops:
            others = len(stuff) - 1
            more = f" and {others} more constant{'s' * (others > 1)}" if others else ""
            return f"computed by {', '.join(dict.fromkeys(stops))} from {largest.name}{more}"
        if made.by:
            return f"behind {', '.join(dict.fromkeys(made.by))}, which cannot be followed here"
        return f"{node.proto.op_type} reads {largest.name} in a shape that it is not known to take"

    def strange(self, node: Node) -> Iterator[LeftOut]:
        """Large constants of an operator that is not in the table and may hold weights."""
        proto = node.proto
        domain, op = proto.domain, proto.op_type
        ours = passes(proto) or self._model.function_of(node) is not None
        if ours or (domain.startswith(RUNTIME) and op not in OTHERS):
            return
        for index, name in enumerate(proto.input):
            made = self._making(node.graph, name, DEEPEST)
            for constant in made.of if made is not None else ():
                if len(constant.shape) > 1 and prod(constant.shape) >= LARGE:
                    why = f"how {op} ({domain}) reads {constant.name} is not known"
                    yield LeftOut(node.id, index, why)
                    break

    def _making(self, graph_id: int, name: str, depth: int) -> _Making | None:
        """How a tensor is made of constants alone; None where anything else takes part."""
        graph = self._model.graphs[graph_id]
        while name and depth:
            constant = self._model.constants(graph.id).get(name)
            if constant is not None:
                return _Making((constant,))
            node = self._produced(graph.id).get(name)
            if node is not None:
                return self._combined(node, depth - 1)
            if graph.parent is None or name in self._inputs(graph.id):
                return None
            graph = self._model.graphs[self._model.nodes[graph.parent].graph]
        return None

    def _combined(self, node: Node, depth: int) -> _Making | None:
        if node.id not in self._made:
            self._made[node.id] = None  # what a cycle comes to
            self._made[node.id] = self._joined(node, depth)
        return self._made[node.id]

    def _joined(self, node: Node, depth: int) -> _Making | None:
        of: dict[Constant, None] = {}
        by = {node.proto.op_type: None}
        for name in filter(None, node.proto.input):
            made = self._making(node.graph, name, depth)
            if made is None:
                return None
            of |= dict.fromkeys(made.of)
            by |= dict.fromkeys(made.by)
        return _Making(tuple(of), tuple(by))

    def _produced(self, graph: int) -> dict[str, Node]:
        """The nodes of a graph that compute from constants alone, by the outputs that they make.

        All graphs are gone through once, in the order in which they are computed: most nodes are
        done with at their first input.
        """
        if self._derived is None:
            self._derived = {one.id: {} for one in self._model.graphs}
            for node in self._model.nodes:
                names = [name for name in node.proto.input if name]
                if names and all(self._constant(node.graph, name) for name in names):
                    if not self._computes(node):
                        continue
                    made = self._derived[node.graph]
                    made.update((name, node) for name in node.proto.output if name)
        return self._derived[graph]

    def _constant(self, graph_id: int, name: str) -> bool:
        graph = self._model.graphs[graph_id]
        while True:
            if name in self._model.constants(graph.id) or name in self._produced(graph.id):
                return True
            if graph.parent is None or name in self._inputs(graph.id):
                return False
            graph = self._model.graphs[self._model.nodes[graph.parent].graph]

    def _computes(self, node: Node) -> bool:
        """Whether the operator's result is made of its inputs' values, and of nothing else."""
        proto = node.proto
        if self._model.function_of(node) is not None:
            return False
        if any(attribute.HasField("g") or attribute.graphs for attribute in proto.attribute):
            return False
        return proto.op_type not in ("Shape", "Size") and not proto.op_type.startswith("Random")

    def _inputs(self, graph_id: int) -> set[str]:
        proto = self._model.graphs[graph_id].proto
        return {i if isinstance(i, str) else i.name for i in proto.input}


_PASSING = frozenset(
    {"Identity", "Cast", "CastLike", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten"}
)
