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

from typing import Annotated, Literal

import msgspec
import numpy as np

from sparseview.progress import SILENT, Progress
from sparseview.pruning.hessian import damped
from sparseview.pruning.least_squares import errors, refit
from sparseview.pruning.methods import sparsegpt, wanda
from sparseview.pruning.methods.base import Method
from sparseview.pruning.methods.params import Bias, Damp, DataParams
from sparseview.pruning.problem import Mask, Matrix, Problem, Solution, importance
from sparseview.sparsity import formats

# Steps of conjugate gradients between two looks at the mask.
BETWEEN = 8


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
    tried = []
    both = ("wanda", "sparsegpt") if problem.format.family == "nm" else ("wanda",)
    for mask in both if params.mask == "best" else (params.mask,):
        layer = _Layer(problem, params.damp, progress)
        layer.start(mask, params.rounds)
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

    def __init__(self, problem: Problem, damp: float, progress: Progress) -> None:
        gram = problem.statistics.gram
        assert gram is not None
        self.problem = problem
        self.progress = progress
        made = [damped(g, problem.statistics.rows, damp, problem.kind) for g in gram]
        self.hessians = [hessian for hessian, _ in made]
        # diag(H), [stack, 1, columns]; a column whose input was always 0 is worth nothing.
        self.diagonal = np.stack([np.where(d, 0, np.diagonal(h)) for h, d in made])[:, None, :]
        self.wanted = problem.matrices()
        self.alive = problem.nonzero.reshape(problem.rows)
        self.found = self.wanted.copy()
        self.kept = self.alive.copy()

    def settle(self, steps: int) -> None:
        """New values on the mask as it is."""
        found = np.empty_like(self.found)
        for at, hessian in enumerate(self.hessians):
            self.progress.check()
            kept = self.kept[at]
            found[at] = refit(self.wanted[at], self.found[at] * kept, kept, hessian, steps)
        self.found = found

    def take(self, other: _Layer) -> None:
        """Take over what another one did better: row by row where rows have equal counts, as in
        N:M, else all or nothing."""
        mine, theirs = self.errors(), other.errors()
        alike = np.array_equal(self.kept.sum(axis=2), other.kept.sum(axis=2))
        better = theirs < mine if alike else np.full(mine.shape, theirs.sum() < mine.sum())
        self.kept[better], self.found[better] = other.kept[better], other.found[better]

    def errors(self) -> Matrix:
        """The error of each row, [stack, out]."""
        parts = zip(self.wanted, self.found, self.hessians, strict=True)
        return np.stack([errors(wanted, found, hessian) for wanted, found, hessian in parts])

    def start(self, mask: str, rounds: int) -> None:
        """A first mask, by a method's rule."""
        problem = self.problem
        if mask == "sparsegpt":
            made = sparsegpt.run(problem, sparsegpt.DAMP, self.progress)
            assert made.values is not None
            self.kept = made.kept.reshape(problem.rows) & self.alive
            self.found = made.values.reshape(problem.rows)
            self.settle(BETWEEN)
            return
        root = np.sqrt(self.diagonal) if mask == "wanda" else np.ones_like(self.diagonal)
        for turn in range(1, rounds + 1):
            share = 1 - (1 - turn / rounds) ** 3
            self._keep(np.abs(self.found) * root, share, last=turn == rounds)
            self.settle(BETWEEN)

    def swap(self) -> bool:
        """Exchange entries; whether any row is better for it."""
        offers = np.empty_like(self.found)
        for at, hessian in enumerate(self.hessians):
            slope = (self.wanted[at] - self.found[at]) @ hessian
            offers[at] = self.found[at] + slope / np.diagonal(hessian)
        kept, found, old = self.kept, self.found, self.errors()
        self._keep(np.abs(offers) * np.sqrt(self.diagonal), 1.0, last=True, among=self.alive)
        self.settle(BETWEEN)
        same = self.kept.sum(axis=2) == kept.sum(axis=2)
        worse = ~((self.errors() < old) & same)
        self.kept[worse], self.found[worse] = kept[worse], found[worse]
        return not bool(worse.all())

    def _keep(self, scores: Matrix, share: float, last: bool, among: Mask | None = None) -> None:
        """Choose what stays of `among` (what stays now), `share` of the way to the goal."""
        problem = self.problem
        weighed = importance(scores, self.kept if among is None else among)
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
        self.kept = kept.reshape(problem.rows) & self.alive


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
