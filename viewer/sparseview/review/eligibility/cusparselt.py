"""cuSPARSELt: products with a 2:4 matrix of 16-bit floats, int8 or float8, or a 1:2 one of float32.

A library of matrix products (batches too): a convolution with more than one kernel position would
have to be unrolled into one first. Rows and columns come in multiples of 16 (16-bit), 32 (8-bit)
or 8 (float32). float4 needs 4:8 in pairs, which is not measured.
"""

from __future__ import annotations

from typing import NamedTuple

from sparseview.review.eligibility.base import (
    Eligibility,
    Layer,
    Runtime,
    but,
    lacks_structure,
    lookup,
    refuse,
    spelled,
)


class _Type(NamedTuple):
    n: int
    m: int
    multiple: int  # of rows and columns


TYPES = {
    "float16": _Type(2, 4, 16),
    "bfloat16": _Type(2, 4, 16),
    "int8": _Type(2, 4, 32),
    "float8e4m3fn": _Type(2, 4, 32),
    "float8e5m2": _Type(2, 4, 32),
    "float32": _Type(1, 2, 8),
}


def judge(layer: Layer) -> Eligibility:
    """Eligible where the weight is a matrix that the library takes as its structured operand."""
    if (table := lookup(layer)) is not None:
        return table
    known = TYPES.get(layer.dtype)
    if known is None:
        return Eligibility(False, f"{layer.dtype}: takes 16-bit floats, int8, float8, float32")
    structure = f"{known.n}:{known.m}"
    broken = lacks_structure(layer, known.n, known.m)
    if broken is not None and known.n == 1:
        broken = f"float32 needs 1:2: {broken.replace(structure, 'it')}"
    refused = refuse((_matrix(layer), broken, _multiples(layer, known.multiple), _zero(layer)))
    refused = refused if broken else but(structure, refused)
    if refused is not None:
        return refused
    return Eligibility(True, f"{structure} in {layer.dtype}, {_size(layer)}")


def _matrix(layer: Layer) -> str | None:
    if layer.shape[2] == 1:
        return None
    what = f"{spelled(layer.kernel)} kernel" if layer.kernel else layer.op
    return f"{what}: takes matrix products only"


def _multiples(layer: Layer, multiple: int) -> str | None:
    if layer.shape[1] % multiple == 0 and layer.shape[3] % multiple == 0:
        return None
    return f"{_size(layer)}: needs multiples of {multiple}"


def _zero(layer: Layer) -> str | None:
    return "its zero point is not 0" if layer.shifted else None


def _size(layer: Layer) -> str:
    return f"{layer.shape[1]:,} × {layer.shape[3]:,}"


CUSPARSELT = Runtime(
    name="cusparselt",
    label="cuSPARSELt",
    rule="A matrix product; 2:4 for float16, bfloat16, int8, float8 and 1:2 for float32; rows and "
    "columns in multiples of 16 (16-bit), 32 (8-bit) or 8 (float32); Ampere or later.",
    source="NVIDIA cuSPARSELt documentation 0.8, cusparseLtSparsity_t and "
    "cusparseLtStructuredDescriptorInit; docs.nvidia.com/cuda/cusparselt",
    judge=judge,
)
