"""Graph columns by path, each made once per model: edits change no graph."""

from __future__ import annotations

import threading

from sparseview.app.server import columns, labels
from sparseview.app.server.edges import extract
from sparseview.app.server.names import NoteWriter
from sparseview.app.server.noderows import RowWriter, Wanted
from sparseview.errors import SparseviewError
from sparseview.model.categories import category
from sparseview.model.document import Graph, Model
from sparseview.model.within import within

NO_ROWS = Wanted()
# Graphs of more nodes are drawn without the constants of small operators: 10 µs for each node.
MOST_BRIEFED = 10_000


class Pictures:
    """The columns that the page asked for, of the model that is open."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: tuple[tuple[Graph, ...], dict[tuple[str, Wanted], bytes]] = ((), {})

    def get(self, model: Model, path: str, wanted: Wanted) -> bytes:
        """The columns of one graph; a second request waits for the first one's work."""
        with self._lock:
            if self._of[0] is not model.graphs:  # shared by a model and its overlays
                self._of = (model.graphs, {})
            made = self._of[1]
            key = (path, wanted)
            if key not in made:
                made[key] = graph_columns(model, path, wanted)
            return made[key]

    def ready(self, model: Model, path: str, wanted: Wanted) -> bytes | None:
        """The columns of one graph if they are made already."""
        graphs, made = self._of  # without the lock, which is held while others are made
        return made.get((path, wanted)) if graphs is model.graphs else None


def graph_at(model: Model, path: str) -> Graph:
    """The graph with this path; SparseviewError where there is none."""
    for graph in model.graphs:
        if graph.path == path:
            return graph
    raise SparseviewError(f"The model has no graph {path}.", "Reload the page.", "not-found")


def graph_columns(model: Model, path: str, wanted: Wanted = NO_ROWS) -> bytes:
    """The binary columns of one graph of a model, with the rows that are wanted in its nodes."""
    graph = graph_at(model, path)
    layers: dict[int, tuple[int, ...]] = {}
    for weight in model.weights:
        layers.setdefault(weight.node, weight.constant.shape)
    drawn = extract(model, graph)
    notes = NoteWriter(layers, category, within(model, graph))
    rows = RowWriter(model, graph, wanted) if wanted.any() else None
    # Rows tell the same at length; in a very large graph nobody waits for every small constant.
    brief = not wanted.constants and len(drawn.nodes) <= MOST_BRIEFED
    briefs = RowWriter(model, graph, Wanted(constants=True)) if brief else None
    return columns.build(drawn, notes, labels.declared(graph), rows, briefs)
