"""Every standard operator has a category, and the ones that people look for have the right one."""

from __future__ import annotations

import onnx.defs
import pytest

from sparseview.model.categories import CATEGORIES, OPERATORS, category


def test_every_standard_operator_has_a_category() -> None:
    lost = [
        (schema.domain, schema.name)
        for schema in onnx.defs.get_all_schemas()
        if category(schema.domain, schema.name) == "custom"
    ]
    assert lost == []


def test_each_operator_is_listed_once_under_a_known_category() -> None:
    listed = [op for ops in OPERATORS.values() for op in ops.split()]
    assert len(listed) == len(set(listed))
    assert set(OPERATORS) == set(CATEGORIES) - {"custom"}


@pytest.mark.parametrize(
    ("domain", "op", "wanted"),
    [
        ("", "Conv", "layer"),
        ("ai.onnx", "LSTM", "layer"),
        ("", "Relu", "activation"),
        ("", "MaxPool", "pool"),
        ("", "LayerNormalization", "normalization"),
        ("", "Reshape", "shape"),
        ("", "Gather", "tensor"),
        ("", "Transpose", "transform"),
        ("", "Dropout", "dropout"),
        ("", "DequantizeLinear", "quantization"),
        ("com.microsoft", "MultiHeadAttention", "attention"),
        ("com.microsoft", "MatMulNBits", "layer"),
        ("", "Add", "data"),
        ("", "If", "control"),
        ("", "NoSuchOperator", "custom"),
        ("my.domain", "Conv", "custom"),
    ],
)
def test_by_hand(domain: str, op: str, wanted: str) -> None:
    assert category(domain, op) == wanted
