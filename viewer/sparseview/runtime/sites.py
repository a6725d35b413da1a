"""Where the inputs of weights can be seen in a run: the points to fetch, and who shares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.model.document import Model
from sparseview.model.dtypes import STORAGE
from sparseview.model.shapes import infer
from sparseview.model.weights import Weight
from sparseview.runtime.bodies import OUTPUT, Point, turns, unstacked
from sparseview.runtime.inline import Inlined, inlined
from sparseview.runtime.statistics import Unreachable
from sparseview.runtime.taps import Misfit, Tap, tap

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Part:
    """Which of the operator's stack and columns a weight is: all, but for one of several constants
    that a Concat joins. start: where it begins; whole: of all parts together."""

    stack: tuple[int, int]
    columns: tuple[int, int]

    def of(self, rows: Array, stack: int, columns: int) -> Array | None:
        """The rows as the part sees them; None where they fit neither it nor the whole."""
        if rows.shape[2] == self.columns[1] != columns and rows.shape[0] in (1, stack):
            start = self.columns[0]
            rows = rows[:, :, start : start + columns]
        elif rows.shape[0] == self.stack[1] != stack and rows.shape[2] == columns:
            start = self.stack[0]
            rows = rows[start : start + stack]
        fits = rows.shape[2] == columns and rows.shape[0] in (1, stack)
        return rows if fits else None


@dataclass(frozen=True, eq=False)
class Site:
    """One place that an input is seen at, and the weights (ids in the model) that read it so.

    columns : of each part of the weights' stack; stack : of the weights, all alike.
    """

    points: tuple[Point, ...]
    tap: Tap
    stack: int
    columns: int
    part: Part
    weights: list[int] = field(default_factory=list)

    @property
    def parts(self) -> int:
        """How many different inputs the stack has."""
        return 1 if self.tap.alike else self.stack

    def rows(self, seen: Mapping[Point, Array], depth: int) -> Iterator[Array]:
        """Slices of rows of one batch; see `taps.Tap`. Raises Misfit."""
        turns_of = [list(unstacked(seen[point], depth)) for point in self.points]
        for values in zip(*turns_of, strict=True):
            for rows in self.tap.rows(values):
                mine = self.part.of(rows, self.stack, self.columns)
                if mine is None:
                    raise Misfit(
                        f"it has {self.columns:,} columns in {self.stack} parts, and what comes in "
                        f"has {rows.shape[2]:,} in {rows.shape[0]}"
                    )
                yield mine


@dataclass(frozen=True)
class Sites:
    """flat : the model that runs.  sites : in the order in which they are computed.
    unreachable : weights that no site stands for, by id."""

    flat: Inlined
    sites: tuple[Site, ...]
    unreachable: Mapping[int, Unreachable]

    def depth(self, site: Site) -> int:
        return max((turns(self.flat.model, point) for point in site.points), default=0)


def find(model: Model, weights: Sequence[Weight]) -> Sites:
    """The sites of these weights; reads no weight."""
    flat = inlined(model)
    search = _Search(flat)
    wanted = {weight.id: weight for weight in weights}
    unreachable: dict[int, Unreachable] = {}
    sites: dict[Any, Site] = {}
    reached: set[int] = set()
    for used, originals in _readers(model, flat, wanted):
        found = search.tap(used)
        if isinstance(found, Unreachable):
            unreachable.update(dict.fromkeys(originals, found))
            continue
        points, its = found
        stack, _, kernel, in_ = used.view.logical_shape
        part = search.part(used)
        key = (points, its.geometry, stack, kernel * in_, part)
        site = sites.setdefault(key, Site(points, its, stack, kernel * in_, part))
        site.weights.extend(weight for weight in originals if weight not in site.weights)
        reached.update(originals)
    for weight in wanted:
        if weight not in reached:
            unreachable.setdefault(weight, Unreachable("no operator that runs reads it"))
    return Sites(flat, tuple(sites.values()), unreachable)


def _readers(
    model: Model, flat: Inlined, wanted: Mapping[int, Weight]
) -> Iterator[tuple[Weight, list[int]]]:
    """Each weight of the flat model with the ids of the model's weights that it is a use of."""
    if flat.model is model:
        yield from ((weight, [weight.id]) for weight in model.weights if weight.id in wanted)
        return
    of: dict[tuple[int, str], list[Weight]] = {}
    for weight in wanted.values():
        of.setdefault((weight.node, weight.constant.key), []).append(weight)
    roots: list[int] = []
    for graph in model.graphs:
        outer = None if graph.parent is None else model.nodes[graph.parent].graph
        roots.append(graph.id if outer is None else roots[outer])
    for used in flat.model.weights:
        key = flat.keys.get(used.constant.key)
        if key is None:
            continue
        home = roots[model.constant(key).graph]
        # Where a call hands the constant to a body, the weight is the call's.
        chain = [node for node in flat.chains[used.node] if roots[model.nodes[node].graph] == home]
        originals = [
            weight.id
            for node in chain[:1]
            for weight in of.get((node, key), ())
            if weight.view == used.view
        ]
        if originals:
            yield used, originals


class _Search:
    def __init__(self, flat: Inlined) -> None:
        self._model = flat.model

    @cached_property
    def _types(self) -> dict[int, dict[str, int]]:
        """The onnx element type of each tensor that is known, by graph and name."""
        numbers = {row.name: dtype for dtype, row in STORAGE.items()}
        return {
            graph: {name: numbers[kind] for name, (kind, _) in types.items() if kind in numbers}
            for graph, types in infer(self._model).items()
        }

    @cached_property
    def _joined(self) -> dict[tuple[int, int], list[Weight]]:
        """The constants that come in by one input of a node, in the order of their Concat."""
        found: dict[tuple[int, int], list[Weight]] = {}
        for weight in self._model.weights:
            found.setdefault((weight.node, weight.input), []).append(weight)
        return {place: weights for place, weights in found.items() if len(weights) > 1}

    def part(self, used: Weight) -> Part:
        """Where a weight stands among those that are joined with it."""
        stacks, columns = [0, 0], [0, 0]
        for weight in self._joined.get((used.node, used.input), [used]):
            stack, _, kernel, in_ = weight.view.logical_shape
            # Kernel positions come first: parts along `in` are cut out where there is one only.
            width = in_ if kernel == 1 else 0
            if weight.part < used.part:
                stacks[0] += stack
                columns[0] += width
            stacks[1] += stack
            columns[1] += width
        return Part((stacks[0], stacks[1]), (columns[0], columns[1]))

    def tap(self, used: Weight) -> tuple[tuple[Point, ...], Tap] | Unreachable:
        node = self._model.nodes[used.node]
        graph = self._model.graphs[node.graph]
        around = graph
        while around.parent is not None:
            outer = self._model.nodes[around.parent]
            if outer.proto.op_type not in ("If", "Loop", "Scan"):
                kind = outer.proto.op_type
                return Unreachable(f"it lies in the body of a {kind}, which hands nothing out")
            around = self._model.graphs[outer.graph]
        if around.kind == "function":
            return Unreachable(
                f"it lies in the function {around.proto.name}, which cannot be written out: "
                "it calls itself, or is written for another opset than the model"
            )
        found = tap(node.proto, used)
        if isinstance(found, Unreachable):
            return found
        # In the main graph the Runtime finds the type; a branch that did not run needs to know it.
        guess = used.constant.dtype if graph.kind == "main" else 0
        names = [_placed(name, node.index) for name in found.tensors]
        points = tuple(
            Point(graph.id, name, guess or self._types[graph.id].get(name, 1)) for name in names
        )
        return points, found


def _placed(name: str, index: int) -> str:
    """An output that its node did not name, with the node's place."""
    if not name.startswith(OUTPUT):
        return name
    return f"{OUTPUT}{index}:{name.removeprefix(OUTPUT)}"


def as_fed(feeds: Mapping[str, Array], model: Model, point: Point) -> Array | None:
    """What was fed for a point that is an input of the model; None if it is computed."""
    if point.shape or model.graphs[point.graph].kind != "main" or point.name not in feeds:
        return None
    return np.asarray(feeds[point.name])
