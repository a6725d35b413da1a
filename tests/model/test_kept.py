"""Replacements that are bits or lie on disk read as the arrays that they stand for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from layers import gemm_model, saved

from sparseview.model.document import Model
from sparseview.model.kept import Zeroed, held, zeroed
from sparseview.model.repeated import Repeated
from sparseview.model.spill import Spill, Spilled
from sparseview.model.tensors import chunks, nonzero_mask, read

RNG = np.random.default_rng(2)


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "i1", "u1", "i4", "i8", "?"])
@pytest.mark.parametrize("size", [1, 7, 8, 1000, (1 << 17) + 5])
def test_bits_zero_what_they_mark(kind: str, size: int) -> None:
    array = (RNG.standard_normal(size) * 50).astype(kind)
    dropped = RNG.random(size) < 0.5
    entry = zeroed((size,), dropped, np.zeros((), kind), None)
    found = entry.values(lambda: array.copy())
    assert np.array_equal(found, np.where(dropped, np.zeros((), kind), array))
    assert found.dtype == array.dtype and held(entry) == -(-size // 8)


def test_nan_and_infinity_become_zero_and_others_keep_their_bits() -> None:
    array = np.array([np.nan, np.inf, -0.0, np.nan, 1], np.float32)
    dropped = np.array([1, 1, 0, 0, 0], bool)
    found = zeroed((5,), dropped, np.zeros((), "f4"), None).values(array.copy)
    assert found.view(np.uint32)[:2].tolist() == [0, 0]
    assert np.array_equal(found.view(np.uint32)[2:], array.view(np.uint32)[2:])


def test_zero_points_for_each_channel_and_block() -> None:
    array = RNG.integers(0, 255, (4, 6)).astype(np.uint8)
    dropped = RNG.random((4, 6)) < 0.5
    points = np.array([[3], [7], [11], [200]], np.uint8)
    found = zeroed((4, 6), dropped, points, None).values(array.copy)
    assert np.array_equal(found, np.where(dropped, points, array))
    blocks = Repeated(RNG.integers(0, 255, (4, 3)).astype(np.uint8), np.arange(6) // 2, 1)
    found = zeroed((4, 6), dropped, blocks, None).values(array.copy)
    assert np.array_equal(found, np.where(dropped, blocks.whole(), array))


def test_bits_over_bits_are_one_and_arrays_stay_below() -> None:
    array = RNG.standard_normal((5, 9)).astype(np.float32)
    one, two = RNG.random((5, 9)) < 0.3, RNG.random((5, 9)) < 0.3
    zero = np.zeros((), "f4")
    first = zeroed((5, 9), one, zero, None)
    both = zeroed((5, 9), two, zero, first)
    assert both.under is None
    assert np.array_equal(both.values(array.copy), np.where(one | two, 0, array))
    base = np.ones((5, 9), np.float32)
    over = zeroed((5, 9), one, zero, base)
    assert np.array_equal(over.values(array.copy), np.where(one, 0, 1))
    assert base.all()


@pytest.mark.parametrize("size", [(10, 7), (700, 900)])
def test_a_model_with_bits_streams_what_it_reads(tmp_path: Path, size: tuple[int, int]) -> None:
    w = RNG.standard_normal(size).astype(np.float32)
    dropped = RNG.random(size) < 0.5
    model = Model.open(saved(gemm_model(w), tmp_path))
    constant = model.weights[0].constant
    entry = zeroed(size, dropped, np.zeros((), "f4"), None)
    edited = model.with_overlay(model.overlay.with_({constant.key: entry}))
    wanted = np.where(dropped, 0, w)
    assert np.array_equal(read(edited, constant), wanted)
    together = np.concatenate([piece.copy() for piece in chunks(edited, constant)])
    assert np.array_equal(together, wanted.reshape(-1))
    assert np.array_equal(nonzero_mask(edited, constant), wanted != 0)


def test_what_lies_on_disk_reads_as_it_was_and_no_file_stays(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    spill = Spill()
    arrays = [RNG.standard_normal(n).astype(np.float32) for n in (3, 5000, 1)]
    kept = [spill.entry(array) for array in arrays]
    bits = spill.entry(zeroed((8,), np.ones(8, bool), np.zeros((), "f4"), None))
    assert isinstance(bits, Zeroed) and held(bits) == 0
    assert bits.values(lambda: np.ones(8, np.float32)).sum() == 0
    for array, entry in zip(arrays, kept, strict=True):
        assert isinstance(entry, Spilled) and held(entry) == 0
        assert np.array_equal(entry.values(array.copy), array)
    assert not list(tmp_path.iterdir())  # the file has no name
    spill.close()
