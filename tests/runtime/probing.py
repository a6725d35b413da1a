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


def agrees(proto: ModelProto, folder: Path, pick: Pick, **arrays: np.ndarray) -> Statistics:
    """Calibrate the model's one weight, and hold the result against brute force.

    pick : (output, part of the stack) -> the values that the first output unit of that part makes.
    """
    model = opened(proto, folder)
    (weight,) = model.weights
    given = samples(model, **arrays)
    found = calibrate(model, [weight], given, gram=True)[weight.id]
    assert isinstance(found, Statistics), found
    stack, out, kernel, in_ = weight.view.logical_shape
    feeds = [given.batch(positions) for positions in given.batches(given.count)]
    for part in range(stack):
        units = []
        for column in range(kernel * in_):
            unit = np.zeros((stack, out, kernel * in_), np.float32)
            unit[part, 0, column] = 1
            units.append(weight.view.stored(unit.reshape(stack, out, kernel, in_)))
        x = np.concatenate(
            [
                columns_of(proto, weight.constant.name, feed, units, lambda y, p=part: pick(y, p))
                for feed in feeds
            ]
        )
        assert found.rows == len(x)
        np.testing.assert_allclose(found.norm2[part], (x * x).sum(axis=0), rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(found.mean[part], x.mean(axis=0), rtol=1e-5, atol=1e-5)
        assert found.gram is not None
        np.testing.assert_allclose(found.gram[part], x.T @ x, rtol=1e-4, atol=1e-4)
    return found
