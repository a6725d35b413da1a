"""Buffers go from one reader to the next, and never to two at a time."""

import pytest

from sparseview.model.buffers import LARGEST, lent


@pytest.mark.parametrize("size", [0, 1, 100, 4096, 5000, LARGEST, LARGEST + 1])
def test_a_buffer_is_large_enough_and_aligned(size: int) -> None:
    with lent(size) as buffer:
        assert buffer.size >= size
        assert buffer.ctypes.data % 64 == 0


def test_two_readers_have_two_buffers_and_the_third_has_one_again() -> None:
    with lent(5000) as first, lent(5000) as second:
        first[:], second[:] = 1, 2
        assert first.min() == first.max() == 1
        lying = {first.ctypes.data, second.ctypes.data}
    with lent(5000) as third:
        assert third.ctypes.data in lying


def test_a_small_reader_takes_no_large_buffer() -> None:
    with lent(LARGEST) as large:
        place = large.ctypes.data
    with lent(100) as small:
        assert small.ctypes.data != place
