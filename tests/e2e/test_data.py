"""Pruning by data in the real window: choose samples, prune, see what it did, undo, redo, save."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from client import until


@pytest.fixture
def opened(launch: Callable[..., Any], network: Path) -> Any:
    app = launch(network)
    app.analysed()
    yield app
    assert app.errors == []


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """Twenty samples of what the network is fed, with labels."""
    path = tmp_path / "samples.npz"
    values = np.random.default_rng(7).standard_normal((20, 8, 8, 8)).astype(np.float32)
    np.savez(path, x=values, y=np.arange(20) % 10)
    return path


def shares(app: Any) -> dict[str, float]:
    return {row["layer"]: row["sparsity"] for row in app.ask("/api/weights")[1]["rows"]}


def choose(app: Any, path: Path) -> None:
    """Open the form on every layer, and choose data in the system's dialog."""
    page = app.page
    page.keyboard.press("Control+a")
    page.keyboard.press("Shift+P")
    page.get_by_text("Drop data for calibration here").wait_for()
    page.get_by_role("button", name="File…").click()
    assert app.choose(path).startswith("Data (")
    page.get_by_text("16 of 20 samples calibrate, 4 judge").wait_for()


def ran(model: Path, samples: Path) -> Any:
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": np.load(samples)["x"]})[0]


@pytest.mark.parametrize("method", ["wanda", "reconstruction"])
def test_prune_to_2_4_by_data_see_what_it_did_undo_redo_and_save(
    opened: Any, samples: Path, network: Path, tmp_path: Path, method: str
) -> None:
    page = opened.page
    before = shares(opened)
    choose(opened, samples)
    page.get_by_label("Method", exact=True).select_option(method)
    page.get_by_role("radio", name="N:M").click()
    page.get_by_text("beside the model").wait_for()
    page.get_by_role("button", name="Apply to 3 layers").click()
    effect = page.get_by_role("complementary", name="What the edits did")
    effect.get_by_text("cosine").wait_for()
    effect.get_by_text("16 samples calibrated, 4 others judged").wait_for()
    until(lambda: effect.locator(".effect-row").count() == 3)
    until(lambda: effect.get_by_text("of accuracy").count() == 1)
    assert effect.get_by_text("Synthetic data").count() == 0
    after = shares(opened)
    assert all(after[layer] >= 0.5 for layer in ("conv1", "conv2", "fc"))

    effect.get_by_role("button", name="Undo").click()
    effect.get_by_text("The model is as it was opened").wait_for()
    assert shares(opened) == before
    effect.get_by_role("button", name="Redo").click()
    effect.get_by_text("cosine").wait_for()
    assert shares(opened) == after

    found = opened.ask("/api/evaluation")[1]
    target = tmp_path / "pruned.onnx"
    page.keyboard.press("Control+Shift+s")
    opened.choose(target)
    page.locator(".toast", has_text="Saved").wait_for()
    onnx.checker.check_model(str(target))
    dense, pruned = ran(network, samples), ran(target, samples)
    assert not np.array_equal(dense, pruned) and np.isfinite(pruned).all()
    assert 0 < found["drift"]["relative_l2"] < 1


def test_synthetic_data_are_called_so_and_a_preview_changes_nothing(opened: Any) -> None:
    page = opened.page
    before = shares(opened)
    page.keyboard.press("Control+a")
    page.keyboard.press("Shift+P")
    page.get_by_role("button", name="Synthetic").click()
    page.locator(".tag-warn", has_text="synthetic").wait_for()
    page.get_by_text("beside the model").wait_for()
    page.get_by_role("button", name="Work it out first").click()
    page.locator(".plan-head", has_text="error").wait_for()
    assert shares(opened) == before
    page.get_by_role("button", name="Apply to").click()
    page.get_by_text("The samples are made up").wait_for()
    page.keyboard.press("Control+z")
    page.get_by_text("The model is as it was opened").wait_for()
    assert shares(opened) == before


def test_data_that_do_not_fit_are_refused_with_what_the_model_wants(
    opened: Any, tmp_path: Path
) -> None:
    page = opened.page
    path = tmp_path / "other.npz"
    np.savez(path, x=np.zeros((3, 5, 8, 8), np.float32))
    page.keyboard.press("Shift+P")
    page.get_by_role("button", name="File…").click()
    opened.choose(path)
    refusal = page.get_by_role("alert")
    refusal.wait_for()
    until(lambda: "wants x float32" in refusal.inner_text())
    assert page.get_by_role("button", name="Apply to").is_disabled()


def test_sensitivity_is_measured_coloured_and_made_into_levels(opened: Any, samples: Path) -> None:
    page = opened.page
    choose(opened, samples)
    page.get_by_label("Method", exact=True).select_option("wanda")
    page.get_by_role("button", name="see sensitivities").click()
    panel = page.get_by_role("complementary", name="Sensitivity")
    panel.get_by_role("button", name="Measure 3 layers").click()
    panel.get_by_role("button", name="Measured", exact=True).wait_for()
    until(lambda: panel.locator(".sens-row:not(.plan-head)").count() == 3)
    until(lambda: panel.locator(".sens-plot path").count() == 3)
    panel.get_by_label("Colour the graph by it").check()
    page.get_by_role("note", name="Legend").get_by_text("1 − cosine at 60").wait_for()
    panel.get_by_label("Amount in percent").fill("70")
    panel.get_by_label("Amount in percent").press("Enter")
    panel.get_by_role("button", name="Take these levels").click()
    page.get_by_text("beside the model").wait_for()
    page.get_by_role("button", name="Apply to").click()
    page.get_by_text("What the edits did").wait_for()
    summary = opened.ask("/api/weights")[1]["summary"]
    assert summary["sparsity"] == pytest.approx(0.7, abs=0.005)
    # Two levels, three layers: each pruned to what the outputs bear.
    assert len({round(share, 2) for share in shares(opened).values()}) > 1


def test_a_cancelled_prune_leaves_the_model_as_it_was(opened: Any, tmp_path: Path) -> None:
    page = opened.page
    before = shares(opened)
    path = tmp_path / "many.npz"
    np.savez(path, x=np.random.default_rng(1).standard_normal((8000, 8, 8, 8)).astype(np.float32))
    page.keyboard.press("Control+a")
    page.keyboard.press("Shift+P")
    page.get_by_role("button", name="File…").click()
    opened.choose(path)
    page.get_by_text("beside the model").wait_for()
    page.get_by_role("button", name="Apply to 3 layers").click()
    page.locator(".panel-progress").get_by_role("button", name="Cancel").click()
    page.locator(".toast", has_text="The work was cancelled").wait_for()
    assert shares(opened) == before
    assert opened.ask("/api/state")[1]["history"]["edits"] == []
    assert page.get_by_role("button", name="Apply to 3 layers").is_enabled()
