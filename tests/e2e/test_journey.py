"""The user's journey in the real window: look, find, prune, undo, save, open again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import builders
import checks
import onnx
import pytest
from client import until


@pytest.fixture
def opened(launch: Callable[..., Any], network: Path) -> Any:
    app = launch(network)
    app.analysed()
    yield app
    assert app.errors == []


def row(page: Any, layer: str) -> Any:
    """The report's row of a layer, and its node id."""
    (node,) = page.evaluate('name => window.sparseview.search(`"${name}"`)', layer)
    page.evaluate("() => window.sparseview.search('')")
    return node, page.evaluate("id => window.sparseview.layer(id)", node)


def centre(page: Any) -> tuple[float, float]:
    """Where a node is after goTo, in the page's pixels."""
    box = page.get_by_role("application", name="Graph of operators").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def context_menu(page: Any, layer: str) -> None:
    node, _ = row(page, layer)
    page.evaluate("id => window.sparseview.goTo(id)", node)
    page.mouse.click(*centre(page), button="right")
    page.get_by_role("menu").wait_for()


def until_sparsity(page: Any, node: int, sparsity: float) -> None:
    page.wait_for_function(
        "([id, wanted]) => window.sparseview.layer(id).sparsity === wanted", arg=[node, sparsity]
    )


def test_right_click_prune_undo_save_and_open_again(opened: Any, network: Path) -> None:
    page = opened.page
    node, before = row(page, "conv1")
    assert before["agrees"] is False
    context_menu(page, "conv1")
    page.get_by_role("menuitem", name="Prune to 2:4").click()
    page.get_by_text("Pruned 1 layer").wait_for()
    until_sparsity(page, node, 0.5)
    page.keyboard.press("Control+z")
    until_sparsity(page, node, before["sparsity"])
    page.keyboard.press("Control+Shift+z")
    until_sparsity(page, node, 0.5)

    page.keyboard.press("Control+s")
    page.get_by_role("button", name="Save over it").click()
    page.get_by_text(f"Saved {network}").wait_for()
    saved = onnx.load(network)
    weight = next(t for t in saved.graph.initializer if t.name == before["tensor"])
    nonzero = onnx.numpy_helper.to_array(weight).reshape(1, 16, 8, 9) != 0
    assert checks.violating_groups(nonzero.transpose(0, 1, 3, 2), 2, 4)[0] == 0

    page.keyboard.press("F5")
    page.wait_for_function("() => !document.querySelector('.panel')")
    opened.analysed()
    after = row(page, "conv1")[1]
    assert (after["declared"]["format"], after["agrees"]) == ("2:4", True)


def test_the_form_previews_what_enter_applies(opened: Any) -> None:
    page = opened.page
    node, _ = row(page, "fc")
    page.evaluate("id => window.sparseview.select([id])", node)
    page.keyboard.press("p")
    page.get_by_text("of squared").wait_for()
    field = page.get_by_label("Amount in percent")
    field.fill("75")
    field.press("Enter")
    # What was typed is previewed first: nothing has changed yet.
    assert page.evaluate("id => window.sparseview.layer(id).sparsity", node) != 0.75
    page.locator(".preview-line", has_text="75.0").wait_for()
    page.keyboard.press("Enter")
    until_sparsity(page, node, 0.75)
    until(lambda: page.locator(".panel").inner_text().count("75.00") == 1)


def test_a_false_claim_is_found_from_the_status_line(opened: Any) -> None:
    page = opened.page
    page.get_by_role("button", name="1 claim does not hold").click()
    page.get_by_role("gridcell", name="conv1").click()
    page.get_by_text("does not hold", exact=True).first.wait_for()
    panel = page.locator(".panel").inner_text()
    assert "declared" in panel and "2:4" in panel


def test_search_by_keys_goes_to_a_node(opened: Any) -> None:
    page = opened.page
    page.keyboard.press("Control+f")
    page.keyboard.type("op:Gemm")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".panel-title", has_text="fc").wait_for()


def test_a_body_opens_and_backspace_returns(launch: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "branches.onnx"
    onnx.save(builders.subgraph_if(), path)
    app = launch(path)
    page = app.analysed()
    outside = page.evaluate("window.sparseview.nodes")
    (node,) = page.evaluate("() => window.sparseview.search('op:If')")
    page.evaluate("id => window.sparseview.goTo(id)", node)
    # As slow as people are: the panel that the first click opens has moved the picture.
    place = centre(page)
    page.mouse.click(*place)
    page.get_by_role("complementary", name="Operator").wait_for()
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)
    page.locator(".crumbs .here", has_text="_branch").wait_for()
    app.ready()
    page.keyboard.press("Backspace")
    page.wait_for_function(
        "n => window.sparseview.state === 'ready' && window.sparseview.nodes === n", arg=outside
    )
    assert app.errors == []


def test_names_in_the_panel_lead_along_the_lines_and_back(opened: Any) -> None:
    page = opened.page
    node, _ = row(page, "conv2")
    page.evaluate("id => { sparseview.select([id]); sparseview.goTo(id); }", node)
    panel = page.get_by_role("complementary", name="Operator")
    head = panel.locator(".panel-title")
    head.get_by_text("conv2").wait_for()
    panel.locator(".port-end", has_text="from").get_by_role("button").click()
    head.get_by_text("Relu", exact=True).wait_for()
    head.get_by_role("button", name="Back to where you were").click()
    head.get_by_text("conv2").wait_for()
    page.keyboard.press("Alt+ArrowRight")
    head.get_by_text("Relu", exact=True).wait_for()
    # The line leads where the file says: into the layer.
    panel.locator(".port-end", has_text="to").get_by_role("button", name="conv2").click()
    head.get_by_text("conv2").wait_for()


def test_a_failed_open_keeps_the_model(opened: Any, tmp_path: Path) -> None:
    page = opened.page
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"")
    assert opened.ask("/api/open", {"path": str(bad)})[0] == 400
    page.locator(".toast", has_text="bad.onnx").wait_for()
    assert page.evaluate("window.sparseview.state") == "ready"
    assert page.evaluate("window.sparseview.nodes") == 7
