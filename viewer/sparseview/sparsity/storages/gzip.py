"""gzip of dense: measured by compressing, the whole weight or a sample of its blocks."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import msgspec

from sparseview.progress import SILENT, Progress

NAME = "gzip"
LABEL = "gzip of dense"
GLYPH = "dense"

LEVEL = 6  # what gzip and zlib do when nothing is said
WRAPPER = 18  # bytes of a gzip file around the compressed data: header 10, checksum and size 8
# The sample: as many blocks as make it small beside measuring, each long enough for a dictionary.
BLOCK, BLOCKS = 8 << 10, 32
PIECE = 1 << 20
# The fractional part of the golden ratio: successive multiples fill 0..1 evenly.
_GOLDEN = 0.6180339887498949

Read = Callable[[int, int], bytes]


class Gzip(msgspec.Struct, frozen=True):
    """Bytes of a weight's dense data in gzip; `exact`: nothing was left out."""

    bytes: int
    exact: bool


def estimate(size: int, read: Read) -> Gzip:
    """From blocks spread evenly over `size` bytes; what is smaller than the sample exactly.

    `read(start, count)` gives that many of the bytes. The blocks go through one compressor, so
    that its dictionary is filled as it would be in the middle of the data.
    """
    if size <= BLOCK * BLOCKS:
        return exact(size, read)
    packer = zlib.compressobj(LEVEL, wbits=-15)
    stride = size / BLOCKS
    packed = 0
    for number in range(BLOCKS):
        # Shifted within its stretch, or the blocks would fall into step with rows of the weight;
        # by multiples of 16, so that elements keep their place among the bytes.
        shift = (number * _GOLDEN) % 1 * (stride - BLOCK)
        start = int(number * stride + shift) // 16 * 16
        packed += len(packer.compress(read(start, BLOCK)))
    packed += len(packer.flush())
    return Gzip(round(packed * size / (BLOCK * BLOCKS)) + WRAPPER, False)


def exact(size: int, read: Read, progress: Progress = SILENT) -> Gzip:
    """By compressing everything, in pieces; memory stays at a few MB."""
    packer = zlib.compressobj(LEVEL, wbits=-15)
    packed = 0
    for start in range(0, size, PIECE):
        progress.step(start, size, "Compressing")
        packed += len(packer.compress(read(start, min(PIECE, size - start))))
    packed += len(packer.flush())
    return Gzip(packed + WRAPPER, True)
