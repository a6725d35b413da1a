"""Varints and fields, against google's protobuf and random messages."""

from __future__ import annotations

import onnx
import pytest
from google.protobuf.message import DecodeError
from hypothesis import example, given, settings
from hypothesis import strategies as st
from onnx import StringStringEntryProto

from sparseview.errors import SparseviewError
from sparseview.model.protobuf import bytes_field, fields, read_varint, write_varint

NUMBERS = st.one_of(st.integers(0, 300), st.integers(0, 2**64 - 1))


@settings(derandomize=True, max_examples=200, deadline=None)
@given(NUMBERS)
@example(0)
@example(2**64 - 1)
def test_varints_are_those_of_protobuf(n: int) -> None:
    signed = n - (1 << 64) if n >= 1 << 63 else n
    witness = onnx.TensorProto(dims=[signed]).SerializeToString()[1:]
    assert write_varint(n) == witness
    assert write_varint(signed) == witness
    assert read_varint(b"\xff" + witness + b"\x01", 1, 2 + len(witness)) == (n, 1 + len(witness))


def test_padded_varints_are_read() -> None:
    assert read_varint(b"\x81\x80\x00", 0, 3) == (1, 3)


@pytest.mark.parametrize("data", [b"", b"\x80", b"\xff" * 10, b"\xff" * 11])
def test_varints_that_do_not_end_are_refused(data: bytes) -> None:
    with pytest.raises(SparseviewError):
        read_varint(data, 0, len(data))


Value = tuple[int, int, bytes]  # number, wire type, encoded value
VALUES: st.SearchStrategy[Value] = st.integers(1, 2**29 - 1).flatmap(
    lambda number: st.one_of(
        st.tuples(st.just(number), st.just(0), NUMBERS.map(write_varint)),
        st.tuples(st.just(number), st.just(1), st.binary(min_size=8, max_size=8)),
        st.tuples(st.just(number), st.just(2), st.binary(max_size=200)),
        st.tuples(st.just(number), st.just(5), st.binary(min_size=4, max_size=4)),
    )
)


def encoded(values: list[Value]) -> bytes:
    return b"".join(
        write_varint(number << 3 | wire) + (write_varint(len(value)) if wire == 2 else b"") + value
        for number, wire, value in values
    )


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.lists(VALUES, max_size=8), st.integers(1, 2**29 - 1))
def test_fields_are_found_as_written(values: list[Value], group: int) -> None:
    grouped = write_varint(group << 3 | 3) + encoded(values) + write_varint(group << 3 | 4)
    data = b"\x01\x02" + encoded(values) + grouped
    found = list(fields(data, 2, len(data)))
    assert [(f.number, f.wire, data[f.value_start : f.value_end]) for f in found[:-1]] == values
    assert found[-1].number == group and found[-1].value_end == len(data)
    starts = [f.tag_start for f in found]
    assert starts == [2, *(f.value_end for f in found[:-1])]  # no byte lost between fields


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_nonsense_is_refused_or_read_within_bounds(data: bytes) -> None:
    try:
        found = list(fields(data, 0, len(data)))
    except SparseviewError:
        return
    assert all(f.tag_start < f.value_start <= f.value_end <= len(data) for f in found)
    assert sum(f.value_end - f.tag_start for f in found) == len(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\x0a\x05abc",  # four bytes promised, three there
        b"\x09abc",  # eight bytes promised
        b"\x0c",  # a group ends that was not begun
        b"\x0b\x08\x01",  # a group that does not end
        b"\x0b\x14",  # a group ended by another number
        b"\x00\x01",  # field number 0
        b"\x0f",  # wire type 7
        b"\x0a" + b"\xff" * 9 + b"\x01",  # 2**64 - 1 bytes promised
    ],
)
def test_broken_messages_are_refused(data: bytes) -> None:
    with pytest.raises(DecodeError):
        StringStringEntryProto.FromString(data)
    with pytest.raises(SparseviewError):
        list(fields(data, 0, len(data)))


def test_a_hundred_thousand_nested_groups_cost_no_stack() -> None:
    data = b"\x0b" * 100_000 + b"\x0c" * 100_000
    assert [f.value_end for f in fields(data, 0, len(data))] == [len(data)]


def test_bytes_field() -> None:
    witness = StringStringEntryProto(value="x" * 300).SerializeToString()
    assert bytes_field(2, b"x" * 300) == witness
