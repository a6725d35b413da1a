"""Previews, comparisons, protection, recipes, stores and masks over HTTP."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from client import Client, until
from onnx import numpy_helper

from sparseview.app.server.serving import Server
from sparseview.progress import Cancelled


@pytest.fixture
def page(client: Client, network: Path) -> Client:
    """A client whose app has the network open."""
    assert client.post("/api/open", {"path": str(network)}).status == 200
    return client


def ids(page: Client, *layers: str) -> list[int]:
    return [r["id"] for r in page.get("/api/weights")["rows"] if r["layer"] in layers]


def test_a_preview_tells_bytes_border_and_the_whole_model(page: Client) -> None:
    (fc,) = ids(page, "fc")
    assert page.ask("GET", f"/api/weight/{fc}/mask?preview=1").json["code"] == "no-preview"
    found = page.post("/api/preview", {"weights": [fc], "sparsity": 0.9}).json
    (row,) = found["rows"]
    assert row["smallest_after"]["bytes"] < row["smallest_before"]["bytes"]
    assert found["bytes_after"] == row["smallest_after"]["bytes"]
    assert row["border"] > 0
    picture = page.get(f"/api/weight/{fc}/histogram?preview=1")
    assert picture["zeros"] == row["after"]["zeros"] == 4608
    assert page.get(f"/api/weight/{fc}/histogram")["zeros"] == row["before"]["zeros"]
    page.post("/api/prune", {"weights": [fc], "sparsity": 0.9})
    summary = page.get("/api/weights")["summary"]
    again = page.post("/api/preview", {"weights": [fc], "sparsity": 0.95}).json
    if summary["sparsity"] is not None:
        assert again["model_before"] == summary["sparsity"] < again["model_after"]


def test_other_formats_are_what_pruning_to_them_gives(page: Client) -> None:
    weights = ids(page, "conv1", "fc")
    wish = {"weights": weights, "sparsity": 0.6}
    rows = {r["format"]: r for r in page.post("/api/compare", wish).json["rows"]}
    assert next(iter(rows)) == "unstructured" and {"2:4", "bsr:4x4", "channel:out"} <= set(rows)
    for name in ("unstructured", "2:4", "channel:out"):
        alone = {"sparsity": None} if name == "2:4" else {}  # N:M as people use it
        preview = page.post("/api/preview", {**wish, "format": name, **alone}).json
        assert rows[name]["sparsity"] == preview["sparsity_after"]
        assert rows[name]["kept_energy"] == preview["kept_energy"]
        assert rows[name]["bytes"] == preview["bytes_after"]
    assert rows["bsr:4x4"]["skipped"] == 1  # fc has 10 outputs
    only = page.post("/api/compare", {**wish, "formats": ["1:4"]}).json["rows"]
    assert [r["format"] for r in only] == ["1:4"] and only[0]["sparsity"] == 0.75


def test_protected_layers_stay(page: Client) -> None:
    weights = ids(page, "conv1", "conv2", "fc")
    (conv1,) = ids(page, "conv1")
    assert page.post("/api/protect", {"weights": [conv1]}).json == {"protected": [conv1]}
    assert page.get("/api/weights")["rows"][conv1]["protected"] is True
    assert page.get("/api/state")["history"]["edits"] == []
    pruned = page.post("/api/prune", {"weights": weights, "sparsity": 0.9}).json
    assert conv1 not in [row["id"] for row in pruned["rows"]]
    refused = page.post("/api/prune", {"weights": [conv1], "sparsity": 0.9})
    assert refused.status == 400 and "protected" in refused.json["message"]
    page.post("/api/protect", {"weights": [conv1], "protected": False})
    assert page.get("/api/protected") == {"protected": []}
    assert page.post("/api/prune", {"weights": [conv1], "sparsity": 0.9}).status == 200


def test_a_recipe_is_shown_written_and_replayed(page: Client, tmp_path: Path) -> None:
    weights = ids(page, "conv1", "fc")
    page.post("/api/prune", {"weights": weights, "sparsity": 0.7, "scope": "global"})
    recipe = page.get("/api/recipe")
    assert recipe["schema"] == "sparseview.recipe/1" and len(recipe["steps"]) == 1
    path = tmp_path / "r.json"
    assert page.post("/api/recipe", {"path": str(path)}).json == {"path": str(path)}
    assert json.loads(path.read_text()) == recipe
    assert page.post("/api/recipe", {"path": str(path)}).json["code"] == "exists"
    page.post("/api/undo", {})
    answer = page.post("/api/replay", {"recipe": recipe}).json
    assert answer["labels"] == ["Prune 2 layers to 70 %"]
    page.post("/api/undo", {})
    assert page.post("/api/replay", {"path": str(path)}).status == 200
    other: dict[str, Any] = {**recipe, "source": {**recipe["source"], "sha256": "0" * 64}}
    answer = page.post("/api/replay", {"recipe": other})
    assert (answer.status, answer.json["code"]) == (409, "other-source")
    # Most models carry none: no reason for the page to hear of an error.
    assert page.get("/api/recipe?embedded=1") is None


def test_a_file_that_somebody_else_wrote_is_told_before_a_save(
    page: Client, tmp_path: Path
) -> None:
    assert page.get("/api/own-file") is None
    path = Path(page.get("/api/state")["model"]["path"])
    copied = tmp_path / "copy.onnx"
    copied.write_bytes(path.read_bytes())
    os.replace(copied, path)
    refused = page.get("/api/own-file")
    assert refused["code"] == "changed" and path.name in refused["message"]
    answer = page.post("/api/save", {"path": None, "overwrite": True})
    assert (answer.status, answer.json) == (409, refused)


def test_a_sparse_store_is_predicted_refused_and_forced(page: Client, tmp_path: Path) -> None:
    target = tmp_path / "s.onnx"
    wish = {"path": str(target), "store": "onnx-sparse"}
    page.post("/api/prune", {"weights": ids(page, "conv1", "conv2", "fc"), "sparsity": 0.5})
    sparse = page.get("/api/stores")["options"][1]
    assert sparse["store"] == "onnx-sparse" and sparse["grows"] and sparse["change"] > 0
    refused = page.post("/api/save", wish)
    assert (refused.status, refused.json["code"]) == (400, "grows") and not target.exists()
    page.post("/api/prune", {"weights": ids(page, "conv1", "conv2", "fc"), "sparsity": 0.95})
    options = page.get("/api/stores")
    sparse = options["options"][1]
    assert not sparse["grows"] and sparse["sparse"] == 3
    saved = page.post("/api/save", wish).json
    assert saved["sparse"] == 3 and saved["left"] == []
    dense = page.post("/api/save", {"path": str(tmp_path / "d.onnx")}).json
    assert abs(saved["bytes"] - dense["bytes"] - sparse["change"]) < 8


def test_masks_are_true_where_weights_stay(page: Client, network: Path, tmp_path: Path) -> None:
    target = tmp_path / "masks.npz"
    answer = page.post("/api/masks", {"path": str(target)}).json
    held = {t.name: numpy_helper.to_array(t) for t in onnx.load(network).graph.initializer}
    with np.load(target) as masks:
        assert len(masks.files) == answer["masks"] == 3
        for name in masks.files:
            assert masks[name].dtype == np.bool_
            assert np.array_equal(masks[name], held[name] != 0)
    assert page.post("/api/masks", {"path": str(target)}).json["code"] == "exists"


def test_an_outlook_tells_the_preview_s_numbers(page: Client) -> None:
    until(lambda: page.get("/api/weights")["summary"]["zeros"] is not None)  # of the whole model
    wish = {"weights": ids(page, "conv1", "conv2", "fc"), "sparsity": 0.7, "scope": "global"}
    quick, full = page.post("/api/outlook", wish).json, page.post("/api/preview", wish).json
    assert quick["exact"]
    for name in ("sparsity_before", "sparsity_after", "model_before", "model_after", "skipped"):
        assert quick[name] == full[name]
    for one, other in zip(quick["rows"], full["rows"], strict=True):
        assert (one["weight"], one["layer"], one["border"], one["skipped"]) == (
            other["weight"], other["layer"], other["border"], other["skipped"],
        )  # fmt: skip
        assert (one["before"], one["after"]) == (
            other["before"]["sparsity"], other["after"]["sparsity"],
        )  # fmt: skip
        assert abs(one["kept_energy"] - other["kept_energy"]) < 1e-9
    refused = page.post("/api/outlook", {**wish, "sparsity": 0.0})
    assert refused.status == 400 and refused.json["code"] == "nothing"


def test_a_newer_wish_stops_what_works_for_the_older_one(server: Server) -> None:
    desk = server.desk
    older = [desk.new_outlook(), desk.new_preview(), desk.new_comparison()]
    desk.new_outlook()
    for progress in older:
        with pytest.raises(Cancelled):
            progress.step(0, 1, "on")
    preview, comparison = desk.new_preview(), desk.new_comparison()
    preview.step(0, 1, "on")  # a comparison is about the same wish
    desk.new_comparison()
    with pytest.raises(Cancelled):
        comparison.step(0, 1, "on")
    preview.step(0, 1, "on")
