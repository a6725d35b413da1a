"""Save a model: the source's bytes, with what was edited and annotated spliced in."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

import msgspec

from sparseview.errors import SparseviewError
from sparseview.model import replace
from sparseview.model.carry import Carried, carry
from sparseview.model.commit import Commit, Identity, identity
from sparseview.model.constants import Constant
from sparseview.model.data_file import DataFile, data_folder, data_name
from sparseview.model.document import Model
from sparseview.model.inscribe import Annotations, annotation_splices
from sparseview.model.leftover import referenced
from sparseview.model.locate import NUMBERS, Places, children
from sparseview.model.payload import Later
from sparseview.model.source import Source
from sparseview.model.splice import Splice, arrange, new_size
from sparseview.model.stores import Storing, by_key, parts
from sparseview.model.stream import Writer, write_spliced
from sparseview.model.survey import external_tensors, refuse_data_file
from sparseview.model.tensors import chunks, present
from sparseview.model.values import is_nonzero
from sparseview.progress import SILENT, Progress

PROTOBUF_LIMIT = (1 << 31) - 1
"""Bytes: no protobuf library parses a longer message."""


class SaveResult(msgspec.Struct, frozen=True):
    """`bytes`: of the model file; `data_files`: written beside it, new and copied ones.

    `identity` tells the saved file from one that someone puts there later. `storing`: the weights
    that are stored otherwise than in the source, where that was asked for. `unreferenced`: data
    files that the model at `path` referred to before and does not any more. They stay: undoing, or
    another model, may need them.
    """

    path: Path
    bytes: int
    data_files: tuple[Path, ...]
    identity: Identity
    storing: Storing | None = None
    unreferenced: tuple[Path, ...] = ()


def save(
    model: Model,
    target: Path | str,
    annotations: Annotations | None = None,
    *,
    overwrite: bool = False,
    progress: Progress = SILENT,
    previous: SaveResult | None = None,
    storing: Storing | None = None,
) -> SaveResult:
    """Write the model with its overlay and the annotations to `target`.

    The file is the source's bytes but for what changed. Changed external tensors go to a new data
    file; existing data files are never written to, nor removed. Whenever it stops, the target is
    the old file or the new one. `previous`: the result of this model's last save over its own
    source, which replaced the file that was opened. `storing`: weights to store otherwise.

    Raises SparseviewError (`exists`, `changed`, `no-folder`, `denied`, `disk-full`, ...) and
    Cancelled; the target is then as it was.
    """
    target = Path(os.path.abspath(target))
    source = model.skeleton.source
    refuse_data_file(model, target)
    before = referenced(target)
    with Commit(target, overwrite) as commit:
        _refuse_replaced(source, commit.real, previous)
        token = os.urandom(8).hex()
        folder = data_folder(model, target)
        data = DataFile(data_name(target, token))
        with _mapped(source) as buffer:
            places = Places(model, buffer)
            splices, replaced = _tensor_splices(places, data, storing)
            if annotations is not None:
                splices += annotation_splices(places, annotations)
            carried = Carried()
            if next(external_tensors(model), None) is not None:
                carried = carry(places, target, folder, token, replaced)
        arranged = arrange(splices + carried.splices)
        _parsable(source.size, new_size(source.size, arranged))
        made = []
        for path, original in carried.copies.items():
            commit.add(path, partial(_copy, original, progress))
            made.append(path)
        if data.entries:
            commit.add(folder / data.name, partial(data.write, progress))
            made.append(folder / data.name)

        def write(out: BinaryIO) -> None:
            write_spliced(source, arranged, out, progress)
            source.verify()
            if os.name == "nt":
                source.close()  # Windows renames over no open file

        done = commit.publish(write)
    left = before - referenced(target) if before else before
    return SaveResult(target, done.size, tuple(made), done, storing, tuple(sorted(left)))


def _refuse_replaced(source: Source, target: Path, previous: SaveResult | None) -> None:
    """Refuse to save over a source that someone else replaced."""
    if not source.replaced() or os.path.realpath(source.path) != str(target):
        return
    there = identity(source.path)
    if there is not None and (previous is None or there != previous.identity):
        raise SparseviewError(
            f"{source.path.name} was replaced on disk since it was opened.",
            "Save under another name, or open it again.",
            "changed",
        )


def _parsable(old: int, new: int) -> None:
    if old <= PROTOBUF_LIMIT < new:
        raise SparseviewError(
            f"With its annotations the file would have {new:,} bytes, more than the 2 GB that "
            "ONNX tools read.",
            "Store its weights as external data first.",
            "too-big",
        )


@contextmanager
def _mapped(source: Source) -> Iterator[mmap.mmap]:
    with mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as buffer:
        if hasattr(mmap, "MADV_RANDOM"):
            buffer.madvise(mmap.MADV_RANDOM)
        yield buffer


def _copy(original: Source, progress: Progress, out: BinaryIO) -> None:
    Writer(out, original.size, progress, f"Copying {original.path.name}").copy(
        original, 0, original.size
    )
    original.verify()


def _tensor_splices(
    places: Places, data: DataFile, storing: Storing | None
) -> tuple[list[Splice], set[int]]:
    """Splices for the overlay, and where the tensors begin whose payload they replace."""
    splices: list[Splice] = []
    replaced: set[int] = set()
    otherwise = by_key(storing)
    for key, change in otherwise.items():
        constant = places.model.constant(key)
        assert storing is not None
        field = parts(places.model, constant, storing.store, change.nonzeros)
        (span,) = places.constant(constant)
        assert span.parent is not None
        replaced.add(span.start)
        for part in (replace.VALUES, replace.INDICES) if constant.stored_as == "coo" else ():
            replaced.update(s.start for s in children(places.buf, (span,), part))
        splices.append(Splice(span.parent, span.tag, span.end, field))
    for key, entry in places.model.overlay.items():
        if key in otherwise:
            continue
        constant = places.model.constant(key)
        # Codes in packed bytes are stored as bytes, and streamed as elements.
        stream = partial(chunks, places.model, constant) if constant.layout is None else None
        later = Later(entry.shape, partial(present, places.model, constant), stream)
        splices += _constant(places, constant, later, data, replaced)
    return splices, replaced


def _constant(
    places: Places, constant: Constant, later: Later, data: DataFile, replaced: set[int]
) -> list[Splice]:
    buf, place = places.buf, places.constant(constant)
    if constant.stored_as == "coo":
        array = later.make()
        nonzero = is_nonzero(array, constant.dtype)
        for part in (replace.VALUES, replace.INDICES):
            replaced.update(s.start for s in children(buf, place, part))
        return replace.sparse(buf, place, constant.dtype, array, nonzero, data.put)
    if constant.attribute in NUMBERS:
        return replace.attribute_numbers(buf, place, constant.attribute, later.make())
    replaced.update(span.start for span in place)
    return replace.tensor(buf, place, constant.dtype, later, data.put)
