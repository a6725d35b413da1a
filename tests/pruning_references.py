"""Published pruning algorithms, written down plainly in numpy, float64; never imports the project.

W: [out, columns], X: [rows, columns]. Masks are True at what becomes zero.
"""

from __future__ import annotations

import numpy as np


def wanda(w: np.ndarray, x: np.ndarray, sparsity: float) -> np.ndarray:
    """arXiv 2306.11695: |W| ||X_j||, the smallest of each row."""
    scores = np.abs(w) * np.sqrt((x**2).sum(0))
    pruned = np.zeros(w.shape, bool)
    count = int(w.shape[1] * sparsity)
    for row in range(w.shape[0]):
        pruned[row, np.argsort(scores[row], kind="stable")[:count]] = True
    return pruned


def wanda_nm(w: np.ndarray, x: np.ndarray, n: int, m: int) -> np.ndarray:
    """The same in groups of m: n stay."""
    return weakest(np.abs(w) * np.sqrt((x**2).sum(0)), n, m)


def weakest(scores: np.ndarray, n: int, m: int) -> np.ndarray:
    """True at the m - n smallest of every m neighbours in a row."""
    pruned = np.zeros(scores.shape, bool)
    for row in range(scores.shape[0]):
        for start in range(0, scores.shape[1], m):
            order = np.argsort(scores[row, start : start + m], kind="stable")
            pruned[row, start + order[: m - n]] = True
    return pruned


def inverse_factor(x: np.ndarray, damp: float = 0.01) -> tuple[np.ndarray, np.ndarray]:
    """(upper Cholesky factor of the inverse Hessian, dead columns)."""
    h = 2 / len(x) * x.T @ x
    dead = np.diag(h) == 0
    h[dead, dead] = 1
    h += damp * np.mean(np.diag(h)) * np.eye(len(h))
    return np.linalg.cholesky(np.linalg.inv(h)).T, dead


def sparsegpt(
    w: np.ndarray, x: np.ndarray, sparsity: float, nm: tuple[int, int] | None = None, block=128
) -> tuple[np.ndarray, np.ndarray]:
    """arXiv 2301.00774, algorithm 1: (new weights, mask)."""
    w = w.astype(np.float64).copy()
    u, dead = inverse_factor(x.astype(np.float64))
    w[:, dead] = 0
    mask = np.zeros(w.shape, bool)
    columns = w.shape[1]
    for start in range(0, columns, block):
        end = min(start + block, columns)
        if nm is None:
            scores = w[:, start:end] ** 2 / np.diag(u)[start:end] ** 2
            border = np.sort(scores.ravel())[int(scores.size * sparsity)]
            mask[:, start:end] = scores <= border
        for i in range(start, end):
            if nm is not None and i % nm[1] == 0:
                group = slice(i, i + nm[1])
                scores = w[:, group] ** 2 / np.diag(u)[group] ** 2
                mask[:, group] = weakest(scores, *nm)
            after = np.where(mask[:, i], 0, w[:, i])
            error = (w[:, i] - after) / u[i, i]
            w[:, i] = after
            # Inside the block at once; the columns after it see the block's errors all together,
            # which comes to the same sum.
            w[:, i + 1 :] -= np.outer(error, u[i, i + 1 :])
    return w, mask


def least_squares(w: np.ndarray, kept: np.ndarray, h: np.ndarray) -> np.ndarray:
    """Row by row the exact minimum of (w - v) H (w - v)^T over v that is 0 outside `kept`."""
    found = np.zeros(w.shape)
    for row in range(w.shape[0]):
        s = np.flatnonzero(kept[row])
        if s.size:
            found[row, s] = np.linalg.solve(h[np.ix_(s, s)], h[s] @ w[row])
    return found
