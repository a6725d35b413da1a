"""Reads an .npz: arrays named as the model's inputs, first axis = samples; y or labels beside."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.dtypes import storage
from sparseview.runtime.data.images import from_values, guessed, prepared, stored
from sparseview.runtime.data.matching import Column, match
from sparseview.runtime.data.preparation import ImagePreparation, image_input
from sparseview.runtime.data.reader import Options, Reader
from sparseview.runtime.data.samples import Indices, Samples
from sparseview.runtime.signature import Input, wants

BROKEN = (ValueError, OSError, EOFError, KeyError, RuntimeError, MemoryError)
BROKEN_ZIP = (zipfile.BadZipFile, zlib.error)


def accepts(path: str) -> bool:
    return Path(path).suffix.casefold() in (".npz", ".npy") and Path(path).is_file()


def read(model: Model, path: str, options: Options) -> Samples:
    arrays, name = load(Path(path), model), Path(path).name
    found = pictures(arrays, model, options)
    if found is None:
        return match(arrays, model, name)
    taken, wanted, how = found
    values = arrays.pop(taken)

    def take(indices: Indices) -> NDArray[Any]:
        return stored([from_values(values[i], how) for i in indices], wanted)

    column = Column(take, len(values), note=f"{taken} as pictures: {how}{guessed(options)}")
    return replace(match(arrays, model, name, {wanted.name: column}), preparation=how)


def pictures(
    arrays: Mapping[str, NDArray[Any]], model: Model, options: Options
) -> tuple[str, Input, ImagePreparation] | None:
    """(the array that holds pictures, the input they are for, how they are prepared), if any.

    Coloured pictures, uint8 [n, height, width, 3], for an input of floats; grey ones [n, height,
    width] only where it is told how, because digits are often fed as they are.
    """
    told = options.images is not None
    found = [
        name
        for name, array in arrays.items()
        if array.dtype == np.uint8
        and ((array.ndim == 4 and array.shape[3] == 3) or (told and array.ndim == 3))
    ]
    if len(found) != 1:
        return None
    try:
        wanted = image_input(model)
    except SparseviewError:
        return None
    if storage(wanted.dtype).magnitude is None:  # codes are fed as they are
        return None
    return found[0], wanted, prepared(model, options)


def load(path: Path, model: Model) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz by name, or the one of an .npy under its file's name.

    Raises SparseviewError if the file is no such archive. Nothing that it holds is executed.
    """
    try:
        if path.suffix.casefold() == ".npy":
            return {path.stem: np.load(path, mmap_mode="r", allow_pickle=False)}
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (*BROKEN, *BROKEN_ZIP) as error:
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise SparseviewError(
            f"{path.name} cannot be read as NumPy arrays: {why.rstrip('.')}.", wants(model), "data"
        ) from error


NPZ = Reader(".npz or .npy", accepts, read)
