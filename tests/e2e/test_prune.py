"""Pruning in the real window: a budget reached exactly, protection, recipes, ways to store."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
from client import until


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
    until(lambda: bar.get_by_text("60.0").count() >= 1)
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
    until(lambda: "conv1" in locked.inner_text())
    page.keyboard.press("Control+a")
    page.keyboard.press("p")
    skipped = page.locator(".plan-skip", has_text="conv1")
    skipped.wait_for()
    until(lambda: "protected from pruning" in skipped.inner_text())
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
    assert opened.choose(target) == "Recipes (*.json *.onnx)"
    page.get_by_text("Wrote the recipe").wait_for()
    page.keyboard.press("Escape")
    (step,) = json.loads(target.read_text("utf-8"))["steps"]
    assert step["sparsity"] == 0.75

    page.keyboard.press("Control+z")
    page.wait_for_function("() => !document.querySelector('.toast .link')")
    assert rows(opened)["fc"]["zeros"] != pruned
    command(page, "Replay recipe")
    assert opened.choose(target).startswith("Recipes")
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


def test_several_edits_of_a_recipe_are_taken_back_by_one_key(opened: Any, tmp_path: Path) -> None:
    page = opened.page
    ids = {layer: row["id"] for layer, row in rows(opened).items()}
    before = whole(opened)
    for sparsity in (0.4, 0.6, 0.8):
        wish = {"weights": [ids["fc"], ids["conv2"]], "sparsity": sparsity}
        assert opened.ask("/api/prune", wish)[0] == 200
    after = whole(opened)
    recipe = opened.ask("/api/recipe")[1]
    for _ in range(3):
        opened.ask("/api/undo", {})
    assert whole(opened) == before
    target = tmp_path / "three.json"
    target.write_text(json.dumps(recipe))
    command(page, "Replay recipe")
    opened.choose(target)
    page.get_by_text("Replayed 3 edits").wait_for()
    assert whole(opened) == after
    page.get_by_label("Undo: Replay 3 edits of a recipe").wait_for()
    page.keyboard.press("Control+z")
    page.wait_for_function("() => !document.querySelector('.toast')")
    assert whole(opened) == before
    page.keyboard.press("Control+y")
    page.get_by_label("Undo: Replay 3 edits of a recipe").wait_for()
    assert whole(opened) == after


def test_each_layer_comes_to_its_own_level(opened: Any) -> None:
    page = opened.page
    page.keyboard.press("Control+a")
    page.keyboard.press("p")
    page.get_by_role("button", name="Give each layer its own level").click()
    page.get_by_label("Level of conv1").fill("25")
    page.get_by_label("Level of conv1").press("Enter")
    # A table from a spreadsheet, pasted into a field.
    page.get_by_label("Level of fc").evaluate(
        """(field, text) => {
            const data = new DataTransfer()
            data.setData('text', text)
            const init = {clipboardData: data, bubbles: true, cancelable: true}
            field.dispatchEvent(new ClipboardEvent('paste', init))
        }""",
        "layer\tlevel\nconv2\t60%\nfc\t0.75\n",
    )
    page.get_by_text("Took 2 levels").wait_for()
    page.locator(".budget").get_by_text("with this edit").wait_for()
    page.locator(".panel-foot .primary:not([disabled])").wait_for()
    page.locator(".panel-foot .primary").click()
    page.locator(".toast", has_text="Pruned").wait_for()
    after = rows(opened)
    for layer, level in (("conv1", 0.25), ("conv2", 0.6), ("fc", 0.75)):
        assert after[layer]["zeros"] == round(level * after[layer]["elements"])


def test_protection_is_there_again_when_the_saved_model_is(
    opened: Any, launch: Callable[..., Any], tmp_path: Path
) -> None:
    page = opened.page
    select(page, "conv1")
    command(page, "Protect from pruning")
    page.locator(".status", has_text="1 layer protected").wait_for()
    target = tmp_path / "kept.onnx"
    page.keyboard.press("Control+Shift+s")
    assert opened.choose(target) == "ONNX models (*.onnx)"
    page.get_by_text(f"Saved {target}").wait_for()
    again = launch(target)
    again.analysed()
    again.page.get_by_text("1 layer stays protected from pruning").wait_for()
    assert [name for name, row in rows(again).items() if row["protected"]] == ["conv1"]
    again.page.locator(".toast").get_by_role("button", name="Unprotect").click()
    again.page.locator(".status", has_text="protected").wait_for(state="detached")
    assert again.errors == []


def test_the_numbers_follow_the_slider(opened: Any) -> None:
    page = opened.page
    page.keyboard.press("Control+a")
    page.keyboard.press("p")
    page.locator(".panel-foot .primary:not([disabled])").wait_for()
    slider = page.get_by_label("Amount", exact=True)
    slider.focus()
    total = sum(row["elements"] for row in rows(opened).values())
    for _ in range(5):
        slider.press("ArrowRight")
    share = round(float(slider.input_value()) / 100 * total) / total
    # First from the numbers alone, then, once it rests, from the whole preview: they are the same.
    page.locator(".preview-line", has_text=f"{100 * share:.1f}").wait_for()
    page.wait_for_function("() => !document.querySelector('.panel .stale')")
    until(lambda: f"{100 * share:.1f}" in page.locator(".preview-line").inner_text())
