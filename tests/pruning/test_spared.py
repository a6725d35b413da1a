"""What calibrated a model does not judge it, in another command either."""

from __future__ import annotations

import json
from pathlib import Path

import builders
import numpy as np
import onnx
import pytest

import sparseview as sv
from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.pruning.spared import spared
from sparseview.runtime.data import Samples, read


@pytest.fixture
def network(tmp_path: Path) -> Path:
    path = tmp_path / "network.onnx"
    onnx.save(builders.network(), path)
    values = np.random.default_rng(11).standard_normal((20, 8, 8, 8)).astype(np.float32)
    np.savez(tmp_path / "some.npz", x=values, y=np.arange(20) % 10)
    return path


def pruned(network: Path, name: str, **reading: object) -> Model:
    out = network.with_name(name)
    data = network.with_name("some.npz")
    sv.prune(network, out, data=data, reading=reading, sparsity=0.5, method="wanda")
    return Model.open(out)


def retold(model: Model, data: dict[str, object], *steps: object) -> Model:
    """The model with something else in its recipe about its data, and with more steps."""
    proto = onnx.load(model.path)
    (told,) = [p for p in proto.metadata_props if '"recipe"' in p.value]
    document = json.loads(told.value)
    document["recipe"][0]["data"] |= data
    document["recipe"] += steps
    told.value = json.dumps(document)
    onnx.save(proto, model.path.with_name("retold.onnx"))
    return Model.open(model.path.with_name("retold.onnx"))


def left(network: Path, *models: Model) -> Samples:
    data = network.with_name("some.npz")
    return spared(read(models[0], data), data, models)


def values(samples: Samples) -> np.ndarray:
    return samples.batch(range(samples.count))["x"]


def test_what_calibrated_a_model_is_left_out(network: Path) -> None:
    model = pruned(network, "out.onnx")
    found = left(network, model)
    session = sv.open(network)
    data = session.use_data(network.with_name("some.npz"))
    assert data is not None and found.count == 4
    np.testing.assert_array_equal(values(found), values(data.held_out))
    np.testing.assert_array_equal(found.labels, data.held_out.labels)
    assert found.notes[-1] == "left out: 16 of 20 samples, which calibrated the model"


def test_of_two_models_and_of_two_prunes_all_are_left_out(network: Path) -> None:
    one, other = pruned(network, "one.onnx", calibration=5), pruned(network, "o.onnx")
    assert left(network, one).count == 15 and left(network, one, other).count == 4
    twice = network.with_name("twice.onnx")
    data = network.with_name("some.npz")
    sv.prune(one.path, twice, "fc", data=data, reading={"calibration": 12}, sparsity=0.8)
    assert left(network, Model.open(twice)).count == 8


def test_other_data_and_other_models_keep_all(network: Path) -> None:
    model, dense = pruned(network, "out.onnx"), Model.open(network)
    assert left(network, dense).count == 20
    values = np.random.default_rng(1).standard_normal((20, 8, 8, 8)).astype(np.float32)
    np.savez(network.with_name("some.npz"), x=values)
    assert left(network, model).count == 20


@pytest.mark.parametrize(
    "strange", [{"calibration": "many"}, {"samples": None}, {"sha256": 7}, {"calibration": [2]}]
)
def test_a_recipe_that_makes_no_sense_tells_nothing(
    network: Path, strange: dict[str, object]
) -> None:
    """Models come from anywhere: what their metadata say is read, never trusted."""
    model = pruned(network, "out.onnx")
    told = retold(model, strange, "a word", {"data": "some"})
    assert left(network, told).count == 20


def test_how_data_were_read_may_be_told_in_a_newer_way(network: Path) -> None:
    model = pruned(network, "out.onnx")
    told = retold(model, {"pictures": {"fit": "tiles"}, "provider": ["cuda", "CPU"]})
    assert left(network, told).count == 4


def test_where_nothing_is_left_it_is_refused(network: Path) -> None:
    np.savez(network.with_name("some.npz"), x=np.ones((1, 8, 8, 8), np.float32))
    model = pruned(network, "out.onnx")
    with pytest.raises(SparseviewError, match="calibrated the model: nothing in it") as refused:
        left(network, model)
    assert refused.value.code == "calibrated"


def test_the_same_file_read_as_another_number_of_samples_keeps_all(network: Path) -> None:
    """Which of them calibrated the model cannot be told: their places are others."""
    told = retold(pruned(network, "out.onnx"), {"samples": 40})
    assert left(network, told).count == 20
