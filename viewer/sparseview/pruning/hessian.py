"""The curvature of a layer's error, H = X^T X, made safe to divide by, and its factors.

The squared error of a row w is (w - w') H (w - w')^T: arXiv 2301.00774, section 3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.floating[Any]]
# Up to this size a factor is left to the library as one.
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
    """The upper triangle U with H^-1 = U^T U, in the place of H. Raises LinAlgError where H is not
    positive definite.

    With H = [[A, B], [B^T, D]], V the factor of D, C = B V^T and T that of A - C C^T, it is
    [[T, -T C V], [0, V]]: nothing but products, which run at the speed of the processor, in place
    of a Cholesky factor, a full inverse, and the Cholesky factor of that.
    """
    size = hessian.shape[0]
    if size <= BASE:
        # H = R R^T from the factor of H read backwards, R upper; so U = R^-1.
        backwards = np.linalg.cholesky(hessian[::-1, ::-1])
        hessian[:] = np.triu(np.linalg.inv(backwards[::-1, ::-1]))
        return hessian
    half = size // 2 // BASE * BASE or size // 2
    last = inverse_factor(hessian[half:, half:])
    across = hessian[:half, half:] @ last.T
    hessian[:half, :half] -= across @ across.T
    first = inverse_factor(hessian[:half, :half])
    hessian[:half, half:] = first @ (across @ -last)
    hessian[half:, :half] = 0
    return hessian
