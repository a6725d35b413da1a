"""What a prune would give, before anything is changed."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from sparseview.pruning.prune import Plan
from sparseview.sparsity.analysis import Measurement


class Skipped(msgspec.Struct, frozen=True):
    """A layer that would stay as it is, and why."""

    layer: str
    reason: str


class PreviewRow(msgspec.Struct, frozen=True):
    """What a prune would do to one weight; `kept_energy`: share of its squares that stays, 0..1.

    `before` and `after` are None where it cannot be read; `skipped` says why it stays as it is.
    """

    weight: int
    layer: str
    before: Measurement | None
    after: Measurement | None
    kept_energy: float
    skipped: str | None


class Preview(msgspec.Struct, frozen=True):
    """The rows of a plan and its totals over the requested tensors that could be read, each once.

    Fractions 0..1; `kept_energy` is the share of squared weight that stays.
    """

    rows: tuple[PreviewRow, ...]
    sparsity_before: float | None
    sparsity_after: float | None
    kept_energy: float
    skipped: tuple[Skipped, ...]


def preview(made: Plan, layer: Callable[[int], str]) -> Preview:
    """The page's and the shell's picture of a plan; `layer` names a weight's layer by its id."""
    return Preview(
        rows=tuple(
            PreviewRow(
                row.weight, layer(row.weight), row.before, row.after, row.kept_energy, row.skipped
            )
            for row in made.rows
        ),
        sparsity_before=made.sparsity_before,
        sparsity_after=made.sparsity_after,
        kept_energy=made.kept_energy,
        skipped=skipped(made, layer),
    )


def skipped(made: Plan, layer: Callable[[int], str]) -> tuple[Skipped, ...]:
    """What a plan leaves as it is, in its order."""
    return tuple(
        Skipped(layer(row.weight), row.skipped) for row in made.rows if row.skipped is not None
    )
