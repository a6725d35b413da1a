"""Recipes: what a step asks for and in which order, also as earlier versions wrote it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from layers import model_of, saved
from msgspec.structs import replace
from onnx import helper

from sparseview.model.document import Model
from sparseview.pruning import recipe
from sparseview.pruning.prune import PruneRequest, plan

W = np.random.default_rng(2).standard_normal((3, 8, 8)).astype(np.float32)


def opened(folder: Path) -> Model:
    """Three layers, of which one cannot be 2:4."""
    nodes = [
        helper.make_node("MatMul", ["x", "a"], ["h"], "a"),
        helper.make_node("MatMul", ["h", "b"], ["g"], "b"),
        helper.make_node("MatMul", ["g", "c"], ["y"], "c"),
    ]
    return Model.open(saved(model_of(nodes, {"a": W[0], "b": W[1][:, :3], "c": W[2][:3]}), folder))


@pytest.mark.parametrize("name", ["asked", "order"])
def test_the_order_of_what_was_asked_for_comes_back(name: str, tmp_path: Path) -> None:
    model = opened(tmp_path)
    plain = PruneRequest(weights=(2, 0, 1), format="2:4")
    request = PruneRequest(weights=(2, 0, 1), format="2:4", method="wanda", order="one-pass")
    step = recipe.step(model, request, plan(model, plain), ())
    assert step["skipped"] and step["asked"] == ["main/2/1", "main/0/1", "main/1/1"]
    if name == "order":  # before methods had a parameter of that name
        step["order"] = step.pop("asked")
        request = replace(request, order=None)
    assert recipe.request_of(model, step) == (request, ())


def test_a_step_tells_all_of_a_request() -> None:
    """What a request can say and a recipe does not would be lost in a replay."""
    assert {"weights", *recipe.FIELDS} == set(PruneRequest.__struct_fields__)
