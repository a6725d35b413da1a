"""The overlay: tensors that replace those in the file until the model is saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


class Overlay(Mapping[str, Array]):
    """Immutable map from a constant's key to its new value: storage dtype, stored shape, C order.

    The arrays are made read-only, so that a job's snapshot cannot change under it.
    """

    __slots__ = ("_entries",)

    def __init__(self, entries: Mapping[str, Array] | None = None) -> None:
        self._entries: dict[str, Array] = {k: _frozen(v) for k, v in (entries or {}).items()}

    def with_(self, changes: Mapping[str, Array | None]) -> Overlay:
        """A new overlay with `changes` laid over this one; None takes an entry away."""
        merged = dict(self._entries)
        for key, value in changes.items():
            if value is None:
                merged.pop(key, None)
            else:
                merged[key] = value
        return Overlay(merged)

    def __getitem__(self, key: str) -> Array:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def _frozen(array: Array) -> Array:
    # Shared only if read-only, and no view of memory that somebody else may write.
    if not array.flags.writeable and array.flags.c_contiguous and array.base is None:
        return array
    frozen = np.array(array, order="C", copy=True)
    frozen.flags.writeable = False
    return frozen


EMPTY = Overlay()
