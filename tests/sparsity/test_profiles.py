"""Density per channel, against loops over the channels."""

from __future__ import annotations

import numpy as np
import pytest

from sparseview.sparsity.profiles import MOST_BINS, MOST_LISTED, ProfileCounter


def counted(nonzero: np.ndarray, pieces: int = 1):
    counter = ProfileCounter(nonzero.shape)
    for rows in np.array_split(np.arange(nonzero.shape[1]), pieces):
        index = (
            np.arange(nonzero.shape[0]), rows,
            np.arange(nonzero.shape[2]), np.arange(nonzero.shape[3]),
        )  # fmt: skip
        counter.add(index, nonzero[:, rows])
    return counter.result()


@pytest.mark.parametrize("shape", [(1, 6, 1, 8), (3, 4, 9, 5), (7, 1, 4, 1), (1, 1, 1, 12)])
@pytest.mark.parametrize("pieces", [1, 3])
def test_each_channel(shape, pieces):
    nonzero = np.random.default_rng(1).random(shape) < 0.3
    nonzero[-1, -1] = False
    out, in_ = counted(nonzero, min(pieces, shape[1]))
    wanted_out = [float(nonzero[s, o].mean()) for s in range(shape[0]) for o in range(shape[1])]
    wanted_in = [
        float(nonzero[s, :, :, i].mean()) for s in range(shape[0]) for i in range(shape[3])
    ]
    for found, wanted in ((out, wanted_out), (in_, wanted_in)):
        assert found.channels == len(wanted) and found.stack == shape[0]
        assert found.per_bin == 1
        assert list(found.mean) == list(found.low) == list(found.high) == pytest.approx(wanted)
        dead = [place for place, share in enumerate(wanted) if share == 0]
        assert list(found.dead) == dead and found.dead_count == len(dead)
    assert out.dead_count >= 1


def test_many_channels_are_told_in_bins():
    channels = 3 * MOST_BINS + 7
    nonzero = np.random.default_rng(2).random((1, channels, 1, 10)) < 0.5
    out, _ = counted(nonzero)
    assert out.per_bin == 4 and len(out.mean) == -(-channels // 4) <= MOST_BINS
    shares = nonzero.mean(axis=(0, 2, 3))
    for place in range(len(out.mean)):
        part = shares[4 * place : 4 * place + 4]
        assert out.mean[place] == pytest.approx(part.mean())
        assert (out.low[place], out.high[place]) == (part.min(), part.max())


def test_the_list_of_dead_channels_is_bounded():
    out, in_ = counted(np.zeros((1, MOST_LISTED + 50, 1, 2), bool))
    assert out.dead_count == MOST_LISTED + 50 and out.dead == tuple(range(MOST_LISTED))
    assert in_.dead == (0, 1)


def test_no_elements():
    out, in_ = ProfileCounter((1, 0, 1, 4)).result()
    assert (out.channels, out.mean, out.dead) == (0, (), ())
    assert (in_.channels, in_.dead_count) == (4, 0)
