"""What a prune did to the outputs of single layers, on samples that were held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.model.weights import Weight
from sparseview.progress import Progress
from sparseview.pruning.bias import Bias, alpha, find
from sparseview.pruning.evidence import Evidence
from sparseview.pruning.tensor import values
from sparseview.runtime.calibration import calibrate
from sparseview.runtime.statistics import Statistics


@dataclass(frozen=True, slots=True)
class Layer:
    """A weight that changed, and the keys of what changed beside it."""

    weight: Weight
    beside: tuple[str, ...] = ()


def layer_errors(
    before: Model,
    after: Model,
    layers: Sequence[Layer],
    evidence: Evidence,
    progress: Progress,
) -> dict[int, float]:
    """|X W^T - (X W_hat^T + d)| / |X W^T| by the weight's id, X: each layer's input in the model
    before, d: what its bias changed by. In closed form from X^T X; layers that no sample reaches
    are left out, and those whose weights hold NaN or infinities.
    """
    found = calibrate(
        before,
        [layer.weight for layer in layers],
        evidence.held_out,
        gram=True,
        progress=progress,
        provider=evidence.provider,
        memory=evidence.memory,
    )
    errors = {}
    for layer in layers:
        known = found[layer.weight.id]
        if isinstance(known, Statistics):
            shift = _shift(before, after, layer)
            _, old, _ = values(before, layer.weight)
            _, new, _ = values(after, layer.weight)
            error = relative_error(old, new, known, shift)
            if isfinite(error):
                errors[layer.weight.id] = error
    return errors


def relative_error(
    old: NDArray[Any], new: NDArray[Any], known: Statistics, shift: NDArray[Any] | None = None
) -> float:
    """The relative error of a layer [stack, out, kernel, in] whose outputs also move by `shift`,
    [stack, out]; 0 where there is nothing to err about, NaN where a weight is no number."""
    assert known.gram is not None
    stack, out, kernel, in_ = old.shape
    wide = old.astype(np.float64).reshape(stack, out, kernel * in_)
    apart = new.astype(np.float64).reshape(wide.shape) - wide
    total = np.einsum("soc,soc->", wide @ known.gram, wide)
    lost = np.einsum("soc,soc->", apart @ known.gram, apart)
    if shift is not None:
        moved = np.einsum("soc,sc->so", apart, known.mean)
        lost += known.rows * float((2 * shift * moved + shift**2).sum())
    if not (isfinite(total) and isfinite(lost)):
        return nan
    return sqrt(max(lost, 0.0) / total) if total > 0 else 0.0


def _shift(before: Model, after: Model, layer: Layer) -> NDArray[Any] | None:
    """What the bias added to the product, in the units of the weight's own product."""
    if not layer.beside:
        return None
    bias = find(before, layer.weight)
    if not isinstance(bias, Bias):
        return None
    dtype = bias.constant.dtype
    old = tensors.to_float(tensors.read(before, bias.constant), dtype).astype(np.float64)
    new = tensors.to_float(tensors.read(after, bias.constant), dtype)
    stack, out = layer.weight.view.logical_shape[:2]
    scaled = (new - old) / (bias.factor * (alpha(before, layer.weight) or 1.0))
    return np.asarray(scaled.reshape(stack, out))
