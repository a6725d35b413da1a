"""gzip of dense: measured by compressing, the whole weight or a sample of its blocks."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

import msgspec

from sparseview.progress import SILENT, Progress

NAME = "gzip"
LABEL = "gzip of dense"
GLYPH = "dense"

LEVEL = 6  # what gzip and zlib do when nothing is said
WRAPPER = 18  # bytes of a gzip file around the compressed data: header 10, checksum and size 8
# The sample: blocks of so many bytes, at most so many of them, and none more once what they are
# compressed to fills ENOUGH bytes. What is nearly random tells its share soon, and is slow to
# compress; what is nearly all zeros is fast, and tells it late.
BLOCK, BLOCKS, ENOUGH = 4 << 10, 64, 40 << 10
SMALL = 128 << 10  # bytes up to which a weight is compressed as a whole
PIECE = 1 << 20
# The fractional part of the golden ratio: successive multiples fill 0..1 evenly.
_GOLDEN = 0.6180339887498949

Read = Callable[[int, int], bytes]


class Gzip(msgspec.Struct, frozen=True):
    """Bytes of a weight's dense data in gzip; `exact`: nothing was left out."""

    bytes: int
    exact: bool


def estimate(size: int, read: Read) -> Gzip:
    """From blocks spread evenly over `size` bytes; what is small, exactly.

    `read(start, count)` gives that many of the bytes. The blocks go through one compressor, so
    that its dictionary is filled as it would be in the middle of the data.
    """
    if size <= SMALL:
        return exact(size, read)
    packer = zlib.compressobj(LEVEL, wbits=-15)
    sampled = packed = 0
    for start in _starts(size):
        sampled += BLOCK
        packed += len(packer.compress(read(start, BLOCK)))
        if packed >= ENOUGH:
            break
    packed += len(packer.flush())
    return Gzip(round(packed * size / sampled) + WRAPPER, False)


def _starts(size: int) -> Iterator[int]:
    """Where blocks begin: one in each stretch of the data, the first few already far apart."""
    count = min(BLOCKS, size // (2 * BLOCK))
    stride = size / count
    for number in sorted(range(count), key=lambda at: at * _GOLDEN % 1):
        # Shifted within its stretch, or the blocks would fall into step with rows of the weight;
        # by multiples of 16, so that elements keep their place among the bytes.
        shift = (number * _GOLDEN) % 1 * (stride - BLOCK)
        yield int(number * stride + shift) // 16 * 16


def exact(size: int, read: Read, progress: Progress = SILENT) -> Gzip:
    """By compressing everything, in pieces; memory stays at a few MB."""
    packer = zlib.compressobj(LEVEL, wbits=-15)
    packed = 0
    for start in range(0, size, PIECE):
        progress.step(start, size, "Compressing")
        packed += len(packer.compress(read(start, min(PIECE, size - start))))
    packed += len(packer.flush())
    return Gzip(packed + WRAPPER, True)
