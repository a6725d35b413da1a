"""A report as comma-separated values: one line per use of a weight."""

from __future__ import annotations

import csv
import io

from sparseview.review.eligibility import RUNTIMES
from sparseview.review.report import BYTES, Report, ReportWeight

COLUMNS = (
    "layer", "graph", "op", "input", "kind", "tensor", "shape", "dtype", "stored_as", "elements",
    "zeros", "sparsity", "format", "satisfies", "declared_sparsity", "declared_format",
    "declared_source", "agrees", *(f"bytes_{name}" for name in BYTES), "bytes_estimated",
    *(f"{runtime.name}_{fact}" for runtime in RUNTIMES for fact in ("eligible", "why")),
    "nan", "inf",
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
                _truth(row.agrees),
                *(row.bytes.get(name) for name in BYTES),
                " ".join(row.bytes_estimated or ()),
                *_eligibility(row),
                row.nan or 0,
                row.inf or 0,
            )
        )
    return text.getvalue()


def _eligibility(row: ReportWeight) -> list[str | None]:
    found = [row.runtimes.get(runtime.name) for runtime in RUNTIMES]
    return [
        text
        for answer in found
        for text in ((_truth(answer.eligible), answer.why) if answer else (None, None))
    ]


def _truth(value: bool | None) -> str | None:
    return None if value is None else str(value).lower()
