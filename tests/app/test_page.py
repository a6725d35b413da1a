"""The page carries the state, in a way that no text of a model can break out of."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from hashlib import sha256
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
        server.desk.open(str(network)).wait(60)
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


@pytest.mark.parametrize("text", ["größe", "→ “3×3”", "模型", "\U0001f600\u2028"])
def test_the_page_is_in_ascii_whatever_the_model_is_called(text: str) -> None:
    made = page.with_state(HTML, {"name": text})
    assert made.isascii()
    found = re.search(rb'id="state">(.*?)</script>', made)
    assert found is not None
    assert json.loads(found[1]) == {"name": text}


GRAPH = b'<script type="text/plain" id="columns"></script>'
OWN = b'<script>first()</script><p></p><script type="module">second()\n// <b></script>'


def server_of(folder: Path, page: bytes) -> Server:
    (folder / "static").mkdir()
    (folder / "static" / "index.html").write_bytes(page)
    return Server(Desk(SettingsFile(folder / "settings.json")), static=folder / "static")


@pytest.mark.parametrize("settings", [{}, {"constants": True}])
def test_the_page_brings_the_graph_that_it_shows_first(
    tmp_path: Path, network: Path, settings: dict[str, bool]
) -> None:
    with server_of(tmp_path, HTML + GRAPH) as server:
        client = Client(server.url())
        assert GRAPH in client.ask("GET", "/").body
        client.post("/api/settings", settings)
        server.desk.open(str(network)).wait(60)
        found = re.search(rb'id="columns">(.*?)</script>', client.ask("GET", "/").body)
        rows = "&rows=constants" if settings else ""
        wanted = client.ask("GET", f"/api/graph?path=main{rows}").body
        assert found is not None
        assert b64decode(found[1]) == wanted
        server.desk.close_model(discard=True)
        assert GRAPH in client.ask("GET", "/").body


def test_the_launch_url_is_the_page_itself(tmp_path: Path, network: Path) -> None:
    # A redirect would be one more answer to wait for; the first script takes the secret away.
    with server_of(tmp_path, HTML + GRAPH + OWN) as server:
        server.desk.open(str(network)).wait(60)
        address = "/launch?" + server.url().partition("?")[2]
        launched = Client(server.url(), enter=False).ask("GET", address)
        plain = Client(server.url()).ask("GET", "/")
        assert launched.status == 200
        graphs = [re.search(rb'id="columns">(.*?)<', one.body) for one in (launched, plain)]
        assert graphs[0] is not None and graphs[1] is not None
        assert graphs[0][1] == graphs[1][1]
        for name in ("content-security-policy", "cache-control"):
            assert launched.headers[name] == plain.headers[name]


def test_a_large_graph_is_left_to_a_request() -> None:
    most = page.MOST_COLUMNS
    assert page.with_columns(GRAPH, b"x" * (most + 1)) == GRAPH
    assert len(page.with_columns(GRAPH, b"x" * most)) > most


def test_scripts_of_the_built_page_may_run_and_no_other(tmp_path: Path) -> None:
    with server_of(tmp_path, HTML + OWN) as server:
        client = Client(server.url())
        policy = client.ask("GET", "/").headers["content-security-policy"]
        script = next(p for p in policy.split("; ") if p.startswith("script-src"))
        texts = (b"first()", b"second()\n// <b>")
        hashes = {f"'sha256-{b64encode(sha256(text).digest()).decode()}'" for text in texts}
        assert set(script.split()[1:]) == {"'self'", "'unsafe-eval'"} | hashes
        other = client.ask("GET", "/api/state").headers["content-security-policy"]
        assert "sha256" not in other
