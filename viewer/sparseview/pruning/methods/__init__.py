"""METHODS: the ways to choose which weights become zero."""

from __future__ import annotations

from sparseview.errors import SparseviewError
from sparseview.pruning.methods.base import Method, Param, form
from sparseview.pruning.methods.magnitude import MAGNITUDE
from sparseview.pruning.methods.reconstruction import RECONSTRUCTION
from sparseview.pruning.methods.sparsegpt import SPARSEGPT
from sparseview.pruning.methods.wanda import WANDA

__all__ = ["METHODS", "Method", "Param", "form", "get"]

METHODS: tuple[Method, ...] = (MAGNITUDE, WANDA, SPARSEGPT, RECONSTRUCTION)


def get(name: str) -> Method:
    """The method of that name, in any case; raises SparseviewError with the list."""
    for method in METHODS:
        if method.name == name.strip().lower():
            return method
    raise SparseviewError(
        f"There is no pruning method {name!r}.",
        f"Methods: {', '.join(m.name for m in METHODS)}.",
        "method",
    )
