"""Measuring waits for a page to show the graph, with which it would compete for the processor."""

from __future__ import annotations

import time
from pathlib import Path

from client import Client

from sparseview.app.server.desk import Desk
from sparseview.app.server.serving import Server
from sparseview.app.settings import SettingsFile

LONG = 60.0  # seconds: longer than the test may take


def test_measuring_starts_once_a_page_has_the_graph(tmp_path: Path, network: Path) -> None:
    with Server(Desk(SettingsFile(tmp_path / "settings.json"), patience=LONG)) as server:
        client = Client(server.url())
        opening = server.desk.open(str(network))
        while client.ask("GET", "/api/graph?path=main").status != 200:
            time.sleep(0.01)
        assert opening.state == "running"
        assert server.desk.session.summary().measured == 0
        client.ask("GET", "/api/labels?path=main")
        opening.wait(LONG)
        while server.desk.session.summary().measured < 3:
            time.sleep(0.01)


def test_leaving_does_not_wait(tmp_path: Path, network: Path) -> None:
    began = time.monotonic()
    with Server(Desk(SettingsFile(tmp_path / "settings.json"), patience=LONG)) as server:
        server.desk.open(str(network))
    assert time.monotonic() - began < 8  # seconds; a job that does not end is waited for 10
