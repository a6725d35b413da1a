"""Leads tensors out of the graphs they live in, so that a run shows them: out of If, Loop, Scan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from onnx import (
    FunctionProto,
    GraphProto,
    ModelProto,
    NodeProto,
    SparseTensorProto,
    TensorProto,
    helper,
)

from sparseview.errors import SparseviewError
from sparseview.model.document import Graph, Model
from sparseview.model.graphs import bodies, names_read

Array = NDArray[Any]
# What marks a name that this program put into the Runtime's copy of a model.
MARK = "sparseview:"
# An output that nobody named: this, the node's place in its graph, and the output's number.
OUTPUT = f"{MARK}output:"


@dataclass(frozen=True, slots=True)
class Point:
    """A tensor to look at: its name, the id of the graph in which that name means it, and its
    onnx element type. `shape`: not its values are wanted but its shape, as int64 [rank]."""

    graph: int
    name: str
    dtype: int
    shape: bool = False


def graph_in(model: Model, copy: ModelProto, graph: Graph) -> GraphProto | FunctionProto:
    """The graph of a copy of the model's proto that stands where `graph` stands in the model."""
    if graph.kind == "main":
        return copy.graph
    if graph.parent is None:
        functions = [g for g in model.graphs if g.kind == "function"]
        function: FunctionProto = copy.functions[functions.index(graph)]
        return function
    parent = model.nodes[graph.parent]
    outer = graph_in(model, copy, model.graphs[parent.graph])
    node = outer.node[parent.index]
    for inner, same in zip(bodies(parent.proto), bodies(node), strict=True):
        if inner is graph.proto:
            return same
    raise AssertionError(f"{graph.path} is not in the copy")


def surface(model: Model, graphs: Mapping[int, Any], point: Point, made: set[str]) -> str:
    """Make a point an output of the main graph and give the name of that output.

    graphs : the copy's graphs by id, changed in place.  made : names that were put into the copy so
    far; new ones are added. A point inside an If is an output of both branches, empty where the
    other one ran; inside a Loop or Scan it is stacked over the turns.

    Raises SparseviewError where the operator around it lets nothing out.
    """
    graph, name = model.graphs[point.graph], point.name
    dtype = TensorProto.INT64 if point.shape else point.dtype
    if name.startswith(OUTPUT):
        place, number = map(int, name.removeprefix(OUTPUT).split(":"))
        given: NodeProto = graphs[graph.id].node[place]
        given.output.extend([""] * (number + 1 - len(given.output)))
        given.output[number] = name
    if point.shape:
        name = f"{MARK}shape:{graph.id}:{point.name}"
        if name not in made:
            graphs[graph.id].node.append(helper.make_node("Shape", [point.name], [name]))
            made.add(name)
    while graph.kind == "subgraph":
        assert graph.parent is not None
        around = model.nodes[graph.parent]
        outside = f"{MARK}{graph.id}:{name}"
        holder: NodeProto = graphs[around.graph].node[around.index]
        if outside not in made:
            made.add(outside)
            _lead_out(model, graphs, graph, holder, name, outside, dtype)
        graph, name = model.graphs[around.graph], outside
    if graph.kind != "main":
        raise SparseviewError(f"{graph.path} is a function that is called elsewhere.")
    return name


def turns(model: Model, point: Point) -> int:
    """How many Loops and Scans a point lies in: each stacks its values along a new first dim."""
    count, graph = 0, model.graphs[point.graph]
    while graph.parent is not None:
        around = model.nodes[graph.parent]
        count += around.proto.op_type in ("Loop", "Scan")
        graph = model.graphs[around.graph]
    return count


def unstacked(array: Array, depth: int) -> Iterator[Array]:
    """The values of a point one turn at a time; none where the branch it lies in did not run."""
    if depth:
        for part in array:
            yield from unstacked(part, depth - 1)
    elif array.size:
        yield array


def _lead_out(
    model: Model,
    graphs: Mapping[int, Any],
    graph: Graph,
    holder: NodeProto,
    name: str,
    outside: str,
    dtype: int,
) -> None:
    """One more output of `holder` that shows the tensor `name` of the body `graph`."""
    kind = holder.op_type
    if holder.domain not in ("", "ai.onnx") or kind not in ("If", "Loop", "Scan"):
        raise SparseviewError(f"it lies in the body of a {kind}, which hands nothing out")
    body: GraphProto = graphs[graph.id]
    inside = f"{outside}:inside"
    # Named anew: a body may not hand out what comes from outside of it.
    body.node.append(helper.make_node("Identity", [name], [inside]))
    if kind == "If":
        for attribute in holder.attribute:
            if attribute.name not in ("then_branch", "else_branch"):
                continue
            branch = attribute.g
            if branch is body:
                branch.output.add().name = inside
            else:
                nothing = f"{outside}:nothing"
                empty = TensorProto(data_type=dtype, dims=[0])
                branch.node.append(helper.make_node("Constant", [], [nothing], value=empty))
                branch.output.add().name = nothing
        missing = 0
    else:
        missing = _declared_outputs(holder, body) - len(holder.output)
        body.output.add().name = inside
        if kind == "Scan":
            for attribute in holder.attribute:
                if attribute.name in ("scan_output_axes", "scan_output_directions"):
                    attribute.ints.append(0)
    holder.output.extend([""] * missing)
    if kind != "If":
        # With fewer outputs than the body has, the Runtime looks for those without a name.
        for place, unnamed in enumerate(holder.output):
            holder.output[place] = unnamed or f"{outside}:unused{place}"
    holder.output.append(outside)


def _declared_outputs(holder: NodeProto, body: GraphProto) -> int:
    """The outputs that a Loop or Scan has with its present body."""
    return len(body.output) - (holder.op_type == "Loop")


def keep_needed(graph: GraphProto) -> None:
    """Drop the nodes of the main graph that no output of it needs, unused constants and inputs."""
    needed = {value.name for value in graph.output}
    kept: list[int] = []
    for index in range(len(graph.node) - 1, -1, -1):
        node = graph.node[index]
        if needed.isdisjoint(node.output):
            continue
        kept.append(index)
        needed.update(names_read(node))
    keep = set(kept)
    for index in range(len(graph.node) - 1, -1, -1):
        if index not in keep:
            del graph.node[index]
    for field in (graph.initializer, graph.sparse_initializer, graph.input):
        names = [_name(tensor) for tensor in field]
        for index in range(len(names) - 1, -1, -1):
            if names[index] not in needed:
                del field[index]


def _name(tensor: Any) -> str:
    return str(tensor.values.name if isinstance(tensor, SparseTensorProto) else tensor.name)
