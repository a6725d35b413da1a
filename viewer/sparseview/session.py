"""One opened model with its edits, measurements, jobs: what CLI, server and Python users drive."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from sparseview import query as queries
from sparseview.jobs import Job
from sparseview.model.annotations import Annotations, annotate, read_declarations
from sparseview.model.document import Model
from sparseview.model.edits import Edit
from sparseview.model.save import SaveResult
from sparseview.model.save import save as save_model
from sparseview.model.stamps import Stamps
from sparseview.model.weights import Weight
from sparseview.progress import SILENT, Progress
from sparseview.pruning.prune import Plan, PruneRequest, plan
from sparseview.review import provenance
from sparseview.review import report as reports
from sparseview.review.compressing import compress
from sparseview.review.crew import Crew, Result
from sparseview.review.history import History, HistoryEdit, prune_label
from sparseview.review.ledger import Ledger
from sparseview.review.measuring import Measurer, reading_order
from sparseview.review.preview import Preview, preview, skipped
from sparseview.review.rows import WeightRow
from sparseview.review.summary import Summary, summarise
from sparseview.sparsity.analysis import Measurement
from sparseview.sparsity.storages.gzip import Gzip
from sparseview.version import VERSION

Event = dict[str, Any]
Listener = Callable[[Event], None]


class _Entry(NamedTuple):
    """An edit with the measurements of every use that it touches, before and after."""

    edit: Edit
    before: dict[int, Measurement]
    after: dict[int, Measurement]
    sparsity: float | None


class Session:
    """One model, its edits and what is known about its weights. Safe to use from any thread.

    Long work computes on a snapshot of the immutable model; only `apply`, `undo`, `redo` and
    `save` change the session, one at a time. Listeners hear, in the acting thread:

    - `{"type": "changed", "revision", "weights": [ids]}`: edited, undone, redone or saved;
    - `{"type": "measured", "revision", "weights": [ids]}`: values of weights came in;
    - `{"type": "job", "job": JobFacts}`: a job moved or ended.

    The session reads the opened file to its end, also after saving: the file stays open, so that
    undo reaches back past a save over it.
    """

    def __init__(self, model: Model) -> None:
        self._lock = threading.RLock()  # guards the fields; never held while weights are read
        self._editing = threading.RLock()  # one edit or save at a time; taken before _lock
        self._model = model
        self._path = model.path
        self._revision = 0
        self._entries: list[_Entry] = []
        self._position = 0
        self._saved = 0
        self._stamps = Stamps()
        self._replaced: SaveResult | None = None  # the last save over the opened file itself
        self._ledger = Ledger(model)
        self._plan: tuple[int, PruneRequest, Plan] | None = None
        self._sha256: str | None = None
        self._listeners: list[Listener] = []
        self._job: Job | None = None
        self._urgent: tuple[int, ...] = ()  # weights to measure first
        self._stamps.remember(model.path)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Session:
        """Open an .onnx file without reading its weights; raises SparseviewError."""
        return cls(Model.open(Path(path)))

    # What is there

    @property
    def model(self) -> Model:
        """The model as edited so far: an immutable snapshot."""
        return self._model

    @property
    def path(self) -> Path:
        """The file this session stands for: the opened one, or where it was saved last."""
        return self._path

    @property
    def revision(self) -> int:
        """Grows with every change of the model."""
        return self._revision

    @property
    def dirty(self) -> bool:
        """Whether there is something to save."""
        with self._lock:
            return self._position != self._saved

    @property
    def job(self) -> Job | None:
        """The job started last, also when it has ended."""
        return self._job

    @property
    def history(self) -> History:
        """Every edit that undo and redo can reach."""
        with self._lock:
            edits = tuple(HistoryEdit(e.edit.label, e.sparsity) for e in self._entries)
            return History(edits, self._position, self._saved)

    @property
    def weights(self) -> tuple[WeightRow, ...]:
        """A row per use of a weight or embedding, in the order of ids."""
        with self._lock:
            return tuple(self._ledger.row(weight.id) for weight in self._model.weights)

    def row(self, weight_id: int) -> WeightRow:
        """The row of one weight; raises SparseviewError for an unknown id."""
        with self._lock:
            return self._ledger.row(weight_id)

    def summary(self, ids: Iterable[int] | None = None) -> Summary:
        """Totals over all weights, or over those named."""
        with self._lock:
            chosen = self._chosen(ids)
            return summarise((w.constant.key, self._ledger.row(w.id)) for w in chosen)

    def select(self, query: str) -> tuple[int, ...]:
        """Ids of the rows that a query matches; measure first if it asks for sparsity."""
        matches = queries.compile(query)
        return tuple(row.id for row in self.weights if matches(row))

    def sha256(self, progress: Progress = SILENT) -> str:
        """Hex digest of the opened .onnx file, external data apart; read once, then kept."""
        if self._sha256 is None:
            self._sha256 = provenance.sha256(self._model, progress)
        return self._sha256

    def report(
        self,
        ids: Iterable[int] | None = None,
        progress: Progress = SILENT,
        *,
        compressed: bool = True,
    ) -> reports.Report:
        """The report over all weights or over those named; measures what is missing.

        `compressed`: also estimate each weight's bytes in gzip; else that is left null.
        """
        chosen = [row.id for row in self.weights] if ids is None else list(ids)
        self.measure(chosen, progress)
        if compressed:
            for done, row in enumerate(map(self.row, chosen)):
                progress.step(done, len(chosen), "Compressing samples")
                if row.measured:
                    self.gzip(row.id)
        digest = self.sha256(progress)
        with self._lock:
            rows = [self.row(weight_id) for weight_id in chosen]
            return reports.build(self._model, digest, self.summary(chosen), rows)

    # Measuring

    def measure(
        self,
        ids: Iterable[int] | None = None,
        progress: Progress = SILENT,
        threads: int | None = None,
    ) -> None:
        """Measure what is not measured yet, of all weights or of those named.

        A weight that cannot be read gets a `problem` in its row, and the rest goes on.
        threads : how many weights at a time; None: one for each processor.
        """
        with self._lock:
            todo = [w for w in self._chosen(ids) if not self._ledger.known(w.id)]
            todo = reading_order(self._model, todo)
        if not todo:
            return
        done = 0
        progress.step(done, len(todo), "Measuring")
        crew = Crew(todo, lambda: self._model, self._known, lambda: self._urgent, threads)
        with closing(crew.results()) as results:
            for result in results:
                progress.check()
                if result is None:
                    continue
                self._keep(result)
                done += 1
                progress.step(done, len(todo), "Measuring")

    def prioritise(self, weight_ids: Iterable[int]) -> None:
        """Measure these first from now on, in their order: what is on screen."""
        self._urgent = tuple(weight_ids)

    def gzip(self, weight_id: int, exact: bool = False, progress: Progress = SILENT) -> Gzip:
        """Bytes of a weight's dense data in gzip, estimated from a sample or exact; kept.

        Its row tells them from then on. Raises SparseviewError where it cannot be read.
        """
        with self._lock:
            weight, model = self._ledger.weight(weight_id), self._model
            known = self._ledger.packed(weight)
        if known is not None and (known.exact or not exact):
            return known
        found = compress(model, weight, exact=exact, progress=progress)
        key = weight.constant.key
        with self._lock:
            if self._model.overlay.get(key) is model.overlay.get(key):
                self._ledger.put_packed(weight, found)
        return found

    def start_measuring(self) -> Job:
        """Measure everything in the background; results arrive as `measured` events."""
        return self.start("Measuring", lambda progress: self.measure(None, progress))

    def start(self, label: str, work: Callable[[Progress], None]) -> Job:
        """Run a long task on this session as its current job."""
        job = Job(label, work, lambda job: self._tell({"type": "job", "job": job.facts}))
        self._job = job
        return job

    # Editing

    def preview(self, request: PruneRequest, progress: Progress = SILENT) -> Preview:
        """What a prune would give; nothing is changed. Kept, so that pruning it next is instant."""
        return preview(self._planned(request, progress), self._layer)

    def prune(self, request: PruneRequest, progress: Progress = SILENT) -> Edit:
        """Prune; raises SparseviewError, and changes nothing, where no weight would change."""
        with self._editing:
            made = self._planned(request, progress)
            done = [row for row in made.rows if row.skipped is None]
            overlay = self._model.overlay
            layers = dict.fromkeys(self._layer(row.weight) for row in done)
            edit = Edit(
                label=prune_label(request, list(layers)),
                before={key: overlay.get(key) for key in made.changes},
                after=made.changes.entries,
                step=self._step(request, made),
                weights=tuple(row.weight for row in done),
            )
            known = {row.weight: row.after for row in done if row.after is not None}
            return self.apply(edit, known)

    def apply(self, edit: Edit, known: Mapping[int, Measurement] | None = None) -> Edit:
        """Apply an edit and measure every use of what it changed; edits undone before are gone.

        Returns the edit as kept in the history.
        """
        with self._editing:
            old = self._model
            new = old.with_overlay(old.overlay.with_(edit.after))
            uses = [w for w in old.weights if w.constant.key in edit.after]
            before = self._measurements(old, uses, self._ledger.measured)
            after = self._measurements(new, uses, known or {})
            kept = Edit(
                edit.label,
                edit.before,
                # The overlay's own arrays: then redo brings back the very same values.
                {key: new.overlay.get(key) for key in edit.after},
                edit.step,
                tuple(sorted(after)),
            )
            with self._lock:
                if self._saved > self._position:
                    self._saved = -1
                del self._entries[self._position :]
                self._turn(new, after, self._position + 1)
                self._entries.append(_Entry(kept, before, after, self.summary().sparsity))
            self._changed(after)
            return kept

    def undo(self) -> Edit | None:
        """Take the last edit back, measurements too; None where there is nothing to undo."""
        with self._editing:
            if self._position == 0:
                return None
            entry = self._entries[self._position - 1]
            self._go(entry.edit.before, entry.before, self._position - 1)
            return entry.edit

    def redo(self) -> Edit | None:
        """Apply the edit undone last once more; None where there is none."""
        with self._editing:
            if self._position == len(self._entries):
                return None
            entry = self._entries[self._position]
            self._go(entry.edit.after, entry.after, self._position + 1)
            return entry.edit

    # Saving

    def recipe(self, progress: Progress = SILENT) -> list[dict[str, Any]]:
        """The steps from the source to here, as data."""
        edits = [entry.edit for entry in self._entries[: self._position]]
        digest = self.sha256(progress) if edits else ""
        return provenance.recipe(self._model, edits, digest, f"sparseview {VERSION}")

    def annotations(self, progress: Progress = SILENT) -> Annotations:
        """What saving will write about every readable weight; measures what is missing."""
        self.measure(None, progress)
        steps = self.recipe(progress)
        with self._lock:
            facts = self._ledger.facts()
            return annotate(self._model, facts, steps)

    def save(
        self,
        path: str | os.PathLike[str] | None = None,
        overwrite: bool = False,
        progress: Progress = SILENT,
    ) -> SaveResult:
        """Save, annotated, to `path` or over the session's own file.

        Raises SparseviewError, and writes nothing, where the file exists and `overwrite` is not
        given (code "exists"), or where somebody else has written the session's file meanwhile
        (code "changed").
        """
        with self._editing:
            target = self._path if path is None else Path(path)
            self._stamps.check(target, overwrite)
            notes = self.annotations(progress)
            result = save_model(
                self._model,
                target,
                notes,
                overwrite=overwrite,
                progress=progress,
                previous=self._replaced,
            )
            # The claims as the file holds them; nodes and weights are numbered as in the source.
            saved = Model.open(result.path)
            declarations = read_declarations(saved)
            saved.close()
            with self._lock:
                self._path = result.path
                if os.path.realpath(target) == os.path.realpath(self._model.path):
                    self._replaced = result
                self._saved = self._position
                self._ledger.saved(declarations)
                self._stamps.remember(target)
            self._changed([weight.id for weight in self._model.weights])
            return result

    # Listening

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Hear events from now on; the returned function ends it. Listeners must not raise."""
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    def close(self) -> None:
        """Stop the job and let the file go."""
        with self._lock:
            self._listeners.clear()
        if self._job is not None:
            self._job.cancel()
            self._job.wait()
        self._model.close()

    # Inside

    def _chosen(self, ids: Iterable[int] | None) -> Sequence[Weight]:
        return self._model.weights if ids is None else [self._ledger.weight(i) for i in ids]

    def _known(self, weight_id: int) -> bool:
        with self._lock:
            return self._ledger.known(weight_id)

    def _keep(self, result: Result) -> None:
        """Store what was measured, unless the constant has changed since."""
        weight = result.weight
        key = weight.constant.key
        with self._lock:
            if self._model.overlay.get(key) is not result.model.overlay.get(key):
                return
            if result.found is not None:
                self._ledger.put({weight.id: result.found})
            elif result.problem is not None:
                self._ledger.put_problem(weight.id, result.problem)
            else:
                return
            revision = self._revision
        self._tell({"type": "measured", "revision": revision, "weights": [weight.id]})

    def _measurements(
        self, model: Model, weights: Iterable[Weight], known: Mapping[int, Measurement]
    ) -> dict[int, Measurement]:
        measurer = Measurer()
        found: dict[int, Measurement] = {}
        for weight in reading_order(model, weights):
            held = known.get(weight.id)
            found[weight.id] = measurer.measure(model, weight) if held is None else held
        return found

    def _planned(self, request: PruneRequest, progress: Progress) -> Plan:
        with self._lock:
            model, revision, kept = self._model, self._revision, self._plan
        if kept is not None and kept[0] == revision and kept[1] == request:
            return kept[2]
        made = plan(model, request, progress)
        with self._lock:
            if self._revision == revision:
                self._plan = (revision, request, made)
        return made

    def _go(self, values: Mapping[str, Any], found: dict[int, Measurement], position: int) -> None:
        with self._lock:
            model = self._model.with_overlay(self._model.overlay.with_(values))
            self._turn(model, found, position)
        self._changed(found)

    def _turn(self, model: Model, found: Mapping[int, Measurement], position: int) -> None:
        """The one place where the session's model changes; under the lock."""
        self._model = model
        self._position = position
        self._revision += 1
        self._plan = None
        self._ledger.turn(model, found)
        self._ledger.put(found)

    def _changed(self, weights: Iterable[int]) -> None:
        event = {"type": "changed", "revision": self._revision, "weights": sorted(weights)}
        self._tell(event)

    def _tell(self, event: Event) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener(event)

    def _layer(self, weight_id: int) -> str:
        return self._model.nodes[self._model.weights[weight_id].node].layer

    def _step(self, request: PruneRequest, made: Plan) -> dict[str, Any]:
        """The recipe's line: the wish as it was given, and what it came to."""
        weights = self._model.weights
        nodes, graphs = self._model.nodes, self._model.graphs

        def place(weight_id: int) -> str:
            node = nodes[weights[weight_id].node]
            return f"{graphs[node.graph].path}/{node.index}/{weights[weight_id].input}"

        targets = {
            name: value
            for name in ("sparsity", "percentile", "threshold")
            if (value := getattr(request, name)) is not None
        }
        return {
            "action": "prune",
            "method": request.method,
            "format": request.format,
            **targets,
            "scope": request.scope,
            "weights": [place(row.weight) for row in made.rows if row.skipped is None],
            "layers": list(
                dict.fromkeys(self._layer(row.weight) for row in made.rows if row.skipped is None)
            ),
            "skipped": [
                {"layer": left.layer, "reason": left.reason} for left in skipped(made, self._layer)
            ],
        }
