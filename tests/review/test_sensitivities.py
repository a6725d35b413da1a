"""Levels made of a sweep: a layer of several tensors comes to what they have together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from builders import model
from onnx import helper, save
from onnx import numpy_helper as nh

import sparseview as sv
from sparseview.progress import Progress
from sparseview.pruning.request import PruneRequest
from sparseview.pruning.sensitivity import Point
from sparseview.pruning.sweeps import Points
from sparseview.review.sensitivities import Sweep
from sparseview.session import Session

RANDOM = np.random.default_rng(6)
W, R = (RANDOM.standard_normal(shape).astype(np.float32) for shape in ((1, 16, 6), (1, 16, 4)))


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """An LSTM; a quarter of R is zero."""
    node = helper.make_node("LSTM", ["x", "w", "r"], ["y"], "lstm", hidden_size=4)
    sparse = R.copy()
    sparse[:, ::4] = 0
    proto = model([node], [nh.from_array(W, "w"), nh.from_array(sparse, "r")], x=(5, "N", 6))
    proto.graph.output[0].type.tensor_type.ClearField("shape")
    save(proto, tmp_path / "lstm.onnx")
    found = sv.open(tmp_path / "lstm.onnx")
    found.use_data("synthetic:5")
    return found


def test_a_level_of_a_layer_is_that_of_all_its_tensors(session: Session) -> None:
    """W costs little up to a half; R stays, and its zeros count."""
    assert session.data is not None
    points = Points(None)
    for key, cosines in (("main/w", (0.999, 0.9)), ("main/r", (0.2, 0.1))):
        for level, cosine in zip((0.5, 0.9), cosines, strict=True):
            points.add(key, Point(level, cosine, 0.1))
    request = PruneRequest(weights=(0, 1), method="wanda")
    sweep = Sweep(session.model, request, session.data, points)
    sweep.run(request, (0.5, 0.9), {}, Progress())
    zeros = R.size // 4
    whole = W.size + R.size
    named = {w.constant.name: w.id for w in session.model.weights}
    target = (W.size / 2 + zeros) / whole
    made = sweep.levels({named["w"]: 0, named["r"]: zeros}, target, None)
    assert made.levels == {"lstm": pytest.approx(target, abs=1e-4)}
    assert made.sparsity == pytest.approx(target) and made.cosine == pytest.approx(0.999)


def test_a_sweep_is_of_one_state_of_the_model(session: Session) -> None:
    assert session.data is not None
    request = PruneRequest(weights=(0, 1), method="wanda")
    sweep = Sweep(session.model, request, session.data, Points(None))
    assert sweep.fits(session.model, request, session.data)
    session.prune(None, method="magnitude", sparsity=0.5)
    assert not sweep.fits(session.model, request, session.data)
    session.undo()
    assert sweep.fits(session.model, request, session.data)
    assert not sweep.fits(session.model, request, None)
