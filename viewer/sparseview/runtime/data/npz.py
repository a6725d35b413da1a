"""Reads an .npz: arrays named as the model's inputs, first axis = samples; y or labels beside."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.runtime.data.matching import match
from sparseview.runtime.data.reader import Options, Reader
from sparseview.runtime.data.samples import Samples
from sparseview.runtime.signature import wants

BROKEN = (ValueError, OSError, zipfile.BadZipFile, EOFError, KeyError)


def accepts(path: str) -> bool:
    return Path(path).suffix.casefold() in (".npz", ".npy") and Path(path).is_file()


def read(model: Model, path: str, options: Options) -> Samples:
    arrays = load(Path(path), model)
    return match(arrays, model, Path(path).name)


def load(path: Path, model: Model) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz by name, or the one of an .npy under its file's name.

    Raises SparseviewError if the file is no such archive. Nothing that it holds is executed.
    """
    try:
        if path.suffix.casefold() == ".npy":
            return {path.stem: np.load(path, mmap_mode="r", allow_pickle=False)}
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except BROKEN as error:
        why = " ".join(str(error).split()) or type(error).__name__
        raise SparseviewError(
            f"{path.name} cannot be read as NumPy arrays: {why.rstrip('.')}.", wants(model), "data"
        ) from error


NPZ = Reader(".npz or .npy", accepts, read)
