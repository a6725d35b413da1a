"""The curvature of a layer's error, H = X^T X, made safe to divide by, and its factors.

The squared error of a row w is (w - w') H (w - w')^T: arXiv 2301.00774, section 3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.floating[Any]]
# Below this size a triangle is inverted as if it were a full matrix.
BASE = 64


def damped(
    gram: Matrix, rows: int, damp: float, kind: type[np.floating[Any]]
) -> tuple[Matrix, NDArray[np.bool_]]:
    """(H = 2/rows X^T X with `damp` times the mean of its diagonal added, which columns are dead).

    A dead column, whose input was always 0, gets 1 on the diagonal, as published.
    """
    hessian = np.asarray(gram).astype(kind) * kind(2 / max(rows, 1))
    diagonal = np.einsum("ii->i", hessian)  # a view that can be written
    dead = diagonal <= 0
    diagonal[dead] = 1
    diagonal += damp * diagonal.mean(dtype=np.float64)
    return hessian, dead


def inverse_factor(hessian: Matrix) -> Matrix:
    """The upper triangle U with H^-1 = U^T U.

    From the factor of H read backwards, H = R R^T with R upper, so U = R^-1: one Cholesky and one
    triangular inverse instead of Cholesky, full inverse, Cholesky. Raises LinAlgError where H is
    not positive definite.
    """
    backwards = np.linalg.cholesky(np.ascontiguousarray(hessian[::-1, ::-1]))
    return _inverse_upper(np.ascontiguousarray(backwards[::-1, ::-1]))


def _inverse_upper(upper: Matrix) -> Matrix:
    """The inverse of an upper triangle, in its place: [[A, B], [0, D]]^-1 is
    [[A^-1, -A^-1 B D^-1], [0, D^-1]]."""
    size = upper.shape[0]
    if size <= BASE:
        upper[:] = np.triu(np.linalg.inv(upper))
        return upper
    half = size // 2 // BASE * BASE or size // 2
    first = _inverse_upper(upper[:half, :half])
    last = _inverse_upper(upper[half:, half:])
    upper[:half, half:] = first @ (upper[:half, half:] @ -last)
    return upper
