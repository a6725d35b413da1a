"""Totals over weights: each stored tensor counts once, however many operators use it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sparseview.review.rows import WeightRow


class FormatTotal(msgspec.Struct, frozen=True):
    """Tensors and elements of one format."""

    weights: int
    elements: int


class EmbeddingTotal(msgspec.Struct, frozen=True):
    """Embedding tables, apart from the weights; `zeros` is None until all are measured."""

    weights: int
    elements: int
    zeros: int | None


class AnnotationTotal(msgspec.Struct, frozen=True):
    """Uses with a claim, and how the measured ones came out."""

    declared: int
    agree: int
    disagree: int


class Summary(msgspec.Struct, frozen=True):
    """Totals of a model; `zeros` and `sparsity` are None until every weight is measured."""

    weights: int
    elements: int
    zeros: int | None
    sparsity: float | None
    measured: int
    by_format: dict[str, FormatTotal]
    embeddings: EmbeddingTotal
    annotations: AnnotationTotal


def summarise(rows: Iterable[tuple[str, WeightRow]]) -> Summary:
    """Sum up (constant key, row) pairs.

    Where several uses share a tensor, the first speaks for it. A table that serves both as
    embedding and as weight counts in both places, which are never added up.
    """
    pairs = list(rows)
    weights: dict[str, WeightRow] = {}
    tables: dict[str, WeightRow] = {}
    for key, row in pairs:
        (tables if row.kind == "embedding" else weights).setdefault(key, row)

    formats: dict[str, list[int]] = {}
    for row in weights.values():
        if row.format is not None:
            total = formats.setdefault(row.format, [0, 0])
            total[0] += 1
            total[1] += row.elements
    elements = sum(row.elements for row in weights.values())
    zeros = _zeros(weights.values())
    return Summary(
        weights=len(weights),
        elements=elements,
        zeros=zeros,
        sparsity=None if zeros is None or not elements else zeros / elements,
        measured=sum(row.measured for row in weights.values()),
        by_format={
            name: FormatTotal(count, size) for name, (count, size) in sorted(formats.items())
        },
        embeddings=EmbeddingTotal(
            len(tables), sum(row.elements for row in tables.values()), _zeros(tables.values())
        ),
        annotations=AnnotationTotal(
            declared=sum(row.declared is not None for _, row in pairs),
            agree=sum(row.agrees is True for _, row in pairs),
            disagree=sum(row.agrees is False for _, row in pairs),
        ),
    )


def _zeros(rows: Iterable[WeightRow]) -> int | None:
    total = 0
    for row in rows:
        if row.zeros is None:
            return None
        total += row.zeros
    return total
