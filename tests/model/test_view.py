"""Views hold against numpy written out: roles of every element, and the way back."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseview.model.view import Axes, Reshape, Step, Transpose, View, through

FEW = settings(derandomize=True, max_examples=150, deadline=None)


def read(stored: Any, steps: list[Step]) -> Any:
    """What the operator reads, by numpy itself."""
    for step in steps:
        if isinstance(step, Transpose):
            stored = np.transpose(stored, step.perm)
        else:
            stored = np.reshape(stored, step.after)
    return stored


def expected(array: Any, axes: Axes, groups: int) -> Any:
    """[stack, out, kernel, in] of what the operator reads, element by element."""
    sizes = {
        "stack": prod(array.shape[d] for d in axes.stack if groups == 1 or d not in axes.out),
        "out": prod(array.shape[d] for d in axes.out) // groups,
        "kernel": prod(array.shape[d] for d in axes.kernel),
        "in": prod(array.shape[d] for d in axes.in_),
    }
    sizes["stack"] *= groups
    logical = np.empty(tuple(sizes.values()), array.dtype)
    for index in np.ndindex(*array.shape):

        def flat(dims: tuple[int, ...], index: tuple[int, ...] = index) -> int:
            place = 0
            for dim in dims:
                place = place * array.shape[dim] + index[dim]
            return place

        if groups == 1:
            stack, out = flat(axes.stack), flat(axes.out)
        else:  # the one dim of `out` holds the groups, one after the other
            stack, out = divmod(flat(axes.out), sizes["out"])
        logical[stack, out, flat(axes.kernel), flat(axes.in_)] = array[index]
    return logical


@st.composite
def readings(draw: st.DrawFn) -> tuple[tuple[int, ...], list[Step], Axes, int]:
    """A stored shape, steps that numpy allows, and roles of what comes out."""
    stored = tuple(draw(st.lists(st.sampled_from([1, 1, 2, 3, 4]), min_size=1, max_size=4)))
    shape = stored
    steps: list[Step] = []
    for _ in range(draw(st.integers(0, 3))):
        if draw(st.booleans()):
            perm = tuple(draw(st.permutations(range(len(shape)))))
            steps.append(Transpose(perm))
            shape = tuple(shape[i] for i in perm)
        else:
            after = draw(st.sampled_from(shapes_of(prod(shape))))
            steps.append(Reshape(shape, after))
            shape = after
    roles: list[list[int]] = [[], [], [], []]
    for dim in range(len(shape)):
        roles[draw(st.integers(0, 3))].append(dim)
    stack, out, kernel, in_ = (tuple(dims) for dims in roles)
    divisors = [g for g in (2, 3, 4) if len(out) == 1 and shape[out[0]] % g == 0 and not stack]
    groups = draw(st.sampled_from([1, *divisors]))
    return stored, steps, Axes(out if groups > 1 else stack, out, kernel, in_), groups


def shapes_of(size: int) -> list[tuple[int, ...]]:
    pairs = [(a, size // a) for a in range(1, size + 1) if size % a == 0]
    return [(size,), (1, size), (size, 1), *pairs, *((a, 1, b) for a, b in pairs),
            *((a, c, b // c) for a, b in pairs for c in (2, 3) if b % c == 0)]  # fmt: skip


@FEW
@given(readings())
def test_logical_is_what_the_operator_reads_and_stored_is_its_inverse(
    reading: tuple[tuple[int, ...], list[Step], Axes, int],
) -> None:
    shape, steps, axes, groups = reading
    stored = np.arange(prod(shape)).reshape(shape)
    view = through(shape, steps, axes, groups)
    wanted = expected(read(stored, steps), axes, groups)
    logical = view.logical(stored)
    assert logical.shape == view.logical_shape
    np.testing.assert_array_equal(logical, wanted)
    back = view.stored(np.ascontiguousarray(logical))
    assert back.shape == shape
    np.testing.assert_array_equal(back, stored)


@FEW
@given(readings())
def test_axes_name_every_dim_of_the_printed_shape_once(
    reading: tuple[tuple[int, ...], list[Step], Axes, int],
) -> None:
    shape, steps, axes, groups = reading
    view = through(shape, steps, axes, groups)
    named = [*view.axes.stack, *view.axes.out, *view.axes.kernel, *view.axes.in_]
    shared = 1 if view.groups > 1 else 0
    assert len(named) == len(view.shape) + shared
    assert set(named) == set(range(len(view.shape)))
    assert prod(view.shape) == prod(shape)
    if not view.steps:
        assert view.shape == shape


OUT_IN = Axes(out=(0,), in_=(1,))
CONV = Axes(out=(0,), kernel=(2, 3), in_=(1,))


@pytest.mark.parametrize(
    ("stored", "steps", "axes", "groups", "printed"),
    [
        # a transposed matrix
        ((7, 5), [Transpose((1, 0))], OUT_IN, 1, View((7, 5), (), Axes(out=(1,), in_=(0,)))),
        # channels last
        (
            (3, 3, 8, 4),
            [Transpose((3, 2, 0, 1))],
            CONV,
            1,
            View((3, 3, 8, 4), (), Axes(out=(3,), kernel=(0, 1), in_=(2,))),
        ),
        # a 1x1 convolution's weight used as a matrix
        ((8, 4, 1, 1), [Reshape((8, 4, 1, 1), (8, 4))], OUT_IN, 1, View((8, 4, 1, 1), (), CONV)),
        # flattened: two stored dims play one role
        (
            (8, 4, 3),
            [Reshape((8, 4, 3), (8, 12))],
            OUT_IN,
            1,
            View((8, 4, 3), (), Axes(out=(0,), in_=(1, 2))),
        ),
        # a stored dim with two roles: as the operator reads it
        (
            (8, 36),
            [Reshape((8, 36), (8, 4, 3, 3))],
            CONV,
            1,
            View((8, 4, 3, 3), (Reshape((8, 36), (8, 4, 3, 3)),), CONV),
        ),
        # groups stored as a dim of their own
        (
            (2, 3, 4, 5, 5),
            [Reshape((2, 3, 4, 5, 5), (6, 4, 5, 5))],
            Axes((0,), (0,), (2, 3), (1,)),
            2,
            View((2, 3, 4, 5, 5), (), Axes((0,), (1,), (3, 4), (2,)), 1),
        ),
        # groups inside a transposed dim
        (
            (4, 6, 5),
            [Transpose((1, 0, 2))],
            Axes((0,), (0,), (2,), (1,)),
            3,
            View((4, 6, 5), (), Axes((1,), (1,), (2,), (0,)), 3),
        ),
    ],
)
def test_printed_axes(
    stored: tuple[int, ...], steps: list[Step], axes: Axes, groups: int, printed: View
) -> None:
    assert through(stored, steps, axes, groups) == printed


@pytest.mark.parametrize(
    ("shape", "steps", "axes", "groups"),
    [
        ((8, 4, 3, 3), [], CONV, 1),
        ((8, 4, 3, 3), [], Axes((0,), (0,), (2, 3), (1,)), 2),
        ((7, 5), [Transpose((1, 0))], OUT_IN, 1),
        ((2, 3, 5, 7), [], Axes((0, 1), (3,), (), (2,)), 1),
        ((8, 36), [Reshape((8, 36), (8, 4, 3, 3))], CONV, 1),
    ],
)
def test_nothing_is_copied(
    shape: tuple[int, ...], steps: list[Step], axes: Axes, groups: int
) -> None:
    stored = np.zeros(shape, np.float32)
    logical = through(shape, steps, axes, groups).logical(stored)
    assert np.shares_memory(logical, stored)


@pytest.mark.parametrize("shape", [(0, 4, 3, 3), (8, 0, 3, 3), (8, 4, 0, 0)])
def test_a_weight_without_elements(shape: tuple[int, ...]) -> None:
    view = through(shape, [Transpose((0, 1, 3, 2))], CONV)
    logical = view.logical(np.zeros(shape, np.float32))
    assert logical.shape == (1, shape[0], shape[2] * shape[3], shape[1])
    assert view.stored(logical).shape == shape


def test_groups_along_the_input() -> None:
    """As ConvTranspose has them: [C, M/group, kernel], the groups inside the first dim."""
    stored = np.arange(6 * 2 * 3).reshape(6, 2, 3)
    view = View((6, 2, 3), (), Axes((0,), (1,), (2,), (0,)), 2)
    logical = view.logical(stored)
    assert logical.shape == (2, 2, 3, 3)
    for c, m, k in np.ndindex(6, 2, 3):
        assert logical[c // 3, m, k, c % 3] == stored[c, m, k]
    np.testing.assert_array_equal(view.stored(logical), stored)
