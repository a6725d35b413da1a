"""Reads a folder of .npy or .npz: files named as inputs, or one or more samples in each file."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.runtime.data.joined import joined
from sparseview.runtime.data.labels import LABELS, numbered
from sparseview.runtime.data.matching import match, plain
from sparseview.runtime.data.npz import load
from sparseview.runtime.data.reader import Options, Reader
from sparseview.runtime.data.samples import Samples
from sparseview.runtime.signature import inputs


def accepts(path: str) -> bool:
    return Path(path).is_dir() and bool(_files(Path(path)))


def read(model: Model, path: str, options: Options) -> Samples:
    folder = Path(path)
    files = _files(folder)
    wanted = inputs(model)
    if not any(file.suffix.casefold() == ".npz" for file in files):
        names = {plain(each.name) for each in wanted}
        stems = {plain(file.stem) for file in files if file.stem.casefold() not in LABELS}
        if len(wanted) > 1 or stems == names or len(stems) == 1:
            arrays: dict[str, NDArray[Any]] = {}
            for file in files:
                arrays |= load(file, model)
            return match(arrays, model, folder.name)
    beside = [file for file in files if file.stem.casefold() in LABELS]
    parts = [file for file in files if file not in beside] or files
    found = joined(
        f"{folder.name}, {len(parts):,} files", [partial(one, model, file) for file in parts]
    )
    if not beside or parts is files or found.known is not None:
        return found
    labels = next(iter(load(beside[0], model).values()), None)
    known, notes = numbered(labels, None, found.count)
    return replace(found, known=known, notes=(*found.notes, *notes))


def one(model: Model, file: Path) -> Samples:
    """A file with some samples, or with a single one that has no axis for them."""
    arrays = load(file, model)
    try:
        return match(arrays, model, file.name)
    except SparseviewError:
        alone = {name: array[None] for name, array in arrays.items()}
        try:
            return match(alone, model, file.name)
        except SparseviewError:
            pass
        raise


def _files(folder: Path) -> list[Path]:
    """In the order that people count in: 2 before 10."""
    found = [
        file
        for file in folder.iterdir()
        if file.suffix.casefold() in (".npy", ".npz") and not file.name.startswith(".")
    ]
    return sorted(found, key=lambda file: counted(file.name))


def counted(name: str) -> list[tuple[int, str]]:
    """A key that sorts numbers inside names by their size."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)
    ]


ARRAYS = Reader("a folder of .npz or .npy", accepts, read)
