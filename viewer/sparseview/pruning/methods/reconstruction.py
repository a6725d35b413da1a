"""Reconstruction: what stays of a weight gets new values, so that its outputs stay what they were.

Values: row-wise least squares on the mask against H = X^T X, see `least_squares`.

Mask: Wanda's rule (arXiv 2306.11695), row by row, but over all of a stack, whose parts (groups,
the gates of an LSTM) can do without unlike shares; in `rounds` steps, each followed by new values,
as pruning and training alternate in Zhu & Gupta, arXiv 1710.01878, whose cubic schedule it takes:
round r of R reaches 1 - (1 - r/R)^3 of the way. What is left by then differs from what was small
at the start, since it has taken over from its correlated neighbours. Then `swaps`: a step of
iterative hard thresholding (Blumensath & Davies, arXiv 0805.0510), preconditioned with diag(H),
offers entries back that would lower the error by more than others that stay would raise it; a row
takes the offer where its error really falls. For N:M, whose rows are independent, SparseGPT's
mask is another beginning, and each row keeps the better one; elsewhere the smaller error of the
layer did not make the smaller one of the model.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import msgspec
import numpy as np

from sparseview.progress import SILENT, Progress
from sparseview.pruning.hessian import damped
from sparseview.pruning.least_squares import Piece, against, pieces, refit
from sparseview.pruning.methods import sparsegpt, wanda
from sparseview.pruning.methods.base import Method
from sparseview.pruning.methods.params import Bias, Damp, DataParams
from sparseview.pruning.problem import Mask, Matrix, Problem, Solution, importance, strongest
from sparseview.runtime.cores import SideBySide
from sparseview.sparsity import formats

# Steps of conjugate gradients between two looks at the mask.
BETWEEN = 8
# With few rows of input for its columns, X^T X says more than it knows: damped so much more, times
# (columns / rows)^2, but no more than so often. From held-out errors of three layers, at 1/32 to 32
# rows for each column.
FEW, MOST = 10, 1000


class ReconstructionParams(DataParams, frozen=True):
    """A mask, and how hard to work on it and on the values."""

    bias: Bias = "correct"
    mask: Annotated[
        Literal["best", "wanda", "sparsegpt", "magnitude"],
        msgspec.Meta(
            title="Mask",
            description="Whose rule chooses what becomes zero. Best: Wanda's; for N:M in each row "
            "Wanda's or SparseGPT's, whichever leaves the smaller error.",
            extra={"kind": "choice"},
        ),
    ] = "best"
    rounds: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=100)],
        msgspec.Meta(
            title="Rounds",
            description="Zeros come in so many rounds with new values in between; 1: all at once, "
            "by the rule alone.",
            extra={"kind": "number"},
        ),
    ] = 10
    swaps: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=100)],
        msgspec.Meta(
            title="Swaps",
            description="How often the finished mask is looked over for entries worth exchanging.",
            extra={"kind": "number"},
        ),
    ] = 6
    steps: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=1000)],
        msgspec.Meta(
            title="Steps",
            description="Steps of conjugate gradients for the final values.",
            extra={"kind": "number"},
        ),
    ] = 40
    damp: Damp = 0.001


def solve(problem: Problem, params: ReconstructionParams, progress: Progress = SILENT) -> Solution:
    """Mask and new values; where a bias takes up the mean, of the input less its mean."""
    if problem.centred:
        problem = problem.about_the_mean()
    both = ("wanda", "sparsegpt") if problem.format.family == "nm" else ("wanda",)
    masks = both if params.mask == "best" else (params.mask,)
    begun = sparsegpt.run(problem, sparsegpt.DAMP, progress) if "sparsegpt" in masks else None
    tried = []
    with SideBySide() as pool:
        for mask in masks:
            layer = _Layer(problem, params.damp, pool, progress)
            if begun is not None and mask == "sparsegpt":
                layer.begin(begun)
            else:
                layer.start(mask, params.rounds)
            layer.look()
            for _ in range(params.swaps):
                if not layer.swap():
                    break
            layer.settle(params.steps)
            tried.append(layer)
        best, *others = tried
        for other in others:
            best.take(other)
    shape = problem.values.shape
    return Solution(best.kept.reshape(shape), best.found.reshape(shape))


class _Layer:
    """The state of the work on one weight; matrices are [stack, out, columns]."""

    def __init__(self, problem: Problem, damp: float, pool: SideBySide, progress: Progress) -> None:
        gram = problem.statistics.gram
        assert gram is not None
        self.problem = problem
        self.pool = pool
        self.progress = progress
        rows = problem.statistics.rows
        damp *= min(1 + FEW * (problem.columns / max(rows, 1)) ** 2, MOST)
        made = [damped(g, rows, damp, problem.kind) for g in gram]
        self.hessians = [hessian for hessian, _ in made]
        # diag(H), [stack, 1, columns]; a column whose input was always 0 is worth nothing.
        self.diagonal = np.stack([np.where(d, 0, np.diagonal(h)) for h, d in made])[:, None, :]
        self.wanted = problem.matrices()
        self.alive = problem.nonzero.reshape(problem.rows)
        self.found = self.wanted.copy()
        self.kept = self.alive.copy()
        stack, out, _ = problem.rows
        self.pieces = pieces(stack, out)
        # As of `look`, for each row: (w - v) H, and the error.
        self.slope = np.zeros_like(self.found)
        self.error = np.zeros((stack, out), problem.kind)
        # Blocks and channels reach over rows, which take an offer together or not at all. A row of
        # a mask that is chosen for it alone and refuses an offer would get the same one again.
        family = problem.format.family
        self.together = family in ("bsr", "channel")
        self.alone = family == "unstructured" or (family == "nm" and problem.goal is None)
        self.hopeful = np.ones((stack, out), bool)

    def each(self, work: Callable[[Piece], object]) -> None:
        """Do something for all rows, on all cores."""
        for _ in self.pool.each(work, self.pieces):
            self.progress.check()

    def settle(self, steps: int) -> None:
        """New values on the mask as it is."""

        def work(piece: Piece) -> None:
            kept, hessian = self.kept[piece], self.hessians[piece[0]]
            start = self.found[piece] * kept
            self.found[piece] = refit(self.wanted[piece], start, kept, hessian, steps)

        self.each(work)

    def look(self) -> None:
        """See where the values, as they are, fall short."""

        def work(piece: Piece) -> None:
            apart = self.wanted[piece] - self.found[piece]
            self.slope[piece], self.error[piece] = against(apart, self.hessians[piece[0]])

        self.each(work)

    def take(self, other: _Layer) -> None:
        """Take over what another one did better: row by row where rows have equal counts, as in
        N:M, else all or nothing."""
        self.look()
        other.look()
        mine, theirs = self.error, other.error
        alike = np.array_equal(self.kept.sum(axis=2), other.kept.sum(axis=2))
        better = theirs < mine if alike else np.full(mine.shape, theirs.sum() < mine.sum())
        self.kept[better], self.found[better] = other.kept[better], other.found[better]

    def begin(self, made: Solution) -> None:
        """From a mask and values that another method found."""
        assert made.values is not None
        self.kept = made.kept.reshape(self.problem.rows) & self.alive
        self.found = made.values.reshape(self.problem.rows)
        self.settle(BETWEEN)

    def start(self, mask: str, rounds: int) -> None:
        """A first mask, by a method's rule."""
        root = np.sqrt(self.diagonal) if mask == "wanda" else np.ones_like(self.diagonal)
        for turn in range(1, rounds + 1):
            share = 1 - (1 - turn / rounds) ** 3
            scores = np.abs(self.found) * root
            self.kept = self._chosen(scores, share, last=turn == rounds, among=self.kept)
            self.settle(BETWEEN)

    def swap(self) -> bool:
        """Exchange entries; whether any row is better for it."""
        offered = self._offered()
        hopeful = self.hopeful & (offered != self.kept).any(axis=2)
        if not self.together:
            hopeful &= offered.sum(axis=2) == self.kept.sum(axis=2)
        found, slope, error = self.found.copy(), self.slope.copy(), self.error.copy()

        def work(piece: Piece) -> None:
            at, start = piece[0], piece[1].start
            rows = start + np.flatnonzero(hopeful[piece])
            if not len(rows):
                return
            here, hessian = (at, rows), self.hessians[at]
            kept, wanted = offered[here], self.wanted[here]
            found[here] = made = refit(wanted, found[here] * kept, kept, hessian, BETWEEN)
            slope[here], error[here] = against(wanted - made, hessian)

        self.each(work)
        if self.together:
            better = hopeful & (error.sum() < self.error.sum())
        else:
            better = hopeful & (error < self.error)
        self.kept[better], self.found[better] = offered[better], found[better]
        self.slope[better], self.error[better] = slope[better], error[better]
        if self.alone:
            self.hopeful = better
        return bool(better.any())

    def _offered(self) -> Mask:
        """What would stay by what each entry is worth: its value, and what it could make up for."""
        diagonals = np.stack([np.diagonal(h) for h in self.hessians])[:, None, :]
        scores = np.abs(self.found + self.slope / diagonals) * np.sqrt(self.diagonal)
        if self.problem.format.family == "unstructured":
            return strongest(importance(scores, self.alive), self.kept.sum(axis=2))
        return self._chosen(scores, 1.0, last=True, among=self.alive)

    def _chosen(self, scores: Matrix, share: float, last: bool, among: Mask) -> Mask:
        """What stays of `among`, `share` of the way to the goal."""
        problem = self.problem
        weighed = importance(scores, among)
        four = weighed.reshape(problem.values.shape)
        format_, goal, squared = problem.format, problem.goal, False
        if not last:
            zeros = 1 - np.count_nonzero(self.alive) / max(self.alive.size, 1)
            end = format_.least if goal is None else goal
            goal = zeros + share * max(end - zeros, 0.0)
            if format_.family == "nm":
                # On the way nothing falls that its group would keep at the end.
                strong = format_.keep(four, None, problem.position)
                four = np.where(strong, four + 2 * float(four.max(initial=0)), four)
                format_ = formats.get("unstructured")
        if format_.family == "unstructured" and problem.rows[0] == 1:
            four = wanda.by_row(four.reshape(problem.rows)).reshape(four.shape)
        kept = format_.keep(four, goal, problem.position, squared=squared)
        return np.asarray(kept.reshape(problem.rows) & self.alive)


RECONSTRUCTION = Method(
    name="reconstruction",
    label="Reconstruction",
    summary="Chooses zeros by Wanda's rule in rounds, and solves for the values that give the "
    "layer's outputs back.",
    families=("unstructured", "nm", "bsr", "channel"),
    params=ReconstructionParams,
    needs="gram",
    solve=solve,
)
