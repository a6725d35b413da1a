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
    missing or of no known kind, or what it holds does not fit; or where somebody says how to
    prepare pictures, or names a tokenizer, and there are no pictures, or no text.
    """
    text, how = os.fspath(path), options or Options()
    for reader in READERS:
        if reader.accepts(text):
            found = reader.read(model, text, how)
            _require_used(how, found)
            return found
    kinds = ", ".join(reader.label for reader in READERS)
    what = "is none of the kinds of data that are read" if Path(text).exists() else "does not exist"
    raise SparseviewError(f"{text} {what}.", f"Kinds: {kinds}. {wants(model)}", "data")


def _require_used(how: Options, found: Samples) -> None:
    """Refuse what somebody wrote about the data and what is of no use there."""
    if isinstance(how.images, str) and found.preparation is None:
        raise SparseviewError(
            f"{found.source} holds no pictures to prepare.",
            "Leave out how they are prepared.",
            "data",
        )
    if how.tokenizer is not None and found.tokenizer is None:
        raise SparseviewError(
            f"{found.source} holds no text for a tokenizer.", "Leave it out.", "data"
        )
