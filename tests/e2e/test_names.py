"""Names and depths that no designer had in mind leave every button of the window in reach."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

DEPTH = 30
LONG = "n" * 500
OPERATOR = "O" * 300


def value(name: str, kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, [] if kind != TensorProto.FLOAT else [4])


def body(depth: int) -> onnx.GraphProto:
    """A loop's body, with a loop inside, and so on."""
    go, x, y = f"go{depth}", f"x{depth}", f"y{depth}"
    nodes = [helper.make_node("Identity", [go], [f"{go}_out"])]
    if depth < DEPTH:
        nodes.append(helper.make_node("Loop", ["", go, x], [y], LONG, body=body(depth + 1)))
    else:
        nodes.append(helper.make_node(OPERATOR, [x], [y], LONG, domain="far"))
    inputs = [value(f"i{depth}", TensorProto.INT64), value(go, TensorProto.BOOL), value(x)]
    outputs = [value(f"{go}_out", TensorProto.BOOL), value(y)]
    return helper.make_graph(nodes, f"g{depth}", inputs, outputs)


@pytest.fixture
def nested(tmp_path: Path) -> Path:
    loop = helper.make_node("Loop", ["", "go", "x"], ["y"], LONG, body=body(1))
    inputs = [value("go", TensorProto.BOOL), value("x")]
    model = helper.make_model(helper.make_graph([loop], "m", inputs, [value("y")]))
    path = tmp_path / "nested.onnx"
    onnx.save(model, path)
    return path


def test_thirty_loops_and_endless_names(launch: Callable[..., Any], nested: Path) -> None:
    app = launch(nested)
    page = app.ready()
    page.get_by_role("button", name="All graphs of the model").click()
    page.locator(".menu-item").nth(DEPTH).wait_for()
    rows = page.evaluate(
        """() => [...document.querySelectorAll('.menu-item')].map(row => {
            const label = row.querySelector('.menu-label')
            const room = label.clientWidth - parseFloat(getComputedStyle(label).paddingLeft)
            const inside = row.querySelector('kbd').getBoundingClientRect().right
            return [room, inside <= row.getBoundingClientRect().right]
        })"""
    )
    assert len(rows) == DEPTH + 1
    for room, inside in rows[1:]:
        assert room > 80, "a name that nobody can read"
        assert inside, "the count of nodes is cut"
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.locator(".crumbs .here").get_by_text("body of").wait_for()
    way_out = page.locator(".crumbs > button").first
    assert way_out.inner_text() == "m"
    assert way_out.locator(".clip").evaluate("one => one.clientWidth >= one.scrollWidth")

    page.keyboard.press("Control+f")
    page.keyboard.type(f"op:{OPERATOR}")
    page.keyboard.press("Enter")
    close = page.locator(".panel-title").get_by_role("button", name="Close")
    close.wait_for()
    reach, width = close.evaluate("one => [one.getBoundingClientRect().right, innerWidth]")
    assert reach <= width
    page.set_viewport_size({"width": 360, "height": 600})
    page.wait_for_function("() => innerWidth === 360")
    assert close.evaluate("one => one.getBoundingClientRect().right <= innerWidth")
    assert app.errors == []
