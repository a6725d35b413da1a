"""SparseGPT: columns are decided one after the other, and those that follow make up for the error.

arXiv 2301.00774, algorithm 1. With U the upper Cholesky factor of H^-1 (H^-1 = U^T U), removing
w_ij costs w_ij^2 / U_jj^2, and adds -w_ij / U_jj * U_j,: to the columns after it. The mask is
chosen for blocks of 128 columns, that of N:M at the start of each group; a column whose input was
always 0 is set to 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.progress import SILENT, Progress
from sparseview.pruning.budget import Share, level_counts
from sparseview.pruning.hessian import damped, inverse_factor
from sparseview.pruning.methods.base import Method
from sparseview.pruning.methods.params import SparseGPTParams
from sparseview.pruning.problem import Mask, Matrix, Problem, Solution, importance
from sparseview.sparsity.formats import Format
from sparseview.sparsity.formats.base import target

BLOCK = 128
DAMP = 0.01  # as published
# Columns that are brought up to date together: their errors fit a core's cache.
PANEL = 16
TILE = 256


def solve(problem: Problem, params: SparseGPTParams, progress: Progress = SILENT) -> Solution:
    """Mask and new values; raises SparseviewError where H cannot be factored."""
    return run(problem, params.damp, progress)


def run(problem: Problem, damp: float, progress: Progress = SILENT) -> Solution:
    """The algorithm over every matrix of the stack."""
    wide, nonzero = problem.matrices(), problem.nonzero.reshape(problem.rows).copy()
    uppers = []
    for at, (upper, dead) in enumerate(factors(problem, damp)):
        wide[at][:, dead] = 0
        nonzero[at][:, dead] = False
        uppers.append(upper)
    problem = replace(problem, nonzero=nonzero.reshape(problem.values.shape))
    blocks = _Blocks(problem)
    chosen = _beforehand(problem, wide, uppers, progress)
    found, kept = np.empty_like(wide), np.empty(problem.rows, bool)
    for at, upper in enumerate(uppers):
        blocks.turn(at, None if chosen is None else chosen[at])
        found[at], kept[at] = _sweep(wide[at], nonzero[at], upper, blocks, progress)
    shape = problem.values.shape
    return Solution((kept & nonzero).reshape(shape), found.reshape(shape))


def factors(problem: Problem, damp: float) -> list[tuple[Matrix, Mask]]:
    """(U, dead columns) for each of the stack.

    Where rounding leaves H without a factor, it is damped more. Raises SparseviewError where that
    does not help.
    """
    gram = problem.statistics.gram
    assert gram is not None
    found = []
    for one in gram:
        for more in (damp, max(10 * damp, 1e-3), max(100 * damp, 0.1)):
            # In float64, whatever follows: an inverse doubles the digits that are lost.
            hessian, dead = damped(one, problem.statistics.rows, more, np.float64)
            try:
                found.append((inverse_factor(hessian).astype(problem.kind), dead))
                break
            except np.linalg.LinAlgError:
                continue
        else:
            raise SparseviewError(
                "its input in the data is too degenerate to solve with",
                "Give more samples, or a larger damping.",
                "data",
            )
    return found


@dataclass(slots=True)
class _Blocks:
    """Chooses what stays, block by block and group by group, so that the count comes out exact."""

    format: Format
    counts: list[int]
    count: int  # blocks per matrix
    group: int  # columns whose mask is chosen on the way; 1: none
    at: int = 0
    missing: int = 0  # zeros still owed, where whole blocks were rounded down
    fixed: Mask | None = None

    def __init__(self, problem: Problem) -> None:
        stack, _, columns = problem.rows
        self.format = problem.format
        self.count = -(-columns // BLOCK)
        self.group = getattr(problem.format, "m", 1)
        self.counts, self.at, self.missing, self.fixed = [], 0, 0, None
        if problem.format.family in ("unstructured", "bsr"):
            alive = problem.nonzero.reshape(problem.rows)
            parts = [
                alive[i, :, start : start + BLOCK]
                for i in range(stack)
                for start in range(0, columns, BLOCK)
            ]
            shares = [Share(p.size, p.size - int(np.count_nonzero(p)), 0.0) for p in parts]
            self.counts = _counts(shares, problem.goal or 0.0)

    def turn(self, matrix: int, fixed: Mask | None) -> None:
        """Begin with the first block of a matrix of the stack."""
        self.at = matrix * self.count
        self.fixed = None if fixed is None else _turned(fixed)

    def block(self, start: int, scores: Matrix, nonzero: Mask) -> Mask | None:
        """What stays of a block [columns, rows]; None: its groups are chosen one by one."""
        at, self.at = self.at, self.at + 1
        if self.fixed is not None:
            return self.fixed[start : start + scores.shape[0]]
        if self.group > 1:
            return None
        owed = self.counts[at] + self.missing
        kept = self._keep(scores, nonzero, max(owed, 0) / scores.size)
        self.missing = owed - (kept.size - int(np.count_nonzero(kept & nonzero)))
        return kept

    def of_group(self, scores: Matrix, nonzero: Mask) -> Mask:
        """What stays of a group of N:M, [columns, rows]."""
        return self._keep(scores, nonzero, None)

    def _keep(self, scores: Matrix, nonzero: Mask, goal: float | None) -> Mask:
        weighed = importance(scores, nonzero).T[None, :, None, :]
        kept = self.format.keep(weighed, goal, squared=False)
        return np.asarray(kept[0, :, 0, :].T)


def _counts(shares: Sequence[Share], goal: float) -> list[int]:
    """Zeros of each block, as exactly the goal in all.

    As published, a block takes every cost up to the one at int(goal * size), that one included:
    one more than its share. The last block takes as many less; where it cannot, all take theirs.
    """
    wanted = max(target(goal, sum(s.elements for s in shares)), sum(s.zeros for s in shares))
    counts = [max(int(goal * s.elements) + 1, s.zeros) for s in shares[:-1]]
    rest = wanted - sum(counts)
    if shares and shares[-1].zeros <= rest <= shares[-1].elements:
        return [*counts, rest]
    return level_counts(shares, wanted)


def _beforehand(
    problem: Problem, wide: Matrix, uppers: list[Matrix], progress: Progress
) -> Mask | None:
    """The mask where it cannot be chosen on the way; [stack, out, columns].

    Channels reach over all columns: the costs before any update decide. N:M with more zeros than
    its own: what a first pass leaves, less what costs least in it.
    """
    family = problem.format.family
    extra = family == "nm" and problem.goal is not None and problem.goal > problem.format.least
    if family != "channel" and not extra:
        return None
    nonzero = problem.nonzero
    if extra:
        blocks, first = _Blocks(problem), wide.copy()
        kept = np.empty(problem.rows, bool)
        for at, upper in enumerate(uppers):
            blocks.turn(at, None)
            alive = nonzero.reshape(problem.rows)[at]
            first[at], kept[at] = _sweep(wide[at], alive, upper, blocks, progress)
        wide, nonzero = first, nonzero & kept.reshape(nonzero.shape)
    costs = np.stack([np.abs(w) / np.diagonal(u) for w, u in zip(wide, uppers, strict=True)])
    weighed = importance(costs.reshape(nonzero.shape), nonzero)
    kept = problem.format.keep(weighed, problem.goal, problem.position, squared=False)
    return np.asarray(kept.reshape(problem.rows))


def _sweep(
    values: Matrix, nonzero: Mask, upper: Matrix, blocks: _Blocks, progress: Progress
) -> tuple[Matrix, Mask]:
    """One matrix [out, columns]: (new values, what stays).

    Transposed, so that a column is contiguous; and instead of pushing each column's error to all
    that follow, each column pulls the errors before it when its turn comes: the same sums, with
    reads in place of writes.
    """
    turned, alive = _turned(values), _turned(nonzero)
    kept = np.empty_like(alive)
    columns = turned.shape[0]
    all_errors = np.empty_like(turned)
    for start in range(0, columns, BLOCK):
        progress.check()
        end = min(start + BLOCK, columns)
        _pull(turned, upper, all_errors, 0, start, end)
        errors = all_errors[start:end]
        block, u = turned[start:end], np.ascontiguousarray(upper[start:end, start:end])
        diagonal = np.diagonal(u)[:, None]
        mask = None
        if blocks.group == 1 or blocks.fixed is not None:
            mask = blocks.block(start, np.abs(block) / diagonal, alive[start:end])
        if mask is not None:
            kept[start:end] = mask
        kept_here, alive_here = kept[start:end], alive[start:end]
        step = blocks.group if mask is None else 1
        for panel in range(0, end - start, max(PANEL, step)):
            panel_end = min(panel + max(PANEL, step), end - start)
            _pull(block, u, errors, 0, panel, panel_end)
            for group in range(panel, panel_end, step):
                _pull(block, u, errors, panel, group, group + step)
                if mask is None:
                    among = slice(group, group + step)
                    costs = np.abs(block[among]) / diagonal[among]
                    kept_here[among] = blocks.of_group(costs, alive_here[among])
                for at in range(group, group + step):
                    _pull(block, u, errors, group, at, at + 1)
                    dropped = ~(kept_here[at] & alive_here[at])
                    np.multiply(block[at], dropped, out=errors[at])
                    errors[at] /= u[at, at]
                    block[at][dropped] = 0
    return _turned(turned), _turned(kept)


def _turned(matrix: NDArray[Any]) -> NDArray[Any]:
    """The transpose, in C order; by tiles, whose lines are used up while they are in the cache."""
    rows, columns = matrix.shape
    found = np.empty((columns, rows), matrix.dtype)
    for r in range(0, rows, TILE):
        for c in range(0, columns, TILE):
            found[c : c + TILE, r : r + TILE] = matrix[r : r + TILE, c : c + TILE].T
    return found


def _pull(values: Matrix, u: Matrix, errors: Matrix, since: int, first: int, last: int) -> None:
    """Bring columns first..last up to date with the errors of since..first."""
    if first > since:
        values[first:last] -= u[since:first, first:last].T @ errors[since:first]


SPARSEGPT = Method(
    name="sparsegpt",
    label="SparseGPT",
    summary="Removes column by column what costs least in the data; later columns make up for it.",
    families=("unstructured", "nm", "bsr", "channel"),
    params=SparseGPTParams,
    needs="gram",
    solve=solve,
    holds=(4, 9),
)
