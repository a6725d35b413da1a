"""What is true of the zeros of one weight: counts, every format it satisfies, the one it has."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from sparseview.sparsity.formats import FORMATS, STRUCTURES, Format, get
from sparseview.sparsity.formats.bsr import BSR_FORMATS
from sparseview.sparsity.formats.channel import CHANNEL_FORMATS
from sparseview.sparsity.formats.nm import NM, NM_FORMATS
from sparseview.sparsity.tally import COUNTED, Tally, pieces

# Told of in any case; the others where they are near misses.
_USUAL = tuple(f for f in NM_FORMATS if (f.n, f.m) in COUNTED)


class Measurement(msgspec.Struct, frozen=True):
    """The zeros of one weight.

    `sparsity` is zeros / elements, None without elements. `satisfies` names every structure that
    is true, `format` the one not explained by chance. `coverage` tells near misses as fractions:
    of conforming groups for N:M, of zeros in all-zero blocks (channels) for bsr (channel).
    `violations` counts the groups that break each N:M of `coverage`, `blocks` the blocks with a
    non-zero for every bsr shape that divides the weight. `dead_out` of `channels_out` output
    channels are all zero; groups have their own, so `channels_out` is stack x out. `nan` and `inf`
    are counted in the stored values; neither is a zero.
    """

    elements: int
    zeros: int
    sparsity: float | None
    format: str
    satisfies: tuple[str, ...]
    coverage: dict[str, float]
    violations: dict[str, int]
    nan: int = 0
    inf: int = 0
    blocks: dict[str, int] = {}
    dead_out: int = 0
    dead_in: int = 0
    channels_out: int = 0
    channels_in: int = 0

    @property
    def nonzeros(self) -> int:
        return self.elements - self.zeros


def measure(nonzero: NDArray[np.bool_]) -> Measurement:
    """Measure a weight view, bools [stack, out, kernel, in]; any memory order."""
    return conclude(Tally(nonzero))


def conclude(tally: Tally) -> Measurement:
    """What the counts over a whole weight say."""
    true = [f for f in STRUCTURES if f.holds(tally)]
    violations = {f.name: tally.violating(f.n, f.m)[0] for f in _told(tally)}
    dead_out, channels_out = tally.channels("out")
    dead_in, channels_in = tally.channels("in")
    return Measurement(
        elements=tally.elements,
        zeros=tally.zeros,
        sparsity=tally.sparsity if tally.elements else None,
        format=_format(true, tally),
        satisfies=tuple(f.name for f in true),
        coverage=_coverage(tally, violations),
        violations=violations,
        nan=tally.nan,
        inf=tally.inf,
        blocks={
            f.name: tally.live_blocks(f.rows, f.columns)
            for f in BSR_FORMATS
            if tally.elements and not f.refuses(tally.shape)
        },
        dead_out=dead_out,
        dead_in=dead_in,
        channels_out=channels_out,
        channels_in=channels_in,
    )


def violations(nonzero: NDArray[np.bool_], name: str) -> tuple[int, int]:
    """Groups that break the N:M called `name`, and all groups; (0, 0) where it cannot apply."""
    found = get(name)
    stack, out, kernel, in_ = nonzero.shape
    shape = (stack, out, kernel, in_)
    if not isinstance(found, NM) or found.refuses(shape) or not nonzero.size:
        return 0, 0
    tally = Tally.empty(shape, (found.n, found.m))
    for at, piece in pieces(nonzero):
        tally.add(piece, at)
    return tally.violating(found.n, found.m)


def _format(true: list[Format], tally: Tally) -> str:
    rest = (f for f in FORMATS if f not in STRUCTURES and f.holds(tally))
    return next(f.name for f in (*(f for f in true if not f.by_chance(tally)), *rest))


def _coverage(tally: Tally, violations: dict[str, int]) -> dict[str, float]:
    """Shares 0..1 by format name; formats that cannot apply to the shape are left out."""
    if not tally.elements:
        return {}
    shares: dict[str, float] = {}
    for channel in CHANNEL_FORMATS:
        lying = tally.zeros_in_channels(channel.side) if tally.zeros else 0
        shares[channel.name] = lying / max(tally.zeros, 1)
    for block in BSR_FORMATS:
        if not block.refuses(tally.shape):
            lying = tally.zeros_in_blocks(block.rows, block.columns) if tally.zeros else 0
            shares[block.name] = lying / max(tally.zeros, 1)
    for nm in _told(tally):
        groups = tally.elements // nm.m
        shares[nm.name] = (groups - violations[nm.name]) / groups
    return shares


def _told(tally: Tally) -> list[NM]:
    """The N:M whose violating groups are told: usual ones, and others that are missed by little."""
    apply = [f for f in NM_FORMATS if tally.elements and not f.refuses(tally.shape)]
    return [
        f
        for f in apply
        if f in _USUAL or (tally.near(f.n, f.m) and tally.violating(f.n, f.m)[0] > 0)
    ]
