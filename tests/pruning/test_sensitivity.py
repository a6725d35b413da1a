"""Sensitivity: points are what a file pruned there alone does; levels are the best of curves."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime
import pytest
from fed_network import network_file, samples_file

import sparseview as sv
from sparseview.editing import PROTECTED
from sparseview.errors import SparseviewError
from sparseview.progress import Cancelled, Progress
from sparseview.pruning import outcome
from sparseview.pruning.budget import Share
from sparseview.pruning.by_data import _settle
from sparseview.pruning.evidence import Evidence, load
from sparseview.pruning.request import PruneRequest
from sparseview.pruning.sensitivity import Curve, Point, shared, sweep

LEVELS = (0.5, 0.9)


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return network_file(tmp_path)


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    return samples_file(tmp_path, 10)


def swept(model: Any, request: PruneRequest, evidence: Evidence, **known: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def tell(key: str, point: Any) -> None:
        found.setdefault(key, []).append(point)

    sweep(model, request, LEVELS, evidence, known.get("known", {}), tell)
    return found


def outputs(path: Path, values: Any) -> Any:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"x": values})[0]).reshape(len(values), -1).astype(float)


@pytest.mark.parametrize("method", ["magnitude", "wanda"])
def test_a_point_is_the_drift_of_the_file_with_that_layer_pruned_alone(
    network: Path, samples: Path, tmp_path: Path, method: str
) -> None:
    session = sv.open(network)
    evidence = load(session.model, samples)
    weights = tuple(w.id for w in session.model.weights)
    request = PruneRequest(weights=weights, method=method)
    found = swept(session.model, request, evidence)
    values = np.load(samples)["x"][evidence.held_out.chosen]
    before = outputs(network, values)
    assert len(found) == len(weights)
    for weight in session.model.weights:
        for level in LEVELS:
            alone = sv.open(network)
            alone.use_data(samples)
            wish = {} if method == "magnitude" else {"order": "one-pass"}
            alone.prune([weight.id], method=method, sparsity=level, **wish)
            target = tmp_path / f"{weight.id}-{level}.onnx"
            alone.save(target)
            after = outputs(target, values)
            norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
            cosine = ((before * after).sum(axis=1) / norms).mean()
            (point,) = [p for p in found[weight.constant.key] if p.level == level]
            assert point.cosine == pytest.approx(cosine, abs=1e-5)


def test_a_sweep_that_was_stopped_goes_on_where_it_was(network: Path, samples: Path) -> None:
    session = sv.open(network)
    evidence = load(session.model, samples)
    request = PruneRequest(weights=(0, 1, 2), method="wanda")
    whole = swept(session.model, request, evidence)
    got: dict[str, list[Point]] = {}
    progress = Progress()

    def tell(key: str, point: Point | str) -> None:
        assert isinstance(point, Point)
        got.setdefault(key, []).append(point)
        if sum(map(len, got.values())) == 2:
            progress.cancel()

    with pytest.raises(Cancelled):
        sweep(session.model, request, LEVELS, evidence, {}, tell, progress=progress)
    assert sum(map(len, got.values())) == 2
    rest = swept(session.model, request, evidence, known=got)
    assert sum(map(len, rest.values())) == 4
    for key, points in whole.items():
        together = sorted([*got.get(key, []), *rest.get(key, [])], key=lambda p: p.level)
        assert [p.cosine for p in together] == pytest.approx([p.cosine for p in points])


def test_layers_that_stay_say_why(network: Path, samples: Path) -> None:
    session = sv.open(network)
    evidence = load(session.model, samples)
    session.prune([0], sparsity=0.95)
    found: dict[str, list[Any]] = {}
    request = PruneRequest(weights=(0, 1), method="wanda")
    left = {1: PROTECTED}
    sweep(
        session.model,
        request,
        (0.5,),
        evidence,
        {},
        lambda k, p: found.setdefault(k, []).append(p),
        left,
    )
    first, second = (session.model.weights[i].constant.key for i in (0, 1))
    assert found == {first: [Point(0.5, 1.0, 0.0)], second: [PROTECTED]}


@pytest.mark.parametrize("method", ["magnitude", "wanda"])
def test_what_a_tensor_is_like_is_measured_once_for_all_levels(
    network: Path, samples: Path, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sv.open(network)
    evidence = load(session.model, samples)
    calls: list[int] = []
    plain = outcome._measured

    def counted(*args: Any) -> Any:
        calls.append(1)
        return plain(*args)

    monkeypatch.setattr(outcome, "_measured", counted)
    found = swept(session.model, PruneRequest(weights=(0, 1, 2), method=method), evidence)
    assert sum(map(len, found.values())) == 3 * len(LEVELS) and len(calls) == 3


def curve(elements: int, zeros: int, *drifts: tuple[float, float], least: float = 0.0) -> Curve:
    return Curve(elements, zeros, tuple(Point(at, 1 - d, None) for at, d in drifts), least)


CURVES = {
    "a": curve(100, 0, (0.5, 0.01), (0.7, 0.02), (0.9, 0.2)),
    "b": curve(300, 30, (0.5, 0.002), (0.7, 0.05), (0.9, 0.06)),
    "c": curve(50, 0, (0.5, 0.3), (0.7, 0.31), (0.9, 0.9)),
}


def predicted(curves: dict[str, Curve], levels: dict[str, float]) -> tuple[float, float]:
    """(zeros, drift) of levels on the straight lines between the points, drifts added up."""
    zeros = drift = 0.0
    for key, one in curves.items():
        level = levels.get(key, one.zeros / one.elements)
        places = [
            (one.zeros / one.elements, 0.0),
            *((p.level, 1 - (p.cosine or 0)) for p in one.points),
        ]
        zeros += level * one.elements
        drift += float(np.interp(level, *zip(*places, strict=True)))
    return zeros, drift


@pytest.mark.parametrize("target", [0.2, 0.5, 0.62, 0.8])
def test_a_share_is_reached_with_as_little_drift_as_any_grid_of_levels(target: float) -> None:
    made = shared(CURVES, target=target)
    elements = sum(one.elements for one in CURVES.values())
    zeros, drift = predicted(CURVES, dict(made.levels))
    assert zeros == pytest.approx(target * elements, abs=1)
    # Hulls lie below the curves, so the prediction is at most what the lines say.
    assert 1 - made.cosine <= drift + 1e-12
    grid = [np.linspace(c.zeros / c.elements, 0.9, 41) for c in CURVES.values()]
    best = min(
        d
        for at in itertools.product(*grid)
        for z, d in [predicted(CURVES, dict(zip(CURVES, at, strict=True)))]
        if z >= target * elements
    )
    assert 1 - made.cosine <= best + 1e-9


def test_as_sparse_as_the_drift_allows_and_no_further() -> None:
    made = shared(CURVES, cosine=0.99)
    assert made.cosine >= 0.99 - 1e-12
    more = shared(CURVES, cosine=0.95)
    assert more.zeros > made.zeros and more.cosine >= 0.95 - 1e-12
    assert set(shared(CURVES, cosine=0.9999999).levels) <= {"b", "a"}


def test_what_is_out_of_reach_is_said_and_formats_keep_their_least() -> None:
    with pytest.raises(SparseviewError, match="at most"):
        shared(CURVES, target=0.95)
    curves = {"a": curve(100, 0, (0.5, 0.1), least=0.5), "b": curve(100, 0, (0.5, 0.2), least=0.5)}
    made = shared(curves, target=0.4)
    assert dict(made.levels) == {"a": 0.5, "b": 0.5}
    assert dict(shared(curves, cosine=0.85).levels) == {"a": 0.5}


def test_a_layer_that_rounding_left_a_little_below_a_level_is_at_that_level(
    network: Path, samples: Path
) -> None:
    session = sv.open(network)
    session.use_data(samples)
    level = 0.535
    session.prune(PruneRequest(weights=(0,), method="wanda", sparsity=level))
    reached = session.row(0).sparsity
    assert reached is not None and level - 0.01 < reached < level
    evidence = load(session.model, samples)
    found: dict[str, list[Any]] = {}
    request = PruneRequest(weights=(0,), method="wanda")
    sweep(
        session.model,
        request,
        (level,),
        evidence,
        {},
        lambda k, p: found.setdefault(k, []).append(p),
    )
    assert found == {session.model.weights[0].constant.key: [Point(level, 1.0, 0.0)]}


def test_drifts_add_up_to_the_limit_along_the_lower_hulls() -> None:
    """a: its first point lies above its hull; b is cheap up to a half."""
    curves = {"a": curve(100, 0, (0.5, 0.4), (0.9, 0.45)), "b": curve(100, 0, (0.5, 0.1), (0.9, 1))}
    made = shared(curves, target=0.45)
    assert made.levels == pytest.approx({"b": 0.5, "a": 0.4}, abs=0.01)
    assert made.cosine == pytest.approx(1 - 0.1 - 0.4 * 0.5, abs=0.01)
    made = shared(curves, cosine=0.7)
    assert made.levels == pytest.approx({"b": 0.5, "a": 0.4}, abs=0.01)
    assert made.cosine == pytest.approx(0.7) and made.zeros == 90


def test_what_rounding_leaves_goes_to_tensors_that_are_pruned() -> None:
    shares = [Share(1000, 10, 0.0), Share(100, 0, 0.0)]
    targets: list[Any] = [SimpleNamespace(key="large"), SimpleNamespace(key="small")]
    zeros = {"large": 10, "small": 49}
    _settle(zeros, {"small": 0.495}, targets, shares, 60)
    assert zeros == {"large": 10, "small": 50}
