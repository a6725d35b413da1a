"""New values for what a mask leaves: least squares against H, row by row.

For each row w with the mask m: min over v, v = v m, of (w - v) H (w - v)^T, by conjugate gradients
projected on the mask and preconditioned with diag(H), all rows at once: as in ALPS, arXiv
2406.07831, section 3.2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]
# Elements of the rows that are worked on at once.
CHUNK = 1 << 22
# A row is done when its preconditioned residual fell to this share of the first one.
ENOUGH = 1e-12


def refit(wanted: Matrix, start: Matrix, kept: Mask, hessian: Matrix, steps: int) -> Matrix:
    """[rows, columns]: `wanted` as well as entries at `kept` alone can say it.

    start : where to begin; 0 outside `kept`.  hessian : [columns, columns], positive definite.
    """
    found: Matrix = np.array(start)
    rows, columns = wanted.shape
    chunk = max(CHUNK // max(columns, 1), 1)
    for first in range(0, rows, chunk):
        part = slice(first, first + chunk)
        _refit(wanted[part], found[part], kept[part], hessian, steps)
    return found


def _refit(wanted: Matrix, found: Matrix, kept: Mask, hessian: Matrix, steps: int) -> None:
    """The same, in the place of `found`."""
    over = 1 / np.diagonal(hessian)
    residual = (wanted - found) @ hessian
    residual *= kept
    scaled = residual * over
    direction = scaled.copy()
    size = np.einsum("ij,ij->i", residual, scaled)
    enough = ENOUGH * size
    for _ in range(steps):
        if not (size > enough).any():
            return
        bent = direction @ hessian
        bent *= kept
        length = _ratio(size, np.einsum("ij,ij->i", direction, bent))
        found += length[:, None] * direction
        residual -= length[:, None] * bent
        np.multiply(residual, over, out=scaled)
        before, size = size, np.einsum("ij,ij->i", residual, scaled)
        direction *= _ratio(size, before)[:, None]
        direction += scaled


def _ratio(above: Matrix, below: Matrix) -> Matrix:
    """above / below; 0 where there is nothing left to divide by."""
    return np.asarray(np.divide(above, below, out=np.zeros_like(above), where=below > 0))


def errors(wanted: Matrix, found: Matrix, hessian: Matrix) -> Matrix:
    """(w - v) H (w - v)^T of each row."""
    apart = wanted - found
    each: Matrix = np.einsum("ij,ij->i", apart @ hessian, apart)
    return each
