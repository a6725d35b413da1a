"""A report as comma-separated values: one line per use of a weight."""

from __future__ import annotations

import csv
import io

from sparseview.review.report import Report

COLUMNS = (
    "layer", "graph", "op", "input", "kind", "tensor", "shape", "dtype", "stored_as", "elements",
    "zeros", "sparsity", "format", "satisfies", "declared_sparsity", "declared_format",
    "declared_source", "agrees",
)  # fmt: skip


def to_csv(report: Report) -> str:
    """RFC 4180 text with a header; nothing for null, `true` and `false`, lists joined by spaces."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in report.weights:
        declared = row.declared
        writer.writerow(
            (
                row.layer,
                row.graph,
                row.op,
                row.input,
                row.kind,
                row.tensor,
                "x".join(map(str, row.shape)),
                row.dtype,
                row.stored_as,
                row.elements,
                row.zeros,
                row.sparsity,
                row.format,
                " ".join(row.satisfies),
                declared.sparsity if declared else None,
                declared.format if declared else None,
                declared.source if declared else None,
                None if row.agrees is None else str(row.agrees).lower(),
            )
        )
    return text.getvalue()
