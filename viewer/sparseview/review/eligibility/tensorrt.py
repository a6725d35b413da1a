"""TensorRT: 2:4 along the input of a convolution or matrix product, in FP16 or INT8.

The rule is the one its builder checks: for each output channel and kernel position, of every four
input channels at most two are non-zero, C % 4 = 0. Weights in float32 take part only in an engine
built for FP16 or INT8, which the model alone does not tell. INT8 weights have the zero point 0.
"""

from __future__ import annotations

from sparseview.review.eligibility.base import (
    Eligibility,
    Layer,
    Runtime,
    but,
    lacks_structure,
    lookup,
    refuse,
)

# MatMul with a constant side is listed among the "layers eligible for sparse math" too: GitHub,
# NVIDIA/TensorRT issue 2169.
OPERATORS = ("Conv", "Gemm", "MatMul")
TYPES = ("float16", "int8")
# Below, the dense kernel usually wins when the builder times both.
WORTHWHILE = 256


def judge(layer: Layer) -> Eligibility:
    """Eligible where the builder may choose a sparse kernel."""
    broken = lacks_structure(layer, 2, 4)
    refused = refuse((_operator(layer), broken, _type(layer)))
    refused = lookup(layer) or (refused if broken else but("2:4", refused))
    if refused is not None:
        return refused
    inputs, outputs = layer.shape[3], layer.shape[1]
    size = f"{inputs:,} in, {outputs:,} out"
    if min(inputs, outputs) < WORTHWHILE:
        return Eligibility(True, f"2:4 in {layer.dtype}; {size}: few channels for a gain")
    return Eligibility(True, f"2:4 in {layer.dtype}, {size}; the builder times both kernels")


def _operator(layer: Layer) -> str | None:
    if layer.op in OPERATORS and not layer.domain:
        return None
    return f"{layer.op} is no convolution or matrix product"


def _type(layer: Layer) -> str | None:
    if layer.dtype not in TYPES:
        return f"{layer.dtype}: needs float16 or int8"
    return "its zero point is not 0" if layer.shifted else None


TENSORRT = Runtime(
    name="tensorrt",
    label="TensorRT 2:4",
    rule="At most 2 non-zeros in every 4 input channels, for each output channel and kernel "
    "position; C divisible by 4; FP16 or INT8; builder flag SPARSE_WEIGHTS; Ampere or later.",
    source="NVIDIA TensorRT Developer Guide 8.6, Sparsity; "
    "docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/io-formats-sparsity.html",
    judge=judge,
)
