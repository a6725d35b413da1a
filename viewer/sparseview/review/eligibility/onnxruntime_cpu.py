"""ONNX Runtime on CPU: runs every weight and gains nothing from its zeros.

Sparse initializers are made dense when the model is loaded (microsoft/onnxruntime pull request
5540); the kernels of Conv, Gemm and MatMul multiply zeros like any other number.
"""

from __future__ import annotations

from sparseview.review.eligibility.base import Eligibility, Layer, Runtime


def judge(layer: Layer) -> Eligibility:
    """Never eligible: there is no sparse kernel to take it."""
    if layer.stored_as != "dense":
        return Eligibility(False, "runs, no gain from zeros: made dense when loaded")
    return Eligibility(False, "runs, no gain from zeros")


ONNXRUNTIME_CPU = Runtime(
    name="onnxruntime_cpu",
    label="ONNX Runtime CPU",
    rule="Its kernels are dense; a sparse initializer is made dense when the model is loaded. "
    "Only channels that are really removed make it faster.",
    source="ONNX Runtime 1.23, CPU execution provider; github.com/microsoft/onnxruntime/pull/5540",
    judge=judge,
)
