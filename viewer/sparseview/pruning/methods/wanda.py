"""Wanda: what is small, or multiplies what is small, matters least; the rest stays as it is.

Score of w_ij: |w_ij| * ||X_j||_2, ranked within each output row; arXiv 2306.11695, equation 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.progress import SILENT, Progress
from sparseview.pruning.methods.base import Method
from sparseview.pruning.methods.params import DataParams
from sparseview.pruning.problem import Mask, Matrix, Problem, Solution, importance


def scores(problem: Problem) -> Matrix:
    """|W| ||X||, [stack, out, kernel, in] float64; NaN counts as the largest."""
    stack, _, columns = problem.rows
    norms = np.sqrt(problem.statistics.norm2).reshape(stack, 1, columns)
    found = np.abs(problem.values, dtype=np.float64).reshape(problem.rows) * norms
    np.copyto(found, np.inf, where=np.isnan(found))
    return found.reshape(problem.values.shape)


def keep(problem: Problem, scored: Matrix) -> Mask:
    """The mask of what stays, by scores that are compared within each output row."""
    family = problem.format.family
    weighed = importance(scored, problem.nonzero)
    if family == "unstructured" or (family == "nm" and problem.goal is not None):
        weighed = by_row(weighed.reshape(problem.rows)).reshape(problem.values.shape)
        return problem.format.keep(weighed, problem.goal, problem.position)
    return problem.format.keep(weighed, problem.goal, problem.position, squared=False)


def by_row(weighed: NDArray[Any]) -> Matrix:
    """Importances that take from every row equally many: the rank in the row, and between equal
    ranks of different rows the score. 0 stays 0. [.., rows, columns] float64."""
    order = np.argsort(weighed, axis=-1)
    ordered = np.take_along_axis(weighed, order, -1)
    # The fast sort leaves equals in any order; only where there are some is it worth a stable one.
    ties = ((ordered[..., 1:] == ordered[..., :-1]) & (ordered[..., 1:] > 0)).any(axis=-1)
    if ties.any():
        order[ties] = np.argsort(weighed[ties], axis=-1, kind="stable")
    ranks = np.empty(weighed.shape, np.float64)
    np.put_along_axis(ranks, order, np.arange(1.0, weighed.shape[-1] + 1), -1)
    finite = np.where(np.isfinite(weighed), weighed, 0)
    ranks += finite / (2 * max(float(finite.max(initial=0)), np.finfo(np.float64).tiny))
    ranks[weighed == 0] = 0
    return ranks


def solve(problem: Problem, params: DataParams, progress: Progress = SILENT) -> Solution:
    """The mask alone."""
    del params, progress
    return Solution(keep(problem, scores(problem)))


WANDA = Method(
    name="wanda",
    label="Wanda",
    summary="Removes what is small times what its input was in the data; blocks by sums of "
    "squares.",
    families=("unstructured", "nm", "bsr", "channel"),
    params=DataParams,
    needs="norms",
    solve=solve,
)
