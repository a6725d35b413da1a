"""How a stored tensor reads as a weight: its dims' roles, and the way there and back (numpy)."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]


class Axes(msgspec.Struct, frozen=True):
    """Which dims of a shape play which role; every dim has one (see View for the shared one)."""

    stack: tuple[int, ...] = ()
    out: tuple[int, ...] = ()
    kernel: tuple[int, ...] = ()
    in_: tuple[int, ...] = ()


class Transpose(msgspec.Struct, frozen=True):
    """A step from the stored tensor to what the operator reads: dim i is dim perm[i] before."""

    perm: tuple[int, ...]

    def apply(self, array: Array) -> Array:
        return np.transpose(array, self.perm)

    def undo(self, array: Array) -> Array:
        return np.transpose(array, tuple(int(i) for i in np.argsort(self.perm)))

    def reshaped(self, shape: Shape) -> Shape:
        """The shape after this step of an array of `shape`."""
        return tuple(shape[i] for i in self.perm)


class Reshape(msgspec.Struct, frozen=True):
    """A step that keeps the row-major order of the elements; both shapes are fully known."""

    before: Shape
    after: Shape

    def apply(self, array: Array) -> Array:
        return array.reshape(self.after)

    def undo(self, array: Array) -> Array:
        return array.reshape(self.before)

    def reshaped(self, shape: Shape) -> Shape:
        return self.after


class Shuffle(msgspec.Struct, frozen=True):
    """A step that puts the parts of one dim into another order: part i was parts[i], (start, end).

    The parts are all of the dim, each once: as an exporter swaps the gates of an LSTM.
    """

    axis: int
    parts: tuple[tuple[int, int], ...]

    def apply(self, array: Array) -> Array:
        return np.take(array, self._order(), self.axis)

    def undo(self, array: Array) -> Array:
        if array.shape[self.axis] == 1:  # broadcasts along it
            return array
        return np.take(array, np.argsort(self._order()), self.axis)

    def reshaped(self, shape: Shape) -> Shape:
        return shape

    def _order(self) -> NDArray[np.int64]:
        return np.concatenate([np.arange(start, end) for start, end in self.parts])


Step = Transpose | Reshape | Shuffle


class View(msgspec.Struct, frozen=True):
    """A weight's way between its stored shape and the logical [stack, out, kernel, in].

    shape : the shape whose dims `axes` names: the stored one where each stored dim has one role,
        else (then `steps` is not empty) the shape that the operator reads.
    groups : with more than 1, one dim is in `stack` and also in `out` or `in_`: it holds
        `groups` stacked parts one after the other, as a grouped Conv's first dim does.
    """

    shape: Shape
    steps: tuple[Step, ...]
    axes: Axes
    groups: int = 1

    def logical(self, stored: Array) -> Array:
        """The stored tensor as [stack, out, kernel, in]; shares memory where numpy can."""
        for step in self.steps:
            stored = step.apply(stored)
        sizes, order, logical = self._plan()
        return np.transpose(stored.reshape(sizes), order).reshape(logical)

    def stored(self, logical: Array) -> Array:
        """The exact inverse of `logical`: the same elements in the stored shape."""
        sizes, order, _ = self._plan()
        array = logical.reshape([sizes[dim] for dim in order])
        array = Transpose(order).undo(array).reshape(self.shape)
        for step in reversed(self.steps):
            array = step.undo(array)
        return array

    @property
    def logical_shape(self) -> Shape:
        """(stack, out, kernel, in), in elements."""
        return self._plan()[2]

    @property
    def factors(self) -> tuple[Shape, tuple[int, ...], tuple[int, int, int, int]]:
        """(sizes, order, counts): the shape after `steps` as row-major dims of one role each,
        their order as [stack, out, kernel, in], and how many of them make each of those four.
        """
        sizes, order, _ = self._plan()
        axes = self.axes
        return sizes, order, (len(axes.stack), len(axes.out), len(axes.kernel), len(axes.in_))

    def _plan(self) -> tuple[Shape, tuple[int, ...], Shape]:
        """(sizes with the shared dim cut in two, order of those dims, logical shape)."""
        axes = self.axes
        shared = -1
        if self.groups > 1:
            (shared,) = set(axes.stack) & (set(axes.out) | set(axes.in_))
        sizes: list[int] = []
        place: list[int] = []  # of each dim among the sizes; the shared one's second part follows
        for dim, size in enumerate(self.shape):
            place.append(len(sizes))
            sizes += [self.groups, size // self.groups] if dim == shared else [size]
        order: list[int] = []
        logical: list[int] = []
        for part, role in enumerate((axes.stack, axes.out, axes.kernel, axes.in_)):
            dims = [place[dim] + (dim == shared and part > 0) for dim in role]
            order += dims
            logical.append(prod(sizes[dim] for dim in dims))
        return tuple(sizes), tuple(order), tuple(logical)


def through(stored: Shape, steps: Sequence[Step], axes: Axes, groups: int = 1) -> View:
    """The view of a stored tensor that an operator reads through `steps`.

    stored : the stored shape.  axes, groups : roles of the dims that the operator reads.
    Roles are moved back to the stored dims where each stored dim keeps exactly one.
    """
    if not steps:
        return View(stored, (), axes, groups)
    kept = [step for step in steps if not isinstance(step, Shuffle)]
    if len(kept) < len(steps):
        plain = through(stored, kept, axes, groups)
        if _stack_only(plain, steps):
            return plain
    traced = _trace(stored, steps)
    if traced is not None:
        moved = _move(stored, traced, axes, groups)
        if moved is not None:
            return View(stored, (), *moved)
    shape = stored
    for step in steps:
        shape = step.reshaped(shape)
    return View(shape, tuple(steps), axes, groups)


def _stack_only(plain: View, steps: Sequence[Step]) -> bool:
    """Whether the shuffles among the steps only change the order of what is stacked, as of gates.

    plain : the view without them. It says the same then, but for the stack's order.
    """
    if plain.steps:
        return False
    for at, step in enumerate(steps):
        if isinstance(step, Shuffle):
            dims = _trace(plain.shape, [s for s in steps[:at] if not isinstance(s, Shuffle)])
            if dims is None or len(dims[step.axis]) != 1:
                return False
            (dim,) = dims[step.axis]
            if dim not in plain.axes.stack:
                return False
            alone = dim not in (*plain.axes.out, *plain.axes.in_)
            unit = 1 if alone else plain.shape[dim] // plain.groups
            if any(start % unit for start, _ in step.parts):
                return False
    return True


def _trace(stored: Shape, steps: Sequence[Step]) -> list[list[int]] | None:
    """The stored dims inside each dim after `steps`, in order; None where a dim was cut, or its
    parts stand in another order."""
    dims = [[dim] for dim in range(len(stored))]
    for step in steps:
        if isinstance(step, Transpose):
            dims = [dims[i] for i in step.perm]
            continue
        if isinstance(step, Shuffle):
            return None
        flat = [dim for group in dims for dim in group]
        regrouped = _regroup(flat, [stored[dim] for dim in flat], step.after)
        if regrouped is None:
            return None
        dims = regrouped
    return dims


def _regroup(flat: list[int], sizes: list[int], after: Shape) -> list[list[int]] | None:
    """Share dims out over a reshape's new dims without cutting one; unit dims may go nowhere."""
    if 0 in after:
        return None  # nothing to tell where elements went
    groups: list[list[int]] = []
    at = 0
    for target in after:
        group: list[int] = []
        size = 1
        if target == 1 and at < len(flat) and sizes[at] == 1:
            group.append(flat[at])
            at += 1
        while size < target and at < len(flat):
            if sizes[at] != 1:
                group.append(flat[at])
                size *= sizes[at]
            at += 1
        if size != target:
            return None
        groups.append(group)
    return groups


def _move(stored: Shape, dims: list[list[int]], axes: Axes, groups: int) -> tuple[Axes, int] | None:
    """Roles in terms of stored dims, and the groups still inside one dim."""
    stack = _gather(dims, axes.stack)
    out = _gather(dims, axes.out)
    in_ = _gather(dims, axes.in_)
    kernel = _gather(dims, axes.kernel)
    if groups > 1:
        (shared,) = set(axes.stack) & (set(axes.out) | set(axes.in_))
        if len(dims[shared]) > 1:
            # The groups were stored as dims of their own: they are plain stack dims.
            sizes = [prod(stored[d] for d in dims[shared][:n]) for n in range(len(dims[shared]))]
            if groups not in sizes:
                return None
            count = sizes.index(groups)
            parts, rest = dims[shared][:count], dims[shared][count:]
            stack = _gather(dims, axes.stack, {shared: parts})
            out = _gather(dims, axes.out, {shared: rest})
            in_ = _gather(dims, axes.in_, {shared: rest})
            groups = 1
    # Unit dims that a squeeze dropped: a kernel of one position changes nothing.
    lost = set(range(len(stored))) - {*stack, *out, *kernel, *in_}
    return Axes(stack, out, tuple(sorted({*kernel, *lost})) if lost else kernel, in_), groups


def _gather(
    dims: list[list[int]], role: tuple[int, ...], instead: dict[int, list[int]] | None = None
) -> tuple[int, ...]:
    instead = instead or {}
    return tuple(dim for i in role for dim in instead.get(i, dims[i]))
