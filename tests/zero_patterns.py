"""Masks of zeros with a structure, in the memory orders in which weights arrive."""

from __future__ import annotations

import numpy as np

# Memory orders in which real weights arrive: Gemm, MatMul (in first), 3x3 Conv (kernel innermost).
ORDERS = [(0, 1, 2, 3), (0, 3, 2, 1), (0, 1, 3, 2), (3, 2, 1, 0), (2, 0, 3, 1)]


def laid_out(nonzero: np.ndarray, order: tuple[int, ...]) -> np.ndarray:
    """The same logical array over memory in another order."""
    return np.ascontiguousarray(nonzero.transpose(order)).transpose(np.argsort(order))


def structured(seed: int, shape: tuple[int, ...], p: float, kind: str) -> np.ndarray:
    """Bools with fraction p of zeros, in units of the wanted kind, and now and then one stray."""
    rng = np.random.default_rng(seed)
    stack, out, kernel, in_ = shape
    unit = {
        "free": (1, 1), "pair": (1, 2), "row": (1, 4), "column": (4, 1),
        "block": (4, 4), "big": (8, 8), "channel": (1, in_), "in": (out, 1),
    }[kind]  # fmt: skip
    rows, columns = -(-out // unit[0]), -(-in_ // unit[1])
    kernels = 1 if kind in ("channel", "in") else kernel
    units = rng.random((stack, rows, kernels, columns)) >= p
    wide = units.repeat(unit[0], axis=1).repeat(unit[1], axis=3)[:, :out, :, :in_]
    nonzero = np.broadcast_to(wide, shape).copy()
    if rng.random() < 0.3:
        nonzero.reshape(-1)[rng.integers(nonzero.size)] ^= True
    return nonzero
