"""The overlay: tensors that replace those in the file until the model is saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sparseview.model.kept import Entry


class Overlay(Mapping[str, Entry]):
    """Immutable map from a constant's key to its new value: storage dtype, stored shape, C order.

    Arrays are made read-only, so that a job's snapshot cannot change under it. An entry may be
    Kept instead: `tensors.read` gives the values of either.
    """

    __slots__ = ("_entries",)

    def __init__(self, entries: Mapping[str, Entry] | None = None) -> None:
        self._entries: dict[str, Entry] = {k: _frozen(v) for k, v in (entries or {}).items()}

    def with_(self, changes: Mapping[str, Entry | None]) -> Overlay:
        """A new overlay with `changes` laid over this one; None takes an entry away."""
        merged = dict(self._entries)
        for key, value in changes.items():
            if value is None:
                merged.pop(key, None)
            else:
                merged[key] = value
        return Overlay(merged)

    def __getitem__(self, key: str) -> Entry:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def same(one: Mapping[str, Entry], other: Mapping[str, Entry]) -> bool:
    """Whether two overlays of one model hold the very same values, not only equal ones."""
    return one.keys() == other.keys() and all(one[key] is other[key] for key in one)


def _frozen(entry: Entry) -> Entry:
    if not isinstance(entry, np.ndarray):
        return entry
    # Shared only if read-only, and no view of memory that somebody else may write.
    if not entry.flags.writeable and entry.flags.c_contiguous and entry.base is None:
        return entry
    frozen = np.array(entry, order="C", copy=True)
    frozen.flags.writeable = False
    return frozen


EMPTY = Overlay()
