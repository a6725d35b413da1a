"""The half of a session that edits: previews, prunes, protects, undoes; a change is one edit."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.edits import Edit
from sparseview.model.weights import Weight
from sparseview.progress import SILENT, Progress
from sparseview.pruning import recipe as recipes
from sparseview.pruning.plan import Plan
from sparseview.pruning.prune import plan
from sparseview.pruning.request import PruneRequest
from sparseview.reading import Reading
from sparseview.review.history import History, prune_label
from sparseview.review.measuring import Measurer, reading_order
from sparseview.review.preview import Preview, preview
from sparseview.review.timeline import Step, Timeline
from sparseview.sparsity.analysis import Measurement

if TYPE_CHECKING:
    from sparseview.pruning.evidence import Evidence
    from sparseview.pruning.outlook import Ladders
    from sparseview.pruning.sweeps import Sweeps
    from sparseview.review.compare import Comparison
    from sparseview.review.foresight import Foresight
    from sparseview.review.outlook import Outlook

# What a plan depends on: the revision, the request, who is protected, the data in use.
_PlanKey = tuple[int, PruneRequest, frozenset[int], "Evidence | None"]
What = PruneRequest | str | Iterable[int] | None
DRIVEN = "reconstruction"  # the method where there are data and none is named
PROTECTED = "protected from pruning"


class Editing(Reading):
    """A model with its edits; see `Session`, which adds recipes and saving.

    Long work computes on a snapshot; only `apply`, `undo`, `redo` and `protect` change something,
    one at a time.
    """

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self._editing = threading.RLock()  # one edit or save at a time; taken before _lock
        self._timeline = Timeline()
        self._protected: frozenset[int] = frozenset()
        self._plan: tuple[_PlanKey, Plan] | None = None
        self._ladders: Ladders | None = None  # of the last outlook
        self._data: Evidence | None = None
        self._points: Sweeps | None = None

    @property
    def dirty(self) -> bool:
        """Whether there is something to save."""
        with self._lock:
            return self._timeline.dirty

    @property
    def history(self) -> History:
        """Every edit that undo and redo can reach."""
        with self._lock:
            return self._timeline.history

    # Data

    @property
    def data(self) -> Evidence | None:
        """What methods that go by data use; None until `use_data`."""
        return self._data

    def use_data(
        self,
        path: str | os.PathLike[str] | Evidence | None,
        provider: str | None = None,
        progress: Progress = SILENT,
        **options: Any,
    ) -> Evidence | None:
        """Prune and judge by the data at `path`, or read already, from now on; None: by none.

        Four fifths of the samples calibrate, the rest is held out and tells what a prune did.

        provider : ONNX Runtime's execution provider, as "cuda"; None: the CPU.
        options : `images` ("order=BGR scale=1"), `tokenizer` (a path) and `seed` say how the data
            are read where the guess is wrong; `calibration`: the fraction, or the number, of
            samples to calibrate on; `memory`: bytes that statistics and solvers may take.
        Raises SparseviewError where the data do not fit the model; those in use stay then.
        """
        if path is None or not isinstance(path, str | os.PathLike):
            found = path
        else:
            # ONNX Runtime comes along: nothing that a viewer needs.
            from sparseview.pruning.evidence import load

            found = load(self._model, path, provider, progress, **options)
        with self._lock:
            self._data = found
            self._plan = None
        return found

    # Pruning

    @property
    def protected(self) -> tuple[int, ...]:
        """Ids of the weights that no prune changes, ascending."""
        return tuple(sorted(self._protected))

    @property
    def left(self) -> dict[int, str]:
        """Why weights stay as they are whatever is asked for, by id."""
        return dict.fromkeys(self._protected, PROTECTED)

    def protect(self, what: str | Iterable[int], protected: bool = True) -> tuple[int, ...]:
        """Never prune these weights (a query, or ids) from now on, or prune them again.

        Recipes remember it. Whoever shares their tensors is protected too. Returns all ids that
        are protected now. Raises SparseviewError for an unknown id.

        Examples
        --------
        >>> session = sv.open(model)
        >>> session.protect("fc2")
        (1,)
        >>> session.prune(sparsity=0.5).weights
        (0,)
        """
        ids = self.select(what) if isinstance(what, str) else tuple(what)
        named = [self._ledger.weight(i) for i in ids]
        keys = {weight.constant.key for weight in named}
        with self._editing:
            shared = {w.id for w in self._model.weights if w.constant.key in keys}
            with self._lock:
                before = self._protected
                self._protected = before | shared if protected else before - shared
                self._plan = None
                self._ledger.protect(self._protected)
            if before != self._protected:
                self._changed(before ^ self._protected)
        return self.protected

    def request(self, what: What = None, **wish: Any) -> PruneRequest:
        """A wish to prune: `what` is a query, ids, or None for every weight.

        Embeddings take part only where the query asks for their kind, as `kind:embedding`.
        `wish`: the fields of PruneRequest, `format`, `sparsity`, `percentile`, `threshold` ...

        Raises SparseviewError where nothing is selected, or a field is none.
        """
        _, *options = PruneRequest.__struct_fields__  # the weights are `what`
        strange = sorted(wish.keys() - set(options))
        if strange:
            raise SparseviewError(
                f"That is no way to prune: {strange[0]!r} is none of its options.",
                f"Options: {', '.join(options)}.",
                "request",
            )
        if isinstance(what, PruneRequest):
            return msgspec.structs.replace(what, **wish) if wish else what
        if self._data is not None:
            wish.setdefault("method", DRIVEN)
        weights = self.targets(what) if what is None or isinstance(what, str) else tuple(what)
        try:
            return msgspec.convert({**wish, "weights": weights}, PruneRequest)
        except msgspec.ValidationError as error:
            raise SparseviewError(f"That is no way to prune: {error}.", "", "request") from error

    def targets(self, query: str | None = None) -> tuple[int, ...]:
        """Ids of the weights that a prune of `query` is about; see `request`."""
        rows: Iterable[Any] = self.weights
        if query is not None:
            chosen = set(self.select(query))
            rows = (row for row in rows if row.id in chosen)
        if query is None or "kind:" not in query.casefold():
            rows = (row for row in rows if row.kind == "weight")
        found = tuple(row.id for row in rows)
        if not found:
            what = "has no weights to prune" if query is None else f"has no layer like “{query}”"
            raise SparseviewError(
                f"{self.path.name} {what}.", "sparseview report lists its layers.", "nothing"
            )
        return found

    def preview(self, what: What = None, progress: Progress = SILENT, **wish: Any) -> Preview:
        """What a prune would give; nothing is changed. Kept, so that pruning it next is instant."""
        made = self._planned(self.request(what, **wish), self._data, progress)
        with self._lock:
            return preview(self._model, made, self._ledger, self._layer)

    def outlook(
        self, what: What = None, progress: Progress = SILENT, **wish: Any
    ) -> Outlook | None:
        """A preview's numbers at once, for a wish that changes all the time: they equal those of
        `preview`, or say that they are estimated. None where only the mask itself would tell."""
        from sparseview.pruning.outlook import Ladders, outlook
        from sparseview.review.outlook import told

        request = self.request(what, **wish)
        with self._lock:
            model, known = self._model, dict(self._ledger.measured)
            ladders = self._ladders = self._ladders or Ladders()
        zeros = {i: found.zeros for i, found in known.items()}
        made = outlook(model, request, ladders, progress, self.left, zeros)
        if made is None:
            return None
        with self._lock:
            return told(model, made, self._ledger, self._layer)

    @property
    def previewed(self) -> Model | None:
        """The model as the last preview would leave it; None where something changed since."""
        with self._lock:
            if self._plan is None or self._plan[0][0] != self._revision:
                return None
            changes = self._plan[1].changes.entries
            return self._model.with_overlay(self._model.overlay.with_(changes))

    def compare(
        self,
        what: What = None,
        formats: Iterable[str] | None = None,
        progress: Progress = SILENT,
        **wish: Any,
    ) -> Comparison:
        """The same layers pruned to several formats: zeros, squares kept, bytes. All exact."""
        from sparseview.review.compare import compare

        request = self.request(what, **wish)
        with self._lock:
            model, known, data = self._model, dict(self._ledger.measured), self._data
        return compare(model, request, formats, self.left, progress, known, data, self.sweeps())

    def foresee(
        self, what: What = None, progress: Progress = SILENT, timed: bool = False, **wish: Any
    ) -> Foresight:
        """What a prune by data will take, and whom it leaves alone, before it begins: bytes beside
        the model's own, runs of the samples through it. Runs one sample; `timed`: some more.

        Raises SparseviewError where there are no data (code "no-data"), or a layer takes more
        memory than may be used (code "memory").
        """
        from sparseview.review.foresight import foresight

        request, data = self.request(what, **wish), self._data
        if data is None:
            raise SparseviewError(
                "What a prune takes is told of those that go by data, and none is chosen.",
                "Choose some: use_data(path).",
                "no-data",
            )
        return foresight(self._model, request, data, self.left, timed, progress)

    def prune(self, what: What = None, progress: Progress = SILENT, **wish: Any) -> Edit:
        """Prune; one edit that `undo` takes back.

        Parameters
        ----------
        what : a query ("op:Conv", as in the search box), ids of weights, a PruneRequest, or None
            for every weight.
        **wish : fields of PruneRequest. `sparsity` (0..1), `percentile` (0..100) or `threshold`
            (on |w|); `format` ("2:4", "bsr:4x4", "channel:out"); `scope`, `budget`, `levels`,
            `keep_ends`; `method`, and for those that go by the data of `use_data` their
            parameters. Without a method: reconstruction where there are data, else magnitude.

        Raises SparseviewError, and changes nothing, where no weight would change.
        """
        return self._prune(self.request(what, **wish), self._data, progress)

    def _prune(self, request: PruneRequest, data: Evidence | None, progress: Progress) -> Edit:
        """Prune by these data, whichever are in use by the time that it is done."""
        with self._editing:
            made = self._planned(request, data, progress)
            done = [row for row in made.rows if row.skipped is None]
            overlay = self._model.overlay
            layers = dict.fromkeys(self._layer(row.weight) for row in done)
            made_up = made.driven and data is not None and data.synthetic
            edit = Edit(
                label=prune_label(request, list(layers), made_up),
                before={key: overlay.get(key) for key in made.changes},
                after=made.changes.entries,
                step=recipes.step(
                    self._model, request, made, self._protected, _went_by(made, data)
                ),
                weights=tuple(row.weight for row in done),
            )
            # A plan counts no NaN: where there are some, or nobody looked, the weight is measured.
            finite = {i for i, m in self._ledger.measured.items() if not m.nan and not m.inf}
            known = {row.weight: row.after for row in done if row.after and row.weight in finite}
            return self.apply(edit, known)

    # Editing

    def apply(self, edit: Edit, known: Mapping[int, Measurement] | None = None) -> Edit:
        """Apply an edit and measure every use of what it changed; edits undone before are gone.

        Returns the edit as kept in the history.
        """
        with self._editing:
            old = self._model
            edit = self._timeline.settled(edit, old.overlay)
            new = old.with_overlay(old.overlay.with_(edit.after))
            uses = [w for w in old.weights if w.constant.key in edit.after]
            before = self._measurements(old, uses, self._ledger.measured)
            after = self._measurements(new, uses, known or {})
            # The overlay's own entries: then redo brings back the very same values.
            held = {key: new.overlay.get(key) for key in edit.after}
            kept = Edit(edit.label, edit.before, held, edit.step, tuple(sorted(after)))
            with self._lock:
                self._turn(new, after)
                self._timeline.record(Step(kept, before, after, self.summary().sparsity))
            self._changed(after)
            return kept

    def undo(self) -> Edit | None:
        """Take the last edit back, measurements too; None where there is nothing to undo."""
        with self._editing:
            position = self._timeline.position
            if position == 0:
                return None
            step = self._timeline.steps[position - 1]
            self._go(step.edit.before, step.before, position - 1)
            return step.edit

    def redo(self) -> Edit | None:
        """Apply the edit undone last once more; None where there is none."""
        with self._editing:
            position = self._timeline.position
            if position == len(self._timeline.steps):
                return None
            step = self._timeline.steps[position]
            self._go(step.edit.after, step.after, position + 1)
            return step.edit

    # Inside

    def _measurements(
        self, model: Model, weights: Iterable[Weight], known: Mapping[int, Measurement]
    ) -> dict[int, Measurement]:
        measurer = Measurer()
        found: dict[int, Measurement] = {}
        for weight in reading_order(model, weights):
            held = known.get(weight.id)
            found[weight.id] = measurer.measure(model, weight) if held is None else held
        return found

    def _planned(self, request: PruneRequest, data: Evidence | None, progress: Progress) -> Plan:
        with self._lock:
            model, revision, kept = self._model, self._revision, self._plan
            left, known = self._protected, dict(self._ledger.measured)
        key = (revision, request, left, data)
        if kept is not None and kept[0] == key:
            return kept[1]
        why = dict.fromkeys(left, PROTECTED)
        made = plan(model, request, progress, why, known, data, self.sweeps())
        with self._lock:
            if self._revision == revision and self._protected == left:
                self._plan = (key, made)
                alone = self.read_alone(row.weight for row in made.rows) - known.keys()
                told = {r.weight: r.before for r in made.rows if r.before and r.weight in alone}
                self._ledger.put(told)
            else:
                told = {}
        if told:
            self._tell({"type": "measured", "revision": revision, "weights": sorted(told)})
        return made

    def read_alone(self, ids: Iterable[int]) -> frozenset[int]:
        """Those of the weights whose tensor has no other use: a plan measures all of it."""
        uses = Counter(weight.constant.key for weight in self._model.weights)
        keys = {i: self._model.weights[i].constant.key for i in ids}
        return frozenset(i for i, key in keys.items() if uses[key] == 1)

    def sweeps(self) -> Sweeps | None:
        """Where sensitivities are kept, once there are data to measure them on."""
        if self._data is not None and self._points is None:
            from sparseview.pruning.sweeps import Sweeps

            self._points = Sweeps()
        return self._points

    def _go(self, values: Mapping[str, Any], found: dict[int, Measurement], position: int) -> None:
        with self._lock:
            model = self._model.with_overlay(self._model.overlay.with_(values))
            self._turn(model, found)
            self._timeline.position = position
        self._changed(found)

    def _turn(self, model: Model, found: Mapping[int, Measurement]) -> None:
        """The one place where the session's model changes; under the lock."""
        self._model = model
        self._revision += 1
        self._plan = None
        self._ledger.turn(model, found)
        self._ledger.put(found)


def _went_by(made: Plan, data: Evidence | None) -> dict[str, Any] | None:
    """The data that a plan went by, as a recipe tells of them."""
    if not made.driven or data is None:
        return None
    from sparseview.pruning.cited import cited

    return cited(data)
