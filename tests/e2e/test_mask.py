"""From a broken claim to the weights that break it: the mask's large view in the real window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import builders
import numpy as np
import onnx
from onnx import helper
from onnx import numpy_helper as nh

PLACE = (32, 48)  # output and first input of the one group that holds three


def claimed(path: Path) -> np.ndarray:
    """A Gemm that claims 2:4 and breaks it once; its weight [out, in]."""
    array = np.random.default_rng(5).standard_normal((64, 96)).astype(np.float32)
    array.reshape(-1, 4)[:, 2:] = 0
    array[PLACE[0], PLACE[1] + 2] = 0.625
    node = helper.make_node("Gemm", ["x", "w"], ["y"], "fc", transB=1)
    node.attribute.append(helper.make_attribute("__sparsity", 0.5))
    node.attribute.append(helper.make_attribute("__sparsity_format", "2:4"))
    onnx.save(builders.model([node], [nh.from_array(array, "w")], x=("N", 96)), path)
    return array


def test_show_groups_leads_to_the_weights(launch: Callable[..., Any], tmp_path: Path) -> None:
    array = claimed(tmp_path / "claim.onnx")
    app = launch(tmp_path / "claim.onnx")
    page = app.analysed()
    page.evaluate("window.sparseview.select([0])")
    page.get_by_role("button", name="Show groups").click()
    dialog = page.get_by_role("dialog", name="Mask")
    dialog.get_by_text("1 of 1 group over 2:4: 3 non-zeros").wait_for()
    canvas = dialog.get_by_role("application")
    # The group is in the middle: its third entry begins there.
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2 + 4, box["y"] + box["height"] / 2)
    dialog.get_by_text(f"out {PLACE[0]} · in {PLACE[1] + 2}").wait_for()
    dialog.get_by_text("0.625", exact=True).wait_for()
    assert array[PLACE[0], PLACE[1] + 2] == np.float32(0.625)
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert page.get_by_label("Open the mask in a large view").is_visible()
    assert app.errors == []


def test_an_edit_is_seen_at_once(launch: Callable[..., Any], tmp_path: Path) -> None:
    claimed(tmp_path / "claim.onnx")
    app = launch(tmp_path / "claim.onnx")
    page = app.analysed()
    page.evaluate("window.sparseview.select([0])")
    page.get_by_text("1 circled: over 2:4").wait_for()
    app.ask("/api/prune", {"weights": [0], "method": "magnitude", "format": "2:4"})
    page.get_by_text("1 circled: over 2:4").wait_for(state="detached")
    page.get_by_text("3,072 non-zero").wait_for()
    app.ask("/api/undo", {})
    page.get_by_text("3,073 non-zero").wait_for()
    assert app.errors == []
