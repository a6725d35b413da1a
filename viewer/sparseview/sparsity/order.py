"""Choosing the least important: exact counts, and ties decided by place."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.sparsity.rank import CHUNK, kth


def drop_least(
    importance: NDArray[Any], count: int, position: NDArray[np.integer[Any]] | None = None
) -> NDArray[np.bool_]:
    """True at exactly `count` entries: the least important ones.

    Parameters
    ----------
    importance : any shape, without NaN.
    position : same shape, the place that decides between equals: the lower one is kept.
        None: the place in C order.
    """
    if count <= 0:
        return np.zeros(importance.shape, bool)
    if count >= importance.size:
        return np.ones(importance.shape, bool)
    # Flat in memory order, whatever the logical one: a transposed copy costs more than the rest.
    axes = sorted(range(importance.ndim), key=lambda axis: -abs(importance.strides[axis]))
    turned = importance.transpose(axes)
    flat = turned.reshape(-1)
    border = kth(flat, count - 1)
    dropped: NDArray[np.bool_] = flat < border
    missing = count - int(np.count_nonzero(dropped))
    if position is None and axes == sorted(axes):
        _drop_last(flat, border, missing, dropped)
    else:
        ties = np.flatnonzero(flat == border)
        at = np.unravel_index(ties, turned.shape)
        if position is not None:
            places = position.transpose(axes)[at]
        else:
            back = [axes.index(axis) for axis in range(importance.ndim)]
            places = np.ravel_multi_index([at[axis] for axis in back], importance.shape)
        ties = ties[np.argsort(places)]
        dropped[ties[ties.size - missing :]] = True
    return np.asarray(dropped.reshape(turned.shape).transpose(np.argsort(axes)))


def _drop_last(flat: NDArray[Any], border: Any, missing: int, dropped: NDArray[np.bool_]) -> None:
    """Mark the last `missing` entries that are equal to the border."""
    for start in reversed(range(0, flat.size, CHUNK)):
        if missing <= 0:
            return
        ties = np.flatnonzero(flat[start : start + CHUNK] == border)[-missing:]
        dropped[start + ties] = True
        missing -= ties.size


def block_sums(array: NDArray[Any], rows: int, columns: int) -> NDArray[Any]:
    """Sums over blocks of [.., out, kernel, in], powers of two: [.., out / rows, .., in / columns].

    By halving: long strides instead of many short loops.
    """
    for _ in range(columns.bit_length() - 1):
        array = array[..., 0::2] + array[..., 1::2]
    for _ in range(rows.bit_length() - 1):
        array = array[:, 0::2] + array[:, 1::2]
    return array


def keep_units(
    importance: NDArray[Any], nonzeros: NDArray[Any], allowed: int, first: NDArray[Any]
) -> NDArray[np.bool_]:
    """True at the units (blocks, channels) that stay when whole units go, least important first.

    Units go for as long as they remove no more than `allowed` non-zeros altogether.

    Parameters
    ----------
    importance, nonzeros, first : one value per unit, same shape: its importance, how many
        non-zeros it holds, and its first place, which decides between equals (the lower is kept).
    """
    order = np.lexsort((-first.reshape(-1), importance.reshape(-1)))
    removed = np.cumsum(nonzeros.reshape(-1)[order], dtype=np.int64)
    kept = np.ones(importance.size, bool)
    kept[order[: int(np.searchsorted(removed, allowed, side="right"))]] = False
    return kept.reshape(importance.shape)
