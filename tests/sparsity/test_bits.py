"""Counting on bits against counting by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseview.sparsity import bits


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 5000), st.integers(1, 255), st.integers(0, 99))
def test_bytes_add_up_without_overflow(size, most, seed):
    counts = np.random.default_rng(seed).integers(0, most + 1, size).astype(np.uint8)
    assert bits.byte_sum(counts, most) == sum(counts.tolist())
    counts[:] = most
    assert bits.byte_sum(counts, most) == most * size


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(1, 40), st.floats(0, 1), st.integers(0, 99))
def test_small_groups_are_counted(words, density, seed):
    flags = np.random.default_rng(seed).random((words, 64)) < density
    packed = np.packbits(flags, axis=None, bitorder="little").view(np.uint64)
    found = bits.small_groups(packed, int(flags.sum()))
    for m in (2, 4):
        counts = [sum(group) for group in flags.reshape(-1, m).tolist()]
        assert found[m] == [sum(c >= k for c in counts) for k in range(1, min(m, 3) + 1)]


@pytest.mark.parametrize("density", [0.0, 0.2, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("shape", [(1, 64, 1, 8), (3, 16, 4, 12), (2, 64, 1, 64)])
def test_rows_of_four_are_counted(shape, density):
    stack, out, kernel, in_ = shape
    stored = np.random.default_rng(0).random((stack, in_, out, kernel)) < density
    nonzero = stored.transpose(0, 2, 3, 1)
    counts = [sum(group) for group in nonzero.reshape(-1, 4).tolist()]
    for n in (1, 2, 3):
        assert bits.rows_of_four(nonzero, n) == (int(nonzero.sum()), sum(c > n for c in counts))


def test_rows_of_four_need_whole_words():
    assert bits.rows_of_four(np.ones((1, 12, 1, 8), bool), 2) is None
    assert bits.rows_of_four(np.ones((1, 6, 1, 64), bool).transpose(0, 3, 2, 1), 2) is None


@pytest.mark.parametrize("shape", [(1, 8, 64), (3, 16, 65), (2, 256, 1)])
def test_turning_moves_every_byte(shape):
    rows = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    assert np.array_equal(bits.turned(rows), rows.transpose(0, 2, 1))


@pytest.mark.parametrize("axes", [(0, 3, 1, 2), (0, 1, 3, 2), (3, 0, 1, 2), (3, 2, 1, 0)])
def test_packing_in_whole_words_is_the_same_in_every_order(axes):
    stored = np.random.default_rng(0).random([[2, 16, 8, 128][a] for a in axes]) < 0.5
    nonzero = stored.transpose(np.argsort(axes))
    assert np.array_equal(bits.pack(nonzero), np.packbits(nonzero, axis=-1, bitorder="little"))
