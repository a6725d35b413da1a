"""The graph's picture as a file, by the system's own dialog; the window on the whole screen."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from client import until
from PIL import Image

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def opened(launch: Callable[..., Any], network: Path) -> Any:
    app = launch(network)
    app.analysed()
    yield app
    assert app.errors == []


def export(app: Any, key: str, target: Path) -> str:
    """Export by key and Enter; gives the kinds of files that the dialog offered."""
    app.page.keyboard.press(key)
    app.page.get_by_role("dialog", name="Export picture").wait_for()
    app.page.keyboard.press("Enter")
    kinds: str = app.choose(target)
    app.page.get_by_text(f"Wrote {target}").wait_for()
    return kinds


def test_a_png_shows_the_whole_graph(opened: Any, tmp_path: Path) -> None:
    target = tmp_path / "graph.png"
    assert export(opened, "Control+Shift+E", target) == "PNG pictures (*.png)"
    picture = Image.open(io.BytesIO(target.read_bytes()))
    assert picture.width > 900 and picture.height > 600
    assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 50  # no empty canvas


def test_an_svg_names_every_layer(opened: Any, tmp_path: Path) -> None:
    target = tmp_path / "graph"  # the ending comes by itself
    opened.page.keyboard.press("Control+Alt+E")
    opened.page.get_by_role("dialog", name="Export picture").wait_for()
    opened.page.keyboard.press("Enter")
    assert opened.choose(target) == "SVG pictures (*.svg)"
    opened.page.get_by_text(f"Wrote {target}.svg").wait_for()
    root = ElementTree.fromstring(target.with_suffix(".svg").read_text("utf-8"))
    words = [text.text for text in root.iter(f"{SVG}text")]
    for word in ("conv1", "conv2", "fc", "Sparsity: share of zero weights"):
        assert word in words
    assert root.find(f"{SVG}title").text == "network.onnx"  # type: ignore[union-attr]


def test_f11_fills_the_screen_and_gives_it_back(opened: Any) -> None:
    assert not opened.fills_the_screen()
    opened.page.keyboard.press("F11")
    until(opened.fills_the_screen)
    opened.page.keyboard.press("F11")
    until(lambda: not opened.fills_the_screen())
