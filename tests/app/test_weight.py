"""Routes about one weight: what they answer, after edits too, and what they refuse."""

from __future__ import annotations

import base64
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest
from client import Client, until
from onnx import numpy_helper

from sparseview.app.server import weight as module
from sparseview.model.document import Model
from sparseview.model.tensors import read


def opened(client: Client, path: Path) -> dict[str, np.ndarray]:
    """The stored tensors by name, once the model is open and measured."""
    assert client.post("/api/open", {"path": str(path)}).status == 200
    until(lambda: client.get("/api/weights")["summary"]["sparsity"] is not None)
    return {t.name: numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}


def gemm(client: Client) -> int:
    rows = client.get("/api/weights")["rows"]
    return next(row["id"] for row in rows if row["op"] == "Gemm")


def test_a_weight_is_told_of_from_every_side(client: Client, network: Path) -> None:
    array = opened(client, network)["fc.weight"]
    at = f"/api/weight/{gemm(client)}"
    histogram = client.get(f"{at}/histogram")
    assert histogram["nonzeros"] == sum(histogram["counts"]) == array.size
    assert histogram["min"] == float(array.min())
    profile = client.get(f"{at}/profile")
    assert profile["out"]["channels"] == 10 and profile["in"]["channels"] == 512
    mask = client.get(f"{at}/mask?rows=20&columns=64")
    assert (mask["height"], mask["width"], mask["in"]) == (10, 512, 512)
    assert (mask["pool_rows"], mask["pool_columns"]) == (1, 8)
    assert base64.b64decode(mask["density"]) == bytes([255]) * 640
    tile = client.ask("GET", f"{at}/tile?pool=2&row=0&column=0")
    assert tile.headers["content-type"] == "application/octet-stream"
    assert len(tile.body) == 2 * 5 * 256
    values = client.ask("GET", f"{at}/values?row=3&column=100&height=2&width=5").body
    assert np.array_equal(np.frombuffer(values, "<f4").reshape(2, 5), array[3:5, 100:105])
    broken = client.get(f"{at}/violations?format=2:4&limit=3")
    assert broken["violating"] == broken["groups"] == 1280
    assert [(one["row"], one["column"]) for one in broken["first"]] == [(0, 0), (0, 4), (0, 8)]


def test_an_edit_and_its_undoing_are_seen(client: Client, network: Path) -> None:
    array = opened(client, network)["fc.weight"]
    at = f"/api/weight/{gemm(client)}"
    assert client.get(f"{at}/histogram")["zeros"] == 0
    request = {"weights": [gemm(client)], "method": "magnitude", "format": "2:4"}
    assert client.post("/api/prune", request).status == 200
    assert client.get(f"{at}/histogram")["zeros"] == array.size // 2
    assert client.get(f"{at}/violations?format=2:4")["violating"] == 0
    client.post("/api/undo")
    assert client.get(f"{at}/histogram")["zeros"] == 0


def test_another_model_has_other_weights(client: Client, network: Path, tmp_path: Path) -> None:
    opened(client, network)
    first = client.get("/api/weight/0/histogram")
    model = onnx.load(network)
    tensor = model.graph.initializer[0]
    tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor) * 0, tensor.name))
    onnx.save(model, tmp_path / "other.onnx")
    opened(client, tmp_path / "other.onnx")
    assert first["zeros"] == 0
    assert client.get("/api/weight/0/histogram")["nonzeros"] == 0


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/weight/99/histogram", 404),
        ("/api/weight/0/tile?pool=3", 400),
        ("/api/weight/0/tile?pool=x", 400),
        ("/api/weight/0/tile?row=-1", 400),
        ("/api/weight/0/tile?row=" + "9" * 50, 400),
        ("/api/weight/0/mask?rows=0", 400),
        ("/api/weight/0/values?row=0&column=0&height=100000&width=100000", 400),
        ("/api/weight/0/violations?format=bsr:32x32", 400),
        ("/api/weight/0/violations?format=unstructured", 400),
        ("/api/weight/0/violations?format=nonsense", 400),
        ("/api/weight/2/violations?format=2:4&limit=0", 400),
    ],
)
def test_wrong_questions_are_refused(client: Client, network: Path, path: str, status: int) -> None:
    opened(client, network)
    answer = client.ask("GET", path)
    assert answer.status == status
    assert answer.json["message"] and answer.json["code"] != "internal"


def test_few_pictures_are_kept_and_large_ones_go_first(
    network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Model.open(network)
    desk: Any = SimpleNamespace(session=SimpleNamespace(model=model))
    gallery = module.Gallery(desk)
    first = gallery.look(0, lambda picture: (picture.histogram(), picture)[1])
    assert gallery.look(0, lambda picture: picture) is first
    gallery.look(1, lambda picture: picture.histogram())
    assert gallery.look(0, lambda picture: picture) is first
    # Edited weights are held in memory whole.
    edits = {w.constant.key: read(model, w.constant) for w in model.weights}
    desk.session.model = model.with_overlay(model.overlay.with_(edits))
    monkeypatch.setattr(module, "HELD", 1)
    second = gallery.look(0, lambda picture: (picture.histogram(), picture)[1])
    assert second is not first and second.held > 0
    gallery.look(1, lambda picture: picture.histogram())
    assert gallery.look(0, lambda picture: picture) is not second


def test_without_a_model_there_is_no_weight(client: Client) -> None:
    assert client.ask("GET", "/api/weight/0/histogram").status == 409


def test_tiles_far_outside_are_empty(client: Client, network: Path) -> None:
    opened(client, network)
    answer = client.ask("GET", "/api/weight/0/tile?pool=1&row=99999999&column=4")
    assert (answer.status, answer.body) == (200, b"")
