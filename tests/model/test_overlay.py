"""The overlay: immutable, and nobody can change an array behind its back."""

from __future__ import annotations

import numpy as np
import pytest

from sparseview.model.overlay import EMPTY, Overlay


def test_changes_are_laid_over_and_taken_away() -> None:
    first = EMPTY.with_({"a": np.ones(2), "b": np.zeros(3)})
    second = first.with_({"a": None, "b": np.full(3, 7.0), "c": np.ones(1), "absent": None})
    assert dict(EMPTY) == {}
    assert sorted(first) == ["a", "b"] and first["b"].tolist() == [0, 0, 0]
    assert sorted(second) == ["b", "c"] and second["b"].tolist() == [7, 7, 7]
    assert len(second) == 2 and "a" not in second and second.get("a") is None


def test_the_caller_cannot_change_a_value() -> None:
    mine = np.arange(6.0).reshape(2, 3)
    view = mine[:]
    view.flags.writeable = False
    overlay = Overlay({"own": mine, "view": view, "turned": mine.T})
    mine[:] = -1
    for key in overlay:
        assert overlay[key].min() == 0
        with pytest.raises(ValueError, match="read-only"):
            overlay[key][0, 0] = 5
    assert overlay["turned"].flags.c_contiguous and overlay["turned"].shape == (3, 2)


def test_an_unchanged_array_is_shared_between_overlays() -> None:
    first = Overlay({"a": np.ones(4)})
    assert first.with_({"b": np.ones(1)})["a"] is first["a"]
