"""External data of a model that is saved: which files go along, and references to new names."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator
from pathlib import Path, PurePosixPath

import msgspec

from sparseview.errors import SparseviewError
from sparseview.model.external import resolve
from sparseview.model.locate import Message, Places, child, children, items, number, text
from sparseview.model.proto import TensorProto
from sparseview.model.protobuf import BYTES
from sparseview.model.replace import DATA_LOCATION, EXTERNAL_DATA
from sparseview.model.skeleton import DESCEND, MODEL, TENSOR
from sparseview.model.source import Source
from sparseview.model.splice import Span, Splice

SMALLEST = 16
"""Bytes: a shorter message has no room for a tensor that names a file."""

BLOCK = 1 << 20


class Carried(msgspec.Struct):
    """`copies`: files to copy, new path -> source; `splices`: references that get a new name."""

    copies: dict[Path, Source] = msgspec.field(default_factory=dict)
    splices: list[Splice] = msgspec.field(default_factory=list)


def carry(places: Places, target: Path, folder: Path, token: str, skip: Container[int]) -> Carried:
    """What keeps every external reference true once the model is saved as `target`.

    A file that `target` finds under the same name stays. Others are copied into `folder`, under
    their own name if it is free there, else under one with `token` in it. Tensors whose message
    begins at an offset in `skip` get new data anyway.

    Raises SparseviewError where a needed file is missing or may not be read.
    """
    uses: dict[str, list[Message]] = {}
    for tensor in tensors(places):
        if tensor[0].start in skip or number(places.buf, tensor, DATA_LOCATION) != (
            TensorProto.EXTERNAL
        ):
            continue
        for entry in children(places.buf, tensor, EXTERNAL_DATA):
            if text(places.buf, (entry,), 1) == "location":
                uses.setdefault(text(places.buf, (entry,), 2), []).append((entry,))
    carried = Carried()
    for location, entries in uses.items():
        renamed = _carry_one(places, location, target, folder, token, carried)
        if renamed is not None:
            values = [children(places.buf, entry, 2)[-1] for entry in entries]
            carried.splices += [Splice(v, v.start, v.end, (renamed.encode(),)) for v in values]
    return carried


def tensors(places: Places) -> Iterator[Message]:
    """Every TensorProto of the file, wherever it lives."""
    waiting: list[tuple[int, Message]] = [(MODEL, (places.root,))]
    while waiting:
        kind, message = waiting.pop()
        if kind == TENSOR:
            yield message
            continue
        singular: dict[int, list[Span]] = {}
        for item in items(places.buf, message):
            inner = DESCEND[kind].get(item.field.number)
            length = item.field.value_end - item.field.value_start
            if inner is None or item.field.wire != BYTES:
                continue
            if not inner[1]:
                singular.setdefault(item.field.number, []).append(child(places.buf, item))
            elif length >= SMALLEST:
                waiting.append((inner[0], (child(places.buf, item),)))
        for field_number, spans in singular.items():
            waiting.append((DESCEND[kind][field_number][0], tuple(spans)))


def _carry_one(
    places: Places, location: str, target: Path, folder: Path, token: str, carried: Carried
) -> str | None:
    """Plan for one data file; its new name if it cannot keep the one it has."""
    model = places.model
    try:
        there: Path | None = resolve(target, location)
    except SparseviewError:
        there = None
    try:
        source = model.data_file(location)
    except SparseviewError:
        if _same_folder(model.path, target):
            return None  # as broken as it was
        raise
    if there is not None and not _same_file(there, target) and _same_content(there, source):
        return None
    wanted = folder / location
    free = there is None and not os.path.lexists(wanted) and wanted != target
    inside = Path(os.path.realpath(wanted)).is_relative_to(os.path.realpath(folder))
    if free and inside and wanted not in carried.copies:
        carried.copies[wanted] = source
        return None
    name = PurePosixPath(location)
    renamed = f"{name.stem}.{token}{name.suffix}"
    if folder / renamed in carried.copies:
        renamed = f"{name.stem}.{token}-{len(carried.copies)}{name.suffix}"
    carried.copies[folder / renamed] = source
    return renamed


def _same_folder(one: Path, other: Path) -> bool:
    return os.path.realpath(one.absolute().parent) == os.path.realpath(other.absolute().parent)


def _same_file(one: Path, other: Path) -> bool:
    return os.path.exists(other) and os.path.samefile(one, other)


def _same_content(path: Path, source: Source) -> bool:
    if _same_file(path, source.path):
        return True
    other = Source(path)
    try:
        return other.size == source.size and all(
            other.read(at, min(BLOCK, other.size - at))
            == source.read(at, min(BLOCK, other.size - at))
            for at in range(0, other.size, BLOCK)
        )
    finally:
        other.close()
