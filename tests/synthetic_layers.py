"""Layers whose inputs are correlated and heavy-tailed, as those of trained models are; seeded."""

from __future__ import annotations

import numpy as np


def inputs(columns: int, rows: int, seed: int = 0) -> np.ndarray:
    """[rows, columns] float32: Student's t through a mixing with a power-law spectrum, some noise,
    and column scales that spread log-normally; a few directions carry most of the variance."""
    random = np.random.default_rng(seed)
    hidden = random.standard_t(4, (rows, columns)).astype(np.float32)
    spectrum = np.arange(1, columns + 1, dtype=np.float32)[:, None] ** -0.75
    mixing = random.standard_normal((columns, columns)).astype(np.float32) * spectrum
    noise = random.standard_normal((rows, columns)).astype(np.float32)
    scales = np.exp(random.standard_normal(columns)).astype(np.float32)
    return (hidden @ mixing + 0.05 * noise) * scales


def weight(out: int, columns: int, seed: int = 1) -> np.ndarray:
    """[out, columns] float32, of the size that an initialised layer has."""
    random = np.random.default_rng(seed)
    return random.standard_normal((out, columns)).astype(np.float32) / np.float32(columns) ** 0.5


def relative_error(x: np.ndarray, w: np.ndarray, pruned: np.ndarray) -> float:
    """|X (W - W_hat)^T|^2 / |X W^T|^2."""
    return float(((x @ (w - pruned).T) ** 2).sum() / ((x @ w.T) ** 2).sum())
