"""READERS: the kinds of data that a model can be calibrated and evaluated on; one row each."""

from __future__ import annotations

import os
from pathlib import Path

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.runtime.data.arrays import ARRAYS
from sparseview.runtime.data.images import IMAGES
from sparseview.runtime.data.npz import NPZ
from sparseview.runtime.data.preparation import ImagePreparation
from sparseview.runtime.data.reader import Options, Reader
from sparseview.runtime.data.samples import Samples
from sparseview.runtime.data.synthetic import SYNTHETIC
from sparseview.runtime.data.test_sets import TEST_SETS
from sparseview.runtime.data.text import TEXT
from sparseview.runtime.signature import wants

__all__ = ["READERS", "ImagePreparation", "Options", "Samples", "read"]

READERS: tuple[Reader, ...] = (SYNTHETIC, NPZ, TEST_SETS, IMAGES, ARRAYS, TEXT)


def read(model: Model, path: str | os.PathLike[str], options: Options | None = None) -> Samples:
    """The samples at a path, as the model wants them.

    Raises SparseviewError, in a sentence that lists what the model wants, where the path is
    missing or of no known kind, or what it holds does not fit.
    """
    text = os.fspath(path)
    for reader in READERS:
        if reader.accepts(text):
            return reader.read(model, text, options or Options())
    kinds = ", ".join(reader.label for reader in READERS)
    what = "is none of the kinds of data that are read" if Path(text).exists() else "does not exist"
    raise SparseviewError(f"{text} {what}.", f"Kinds: {kinds}. {wants(model)}", "data")
