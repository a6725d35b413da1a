"""Pruning in the real window: a budget reached exactly, protection, recipes, ways to store."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest


@pytest.fixture
def opened(launch: Callable[..., Any], network: Path) -> Any:
    app = launch(network)
    app.analysed()
    yield app
    assert app.errors == []


def rows(app: Any) -> dict[str, Any]:
    status, answer = app.ask("/api/weights")
    assert status == 200
    return {row["layer"]: row for row in answer["rows"]}


def whole(app: Any) -> tuple[int, int]:
    """(zeros, elements) of the whole model."""
    summary = app.ask("/api/weights")[1]["summary"]
    return summary["zeros"], summary["elements"]


def select(page: Any, layer: str) -> None:
    (node,) = page.evaluate('name => window.sparseview.search(`"${name}"`)', layer)
    page.evaluate("() => window.sparseview.search('')")
    page.evaluate("id => window.sparseview.select([id])", node)


def command(page: Any, name: str) -> None:
    """Run what the palette finds first."""
    page.keyboard.press("Control+Shift+p")
    field = page.get_by_label("Command", exact=True)
    field.fill(name)
    field.press("Enter")


def apply(page: Any) -> None:
    page.locator(".panel-foot .primary:not([disabled])").wait_for()
    page.get_by_text("nothing is changed yet").wait_for()
    page.keyboard.press("Enter")
    page.locator(".toast", has_text="Pruned").wait_for()


def test_a_budget_is_reached_exactly_and_taken_back_by_one_undo(opened: Any) -> None:
    page = opened.page
    zeros, elements = whole(opened)
    page.keyboard.press("b")
    bar = page.get_by_role("region", name="Budget")
    marker = bar.get_by_role("slider", name="Target").bounding_box()
    x, y = marker["x"] + marker["width"] / 2, marker["y"] + marker["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=4)
    page.mouse.up()
    assert float(bar.get_by_label("Target in percent").input_value()) > 65
    bar.get_by_label("Target in percent").fill("60")
    bar.get_by_role("button", name="Reach").click()
    bar.get_by_text("with this edit").wait_for()
    assert bar.get_by_text("60.0").count() >= 1
    apply(page)
    assert whole(opened) == (round(0.6 * elements), elements)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    page.wait_for_function("() => !document.querySelector('.toast')")
    assert whole(opened)[0] == zeros


def test_what_is_protected_stays_and_is_seen_to_stay(opened: Any) -> None:
    page = opened.page
    before = rows(opened)["conv1"]["zeros"]
    select(page, "conv1")
    page.keyboard.press("Shift+F10")
    page.get_by_role("menuitem", name="Protect from pruning").click()
    page.locator(".panel-title [aria-label='protected from pruning']").wait_for()
    page.keyboard.press("t")
    (locked,) = page.locator(".grid-row", has=page.locator(".lock")).all()
    assert "conv1" in locked.inner_text()
    page.keyboard.press("Control+a")
    page.keyboard.press("p")
    skipped = page.locator(".plan-skip", has_text="conv1")
    skipped.wait_for()
    assert "protected from pruning" in skipped.inner_text()
    apply(page)
    after = rows(opened)
    assert after["conv1"]["zeros"] == before
    assert after["fc"]["sparsity"] == pytest.approx(0.5, abs=0.01)


def test_a_recipe_goes_out_and_comes_in_again(opened: Any, tmp_path: Path) -> None:
    page = opened.page
    select(page, "fc")
    page.keyboard.press("p")
    page.get_by_label("Amount in percent").fill("75")
    page.get_by_label("Amount in percent").press("Enter")
    page.locator(".preview-line", has_text="75.0").wait_for()
    apply(page)
    pruned = rows(opened)["fc"]["zeros"]

    page.evaluate("() => window.sparseview.select([])")
    command(page, "File Recipe…")
    dialog = page.get_by_role("dialog", name="Recipe")
    dialog.get_by_text("75.0").wait_for()
    dialog.get_by_role("button", name="Export recipe…").click()
    target = tmp_path / "out.recipe.json"
    page.get_by_label("Path of the new file").fill(str(target))
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.get_by_text("Wrote the recipe").wait_for()
    (step,) = json.loads(target.read_text("utf-8"))["steps"]
    assert step["sparsity"] == 0.75

    page.keyboard.press("Control+z")
    page.wait_for_function("() => !document.querySelector('.toast .link')")
    assert rows(opened)["fc"]["zeros"] != pruned
    command(page, "Replay recipe")
    page.get_by_label("Path of the recipe").fill(str(target))
    page.keyboard.press("Enter")
    page.get_by_text("Replayed 1 edit").wait_for()
    assert rows(opened)["fc"]["zeros"] == pruned


def test_what_grows_is_stored_sparse_only_when_forced(opened: Any, network: Path) -> None:
    page = opened.page
    page.keyboard.press("Control+s")
    page.get_by_label("ONNX sparse").check()
    page.get_by_role("alert").wait_for()
    over = page.get_by_role("button", name="Save over it")
    assert over.is_disabled()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+a")
    page.keyboard.press("p")
    page.get_by_label("Amount in percent").fill("95")
    page.get_by_label("Amount in percent").press("Enter")
    page.locator(".preview-line", has_text="95.").wait_for()
    apply(page)
    page.keyboard.press("Control+s")
    page.get_by_label("ONNX sparse").check()
    page.get_by_text("would be stored sparse").wait_for()
    over.click()
    page.get_by_text("stored sparse").wait_for()
    assert len(onnx.load(network).graph.sparse_initializer) > 0
