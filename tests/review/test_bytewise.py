"""Groups of four in bytes as they are read: as by hand, or left to the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from layers import model_of, saved
from onnx import helper

from sparseview.model.document import Model
from sparseview.model.tensors import PIECE
from sparseview.progress import Cancelled
from sparseview.review import bytewise as module
from sparseview.review.bytewise import bytewise
from sparseview.review.measuring import count, nothing


def opened(folder: Path, weight: Any, zero: Any = None) -> Model:
    constants, inputs = {"w": weight}, ["x", "w"]
    if zero is not None:
        constants["z"], inputs = np.asarray(zero, weight.dtype), ["x", "w", "", "z"]
    op = "MatMul" if weight.dtype.kind == "f" else "MatMulInteger"
    node = helper.make_node(op, inputs, ["y"], "layer")
    made = model_of([node], constants, {"x": ["n", int(weight.shape[0])]}, ["y"])
    return Model.open(saved(made, folder))


def codes(shape: tuple[int, ...], dtype: Any, density: float) -> Any:
    random = np.random.default_rng(7)
    drawn = random.integers(1, 120, shape)
    drawn *= random.choice([-1, 1], shape) if np.dtype(dtype).kind == "i" else 1
    return np.where(random.random(shape) < density, drawn, 0).astype(dtype)


def by_hand(live: Any, n: int) -> tuple[int, int]:
    """live : bools [in, out]."""
    groups = [
        live[i : i + 4, o].sum() for o in range(live.shape[1]) for i in range(0, len(live), 4)
    ]
    return int(sum(over > n for over in groups)), len(groups)


@pytest.mark.parametrize("piece", [256, 1000, 1 << 19])
@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
@pytest.mark.parametrize("density", [0.0, 0.4, 0.8, 1.0])
def test_as_by_hand(
    tmp_path: Path, monkeypatch: Any, dtype: Any, density: float, piece: int
) -> None:
    weight = codes((24, 64), dtype, density)
    model = opened(tmp_path, weight)
    whole = module.chunks

    def short(*arguments: Any) -> Any:
        for one in whole(*arguments):
            yield from (one[at : at + piece] for at in range(0, one.size, piece))

    monkeypatch.setattr(module, "chunks", short)
    for n in (1, 2, 3):
        found = bytewise(model, model.weights[0], (n, 4), nothing)
        assert found is not None
        assert found.violating(n, 4) == by_hand(weight != 0, n)
        assert found.nonzeros == np.count_nonzero(weight)


@pytest.mark.parametrize("zero", [0, np.zeros(64)])
def test_a_zero_point_of_0_is_no_other_zero(tmp_path: Path, zero: Any) -> None:
    weight = codes((16, 64), np.uint8, 0.5)
    model = opened(tmp_path, weight, zero)
    found = bytewise(model, model.weights[0], (2, 4), nothing)
    assert found is not None
    assert found.violating(2, 4) == by_hand(weight != 0, 2)


@pytest.mark.parametrize(
    ("shape", "dtype", "zero", "only"),
    [
        ((16, 64), np.uint8, 3, (2, 4)),  # another zero
        ((16, 64), np.uint8, None, (4, 8)),  # no groups of four
        ((16, 63), np.uint8, None, (2, 4)),  # no whole words
        ((18, 64), np.uint8, None, (2, 4)),  # no whole groups
        ((16, 64), np.float32, None, (2, 4)),  # no bytes
    ],
)
def test_others_count_what_it_cannot(
    tmp_path: Path, shape: Any, dtype: Any, zero: Any, only: tuple[int, int]
) -> None:
    weight = codes(shape, dtype, 0.5)
    model = opened(tmp_path, weight, zero)
    assert bytewise(model, model.weights[0], only, nothing) is None
    assert count(model, model.weights[0], only).nonzeros == np.count_nonzero(weight != (zero or 0))


def test_it_can_be_stopped(tmp_path: Path) -> None:
    model = opened(tmp_path, codes((16, 64), np.int8, 0.5))

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        bytewise(model, model.weights[0], (2, 4), stop)


def test_what_is_carried_outlives_the_piece_that_it_came_in(tmp_path: Path) -> None:
    """A file in several pieces, which lie in one buffer, cut inside of groups."""
    weight = codes((8192, 192), np.int8, 0.5)
    assert weight.nbytes > 2 * PIECE and PIECE % (4 * 192)
    model = opened(tmp_path, weight)
    found = bytewise(model, model.weights[0], (2, 4), nothing)
    assert found is not None
    alive = (weight != 0).reshape(-1, 4, 192).sum(axis=1)
    assert found.violating(2, 4) == (np.count_nonzero(alive > 2), alive.size)
    assert found.nonzeros == np.count_nonzero(weight)
