"""Splices: any nest of messages, edited anywhere, equals the same nest built anew."""

from __future__ import annotations

import io
import os
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseview.errors import SparseviewError
from sparseview.model import stream
from sparseview.model.payload import varints
from sparseview.model.source import Source
from sparseview.model.splice import Span, Splice, arrange, new_size, root
from sparseview.progress import Cancelled, Progress


def varint(n: int, width: int = 0) -> bytes:
    out = bytearray()
    while True:
        n, low = n >> 7, n & 0x7F
        if not n and len(out) + 1 >= width:
            return bytes([*out, low])
        out.append(low | 0x80)


class Nest:
    """A message to build: `body` holds bytes and nests; `pad` is the least width of its length."""

    def __init__(self, body: list[bytes | Nest], pad: int = 0) -> None:
        self.body = body
        self.pad = pad
        self.span: Span

    def build(self) -> bytes:
        return b"".join(
            part
            if isinstance(part, bytes)
            else b"\x0a" + varint(len(part.build()), part.pad) + part.build()
            for part in self.body
        )

    def locate(self, span: Span) -> None:
        """Give every nest its span, and every leaf its place."""
        self.span = span
        self.places: list[tuple[int, int]] = []
        at = span.start
        for part in self.body:
            begin = at
            if isinstance(part, bytes):
                at += len(part)
            else:
                length = len(part.build())
                start = at + 1 + len(varint(length, part.pad))
                at = start + length
                part.locate(Span(begin, begin + 1, start, at, span, span.depth + 1))
            self.places.append((begin, at))

    def all(self) -> list[Nest]:
        return [self, *(n for part in self.body if isinstance(part, Nest) for n in part.all())]


def random_nest(chance: random.Random, depth: int) -> Nest:
    body: list[bytes | Nest] = []
    for _ in range(chance.randrange(5)):
        if depth and chance.random() < 0.6:
            body.append(random_nest(chance, depth - 1))
        else:
            body.append(chance.randbytes(chance.choice((1, 5, 60, 127, 128, 300))))
    return Nest(body, chance.choice((0, 0, 2, 5)))


def random_edit(chance: random.Random, nest: Nest) -> list[Splice]:
    """Replace, remove or append parts of every nest, in the nests and as splices."""
    splices = []
    for one in nest.all():
        for k, part in enumerate(one.body):
            if isinstance(part, bytes) and chance.random() < 0.3:
                new = chance.randbytes(chance.choice((0, len(part), 3, 127, 20_000)))
                splices.append(Splice(one.span, *one.places[k], (new,)))
                one.body[k] = new
        for _ in range(chance.choice((0, 0, 1, 2))):
            new = chance.randbytes(chance.choice((1, 130)))
            splices.append(Splice(one.span, one.span.end, one.span.end, (new[:1], new[1:])))
            one.body.append(new)
    return splices


def applied(path: Path, splices: list[Splice]) -> bytes:
    source = Source(path)
    arranged = arrange(splices)
    copy = path.with_suffix(".out")
    with open(copy, "wb", buffering=0) as out:
        written = stream.write_spliced(source, arranged, out)
    assert written == new_size(source.size, arranged) == copy.stat().st_size
    source.close()
    return copy.read_bytes()


@settings(derandomize=True, max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_edited_nests_equal_nests_built_anew(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chance = random.Random(seed)
    nest = random_nest(chance, 4)
    before = nest.build()
    nest.locate(root(len(before)))
    path = tmp_path_factory.mktemp("nest") / "source"
    path.write_bytes(before)
    splices = random_edit(chance, nest)
    for one in nest.all():
        # A prefix keeps its padding only if its message had some.
        length = one.span.end - one.span.start
        if one.span.parent and len(varint(length)) == one.span.start - one.span.prefix:
            one.pad = 0
    assert applied(path, splices) == nest.build()


def test_nothing_to_change_touches_no_prefix() -> None:
    assert arrange([]) == []
    outer = Span(0, 1, 2, 9, root(9), 1)
    same = Splice(outer, 3, 5, (b"xy",))
    assert arrange([same]) == [same]


def test_two_walks_may_give_two_spans_of_one_message(tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_bytes(b"\x0a\x02ab")
    spans = [Span(0, 1, 2, 4, root(4), 1) for _ in range(2)]
    splices = [Splice(spans[0], 2, 3, (b"AA",)), Splice(spans[1], 4, 4, (b"cc",))]
    assert applied(path, splices) == b"\x0a\x05AAbcc"


def test_overlapping_splices_are_refused() -> None:
    whole = root(10)
    with pytest.raises(ValueError, match="overlap"):
        arrange([Splice(whole, 2, 6, ()), Splice(whole, 5, 7, (b"x",))])


@pytest.mark.parametrize("kernel", [True, False])
def test_long_gaps_are_copied_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kernel: bool
) -> None:
    if not kernel:
        monkeypatch.delattr(os, "copy_file_range", raising=False)
    data = np.random.default_rng(0).bytes(5 * stream.WINDOW + 77)
    path = tmp_path / "source"
    path.write_bytes(data)
    whole = root(len(data))
    middle = 3 * stream.WINDOW
    splices = [
        Splice(whole, 0, 3, (b"begin",)),
        Splice(whole, 100, 100, (b"",)),
        Splice(whole, middle, middle + stream.WINDOW + 5, (b"middle",)),
        Splice(whole, len(data), len(data), (b"end",)),
    ]
    expected = b"begin" + data[3:middle] + b"middle" + data[middle + stream.WINDOW + 5 :] + b"end"
    assert applied(path, splices) == expected


@pytest.mark.parametrize("code", ["EXDEV", "ENOSYS", "EOPNOTSUPP", "EINVAL"])
def test_a_kernel_that_cannot_copy_is_not_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    import errno

    def refuse(*_: object) -> int:
        raise OSError(getattr(errno, code), "no")

    monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    path = tmp_path / "source"
    path.write_bytes(b"a" * 3_000_000)
    assert applied(path, []) == path.read_bytes()


def test_a_source_written_into_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_bytes(b"a" * 3_000_000)
    source = Source(path)
    os.truncate(path, 1000)
    with (
        open(tmp_path / "out", "wb", buffering=0) as out,
        pytest.raises(SparseviewError) as caught,
    ):
        stream.write_spliced(source, [], out)
    assert caught.value.code == "changed"


def test_progress_counts_bytes_and_can_stop_it(tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_bytes(b"a" * 3_000_000)
    seen: list[tuple[int, int]] = []
    source = Source(path)
    with open(tmp_path / "out", "wb", buffering=0) as out:
        stream.write_spliced(source, [], out, Progress(lambda d, t, _: seen.append((d, t))))
    assert seen[-1] == (3_000_000, 3_000_000)
    stopped = Progress()
    stopped.cancel()
    with open(tmp_path / "out2", "wb", buffering=0) as out, pytest.raises(Cancelled):
        stream.write_spliced(source, [], out, stopped)


@settings(derandomize=True, max_examples=50, deadline=None)
@given(numbers=st.lists(st.integers(0, 2**64 - 1), max_size=20), tag=st.binary(max_size=2))
def test_varints_equal_those_written_one_by_one(numbers: list[int], tag: bytes) -> None:
    expected = io.BytesIO()
    for n in numbers:
        expected.write(tag + varint(n))
    assert varints(np.array(numbers, np.uint64), tag) == expected.getvalue()
