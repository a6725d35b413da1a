"""Data over HTTP: chosen once per model, told in facts, refused in sentences, dropped."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import msgspec
import numpy as np
import pytest
from client import Client, Stream, until

from sparseview.app.facts import Pictures
from sparseview.app.server.serving import Server
from sparseview.runtime.data import ImagePreparation


@pytest.fixture
def page(client: Client, network: Path) -> Client:
    """A client whose app has the network open: input x float32 [N, 8, 8, 8]."""
    assert client.post("/api/open", {"path": str(network)}).status == 200
    return client


def samples(path: Path, count: int = 10, **more: Any) -> Path:
    shape = (count, 8, 8, 8)
    values = np.random.default_rng(3).standard_normal(shape).astype(np.float32)
    np.savez(path, **{"x": values, **more})
    return path


def test_data_are_told_as_they_are_shared_out_and_fed(page: Client, tmp_path: Path) -> None:
    first = page.get("/api/data")
    assert first["data"] is None and [w["name"] for w in first["wants"]] == ["x"]
    path = samples(tmp_path / "some.npz", y=np.arange(10) % 3)
    told = page.post("/api/data", {"path": str(path)}).json["data"]
    assert (told["source"], told["synthetic"], told["classes"]) == ("some.npz", False, 3)
    assert (told["samples"], told["calibration"], told["held_out"]) == (10, 8, 2)
    assert [each["name"] for each in told["inputs"]] == ["x"]
    assert told["inputs"][0]["wants"] == first["wants"][0]["wants"]
    assert page.get("/api/state")["data"] == told
    told = page.post("/api/data", {"path": str(path), "calibration": 4}).json["data"]
    assert (told["calibration"], told["held_out"]) == (4, 6)
    assert page.post("/api/data", {"path": None}).json["data"] is None
    assert page.get("/api/state")["data"] is None


def test_what_runs_the_model_is_told_and_chosen(page: Client, tmp_path: Path) -> None:
    path = str(samples(tmp_path / "some.npz"))
    told = page.post("/api/data", {"path": path}).json
    assert told["data"]["provider"] == "CPU" and "CPU" in told["providers"]
    assert not any(name.endswith("ExecutionProvider") for name in told["providers"])
    again = page.post("/api/data", {"path": path, "provider": "CPU", "calibration": 4}).json
    assert again["data"]["provider"] == "CPU"
    refused = page.post("/api/data", {"path": path, "provider": "abacus"})
    assert refused.status == 400 and refused.json["code"] == "provider"
    assert "CPU" in refused.json["hint"]
    assert page.get("/api/state")["data"]["calibration"] == 4  # those in use stay


@pytest.mark.parametrize("folder", ["synthetic_images", "synthetic.d"])
def test_only_the_word_is_synthetic(
    folder: str, page: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path that begins like it is one: told whole, so that a recipe finds the data again."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / folder).mkdir()
    samples(tmp_path / folder / "some.npz")
    told = page.post("/api/data", {"path": f"{folder}/some.npz"}).json["data"]
    assert told["path"] == str(tmp_path / folder / "some.npz") and told["synthetic"] is False


def test_pictures_that_cannot_be_prepared_so_say_how_they_can(page: Client, tmp_path: Path) -> None:
    path = str(samples(tmp_path / "some.npz"))
    usual = ImagePreparation(height=8, width=8)
    how = {**msgspec.to_builtins(usual), "mean": [0.0] * 4}
    refused = page.post("/api/data", {"path": path, "pictures": how})
    assert refused.status == 400 and "size=224x224" in refused.json["hint"]


def test_synthetic_data_say_so(page: Client) -> None:
    told = page.post("/api/data", {"path": "synthetic:6"}).json["data"]
    assert told["synthetic"] is True and told["samples"] == 6 and told["pictures"] is None


@pytest.mark.parametrize("bad", ["nan", "shape", "missing"])
def test_bad_data_are_refused_with_what_the_model_wants(
    page: Client, tmp_path: Path, bad: str
) -> None:
    good = str(samples(tmp_path / "good.npz"))
    page.post("/api/data", {"path": good})
    path = tmp_path / "bad.npz"
    if bad == "nan":
        samples(path, x=np.full((3, 8, 8, 8), np.nan, np.float32))
    elif bad == "shape":
        samples(path, x=np.zeros((3, 5, 8, 8), np.float32))
    refused = page.post("/api/data", {"path": str(path)})
    assert refused.status == 400 and "wants x float32" in refused.json["hint"]
    assert page.get("/api/state")["data"]["path"] == good  # those in use stay


def test_another_model_has_no_data_yet(page: Client, network: Path) -> None:
    page.post("/api/data", {"path": "synthetic:4"})
    page.post("/api/open", {"path": str(network)})
    assert page.get("/api/state")["data"] is None


def test_dropped_on_the_window_data_and_models_are_told_apart(
    server: Server, page: Client, tmp_path: Path
) -> None:
    stream = Stream(page)
    until(lambda: stream.of("state"))
    path = samples(tmp_path / "some.npz")
    server.desk.offer(str(path))
    until(lambda: stream.of("ask-data"))
    assert stream.of("ask-data") == [{"type": "ask-data", "path": str(path)}]
    server.desk.offer(str(tmp_path))
    until(lambda: len(stream.of("ask-data")) == 2)
    other = tmp_path / "other.onnx"
    other.write_bytes(Path(page.get("/api/state")["model"]["path"]).read_bytes())
    server.desk.offer(str(other))
    until(lambda: page.get("/api/state")["model"]["name"] == "other.onnx")
    stream.close()


def test_pictures_are_prepared_as_the_page_corrects_it(client: Client, tmp_path: Path) -> None:
    """The struct that crosses has every field of the one that prepares, with the same choices."""
    mine, theirs = (
        {f.name: f.type for f in msgspec.structs.fields(kind)}
        for kind in (Pictures, ImagePreparation)
    )
    assert mine.keys() == theirs.keys()
    for name in ("layout", "order", "fit"):
        inner = get_args(theirs[name])
        assert get_args(mine[name]) == (get_args(inner[0]) or inner)
