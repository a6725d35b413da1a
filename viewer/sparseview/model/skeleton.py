"""Index an .onnx file: its ModelProto without the big payloads, which stay in the file.

Each large payload is replaced by ONNX's own external-data reference to the model file itself, with
a marker that only this process can have written. The rules are those that held on 94 real models:
a payload is cut only where protobuf's reading of the result is the same but for that payload.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import msgspec
from google.protobuf.message import DecodeError

from sparseview.errors import SparseviewError
from sparseview.model.proto import ModelProto, TensorProto
from sparseview.model.protobuf import (
    BYTES,
    VARINT,
    Buffer,
    Field,
    bytes_field,
    fields,
    read_varint,
    write_varint,
)
from sparseview.model.sniff import refuse
from sparseview.model.source import Source
from sparseview.model.text import repair

THRESHOLD = 1024  # bytes; smaller messages are skipped whole, smaller payloads stay inline
MAX_DEPTH = 100  # nested messages, as protobuf's own parser allows
FIELD_BUDGET = 5_000_000  # fields looked at; some seconds
PROTOBUF_LIMIT = (1 << 31) - 1  # bytes that protobuf parses at most
WHOLE_LIMIT = 256 << 20  # bytes of a file that may be parsed whole when the budget is spent

MODEL, TRAINING, FUNCTION, GRAPH, NODE, ATTRIBUTE, SPARSE, TENSOR = range(8)
# message -> field number -> (message of the field, whether the field is repeated)
DESCEND: dict[int, dict[int, tuple[int, bool]]] = {
    MODEL: {7: (GRAPH, False), 20: (TRAINING, True), 25: (FUNCTION, True)},
    TRAINING: {1: (GRAPH, False), 2: (GRAPH, False)},
    FUNCTION: {7: (NODE, True), 11: (ATTRIBUTE, True)},
    GRAPH: {1: (NODE, True), 5: (TENSOR, True), 15: (SPARSE, True)},
    NODE: {5: (ATTRIBUTE, True)},
    ATTRIBUTE: {
        5: (TENSOR, False),
        6: (GRAPH, False),
        10: (TENSOR, True),
        11: (GRAPH, True),
        22: (SPARSE, False),
        23: (SPARSE, True),
    },
    SPARSE: {1: (TENSOR, False), 2: (TENSOR, False)},
}
SINGULAR = {
    kind: frozenset(number for number, (_, repeated) in table.items() if not repeated)
    for kind, table in DESCEND.items()
}
RAW, FLOATS, DOUBLES = 9, 4, 10
DATA_FIELDS = frozenset({FLOATS, 5, 6, 7, RAW, DOUBLES, 11})
SEGMENT, DATA_TYPE, EXTERNAL_DATA, DATA_LOCATION = 3, 2, 13, 14
# Packed fields whose bytes are the little-endian elements: field -> (data types, bytes per number)
PACKED = {FLOATS: ((1, 14), 4), DOUBLES: ((11, 15), 8)}


class Cut(NamedTuple):
    """Where a payload lies in the .onnx file: bytes `offset..offset+length`, of a field number."""

    offset: int
    length: int
    field: int


class Skeleton(msgspec.Struct, frozen=True, eq=False):
    """A model file's index. `proto` is the whole ModelProto but for the cut payloads."""

    source: Source
    proto: ModelProto
    nonce: str
    repaired: int  # texts that were not UTF-8, escaped in `proto`

    @property
    def path(self) -> Path:
        return self.source.path

    @property
    def size(self) -> int:
        """Of the file, in bytes."""
        return self.source.size

    def cut(self, tensor: TensorProto) -> Cut | None:
        """Where the tensor's payload lies in the file; None if the scan left it as it was."""
        if tensor.data_location != TensorProto.EXTERNAL:
            return None
        for entry in tensor.external_data:
            if entry.key == "checksum" and entry.value.startswith(self.nonce):
                field, offset, length = entry.value[len(self.nonce) :].split(":")[1:]
                return Cut(int(offset), int(length), int(field))
        return None


class _BudgetSpent(Exception):
    """More fields than FIELD_BUDGET."""


def scan(path: Path | str) -> Skeleton:
    """Open a file and index it; time and memory follow the graph, not the weights.

    Raises SparseviewError if it is missing, empty, truncated or no ONNX model.
    """
    source = Source(Path(path).absolute())
    if source.size == 0:
        source.close()
        raise SparseviewError(f"{source.path} is empty.", "Copy or export it again.", "empty")
    nonce = f"sparseview-{os.urandom(8).hex()}"
    try:
        with source.map() as buffer:
            content = _Scan(buffer, source.path.name, nonce).run()
        source.verify()
        if len(content) > PROTOBUF_LIMIT:
            raise SparseviewError(
                f"Without its raw payloads it still takes {len(content) / 1e9:.1f} GB, "
                "and protobuf parses 2 GB at most.",
                "Store its tensors as raw_data, or as external data.",
                "too-large",
            )
        proto = ModelProto.FromString(content)
        repaired = repair(proto, content)
    except (SparseviewError, DecodeError, OSError, ValueError) as error:
        raise refuse(source, error) from None
    if not proto.HasField("graph") and not proto.functions:
        raise refuse(source, SparseviewError("It holds no graph."))
    return Skeleton(source, proto, nonce, repaired)


class _Scan:
    """One pass over a file. `out` collects ranges to copy and bytes to put between them."""

    def __init__(self, buffer: Buffer, location: str, nonce: str) -> None:
        self.buffer = buffer
        self.location = location.encode("utf-8", "replace")
        self.nonce = nonce
        self.budget = FIELD_BUDGET
        self.out: list[tuple[int, int] | bytes] = []

    def run(self) -> bytes:
        size = len(self.buffer)
        try:
            self._message(MODEL, 0, size, 0)
        except _BudgetSpent:
            if size > WHOLE_LIMIT:
                raise SparseviewError(
                    f"It holds more than {FIELD_BUDGET:,} small fields in "
                    f"{size / 1e9:.1f} GB, which is more than can be indexed.",
                    "Store its tensors as raw_data.",
                ) from None
            return bytes(self.buffer[0:size])
        buffer = self.buffer
        return b"".join(
            piece if isinstance(piece, bytes) else buffer[piece[0] : piece[1]] for piece in self.out
        )

    def _message(self, kind: int, start: int, end: int, depth: int) -> int:
        """Append the message to `out`, payloads cut; returns its new length in bytes."""
        buffer, out, table = self.buffer, self.out, DESCEND[kind]
        doubled = self._doubled(kind, start, end)
        copied = pos = start
        growth = 0
        budget = self.budget
        while pos < end:
            tag_start = pos
            budget -= 1
            if budget < 0:
                raise _BudgetSpent
            # By hand, where the tag takes one byte and the length at most two: this loop runs once
            # per node of a big graph, and a generator's step costs four times as much.
            tag, size, value_start = buffer[pos], -1, pos + 2
            if 8 <= tag < 0x80 and tag & 7 == BYTES and pos + 3 <= end:
                size = buffer[pos + 1]
                if size >= 0x80:
                    high = buffer[value_start]
                    value_start += 1
                    size = (size & 0x7F) | high << 7 if high < 0x80 else -1
            if 0 <= size <= end - value_start:
                number, wire, pos = tag >> 3, BYTES, value_start + size
            else:
                field = next(fields(buffer, tag_start, end))
                number, wire, _, value_start, pos, _ = field
            child = table.get(number)
            if child is None or wire != BYTES:
                continue
            message = child[0]
            length = pos - value_start
            if length <= THRESHOLD or number in doubled or depth >= MAX_DEPTH:
                continue
            self.budget = budget
            mark = len(out)
            out.append((copied, tag_start))
            out.append(b"")  # tag and length, known once the child is done
            if message == TENSOR:
                new_length = self._tensor(value_start, pos)
            else:
                new_length = self._message(message, value_start, pos, depth + 1)
            budget = self.budget
            if new_length == length:
                del out[mark:]
                continue
            _, tag_end = read_varint(buffer, tag_start, end)
            head = bytes(buffer[tag_start:tag_end]) + write_varint(new_length)
            out[mark + 1] = head
            growth += new_length - length + len(head) - (value_start - tag_start)
            copied = pos
        self.budget = budget
        out.append((copied, end))
        return end - start + growth

    def _doubled(self, kind: int, start: int, end: int) -> set[int]:
        """Singular fields that occur twice: protobuf merges the two, so neither may be cut."""
        singular = SINGULAR[kind]
        seen: set[int] = set()
        twice: set[int] = set()
        if singular:
            for field in fields(self.buffer, start, end):
                self.budget -= 1
                if self.budget < 0:
                    raise _BudgetSpent
                if field.number in singular:
                    (twice if field.number in seen else seen).add(field.number)
        return twice

    def _tensor(self, start: int, end: int) -> int:
        payload = self._payload(start, end)
        if payload is None:
            self.out.append((start, end))
            return end - start
        offset, length = payload.value_start, payload.value_end - payload.value_start
        tail = b"".join(
            bytes_field(EXTERNAL_DATA, bytes_field(1, key) + bytes_field(2, value))
            for key, value in (
                (b"location", self.location),
                (b"offset", b"%d" % offset),
                (b"length", b"%d" % length),
                (b"checksum", f"{self.nonce}:{payload.number}:{offset}:{length}".encode()),
            )
        )
        # Appended, because the last value wins: it also beats an explicit DEFAULT in the file.
        tail += write_varint(DATA_LOCATION << 3 | VARINT) + b"\x01"
        self.out += [(start, payload.tag_start), (payload.value_end, end), tail]
        return end - start - (payload.value_end - payload.tag_start) + len(tail)

    def _payload(self, start: int, end: int) -> Field | None:
        """The one data field of the TensorProto in start..end, if it may be cut."""
        found: Field | None = None
        data_type = 0
        for field in fields(self.buffer, start, end):
            self.budget -= 1
            if self.budget < 0:
                raise _BudgetSpent
            number = field.number
            if number in DATA_FIELDS:
                if found is not None:
                    return None
                found = field
            elif number in (SEGMENT, EXTERNAL_DATA) or (number == DATA_LOCATION and field.varint):
                return None
            elif number == DATA_TYPE:
                data_type = field.varint
        if found is None or found.wire != BYTES:
            return None
        length = found.value_end - found.value_start
        if length <= THRESHOLD:
            return None
        if found.number == RAW:
            return found
        types, width = PACKED.get(found.number, ((), 1))
        return found if data_type in types and length % width == 0 else None
