"""The page carries the state, in a way that no text of a model can break out of."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from client import Client

from sparseview.app.server import page
from sparseview.app.server.desk import Desk
from sparseview.app.server.serving import Server
from sparseview.app.settings import SettingsFile

HTML = b'<html><script type="application/json" id="state"></script><p id="state"></script>'


def test_the_page_tells_the_open_model(tmp_path: Path, network: Path) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "index.html").write_bytes(HTML)
    desk = Desk(SettingsFile(tmp_path / "settings.json"))
    with Server(desk, static=tmp_path / "static") as server:
        client = Client(server.url())
        server.desk.open(str(network)).wait(10)
        text = client.ask("GET", "/").body.decode()
        found = re.search(r'id="state">(.*?)</script>', text)
        assert found is not None
        assert json.loads(found[1])["model"] == client.get("/api/state")["model"]


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<!--<script>", "\\u003c"])
def test_no_text_ends_the_script_element(text: str) -> None:
    made = page.with_state(HTML, {"name": text})
    assert made.count(b"<") == HTML.count(b"<")
    found = re.search(rb'id="state">(.*?)</script>', made)
    assert found is not None
    assert json.loads(found[1]) == {"name": text}
