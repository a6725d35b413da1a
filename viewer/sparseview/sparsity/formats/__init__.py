"""FORMATS: every structure of zeros, from the strongest to none; the one list for detection,
pruning and reports."""

from __future__ import annotations

from sparseview.errors import SparseviewError
from sparseview.sparsity.formats.base import Format
from sparseview.sparsity.formats.bsr import BSR_FORMATS
from sparseview.sparsity.formats.channel import CHANNEL_FORMATS
from sparseview.sparsity.formats.nm import NM_FORMATS
from sparseview.sparsity.formats.unstructured import Dense, Unstructured

__all__ = ["FORMATS", "STRUCTURES", "Format", "get"]

STRUCTURES: tuple[Format, ...] = (*CHANNEL_FORMATS, *BSR_FORMATS, *NM_FORMATS)
FORMATS: tuple[Format, ...] = (*STRUCTURES, Unstructured(), Dense())

_BY_NAME = {f.name: f for f in FORMATS}


def get(name: str) -> Format:
    """The format of that name, in any case; raises SparseviewError with the list."""
    found = _BY_NAME.get(name.strip().lower())
    if found is None:
        raise SparseviewError(
            f"There is no sparsity format {name!r}.",
            "Formats: unstructured, channel:out, channel:in, bsr:RxC (as bsr:4x4, bsr:16x16, "
            "bsr:1x8), N:M with M 2, 4, 8, 16 or 32 and N up to M/2 (as 2:4).",
            "format",
        )
    return found
