"""Totals over hand-made rows: shared tensors once, embeddings apart, nothing while unmeasured."""

from __future__ import annotations

from typing import Any

import msgspec

from sparseview.review.rows import AxesRow, DeclaredRow, WeightRow
from sparseview.review.summary import summarise

ROW = WeightRow(
    id=0, node=0, title="a", layer="a", graph="main", op="Conv", input=1, kind="weight", tensor="w",
    shape=(4, 5), dtype="float32", axes=AxesRow((), (0,), (), (1,)), stored_as="dense",
    elements=20, zeros=5, sparsity=0.25, format="unstructured", satisfies=(), coverage={},
    violations={}, bytes={}, bytes_estimated=(), runtimes={}, declared=None, agrees=None,
    disagreements=(), measured=True, edited=False, problem=None,
)  # fmt: skip
CLAIM = DeclaredRow(0.5, None, "attribute", None)


def row(**changes: Any) -> WeightRow:
    return msgspec.structs.replace(ROW, **changes)


def test_a_shared_tensor_counts_once() -> None:
    total = summarise([("w", row()), ("w", row(id=1)), ("v", row(id=2, zeros=10, format="2:4"))])
    assert (total.weights, total.elements, total.zeros, total.sparsity) == (2, 40, 15, 0.375)
    assert {k: (v.weights, v.elements) for k, v in total.by_format.items()} == {
        "2:4": (1, 20),
        "unstructured": (1, 20),
    }


def test_embeddings_are_apart_even_where_a_weight_shares_their_table() -> None:
    total = summarise([("w", row()), ("w", row(kind="embedding")), ("t", row(kind="embedding"))])
    assert (total.weights, total.elements) == (1, 20)
    assert (total.embeddings.weights, total.embeddings.zeros) == (2, 10)


def test_totals_wait_for_the_last_measurement() -> None:
    waiting = row(zeros=None, sparsity=None, format=None, measured=False)
    total = summarise([("w", row()), ("v", waiting)])
    assert (total.zeros, total.sparsity, total.measured) == (None, None, 1)
    assert total.embeddings.zeros == 0


def test_claims_are_counted_per_use() -> None:
    total = summarise(
        [
            ("w", row(declared=CLAIM, agrees=True)),
            ("w", row(declared=CLAIM, agrees=False)),
            ("v", row(declared=CLAIM)),
            ("u", row()),
        ]
    )
    claims = total.annotations
    assert (claims.declared, claims.agree, claims.disagree) == (3, 1, 1)


def test_no_elements_have_no_sparsity() -> None:
    assert summarise([]).sparsity is None
    assert summarise([("w", row(elements=0, zeros=0, sparsity=None))]).sparsity is None
