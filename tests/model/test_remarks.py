"""Notices: weights that are left out are told of."""

from __future__ import annotations

from pathlib import Path

import builders
import onnx

from sparseview.model.document import Model


def test_convolutions_laid_out_for_one_processor_are_told_of(tmp_path: Path) -> None:
    model = builders.network()
    onnx.save(model, tmp_path / "plain.onnx")
    assert "blocked" not in [notice.code for notice in Model.open(tmp_path / "plain.onnx").notices]
    for node in model.graph.node:
        if node.op_type == "Conv":
            node.domain = "com.microsoft.nchwc"
    model.opset_import.append(onnx.helper.make_opsetid("com.microsoft.nchwc", 1))
    onnx.save(model, tmp_path / "optimised.onnx")
    opened = Model.open(tmp_path / "optimised.onnx")
    assert not [w for w in opened.weights if opened.nodes[w.node].proto.op_type == "Conv"]
    (notice,) = [notice for notice in opened.notices if notice.code == "blocked"]
    convolutions = sum(node.op_type == "Conv" for node in model.graph.node)
    assert notice.message.startswith(f"{convolutions} convolution")
