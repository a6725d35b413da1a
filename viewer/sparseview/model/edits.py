"""One undoable change of a model's tensors, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sparseview.model.kept import Entry


class Edit(msgspec.Struct, frozen=True, eq=False):
    """What one change did: enough to undo it, to redo it, and to write it into a recipe.

    Parameters
    ----------
    label : how a menu names it ("Prune conv1 to 2:4").
    before, after : constant key -> the overlay's entry (storage dtype, stored shape) before and
        after the change; None where the tensor is the file's own.
    step : the recipe's line: JSON-ready values that replay the change on the same source.
    weights : ids of the weights that look different afterwards, ascending.
    group : the steps of an edit that came of several at once, as a replayed recipe; else none.
    """

    label: str
    before: Mapping[str, Entry | None]
    after: Mapping[str, Entry | None]
    step: Mapping[str, Any] = msgspec.field(default_factory=dict)
    weights: tuple[int, ...] = ()
    group: tuple[Mapping[str, Any], ...] = ()

    @property
    def steps(self) -> tuple[Mapping[str, Any], ...]:
        """Its lines in a recipe."""
        return self.group or (self.step,)
