"""Replaced ranges of a protobuf file, with the lengths of the messages around them put right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Protocol, runtime_checkable

import msgspec

from sparseview.model.protobuf import write_varint


class Span(msgspec.Struct, frozen=True, eq=False):
    """Where one length-prefixed message lies in the source, in bytes from the file's start.

    `tag` is where its tag begins, `prefix` where its length begins, [`start`, `end`) its body.
    The file itself is the root: all three are 0 and `parent` is None.
    """

    tag: int
    prefix: int
    start: int
    end: int
    parent: Span | None
    depth: int


@runtime_checkable
class Payload(Protocol):
    """New content whose length is known before its bytes are made."""

    @property
    def length(self) -> int: ...

    def pieces(self) -> Iterator[bytes | memoryview]: ...


Part = bytes | Payload


class Splice(msgspec.Struct, frozen=True, eq=False):
    """Source bytes [`start`, `end`), directly in the body of `owner`, become `parts`.

    An insertion has start == end; insertions of one owner at one place keep their order.
    """

    owner: Span
    start: int
    end: int
    parts: tuple[Part, ...]

    @property
    def length(self) -> int:
        return sum(size(part) for part in self.parts)


def size(part: Part) -> int:
    """Bytes of one part."""
    return len(part) if isinstance(part, bytes) else part.length


def root(length: int) -> Span:
    """The span of a whole file of `length` bytes."""
    return Span(0, 0, 0, length, None, 0)


def message(tag: bytes, *parts: Part) -> tuple[Part, ...]:
    """A length-delimited field: its encoded tag, its length, its content."""
    return (tag + write_varint(sum(size(part) for part in parts)), *parts)


def arrange(splices: Iterable[Splice]) -> list[Splice]:
    """The splices in file order, with one more for every length prefix that changes.

    A prefix is rewritten only where its message's length changed; one that was padded keeps its
    width if the new length fits. Raises ValueError where two splices overlap.
    """
    given = list(splices)
    done = given + _prefixes(given)
    # At one place: first what ends there (the deepest message's insertion, then its parents'),
    # then what begins there.
    order = sorted(
        range(len(done)),
        key=lambda k: (done[k].start, done[k].end, -done[k].owner.depth, k),
    )
    arranged = [done[k] for k in order]
    for left, right in pairwise(arranged):
        if right.start < left.end:
            raise ValueError(f"splices overlap at {right.start}")
    return arranged


def _prefixes(splices: Sequence[Splice]) -> list[Splice]:
    # By where the length is, not by object: two walks give two spans of one message.
    growth: dict[int, int] = {}
    levels: dict[int, dict[int, Span]] = {}

    def grow(span: Span, by: int) -> None:
        growth[span.prefix] = growth.get(span.prefix, 0) + by
        levels.setdefault(span.depth, {})[span.prefix] = span

    for splice in splices:
        grow(splice.owner, splice.length - (splice.end - splice.start))
    repairs = []
    for depth in range(max(levels, default=0), 0, -1):
        for span in levels.get(depth, {}).values():
            grown, parent = growth[span.prefix], span.parent
            if grown == 0 or parent is None:
                continue
            prefix = _padded(span.end - span.start + grown, span)
            repairs.append(Splice(parent, span.prefix, span.start, (prefix,)))
            grow(parent, grown + len(prefix) - (span.start - span.prefix))
    return repairs


def _padded(length: int, span: Span) -> bytes:
    width = span.start - span.prefix
    plain = write_varint(length)
    was_plain = len(write_varint(span.end - span.start)) == width
    if was_plain or len(plain) >= width:
        return plain
    return bytes(b | 0x80 for b in plain) + b"\x80" * (width - len(plain) - 1) + b"\x00"


def new_size(length: int, arranged: Iterable[Splice]) -> int:
    """Bytes of a file of `length` bytes after the splices."""
    return length + sum(s.length - (s.end - s.start) for s in arranged)
