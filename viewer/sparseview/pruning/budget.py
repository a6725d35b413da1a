"""How a target for the model is shared out over layers, and which layers never take part."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor

import msgspec

from sparseview.errors import SparseviewError
from sparseview.model.document import Model

TOO_MUCH, TOO_LITTLE = "target", "target-low"  # codes of refusals, by which way out of reach


class Share(msgspec.Struct, frozen=True):
    """A tensor that can be pruned: its elements, its zeros now, the least that a prune leaves."""

    elements: int
    zeros: int
    least: float

    @property
    def floor(self) -> int:
        """Zeros below which it cannot stay."""
        return max(self.zeros, floor(Fraction(self.least) * self.elements))


def level_counts(shares: Sequence[Share], zeros: int) -> list[int]:
    """Zeros of each tensor, `zeros` in all: one level for all, those that are above it stay there.

    Exact to the last element: what a common level leaves as fractions goes to the largest ones.
    Raises SparseviewError where the floors alone are more, or all elements are less.
    """
    within(shares, zeros)
    floors = [s.floor for s in shares]
    if zeros <= sum(floors):
        return floors
    level = _level(shares, zeros)
    exact = [max(level * s.elements, Fraction(s.floor)) for s in shares]
    counts = [floor(value) for value in exact]
    order = sorted(range(len(shares)), key=lambda i: (counts[i] - exact[i], i))
    for at in order[: zeros - sum(counts)]:
        counts[at] += 1
    return counts


def within(shares: Sequence[Share], zeros: int, strict: bool = True) -> None:
    """Raise SparseviewError where the shares cannot have so many zeros or, if `strict`, so few.

    Where there are none, what is left to say is why each of them stays.
    """
    if not shares:
        return
    least, most = sum(s.floor for s in shares), sum(s.elements for s in shares)
    if zeros > most:
        raise SparseviewError(
            "The overall target cannot be reached: the layers that may be pruned are too few.",
            "Protect fewer layers, select more, or lower the target.",
            TOO_MUCH,
        )
    if strict and zeros < least and least > sum(s.zeros for s in shares):
        raise SparseviewError(
            "The overall target cannot be held: the format alone makes more zeros.",
            "Raise the target, select fewer layers, or take another format.",
            TOO_LITTLE,
        )


def _level(shares: Sequence[Share], zeros: int) -> Fraction:
    """The level at which the tensors below it, filled up to it, make `zeros` in all."""
    order = sorted(
        (Fraction(s.floor, s.elements), s.elements, s.floor) for s in shares if s.elements
    )
    above = sum(count for _, _, count in order)
    filled = 0
    for at, (_, elements, count) in enumerate(order):
        filled, above = filled + elements, above - count
        level = Fraction(zeros - above, filled)
        if at + 1 == len(order) or level <= order[at + 1][0]:
            return max(level, Fraction(0))
    return Fraction(0)


def ends(model: Model) -> dict[int, str]:
    """Weights of the model's first and last layer, in the order of the main graph's nodes."""
    weights = [w for w in model.weights if w.kind == "weight"]
    main = [w for w in weights if model.graphs[model.nodes[w.node].graph].kind == "main"]
    nodes = [w.node for w in main or weights]
    if not nodes:
        return {}
    first, last = min(nodes), max(nodes)
    told = {last: "last layer, kept", first: "first layer, kept"}
    return {w.id: told[w.node] for w in weights if w.node in told}
