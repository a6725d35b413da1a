"""The demo's data: ten digits drawn with a pen of our own, turned, shifted, stretched and noisy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIZE = 16
CLASSES = 10

# Strokes as polylines on a unit square, x to the right, y down.
_STROKES: dict[int, list[list[tuple[float, float]]]] = {
    0: [[(0.5, 0.1), (0.8, 0.3), (0.8, 0.7), (0.5, 0.9), (0.2, 0.7), (0.2, 0.3), (0.5, 0.1)]],
    1: [[(0.3, 0.3), (0.55, 0.1), (0.55, 0.9)]],
    2: [[(0.2, 0.3), (0.5, 0.1), (0.8, 0.3), (0.2, 0.9), (0.8, 0.9)]],
    3: [[(0.2, 0.1), (0.8, 0.1), (0.45, 0.45), (0.8, 0.7), (0.5, 0.9), (0.2, 0.8)]],
    4: [[(0.65, 0.9), (0.65, 0.1), (0.2, 0.65), (0.85, 0.65)]],
    5: [[(0.8, 0.1), (0.25, 0.1), (0.25, 0.45), (0.75, 0.5), (0.75, 0.8), (0.2, 0.9)]],
    6: [[(0.7, 0.1), (0.25, 0.5), (0.25, 0.85), (0.75, 0.9), (0.75, 0.55), (0.25, 0.55)]],
    7: [[(0.2, 0.1), (0.8, 0.1), (0.4, 0.9)], [(0.35, 0.5), (0.7, 0.5)]],
    8: [[(0.5, 0.5), (0.25, 0.3), (0.5, 0.1), (0.75, 0.3), (0.5, 0.5), (0.2, 0.7),
         (0.5, 0.9), (0.8, 0.7), (0.5, 0.5)]],
    9: [[(0.75, 0.45), (0.25, 0.45), (0.25, 0.1), (0.75, 0.1), (0.75, 0.5), (0.4, 0.9)]],
}  # fmt: skip


def draw(count: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Images [count, 1, 16, 16], ink about 1 on paper about 0, and their digits [count]."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, CLASSES, count)
    images = np.stack([_one(_STROKES[int(label)], rng) for label in labels])
    noisy = images + rng.normal(0, 0.25, images.shape)
    return noisy[:, None].astype(np.float32), labels.astype(np.int64)


def _one(strokes: list[list[tuple[float, float]]], rng: np.random.Generator) -> NDArray[np.float64]:
    """One digit: the pen's distance to each pixel, darkest under it."""
    angle, shear = rng.normal(0, 0.2), rng.normal(0, 0.15)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    stretch = np.array([[1, shear], [0, 1]]) * rng.uniform(0.75, 1.1, (1, 2))
    shift = 0.5 + rng.normal(0, 0.06, 2)
    pen = rng.uniform(0.05, 0.09)
    axis = (np.arange(SIZE) + 0.5) / SIZE
    pixels = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 1, 2)
    ends = [
        (np.array(line) - 0.5 + rng.normal(0, 0.025, (len(line), 2))) @ (turn @ stretch).T + shift
        for line in strokes
    ]
    start = np.concatenate([line[:-1] for line in ends])
    along = np.concatenate([line[1:] for line in ends]) - start
    at = np.clip(((pixels - start) * along).sum(-1) / (along**2).sum(-1), 0, 1)
    distance = np.linalg.norm(pixels - start - at[..., None] * along, axis=-1).min(1)
    return np.asarray(np.clip((pen - distance) * SIZE + 0.5, 0, 1).reshape(SIZE, SIZE))
