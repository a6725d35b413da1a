"""What is on screen is measured first."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import builders
from client import Client, until
from layers import saved

from sparseview.app.server import desk
from sparseview.review import crew
from sparseview.review.measuring import Measurer


def test_layers_on_screen_are_measured_first(
    client: Client, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(crew, "processors", lambda: 1)
    began, go, order = threading.Event(), threading.Event(), []
    real = Measurer.measure

    def watched(self: Any, model: Any, weight: Any, *rest: Any) -> Any:
        order.append(model.nodes[weight.node].layer)
        began.set()
        assert go.wait(120)
        return real(self, model, weight, *rest)

    monkeypatch.setattr(Measurer, "measure", watched)
    path = saved(builders.network(), tmp_path)
    assert client.post("/api/open", {"path": str(path)}).status == 200
    assert began.wait(120)
    rows = {row["layer"]: row for row in client.get("/api/weights")["rows"]}
    nodes = [rows["fc"]["node"], 10**6, -1]
    assert client.post("/api/visible", {"nodes": nodes}).status == 200
    go.set()
    until(lambda: client.get("/api/weights")["summary"]["sparsity"] is not None)
    assert order == ["conv1", "fc", "conv2"]


def test_what_cannot_be_read_is_refused(client: Client, tmp_path: Path) -> None:
    assert client.post("/api/visible", {"nodes": [1]}).json["code"] == "no-model"
    client.post("/api/open", {"path": str(saved(builders.network(), tmp_path))})
    assert client.post("/api/visible", {"nodes": ["one"]}).status == 400


def test_measuring_waits_while_the_picture_moves(
    client: Client, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(desk, "MOVING", 60.0)
    began = threading.Event()
    real = Measurer.measure

    def watched(self: Any, model: Any, weight: Any, *rest: Any) -> Any:
        began.set()
        return real(self, model, weight, *rest)

    monkeypatch.setattr(Measurer, "measure", watched)
    assert client.post("/api/moving").status == 200
    path = saved(builders.network(), tmp_path)
    threading.Thread(target=client.post, args=("/api/open", {"path": str(path)})).start()
    until(lambda: client.get("/api/state")["model"] is not None)
    assert client.post("/api/moving").status == 200
    assert not began.wait(0.3)
    monkeypatch.setattr(desk, "MOVING", 0.0)
    assert client.post("/api/moving").status == 200
    until(lambda: client.get("/api/weights")["summary"]["sparsity"] is not None)
