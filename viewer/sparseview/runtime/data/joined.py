"""Several files as one set of samples, each read again when a batch asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.runtime.data.samples import Indices, Samples

OPEN = 4  # files whose arrays are kept at a time


def joined(source: str, parts: Sequence[Callable[[], Samples]]) -> Samples:
    """The samples of all parts, in order. Each part is read once now, and checked, and later as
    needed; samples of different shapes, or beside different shared inputs, are of different kinds.

    Labels are kept where every part has them.
    """
    load = lru_cache(OPEN)(lambda number: parts[number]())
    owner: list[int] = []  # of each sample: its part, and its place there
    place: list[int] = []
    kinds: list[int] = []
    labels: list[Indices | None] = []
    notes: dict[str, None] = {}
    shapes: dict[Any, int] = {}
    fixed: set[int | None] = set()
    axes: dict[str, int | None] = {}
    alone = False
    for number in range(len(parts)):
        part = load(number)
        owner += [number] * part.count
        place += range(part.count)
        labels.append(part.labels)
        notes |= dict.fromkeys(part.notes)
        fixed.add(part.fixed)
        first = part.batch([0])
        alike: Any = tuple(
            (name, array.shape, array.tobytes())
            if (axis := part.axes.get(name, 0)) is None
            else (name, *array.shape[:axis], *array.shape[axis + 1 :])
            for name, array in sorted(first.items())
        )
        for number_there in range(part.count):
            mine = (number, number_there) if part.alone else alike
            kinds.append(shapes.setdefault(mine, len(shapes)))
        axes |= part.axes
        alone = alone or part.alone

    def fetch(indices: Indices) -> dict[str, NDArray[Any]]:
        found = [load(owner[i]).batch([place[i]]) for i in indices]
        return {name: _together([each[name] for each in found], axes.get(name, 0))
                for name in found[0]}  # fmt: skip

    known = None
    if labels and all(each is not None for each in labels):
        known = np.concatenate([each for each in labels if each is not None])
    sizes = {size for size in fixed if size is not None}
    return Samples(
        source,
        fetch,
        np.array(kinds, np.int64),
        np.arange(len(owner)),
        known,
        notes=tuple(notes),
        fixed=max(sizes) if sizes and not alone else None,
        axes=axes,
        alone=alone,
    )


def _together(arrays: Sequence[NDArray[Any]], axis: int | None) -> NDArray[Any]:
    first = arrays[0]
    return first if axis is None or len(arrays) == 1 else np.concatenate(arrays, axis=axis)
