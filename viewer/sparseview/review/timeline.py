"""The edits of a session, done and undone, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from sparseview.model.edits import Edit
from sparseview.model.kept import Entry, held
from sparseview.model.overlay import Overlay
from sparseview.model.spill import Spill
from sparseview.review.history import History, HistoryEdit
from sparseview.sparsity.analysis import Measurement

BUDGET = 256 << 20
"""Bytes of edits kept in memory; what comes beyond them goes to disk."""


class Step(NamedTuple):
    """An edit with the measurements of every use that it touches, before and after.

    sparsity : the model's afterwards, None while weights are unmeasured.
    """

    edit: Edit
    before: dict[int, Measurement]
    after: dict[int, Measurement]
    sparsity: float | None


class Timeline:
    """Every edit that undo and redo can reach. Not safe for threads by itself."""

    def __init__(self, budget: int = BUDGET) -> None:
        self.steps: list[Step] = []
        self.position = 0
        self.saved = 0
        self._budget = budget
        self._spill = Spill()

    @property
    def dirty(self) -> bool:
        return self.position != self.saved

    @property
    def history(self) -> History:
        edits = tuple(HistoryEdit(step.edit.label, step.sparsity) for step in self.steps)
        return History(edits, self.position, self.saved)

    @property
    def done(self) -> list[Edit]:
        """The edits that are applied, in their order."""
        return [step.edit for step in self.steps[: self.position]]

    def settled(self, edit: Edit, overlay: Overlay) -> Edit:
        """The edit with what it brings in memory or, beyond the budget, on disk."""
        entries = {id(e): e for e in self._entries() if e is not None}
        entries.update((id(e), e) for e in overlay.values())
        used = sum(map(held, entries.values()))
        after: dict[str, Entry | None] = {}
        for key, entry in edit.after.items():
            kept = entry
            if entry is not None and id(entry) not in entries:
                if used + held(entry) > self._budget:
                    kept = self._spill.entry(entry)
                used += held(kept)
            after[key] = kept
        return replace(edit, after=after)

    def record(self, step: Step) -> None:
        """Take an edit in as the last one; those undone before are gone."""
        if self.saved > self.position:
            self.saved = -1
        del self.steps[self.position :]
        self.steps.append(step)
        self.position += 1

    def join(self, start: int, label: str) -> None:
        """Make one edit of those from `start` on; it is undone and redone as a whole."""
        several = self.steps[start:]
        before: dict[str, Entry | None] = {}
        first: dict[int, Measurement] = {}
        after: dict[str, Entry | None] = {}
        last: dict[int, Measurement] = {}
        for step in several:
            before = {**step.edit.before, **before}
            first = {**step.before, **first}
            after |= step.edit.after
            last |= step.after
        steps = tuple(line for step in several for line in step.edit.steps)
        edit = Edit(label, before, after, {}, tuple(sorted(last)), steps)
        self.steps[start:] = [Step(edit, first, last, several[-1].sparsity)]
        self.position = len(self.steps)

    def close(self) -> None:
        """Let the disk go."""
        self._spill.close()

    def _entries(self) -> Iterator[Entry | None]:
        for step in self.steps:
            yield from step.edit.before.values()
            yield from step.edit.after.values()
