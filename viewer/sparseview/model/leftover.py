"""Data files that a saved model stops to refer to: told, never removed."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from pathlib import Path

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.external import reference, resolve
from sparseview.model.proto import TensorProto
from sparseview.model.survey import external_tensors


def referenced(path: Path) -> frozenset[Path]:
    """The data files, real paths, that the model at `path` refers to; costs what its graph costs.

    Empty where there is none, or what is there is no model. Files that are missing do not count.
    """
    found: set[Path] = set()
    if not os.path.exists(path):
        return frozenset()
    with suppress(SparseviewError), closing(Model.open(path)) as model:
        for location in {t for t in map(_location, external_tensors(model)) if t}:
            with suppress(SparseviewError, OSError):
                found.add(Path(os.path.realpath(resolve(model.path, location))))
    return frozenset(file for file in found if file.exists())


def _location(tensor: TensorProto) -> str:
    try:
        return reference(tensor)[0]
    except SparseviewError:  # a reference that leads nowhere
        return ""
