"""RUNTIMES: which runtimes could use a weight's zeros, by whose rule. One runtime, one file."""

from __future__ import annotations

from sparseview.review.eligibility.base import Eligibility, Layer, Runtime
from sparseview.review.eligibility.cusparselt import CUSPARSELT
from sparseview.review.eligibility.onnxruntime_cpu import ONNXRUNTIME_CPU
from sparseview.review.eligibility.tensorrt import TENSORRT
from sparseview.review.eligibility.xnnpack import XNNPACK

__all__ = ["RUNTIMES", "Eligibility", "Layer", "Runtime", "judge"]

RUNTIMES: tuple[Runtime, ...] = (TENSORRT, CUSPARSELT, XNNPACK, ONNXRUNTIME_CPU)


def judge(layer: Layer) -> dict[str, Eligibility]:
    """Every runtime's answer by its name."""
    return {runtime.name: runtime.judge(layer) for runtime in RUNTIMES}
