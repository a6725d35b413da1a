"""Sweeps that are kept: what was measured holds only for what it depends on."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import builders
import numpy as np
import onnx
import pytest
from fed_network import network_file, samples_file
from msgspec.structs import replace

import sparseview as sv
from sparseview.pruning.evidence import load
from sparseview.pruning.request import PruneRequest
from sparseview.pruning.sensitivity import Point
from sparseview.pruning.sweeps import Points, Sweeps, quickened, sweep_key
from sparseview.runtime.data import Options
from sparseview.session import Session

WISH: dict[str, Any] = {"method": "wanda", "budget": "sensitivity", "sparsity": 0.7}


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return network_file(tmp_path)


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    return samples_file(tmp_path, 40, spread=True)


def measured(session: Session) -> dict[str, tuple[Point, ...]]:
    """The points that a budget by sensitivity goes by; the model is left as it was."""
    request = session.request(**WISH)
    session.preview(request)
    sweeps = session.sweeps()
    assert sweeps is not None and session.data is not None
    found = dict(sweeps.of(session.model, quickened(request), session.data))
    assert len(found) == 3
    return found


@pytest.mark.parametrize("calibration", [2, 39])
def test_other_calibration_samples_are_another_sweep(
    network: Path, samples: Path, calibration: int
) -> None:
    fresh, session = sv.open(network), sv.open(network)
    fresh.use_data(samples, calibration=calibration)
    session.use_data(samples, calibration=20)
    first = measured(session)
    session.use_data(samples, calibration=calibration)
    assert measured(session) == measured(fresh) != first
    session.use_data(samples, calibration=20)
    assert measured(session) == first


def test_another_seed_of_made_up_samples_is_another_sweep(network: Path) -> None:
    fresh, session = sv.open(network), sv.open(network)
    fresh.use_data("synthetic:6", options=Options(seed=1))
    session.use_data("synthetic:6")
    first = measured(session)
    session.use_data("synthetic:6", options=Options(seed=1))
    assert measured(session) == measured(fresh) != first


def test_pictures_prepared_otherwise_are_another_sweep(tmp_path: Path) -> None:
    proto = builders.network()
    proto.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 3
    proto.graph.initializer[0].CopyFrom(
        onnx.numpy_helper.from_array(
            np.random.default_rng(1).standard_normal((16, 3, 3, 3)).astype(np.float32),
            "conv1.weight",
        )
    )
    path = tmp_path / "pictures.onnx"
    onnx.save(proto, path)
    values = np.random.default_rng(2).integers(0, 256, (12, 8, 8, 3)).astype(np.uint8)
    np.savez(tmp_path / "pictures.npz", x=values)
    fresh, session = sv.open(path), sv.open(path)
    session.use_data(tmp_path / "pictures.npz")
    first = measured(session)
    for one in (fresh, session):
        one.use_data(tmp_path / "pictures.npz", options=Options("order=BGR mean=0.2 std=0.4"))
    assert measured(session) == measured(fresh) != first


def test_what_a_key_consists_of(network: Path, samples: Path) -> None:
    """Each thing that numbers depend on makes another key; where the data lie does not."""
    model = sv.open(network).model
    wish = PruneRequest(weights=(0,), method="wanda", bias="keep")
    data = load(model, samples)
    key = sweep_key(wish, data)
    moved = samples.rename(samples.with_name("moved.npz"))
    for provider in (None, "CPU", "CPUExecutionProvider"):
        assert sweep_key(wish, load(model, moved, provider)) == key
    assert json.loads(json.dumps(key)) == key
    # Said or by default; a sweep prunes in one pass, whatever a prune does.
    for same in (
        replace(wish, bias=None),
        replace(wish, order="one-pass"),
        replace(wish, weights=(1,)),
    ):
        assert sweep_key(same, data) == key
    others = [
        sweep_key(replace(wish, bias="correct"), data),
        sweep_key(replace(wish, format="2:4"), data),
        sweep_key(replace(wish, method="sparsegpt"), data),
        sweep_key(replace(wish, method="sparsegpt", damp=0.5), data),
        sweep_key(wish, load(model, moved, calibration=7)),
        sweep_key(wish, dataclasses.replace(data, provider="cuda")),
        sweep_key(wish, dataclasses.replace(data, tokenizer="another")),
        sweep_key(wish, dataclasses.replace(data, held_out=data.held_out.take([0]))),
        sweep_key(wish, load(model, "synthetic:6")),
        sweep_key(wish, load(model, "synthetic:6", options=Options(seed=1))),
    ]
    told = {json.dumps(one) for one in [key, *others]}
    assert len(told) == len(others) + 1


@pytest.mark.parametrize("method", ["magnitude", "wanda"])
def test_groups_come_whole_or_not_at_all(network: Path, samples: Path, method: str) -> None:
    """A budget below what 2:4 makes everywhere leaves out the layers that cost most."""
    session = sv.open(network)
    session.use_data(samples)
    edit = session.prune(sparsity=0.3, budget="sensitivity", format="2:4", method=method)
    session.measure()
    found = {row.layer: row.sparsity for row in session.weights}
    assert set(found.values()) == {0.0, 0.5}
    assert session.summary().sparsity >= 0.3
    left = {layer for layer, sparsity in found.items() if not sparsity}
    assert left == {skip["layer"] for skip in edit.step["skipped"]}
    assert all("budget leaves it" in skip["reason"] for skip in edit.step["skipped"])


@pytest.mark.parametrize(("format_", "least"), [("2:4", 0.5), ("1:8", 0.875)])
def test_a_format_is_measured_where_it_begins(
    network: Path, samples: Path, format_: str, least: float
) -> None:
    session = sv.open(network)
    session.use_data(samples)
    request = session.request(
        method="wanda", format=format_, budget="sensitivity", sparsity=(1 + least) / 2
    )
    session.preview(request)
    sweeps = session.sweeps()
    assert sweeps is not None and session.data is not None
    found = sweeps.of(session.model, quickened(request), session.data)
    assert len(found) == 3
    for points in found.values():
        levels = [point.level for point in points]
        assert levels[0] == least and levels == sorted(set(levels)) and levels[-1] == 1


def test_threads_that_ask_together_get_the_same_points(
    network: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sv.open(network)
    data = session.use_data(samples)
    assert data is not None
    both = threading.Barrier(2, timeout=0.5)
    plain = Points.__init__

    def late(self: Points, key: Any) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait()  # until another one makes points too, which it should not
        plain(self, key)

    monkeypatch.setattr(Points, "__init__", late)
    sweeps, request = Sweeps(), PruneRequest(weights=(0,), method="wanda")
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _: sweeps.of(session.model, request, data), range(2))
    assert one is other


def test_the_sweeps_asked_for_last_are_kept(
    network: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sparseview.pruning.sweeps.KEPT", 2)
    session = sv.open(network)
    data = session.use_data(samples)
    assert data is not None
    sweeps = Sweeps()
    methods = ("magnitude", "wanda", "sparsegpt")
    wishes = [PruneRequest(weights=(0,), method=method) for method in methods]
    first, *later = (sweeps.of(session.model, wish, data) for wish in wishes)
    for wish, points in zip(wishes[1:], later, strict=True):
        assert sweeps.of(session.model, wish, data) is points
    assert sweeps.of(session.model, wishes[0], data) is not first
