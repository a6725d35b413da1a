"""Brute-force checkers: the rules of annotation.md and cli.md in plain loops.

Never imports the project: what it says is the truth that the project is held against. Slow.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import comb
from typing import Any

import numpy as np

BLOCKS = [
    (32, 32), (16, 16), (8, 8), (4, 4), (1, 32), (32, 1),
    (1, 16), (16, 1), (1, 8), (8, 1), (1, 4), (4, 1),
]  # fmt: skip


def blocks(nonzero: Any, rows: int, columns: int) -> list[list[bool]]:
    """The entries of every block; empty where the axes are not divisible."""
    stack, out, kernel, in_ = nonzero.shape
    if out % rows or in_ % columns:
        return []
    return [
        [
            bool(nonzero[s, o + r, k, i + c])
            for r, c in itertools.product(range(rows), range(columns))
        ]
        for s, k in itertools.product(range(stack), range(kernel))
        for o in range(0, out, rows)
        for i in range(0, in_, columns)
    ]


def channels(nonzero: Any, side: str) -> list[list[bool]]:
    """The entries of every output or input channel; each group has its own."""
    stack, out, kernel, in_ = nonzero.shape
    if side == "out":
        return [
            [bool(nonzero[s, o, k, i]) for k in range(kernel) for i in range(in_)]
            for s in range(stack)
            for o in range(out)
        ]
    return [
        [bool(nonzero[s, o, k, i]) for o in range(out) for k in range(kernel)]
        for s in range(stack)
        for i in range(in_)
    ]


def violating_groups(nonzero: Any, n: int, m: int) -> tuple[int, int]:
    """Groups of m along the input with more than n non-zeros, and the number of groups."""
    groups = blocks(nonzero, 1, m)
    return sum(sum(g) > n for g in groups), len(groups)


def share_in(units: list[list[bool]], zeros: int) -> Fraction:
    """The share of the zeros that lie in units without a non-zero."""
    return Fraction(sum(len(u) for u in units if not any(u)), zeros)


def nm_order() -> list[tuple[int, int]]:
    """Every (N, M), smallest N/M first, then smallest M."""
    pairs = [(n, m) for m in (2, 4, 8, 16, 32) for n in range(1, m // 2 + 1)]
    return sorted(pairs, key=lambda nm: (Fraction(*nm), nm[1]))


def satisfied(nonzero: Any) -> list[str]:
    """Every structure that is true, in the order in which the format is chosen."""
    zeros = int(nonzero.size - np.count_nonzero(nonzero))
    if not zeros:
        return []
    enough = Fraction(99, 100)
    names = [
        f"channel:{side}"
        for side in ("out", "in")
        if share_in(channels(nonzero, side), zeros) >= enough
    ]
    for area in sorted({r * c for r, c in BLOCKS}, reverse=True):
        for r, c in BLOCKS:
            if r * c == area:
                tiles = blocks(nonzero, r, c)
                if tiles and share_in(tiles, zeros) >= enough:
                    names.append(f"bsr:{r}x{c}")
    for n, m in nm_order():
        bad, groups = violating_groups(nonzero, n, m)
        if groups and not bad:
            names.append(f"{n}:{m}")
    return names


def by_chance(nonzero: Any, name: str) -> bool:
    """Whether independent zeros of the same sparsity explain that `name` is true; exact."""
    stack, out, kernel, in_ = nonzero.shape
    p = Fraction(int(nonzero.size - np.count_nonzero(nonzero)), nonzero.size)
    family, _, rest = name.partition(":")
    if family == "channel":
        k = kernel * in_ if rest == "out" else out * kernel
        return p ** (k - 1) >= Fraction(1, 2)
    if family == "bsr":
        r, c = rest.split("x")
        return p ** (int(r) * int(c) - 1) >= Fraction(1, 2)
    n, m = int(family), int(rest)
    chance = sum(comb(m, k) * (1 - p) ** k * p ** (m - k) for k in range(n + 1))
    return chance ** (stack * out * kernel * in_ // m) >= Fraction(1, 10**6)


def format_of(nonzero: Any) -> str:
    """The format of a weight."""
    if nonzero.size and not nonzero.any():
        return "channel:out"
    for name in satisfied(nonzero):
        if not by_chance(nonzero, name):
            return name
    zeros = int(nonzero.size - np.count_nonzero(nonzero))
    return "unstructured" if zeros and 100 * zeros >= nonzero.size else "dense"


def pruned(weights: Any, zeros: int) -> Any:
    """A copy in which the `zeros` smallest |w| are 0; of equals the higher index goes first."""
    flat = weights.reshape(-1)
    order = sorted(range(flat.size), key=lambda i: (abs(float(flat[i])), -i))
    after = flat.copy()
    after[order[:zeros]] = 0
    return after.reshape(weights.shape)


def pruned_groups(logical: Any, n: int, m: int) -> Any:
    """A copy [stack, out, kernel, in] with the n largest |w| of each group, lower index first."""
    after = logical.copy()
    stack, out, kernel, in_ = logical.shape
    for s, o, k in itertools.product(range(stack), range(out), range(kernel)):
        for start in range(0, in_, m):
            order = sorted(
                range(start, start + m), key=lambda i: (-abs(float(logical[s, o, k, i])), i)
            )
            for i in order[n:]:
                after[s, o, k, i] = 0
    return after
