"""The recipe that a saved file carries: what was done to which source, by which tool."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sparseview.model.document import Model
from sparseview.model.edits import Edit
from sparseview.progress import SILENT, Progress

CHUNK = 1 << 20  # bytes per read


def sha256(model: Model, progress: Progress = SILENT) -> str:
    """Hex digest of the opened .onnx file, external data apart; streamed, one read of the file."""
    source = model.skeleton.source
    digest = hashlib.sha256()
    for offset in range(0, source.size, CHUNK):
        digest.update(source.read(offset, min(CHUNK, source.size - offset)))
        progress.step(offset, source.size, "Reading the file")
    return digest.hexdigest()


def recipe(
    model: Model, edits: Sequence[Edit], source_sha256: str, tool: str
) -> list[dict[str, Any]]:
    """This session's steps, each naming its source; JSON-ready."""
    source = {"name": model.path.name, "sha256": source_sha256}
    return [{**edit.step, "source": source, "tool": tool} for edit in edits]
