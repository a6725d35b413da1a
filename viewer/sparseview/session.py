"""One opened model with its edits, measurements, jobs: what CLI, server and Python users drive."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparseview.editing import Editing
from sparseview.model.annotations import Annotations, annotate, read_declarations, told_protected
from sparseview.model.document import Model
from sparseview.model.edits import Edit
from sparseview.model.save import SaveResult
from sparseview.model.save import save as save_model
from sparseview.model.stamps import Stamps
from sparseview.model.stores import Store, Storing, refuse_growth, storing
from sparseview.progress import SILENT, Progress
from sparseview.pruning import recipe as recipes
from sparseview.pruning.recipe import Recipe
from sparseview.review import provenance
from sparseview.review.timeline import Step
from sparseview.version import VERSION

if TYPE_CHECKING:
    from sparseview.pruning.evidence import Evidence
    from sparseview.review.masks import Masks


class Session(Editing):
    """One model, its edits and what is known about its weights. Safe to use from any thread.

    Long work computes on a snapshot of the immutable model; only `apply`, `undo`, `redo`,
    `protect` and `save` change the session, one at a time. What listeners hear: see `Reading`.

    The session reads the opened file to its end, also after saving: the file stays open, so that
    undo reaches back past a save over it.

    Examples
    --------
    >>> session = sv.open(model)
    >>> edit = session.prune("op:Gemm", sparsity=0.5, format="2:4")
    >>> edit.label
    'Prune 2 layers to 2:4 at 50 %'
    >>> session.summary().sparsity
    0.5
    >>> session.undo().label == edit.label
    True
    >>> session.dirty
    False
    """

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self._stamps = Stamps()
        self._replaced: SaveResult | None = None  # the last save over the opened file itself
        self._stamps.remember(model.path)
        kept = told_protected(model)
        if kept:
            self.protect(kept)  # as when the file was saved

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Session:
        """Open an .onnx file without reading its weights; raises SparseviewError."""
        return cls(Model.open(Path(path)))

    # Recipes

    def recipe(self, progress: Progress = SILENT) -> Recipe:
        """The edits from the opened file to here, as data that `replay` takes."""
        source = provenance.source(self._model, self.sha256(progress))
        where = recipes.places(self._model)
        protected = tuple(where[i] for i in self.protected)
        return provenance.recipe(self._timeline.done, source, f"sparseview {VERSION}", protected)

    def replay(
        self, recipe: Recipe, force: bool = False, progress: Progress = SILENT
    ) -> tuple[Edit, ...]:
        """Do the steps of a recipe again; on the same source the result is equal to the bit.

        All of them are one edit of the history, undone at once. What was protected stays so, and
        what the recipe protects is from now on. Returns what each step did.

        Raises SparseviewError, and changes nothing: where the recipe belongs to another file and
        `force` is not given (code "other-source"), where a step does not fit the model or prunes
        what is protected here (code "protected"), or where the same file gives another result than
        it did (code "other-result"). A step that went by data needs the same again, those of
        `use_data` or where they lay: else code "no-data" or "other-data".

        Examples
        --------
        >>> session = sv.open(model)
        >>> edit = session.prune(sparsity=0.75, scope="global")
        >>> again = sv.open(model)
        >>> [edit.label for edit in again.replay(session.recipe())]
        ['Prune 2 layers to 75 %']
        """
        with self._editing, ExitStack() as failed:
            same = provenance.require(recipe, self._model, self.sha256(progress), force)
            start, protected = self._timeline.position, self.protected
            where = {place: weight for weight, place in recipes.places(self._model).items()}
            own = data = self._data
            failed.callback(
                self._go_back, start, list(self._timeline.steps), self._timeline.saved, protected
            )
            done: list[Edit] = []
            for step in recipe.steps:
                request, left = recipes.request_of(self._model, step)
                data = self._data_of(recipe.steps, step, data, own, force, progress)
                self.protect(self._protected, False)
                self.protect(left)
                done.append(self._prune(request, data, progress))
                provenance.require_unprotected(self._model, done[-1].weights, set(protected))
                if same and start == 0:
                    provenance.require_result(step, done[-1].step)
            self.protect(self._protected, False)
            told = [where[place] for place in recipe.protected if place in where]
            self.protect([*protected, *told])
            failed.pop_all()
            if len(done) > 1:
                with self._lock:
                    self._timeline.join(start, f"Replay {len(done)} edits of a recipe")
                self._changed(())
            return tuple(done)

    def _go_back(
        self, start: int, history: Sequence[Step], saved: int, protected: Iterable[int]
    ) -> None:
        """Be as before a replay that failed; what had been undone can be redone again."""
        while self._timeline.position > start:
            self.undo()
        with self._lock:
            self._timeline.steps[:], self._timeline.saved = history, saved
        self.protect(self._protected, False)
        self.protect(protected)
        self._changed(())  # redo leads elsewhere again

    def _data_of(
        self,
        steps: Sequence[Mapping[str, Any]],
        step: Mapping[str, Any],
        last: Evidence | None,
        own: Evidence | None,
        force: bool,
        progress: Progress,
    ) -> Evidence | None:
        """The data that a step of a recipe went by; see `pruning.cited`."""
        if step.get("data") is None:
            return last
        from sparseview.pruning.cited import at_hand, required

        given = at_hand(steps, step["data"], last, own)
        return required(self._model, step["data"], given, force, progress)

    # Saving

    def annotations(self, progress: Progress = SILENT) -> Annotations:
        """What saving will write about every readable weight; measures what is missing."""
        self.measure(None, progress)
        steps = provenance.steps(self.recipe(progress)) if self._timeline.done else []
        with self._lock:
            facts = self._ledger.facts()
            return annotate(self._model, facts, steps, self.protected)

    def storing(self, store: Store, force: bool = False, progress: Progress = SILENT) -> Storing:
        """What it comes to, to store the weights dense or as ONNX sparse tensors: exact bytes."""
        return storing(self._model, store, force, progress)

    def save(
        self,
        path: str | os.PathLike[str] | None = None,
        overwrite: bool = False,
        progress: Progress = SILENT,
        *,
        store: Store | None = None,
        force: bool = False,
    ) -> SaveResult:
        """Save, annotated, to `path` or over the session's own file.

        Parameters
        ----------
        store : "onnx-sparse": weights that get smaller become ONNX sparse tensors; "dense": sparse
            tensors become dense; None: each as it is.
        force : store sparse also what grows.

        Raises SparseviewError, and writes nothing, where the file exists and `overwrite` is not
        given (code "exists"), where somebody else has written the session's file meanwhile (code
        "changed"), or where every weight would grow (code "grows").
        """
        with self._editing:
            target = self._path if path is None else Path(path)
            self._stamps.check(target, overwrite)
            stored = None
            if store is not None:
                stored = self.storing(store, force, progress)
                refuse_growth(self._model, stored, force)
            notes = self.annotations(progress)
            result = save_model(
                self._model,
                target,
                notes,
                overwrite=overwrite,
                progress=progress,
                previous=self._replaced,
                storing=stored,
            )
            # The claims as the file holds them; nodes and weights are numbered as in the source.
            saved = Model.open(result.path)
            declarations = read_declarations(saved)
            saved.close()
            with self._lock:
                self._path = result.path
                if os.path.realpath(target) == os.path.realpath(self._model.path):
                    self._replaced = result
                self._timeline.saved = self._timeline.position
                self._ledger.saved(declarations)
                self._stamps.remember(target)
            self._changed([weight.id for weight in self._model.weights])
            return result

    def check_own_file(self) -> None:
        """Raise SparseviewError (code "changed") if a save over the own file would be refused."""
        self._stamps.check(self._path, overwrite=True)

    def export_masks(
        self,
        path: str | os.PathLike[str],
        overwrite: bool = False,
        progress: Progress = SILENT,
    ) -> Masks:
        """Write an .npz with a bool array for each weight tensor, True where it is not zero.

        Arrays are named as the tensors and have their shape. Raises SparseviewError (code
        "exists") where the file is there and `overwrite` is not given.
        """
        from sparseview.review.masks import export_masks

        return export_masks(self._model, Path(path), overwrite, progress)

    def close(self) -> None:
        """Stop the job and let the file go."""
        super().close()
        self._timeline.close()

    def _repr_html_(self) -> str:
        from sparseview.review.notebook import session_html

        return session_html(self.path, self.summary(), self.history, self.weights)

    def __repr__(self) -> str:
        return f"<Session {self.path.name}: {len(self._model.weights)} weights>"
