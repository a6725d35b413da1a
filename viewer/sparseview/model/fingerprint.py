"""Digests of a model: of its file, of its external data, of the values that replace those in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.model.external import reference, resolve
from sparseview.model.survey import external_tensors
from sparseview.progress import SILENT, Progress

CHUNK = 1 << 18  # bytes per read: they are hashed while they are in a core's cache


def sha256(model: Model, progress: Progress = SILENT) -> str:
    """Hex digest of the opened .onnx file, external data apart; streamed, one read of the file."""
    source = model.skeleton.source
    digest = hashlib.sha256()
    buffer = memoryview(bytearray(min(CHUNK, source.size)))
    for offset in range(0, source.size, CHUNK):
        piece = buffer[: source.size - offset]
        source.read_into(piece, offset)
        digest.update(piece)
        progress.step(offset, source.size, "Reading the file")
    return digest.hexdigest()


def of_files(model: Model, progress: Progress = SILENT) -> str:
    """Hex digest of the opened file with all of its external data files; each is read once.

    Raises SparseviewError or OSError where one of them cannot be read, Cancelled.
    """
    locations = sorted({reference(tensor)[0] for tensor in external_tensors(model)})
    files = 1 + len(locations)
    found = hashlib.sha256(sha256(model, progress.part(0, files)).encode())
    for at, location in enumerate(locations, 1):
        found.update(location.encode() + b"\0")
        path = resolve(model.path, location)
        size, inner = path.stat().st_size, progress.part(at, files)
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                found.update(piece)
                inner.step(min(file.tell(), size), size, f"Reading {path.name}")
    return found.hexdigest()


def of_values(model: Model, keys: Iterable[str]) -> dict[str, str]:
    """Hex digest of the values that each of these constants has by now, by its key."""
    return {key: _digest(tensors.read(model, model.constant(key))) for key in sorted(keys)}


def _digest(array: np.ndarray[Any, Any]) -> str:
    found = hashlib.sha256(f"{array.dtype.str}{array.shape}".encode())
    found.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return found.hexdigest()
