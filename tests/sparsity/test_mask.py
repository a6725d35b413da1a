"""The mask's image: where entries lie, and what pooled pixels say, against loops."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseview.sparsity.mask import Layout, Pool, arrange


def drawn(layout: Layout, logical: np.ndarray) -> np.ndarray:
    """The image in plain loops: panels of out x in, parts and kernel rows below each other."""
    image = np.empty((layout.height, layout.width), logical.dtype)
    stack, outs, kernels, ins = logical.shape
    for s, o, k, i in itertools.product(range(stack), range(outs), range(kernels), range(ins)):
        down, right = k // layout.kernel_columns, k % layout.kernel_columns
        image[(s * layout.kernel_rows + down) * outs + o, right * ins + i] = logical[s, o, k, i]
    return image


@pytest.mark.parametrize(
    ("shape", "kernel", "rows", "columns"),
    [
        ((1, 64, 9, 64), (3, 3), 3, 3),
        ((1, 16, 9, 3), (3, 3), 1, 9),
        ((1, 512, 27, 8), (3, 3, 3), 1, 27),
        ((960, 1, 9, 1), (3, 3), 1, 9),
        ((1, 4096, 1, 1024), (), 1, 1),
        ((1, 2, 25, 700), (5, 5), 25, 1),
        ((4, 8, 9, 8), (3, 3), 1, 9),
        ((1, 0, 1, 8), (), 1, 1),
        ((1, 1, 1, 9), (), 1, 1),
    ],
)
def test_panels_make_the_image_nearly_square(shape, kernel, rows, columns):
    layout = arrange(shape, kernel)
    assert (layout.kernel_rows, layout.kernel_columns) == (rows, columns)


LAYOUTS = [
    Layout((1, 5, 6, 4), 2, 3),
    Layout((3, 2, 4, 5), 1, 4),
    Layout((1, 7, 1, 9), 1, 1),
    Layout((6, 1, 9, 1), 1, 9),
    Layout((1, 3, 4, 2), 4, 1),
]


def numbered(layout: Layout) -> np.ndarray:
    return np.arange(1, np.prod(layout.shape) + 1).reshape(layout.shape)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_every_entry_lies_where_the_loops_put_it(layout):
    logical = numbered(layout)
    image = np.zeros((layout.height, layout.width), int)
    index = tuple(np.arange(size) for size in layout.shape)
    for y, x, (part,) in layout.places(index, (logical,)):
        image[np.ix_(y, x)] = part
    assert np.array_equal(image, drawn(layout, logical))
    for place in itertools.product(*(range(size) for size in layout.shape)):
        assert image[layout.place(*place)] == logical[place]


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_any_rectangle_is_covered_once(layout):
    logical = numbered(layout)
    image = drawn(layout, logical)
    rng = np.random.default_rng(5)
    for _ in range(40):
        top, bottom = sorted(rng.integers(0, layout.height + 1, 2).tolist())
        left, right = sorted(rng.integers(0, layout.width + 1, 2).tolist())
        found = [
            logical[tuple(slice(*within) for within in part)].ravel()
            for part in layout.parts((top, bottom), (left, right))
        ]
        wanted = image[top:bottom, left:right].ravel()
        assert sorted(np.concatenate([*found, []])) == sorted(wanted)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    height=st.integers(1, 20),
    width=st.integers(1, 20),
    rows=st.integers(1, 6),
    columns=st.integers(1, 6),
)
def test_pixels_pool_their_entries(seed, height, width, rows, columns):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((height, width)).astype(np.float32)
    values[rng.random(values.shape) < 0.5] = 0
    pool = Pool((10, 20, height, width), rows, columns)
    # In pieces that cut pixels in the middle.
    for y in np.array_split(np.arange(height), min(height, 3)):
        for x in np.array_split(np.arange(width), min(width, 2)):
            piece = values[np.ix_(y, x)]
            pool.add(y + 10, x + 20, piece != 0, np.abs(piece))
    density, magnitude = pool.planes(float(np.abs(values).max()))
    shape = -(-height // rows), -(-width // columns)
    found = np.frombuffer(density, np.uint8).reshape(shape)
    sizes = np.frombuffer(magnitude, np.uint8).reshape(shape)
    for i, j in itertools.product(*map(range, shape)):
        entries = values[i * rows : (i + 1) * rows, j * columns : (j + 1) * columns]
        nonzeros = np.count_nonzero(entries)
        share = nonzeros / entries.size
        assert (found[i, j] == 0) == (nonzeros == 0)
        assert (found[i, j] == 255) == (nonzeros == entries.size)
        assert abs(found[i, j] - 255 * share) <= 1.01
        assert (sizes[i, j] == 0) == (nonzeros == 0)
        if nonzeros:
            level = np.sqrt(np.abs(entries).sum() / nonzeros / np.abs(values).max())
            assert abs(sizes[i, j] - 255 * level) <= 1.01


def test_larger_pixels_and_parts_are_made_from_smaller_ones():
    rng = np.random.default_rng(7)
    nonzero = rng.random((30, 23)) < 0.4
    sizes = np.where(nonzero, rng.random(nonzero.shape), 0).astype(np.float32)

    def pooled(box, rows, columns):
        top, left, height, width = box
        found = Pool(box, rows, columns)
        part = np.ix_(range(top, top + height), range(left, left + width))
        found.add(np.arange(top, top + height), np.arange(left, left + width), nonzero[part],
                  sizes[part])  # fmt: skip
        return found

    small = pooled((0, 0, 30, 23), 2, 2)
    for rows, columns in ((1, 1), (3, 2), (20, 20)):
        again, direct = small.again(rows, columns), pooled((0, 0, 30, 23), 2 * rows, 2 * columns)
        assert np.array_equal(again.counts, direct.counts)
        assert again.planes(1.0)[0] == direct.planes(1.0)[0]
        assert np.allclose(again.sums, direct.sums)
    cut = small.cut(10, 8, 8, 8)
    direct = pooled((20, 16, 10, 7), 2, 2)
    assert np.array_equal(cut.counts, direct.counts)
    assert cut.planes(1.0) == direct.planes(1.0)
    assert small.cut(99, 99, 8, 8).planes(1.0) == (b"", b"")


def test_what_is_no_number_is_drawn_as_the_largest():
    pool = Pool((0, 0, 1, 3))
    with np.errstate(invalid="ignore"):
        pool.add(np.arange(1), np.arange(3), np.array([[True, True, False]]),
                 np.array([[np.nan, np.inf, 0]], np.float32))  # fmt: skip
    assert pool.planes(2.0) == (bytes([255, 255, 0]), bytes([255, 255, 0]))
