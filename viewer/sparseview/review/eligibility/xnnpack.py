"""XNNPACK: sparse 1x1 convolutions and fully connected layers with more than 2/3 zeros.

Its rewrite to sparse inference looks at float32 and float16 only, at 1x1 convolutions without
groups, stride, dilation and padding, and counts the zeros of a whole run of such layers together:
one that starts at a 3x3 convolution with stride 2 on 3 channels and ends in a global average or
depth-to-space. Here each layer is judged alone. LiteRT runs it; ONNX Runtime's XNNPACK provider
makes its operators one by one, in NHWC, without the rewrite.
"""

from __future__ import annotations

from sparseview.review.eligibility.base import (
    Eligibility,
    Layer,
    Runtime,
    lookup,
    refuse,
    spelled,
)
from sparseview.shares import percent

CONVOLUTIONS = ("Conv",)
FULLY_CONNECTED = ("Gemm", "MatMul")
TYPES = ("float32", "float16")


def judge(layer: Layer) -> Eligibility:
    """Eligible where this layer by itself meets the rewrite's conditions."""
    refused = lookup(layer) or refuse((_operator(layer), _type(layer), _zeros(layer)))
    if refused is not None:
        return refused
    kind = "1×1" if layer.op in CONVOLUTIONS else "fully connected"
    share = layer.measured.sparsity or 0.0
    return Eligibility(
        True, f"{kind}, {percent(share, 1)} zeros; its whole run of layers must agree"
    )


def _operator(layer: Layer) -> str | None:
    if not layer.domain and layer.op in FULLY_CONNECTED:
        return "batched: takes one matrix" if layer.shape[0] > 1 else None
    if layer.domain or layer.op not in CONVOLUTIONS:
        return f"{layer.op}: takes 1×1 convolutions and fully connected layers"
    if layer.shape[2] > 1 or len(layer.kernel) > 2:
        return f"{spelled(layer.kernel)} kernel: takes 1×1 only"
    if layer.shape[0] > 1:
        return "grouped convolution"
    if any(stride != 1 for stride in layer.strides):
        return f"stride {spelled(layer.strides)}: takes stride 1"
    if any(dilation != 1 for dilation in layer.dilations):
        return f"dilation {spelled(layer.dilations)}"
    return "padding around a 1×1 kernel" if any(layer.pads) else None


def _type(layer: Layer) -> str | None:
    return None if layer.dtype in TYPES else f"{layer.dtype}: needs float32 or float16"


def _zeros(layer: Layer) -> str | None:
    zeros, elements = layer.measured.zeros, layer.measured.elements
    if 3 * zeros > 2 * elements:
        return None
    share = zeros / elements if elements else 0.0
    return f"{percent(share, 1)} zeros: needs more than 2/3"


XNNPACK = Runtime(
    name="xnnpack",
    label="XNNPACK",
    rule="A 1×1 convolution (stride 1, no groups, dilation, padding) or a fully connected layer "
    "in float32 or float16; more than 2/3 zeros, counted over the whole run of such layers.",
    source="XNNPACK src/subgraph.c, xnn_subgraph_rewrite_for_nchw (2025); "
    "TensorFlow Lite XNNPACK delegate README, Sparse Inference",
    judge=judge,
)
