"""Model: one opened ONNX file, with stable ids over its graphs, subgraphs, functions and nodes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sparseview.model import overlay as overlays
from sparseview.model.constants import Constant, attribute_constant, constants_of
from sparseview.model.external import resolve
from sparseview.model.graphs import Graph, Node, names_read, walk
from sparseview.model.notice import Notice
from sparseview.model.overlay import Overlay
from sparseview.model.proto import FunctionProto, ModelProto, NodeProto
from sparseview.model.skeleton import Skeleton, scan
from sparseview.model.source import Source
from sparseview.model.survey import External, survey

if TYPE_CHECKING:
    from sparseview.model.declarations import Declarations
    from sparseview.model.weights import Weight

__all__ = ["Constant", "Graph", "Model", "Node", "Notice"]


class Model:
    """One opened ONNX file with its overlay. Tensors are read on demand, by `tensors.read`.

    `graphs` and `nodes` are tuples whose positions are the ids: depth first, a graph's nodes, then
    its subgraphs; functions last. Models that differ only in their overlay share all the rest.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self.skeleton = skeleton
        self.proto: ModelProto = skeleton.proto
        self.overlay = overlays.EMPTY
        self.graphs: tuple[Graph, ...]
        self.nodes: tuple[Node, ...]
        self.graphs, self.nodes = walk(self.proto)
        self._facts = _Facts(self)

    @classmethod
    def open(cls, path: Path | str) -> Model:
        """Index a file; costs what its graph costs, whatever its weights weigh.

        Raises SparseviewError if it is missing, empty, truncated or no ONNX model.
        """
        return cls(scan(path))

    def with_overlay(self, overlay: Overlay) -> Model:
        """The same model over other replaced tensors."""
        other = copy.copy(self)
        other.overlay = overlay
        return other

    @property
    def path(self) -> Path:
        return self.skeleton.path

    @property
    def notices(self) -> list[Notice]:
        """External data that cannot be read, what onnx's checker dislikes, unusable annotations,
        text that was escaped.

        Worked out at the first call, from the graph alone; costs about as much as opening.
        """
        return list(self._facts.notices)

    def check(self, between: Callable[[], None] | None = None) -> list[Notice]:
        """Those of the `notices` that onnx's checker finds: half of the work, worked out once.

        between : called between its steps, the longest of which takes a third of the time; not at
            all where the work is done already.
        """
        return list(self._facts.check(between))

    @property
    def declarations(self) -> Declarations:
        """Every annotation in the file, read once."""
        return self._facts.declarations

    @property
    def external_bytes(self) -> int:
        """Bytes of external data that the model refers to and that are there."""
        return self._facts.external.size

    @property
    def weights(self) -> tuple[Weight, ...]:
        """The constants in their uses by operators."""
        return self._facts.weights

    @property
    def titles(self) -> Mapping[str, str]:
        """What people see of nodes without a name: `layer` -> title, where they differ."""
        return self._facts.titles

    def title(self, node: Node) -> str:
        """What people see as the name of a node: `layer`, or what says more than an address."""
        return self._facts.titles.get(node.layer, node.layer)

    def constants(self, graph_id: int) -> dict[str, Constant]:
        """The constant tensors stored in one graph, by tensor name."""
        return self._facts.constants(graph_id)

    def constant(self, key: str) -> Constant:
        """The constant with that key; raises KeyError if there is none."""
        found = self._facts.by_key.get(key)
        if found is None and key not in self._facts.held:
            _ = self.weights  # looking for them finds what calls of functions hold
        return self._facts.held[key] if found is None else found

    def held(self, call: Node, attribute: str) -> Constant | None:
        """The tensor that a call of a function gives as an attribute; None if it gives none."""
        made = attribute_constant(
            call.path, call.graph, call.index, "attribute", call.proto.attribute, attribute
        )
        return None if made is None else self._facts.held.setdefault(made.key, made)

    def default(self, function: Graph, attribute: str) -> Constant | None:
        """The tensor that a function takes where a call gives none; None if it has none."""
        body = function.proto
        if not isinstance(body, FunctionProto):
            return None
        made = attribute_constant(
            function.path, function.id, -1, "default", body.attribute_proto, attribute
        )
        return None if made is None else self._facts.held.setdefault(made.key, made)

    def function_of(self, node: Node) -> Graph | None:
        """The body of the model's own function that the node calls, if it calls one."""
        proto = node.proto
        return self._facts.functions.get((_domain(proto), proto.op_type, proto.overload))

    def readers(self, graph_id: int, name: str) -> Sequence[NodeProto]:
        """The nodes of a graph that read a tensor, by themselves or in their bodies: each as often
        as it does."""
        return self._facts.readers(graph_id).get(name, ())

    def data_file(self, location: str) -> Source:
        """The open external data file of that name; raises SparseviewError where it may not be."""
        return self._facts.data_file(location)

    def close(self) -> None:
        """Let go of the files; a later read opens them again, if they are still the same."""
        self.skeleton.source.close()
        for source in self._facts.sources.values():
            source.close()


class _Facts:
    """What is worked out once per opened file, when first asked for; all its overlays share it."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.sources: dict[str, Source] = {}
        self.held: dict[str, Constant] = {}  # tensors that are attributes of calls, by key
        self._constants: dict[int, dict[str, Constant]] = {}
        self._readers: dict[int, dict[str, list[NodeProto]]] = {}
        self._checked: tuple[Notice, ...] | None = None

    @cached_property
    def weights(self) -> tuple[Weight, ...]:
        from sparseview.model.weights import find

        return find(self.model)

    @cached_property
    def titles(self) -> Mapping[str, str]:
        from sparseview.model.titles import titles

        return titles(self.model)

    def check(self, between: Callable[[], None] | None = None) -> tuple[Notice, ...]:
        from sparseview.model.check import check  # onnx.checker: nothing that opening needs

        if self._checked is None:
            self._checked = check(self.model, between)
        return self._checked

    @cached_property
    def declarations(self) -> Declarations:
        from sparseview.model.declarations import read_declarations

        return read_declarations(self.model)

    @cached_property
    def notices(self) -> tuple[Notice, ...]:
        from sparseview.model.remarks import remarks

        count = self.model.skeleton.repaired
        escaped = Notice(
            f"{count} name{'s' * (count > 1)} or other text in the file is not UTF-8 "
            "and shown with escapes.",
            "Saving keeps the original bytes.",
            "text",
        )
        return (
            *self.external.notices,
            *self.check(),
            *remarks(self.model),
            *([escaped] if count else []),
        )

    @cached_property
    def external(self) -> External:
        return survey(self.model)

    @cached_property
    def functions(self) -> dict[tuple[str, str, str], Graph]:
        return {
            (_domain(g.proto), g.proto.name, g.proto.overload): g
            for g in self.model.graphs
            if isinstance(g.proto, FunctionProto)
        }

    @cached_property
    def by_key(self) -> dict[str, Constant]:
        return {
            constant.key: constant
            for graph in self.model.graphs
            for constant in self.constants(graph.id).values()
        }

    def constants(self, graph_id: int) -> dict[str, Constant]:
        if graph_id not in self._constants:
            graph = self.model.graphs[graph_id]
            self._constants[graph_id] = {c.name: c for c in constants_of(graph)}
        return self._constants[graph_id]

    def readers(self, graph_id: int) -> Mapping[str, Sequence[NodeProto]]:
        if graph_id not in self._readers:
            found: dict[str, list[NodeProto]] = {}
            for node in self.model.graphs[graph_id].proto.node:
                for name in names_read(node):
                    found.setdefault(name, []).append(node)
            self._readers[graph_id] = found
        return self._readers[graph_id]

    def data_file(self, location: str) -> Source:
        if location not in self.sources:
            self.sources[location] = Source(resolve(self.model.path, location))
        return self.sources[location]


def _domain(proto: NodeProto | FunctionProto) -> str:
    return "" if proto.domain == "ai.onnx" else proto.domain
