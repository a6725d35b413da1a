"""The real window: it opens, shows the model, asks before edits are lost, and ends cleanly."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from client import until

Image = pytest.importorskip("PIL.Image")


def test_the_window_shows_a_model(launch: Callable[..., Any], network: Path) -> None:
    app = launch(network)
    page = app.analysed()
    assert page.evaluate("window.sparseview.nodes") == 7
    colours = Image.open(io.BytesIO(page.screenshot())).convert("RGB").getcolors(1 << 24)
    assert len(colours) > 50, "an empty page has a handful of colours"
    assert app.errors == []
    until(lambda: app.title() == "network.onnx – Sparseview")
    assert app.ask("/api/prune", {"weights": [0], "sparsity": 0.5})[0] == 200
    until(lambda: app.title() == "• network.onnx – Sparseview")
    assert app.interrupt() == 130
    assert "Traceback" not in app.log.read_text("utf-8", "replace")


def test_without_a_model_there_is_a_start_page(launch: Callable[..., Any]) -> None:
    app = launch()
    status, state = app.ask("/api/state")
    assert status == 200
    assert state["model"] is None
    assert state["native_dialogs"] is True
    assert len(app.page.inner_text("body")) > 20
    assert app.errors == []


def test_a_bad_model_is_a_calm_page(launch: Callable[..., Any], tmp_path: Path) -> None:
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"these are no weights")
    app = launch(bad)
    problem = until(lambda: app.ask("/api/state")[1]["problem"])
    assert "bad.onnx" in problem["message"]
    app.page.get_by_text(problem["message"]).first.wait_for()
    assert app.errors == []


def test_closing_with_unsaved_edits_asks(launch: Callable[..., Any], network: Path) -> None:
    app = launch(network)
    app.analysed()
    app.page.evaluate(
        """() => {
            window.heard = []
            const listen = message => window.heard.push(JSON.parse(message.data).type)
            new EventSource('/api/events').onmessage = listen
        }"""
    )
    assert app.ask("/api/prune", {"weights": [0], "sparsity": 0.5})[0] == 200
    app.click_close()
    app.page.wait_for_function("() => window.heard.includes('ask-close')")
    status, answer = app.ask("/api/close", {"window": True})
    assert (status, answer["code"]) == (409, "unsaved")
    assert app.process.poll() is None
    dialog = app.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Cancel").click()
    dialog.wait_for(state="hidden")
    # The answer holds: what is saved after it does not close the window.
    assert app.ask("/api/save", {"path": None, "overwrite": True})[0] == 200
    app.page.locator(".unsaved").wait_for(state="detached")
    assert app.ask("/api/prune", {"weights": [1], "sparsity": 0.5})[0] == 200
    app.page.locator(".unsaved").wait_for()
    assert app.process.poll() is None
    # A second click comes later than a user's who thinks that the first was not heard.
    app.page.wait_for_timeout(3100)
    app.click_close()
    dialog.get_by_role("button", name="Don’t save").click()
    assert app.process.wait(timeout=60) == 0


def test_a_window_without_edits_closes_at_once(launch: Callable[..., Any], network: Path) -> None:
    app = launch(network)
    app.ready()
    app.click_close()
    assert app.process.wait(timeout=60) == 0
    assert "Traceback" not in app.log.read_text("utf-8", "replace")
