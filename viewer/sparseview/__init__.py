"""Sparseview's Python API: `session = sparseview.open("model.onnx")`; imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sparseview.errors import SparseviewError
from sparseview.version import VERSION as __version__

if TYPE_CHECKING:
    import os

    from sparseview.pruning.prune import PruneRequest
    from sparseview.session import Session

__all__ = ["PruneRequest", "Session", "SparseviewError", "__version__", "open"]


def open(path: str | os.PathLike[str]) -> Session:
    """Open an .onnx file, without reading its weights; raises SparseviewError."""
    from sparseview.session import Session

    return Session.open(path)


def __getattr__(name: str) -> Any:
    # numpy and onnx load only for those who use them.
    if name == "Session":
        from sparseview.session import Session

        return Session
    if name == "PruneRequest":
        from sparseview.pruning.prune import PruneRequest

        return PruneRequest
    raise AttributeError(f"module 'sparseview' has no attribute {name!r}")
