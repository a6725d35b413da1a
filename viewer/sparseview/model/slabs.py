"""Cuts a stored tensor into flat ranges that are boxes of its weight's logical axes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from sparseview.model.view import Reshape, View

At = tuple[int, int, int, int]
_STACK, _OUT, _KERNEL, _IN = range(4)


class Slab(msgspec.Struct, frozen=True):
    """Elements `start` to `stop` of the stored tensor, flat in C order.

    at : where the first of them lies in [stack, out, kernel, in].
    index : the same box in the sizes of `View.factors`.
    """

    start: int
    stop: int
    at: At
    index: tuple[slice, ...]

    def logical(self, flat: NDArray[Any], view: View) -> NDArray[Any]:
        """Its elements, flat, as [stack, out, kernel, in]; shares memory where numpy can."""
        _, order, counts = view.factors
        here = [part.stop - part.start for part in self.index]
        ends = np.cumsum((0, *counts))
        logical = [math.prod(here[d] for d in order[ends[r] : ends[r + 1]]) for r in range(4)]
        return np.asarray(flat.reshape(here).transpose(order).reshape(logical))


def in_order(view: View) -> bool:
    """Whether the dims of `View.factors` lie in the order of the file, as they do unless a stored
    dim was cut and its parts were moved."""
    return all(isinstance(step, Reshape) for step in view.steps)


def slabs(view: View, limit: int, unit: int) -> Iterator[Slab]:
    """The whole tensor in the order of the file, in slabs of about `limit` elements.

    Along out and in, every slab begins at a multiple of `unit`: blocks and groups of up to that
    size stay whole. A slab is larger where the order of the axes in the file asks for it.
    Only for views that keep the order of the elements: see `in_order`.
    """
    sizes, order, counts = view.factors
    roles, minor = _roles(sizes, order, counts)
    split, step = _where(sizes, order, roles, minor, limit, unit)
    inner = math.prod(sizes[split + 1 :])
    rest = tuple(slice(0, size) for size in sizes[split + 1 :])
    start = 0
    for outer in product(*map(range, sizes[:split])):
        for first in range(0, sizes[split], step) if split < len(sizes) else (0,):
            count = min(step, sizes[split] - first) if split < len(sizes) else 1
            at = [0, 0, 0, 0]
            for dim, place in enumerate((*outer, first)[: len(sizes)]):
                at[roles[dim]] += place * minor[dim]
            index = tuple(slice(place, place + 1) for place in outer)
            if split < len(sizes):
                index = (*index, slice(first, first + count), *rest)
            stop = start + count * inner
            yield Slab(start, stop, (at[0], at[1], at[2], at[3]), index)
            start = stop


def _roles(
    sizes: tuple[int, ...], order: tuple[int, ...], counts: tuple[int, int, int, int]
) -> tuple[list[int], list[int]]:
    """Of each dim: its logical axis, and how far one place along it goes there."""
    roles, minor = [0] * len(sizes), [1] * len(sizes)
    end = len(order)
    for role in (_IN, _KERNEL, _OUT, _STACK):
        far = 1
        for dim in reversed(order[end - counts[role] : end]):
            roles[dim], minor[dim] = role, far
            far *= sizes[dim]
        end -= counts[role]
    return roles, minor


def _where(
    sizes: tuple[int, ...],
    order: tuple[int, ...],
    roles: list[int],
    minor: list[int],
    limit: int,
    unit: int,
) -> tuple[int, int]:
    """(the dim to cut, places per slab); dims before it are taken one place at a time."""
    if math.prod(sizes) <= limit:
        return 0, max(sizes[0], 1) if sizes else 1
    for dim, size in enumerate(sizes):
        if size == 1:
            continue
        inner = math.prod(sizes[dim + 1 :])
        above = order[: order.index(dim)]
        if any(roles[d] == roles[dim] and d > dim and sizes[d] > 1 for d in above):
            # Stored inside a dim that it is the lesser part of: its places are far apart.
            break
        if roles[dim] in (_OUT, _IN):
            least = unit // math.gcd(unit, minor[dim])
            return dim, max(limit // inner // least, 1) * least
        if inner <= limit:
            return dim, max(limit // inner, 1)
    return 0, max(sizes[0], 1)
