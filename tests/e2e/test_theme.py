"""The theme changes while a graph is shown: page and canvas follow together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

GROUND = """() => {
    const canvas = document.querySelector('.canvas canvas')
    return [...canvas.getContext('2d').getImageData(3, 3, 1, 1).data].slice(0, 3)
}"""
PAGE = "() => getComputedStyle(document.body).getPropertyValue('--canvas').trim()"


def test_the_canvas_follows_a_change_of_theme(launch: Callable[..., Any], network: Any) -> None:
    app = launch(network)
    page = app.analysed()
    for theme in ("dark", "light"):
        assert app.ask("/api/settings", {"theme": theme})[0] == 200
        page.locator(f"html[data-theme={theme}]").wait_for(state="attached")
        page.evaluate("() => window.sparseview.setView('flat')")
        token = page.evaluate(PAGE)
        wanted = [int(token[at : at + 2], 16) for at in (1, 3, 5)]
        page.wait_for_function(f"() => String(({GROUND})()) === '{','.join(map(str, wanted))}'")
    assert app.errors == []
