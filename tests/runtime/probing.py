"""Compares statistics with what the operator itself tells of its input, one column at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from brute import columns_of
from onnx import ModelProto

from sparseview.model.document import Model
from sparseview.runtime.calibration import calibrate
from sparseview.runtime.data import Samples
from sparseview.runtime.data.matching import match
from sparseview.runtime.statistics import Statistics

Pick = Callable[[np.ndarray, int], np.ndarray]


def opened(proto: ModelProto, folder: Path) -> Model:
    path = folder / "model.onnx"
    path.write_bytes(proto.SerializeToString())
    return Model.open(path)


def samples(model: Model, **arrays: np.ndarray) -> Samples:
    return match(arrays, model, "test")


def statistics(proto: ModelProto, folder: Path, tensor: str, **arrays: np.ndarray) -> Statistics:
    """Of the weight that is stored under this name."""
    model = opened(proto, folder)
    (weight,) = (w for w in model.weights if w.constant.name == tensor)
    found = calibrate(model, [weight], samples(model, **arrays), gram=True)[weight.id]
    assert isinstance(found, Statistics), found
    return found


def holds(found: Statistics, rows: list[np.ndarray]) -> None:
    """The statistics are those of X [rows, columns], one for each part of the stack."""
    assert found.gram is not None and len(found.gram) == len(rows)
    for part, x in enumerate(rows):
        x = x.astype(np.float64)
        assert found.rows == len(x)
        np.testing.assert_allclose(found.norm2[part], (x * x).sum(axis=0), rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(found.mean[part], x.mean(axis=0), rtol=1e-4, atol=1e-5)
        gram = x.T @ x
        close = 1e-4 + 1e-6 * float(np.abs(gram).max(initial=0))  # sums of many that cancel
        np.testing.assert_allclose(found.gram[part], gram, rtol=1e-4, atol=close)


def agrees(
    proto: ModelProto,
    folder: Path,
    pick: Pick,
    like: ModelProto | None = None,
    convert: Callable[[np.ndarray], np.ndarray] | None = None,
    **arrays: np.ndarray,
) -> Statistics:
    """Calibrate the model's one weight, and hold the result against brute force.

    like : a model of floats that does the same, for one that works on codes; `convert` then makes
    its floats of what is fed.

    pick : (output, part of the stack) -> the values that the first output unit of that part makes.
    """
    model = opened(proto, folder)
    (weight,) = model.weights
    given = samples(model, **arrays)
    found = calibrate(model, [weight], given, gram=True)[weight.id]
    assert isinstance(found, Statistics), found
    stack, out, kernel, in_ = weight.view.logical_shape
    feeds = [given.batch(positions) for positions in given.batches(given.count)]
    if convert is not None:
        feeds = [{name: convert(array) for name, array in feed.items()} for feed in feeds]
    found_rows = []
    for part in range(stack):
        units = []
        for column in range(kernel * in_):
            unit = np.zeros((stack, out, kernel * in_), np.float32)
            unit[part, 0, column] = 1
            units.append(weight.view.stored(unit.reshape(stack, out, kernel, in_)))
        parts = [
            columns_of(
                like or proto, weight.constant.name, feed, units, lambda y, p=part: pick(y, p)
            )
            for feed in feeds
        ]
        found_rows.append(np.concatenate(parts))
    holds(found, found_rows)
    return found
