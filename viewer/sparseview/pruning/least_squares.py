"""New values for what a mask leaves: least squares against H, row by row.

For each row w with the mask m: min over v, v = v m, of (w - v) H (w - v)^T, by conjugate gradients
projected on the mask and preconditioned with diag(H), all rows at once: as in ALPS, arXiv
2406.07831, section 3.2.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]
# Rows of a matrix, of the stack's number, that are worked on at once.
Piece = tuple[int, slice]
MOST_ROWS, LEAST_ROWS = 192, 32
# A row is done when its preconditioned residual fell to this share of the first one.
ENOUGH = 1e-12


def refit(wanted: Matrix, start: Matrix, kept: Mask, hessian: Matrix, steps: int) -> Matrix:
    """[rows, columns]: `wanted` as well as entries at `kept` alone can say it.

    start : where to begin; 0 outside `kept`.  hessian : [columns, columns], positive definite.
    """
    found: Matrix = np.array(start)
    over = 1 / np.diagonal(hessian)
    residual = (wanted - found) @ hessian
    residual *= kept
    scaled = residual * over
    direction = scaled.copy()
    size = np.einsum("ij,ij->i", residual, scaled)
    enough = ENOUGH * size
    for _ in range(steps):
        if not (size > enough).any():
            break
        bent = direction @ hessian
        bent *= kept
        length = _ratio(size, np.einsum("ij,ij->i", direction, bent))
        found += length[:, None] * direction
        residual -= length[:, None] * bent
        np.multiply(residual, over, out=scaled)
        before, size = size, np.einsum("ij,ij->i", residual, scaled)
        direction *= _ratio(size, before)[:, None]
        direction += scaled
    return found


def _ratio(above: Matrix, below: Matrix) -> Matrix:
    """above / below; 0 where there is nothing left to divide by."""
    return np.asarray(np.divide(above, below, out=np.zeros_like(above), where=below > 0))


def against(apart: Matrix, hessian: Matrix) -> tuple[Matrix, Matrix]:
    """(d H, the error d H d^T of each row) of rows d that are what is wanted less what there is."""
    slope: Matrix = apart @ hessian
    return slope, np.einsum("ij,ij->i", slope, apart)


def pieces(stack: int, rows: int) -> list[Piece]:
    """Cut the rows of each of the stack for work side by side; whatever the number of cores, so
    that rounding is the same on all machines."""
    count = max(-(-rows // MOST_ROWS), min(2, rows // LEAST_ROWS), 1)
    count += count % 2 if count > 1 else 0
    edges = [rows * at // count for at in range(count + 1)]
    return [(at, slice(*edge)) for at in range(stack) for edge in pairwise(edges)]
