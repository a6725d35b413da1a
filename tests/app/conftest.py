"""A real server on a free port over an empty settings file, and a client that has entered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import builders
import onnx
import pytest
from client import Client

from sparseview.app.server.desk import Desk
from sparseview.app.server.serving import Server
from sparseview.app.settings import SettingsFile


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.delenv("SPARSEVIEW_TOKEN", raising=False)
    with Server(Desk(SettingsFile(tmp_path / "settings" / "settings.json"))) as server:
        yield server


@pytest.fixture
def client(server: Server) -> Client:
    return Client(server.url())


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A file with two Convs and a Gemm."""
    path = tmp_path / "network.onnx"
    onnx.save(builders.network(), path)
    return path
