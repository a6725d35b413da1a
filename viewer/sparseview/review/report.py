"""The report `sparseview.report/1`: every fact about a model's sparsity as plain data."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from sparseview.model.document import Model
from sparseview.model.left_out import left_out
from sparseview.review.eligibility import Eligibility
from sparseview.review.rows import WeightFacts, WeightRow
from sparseview.review.summary import (
    AnnotationTotal,
    EmbeddingTotal,
    FormatTotal,
    Summary,
)
from sparseview.sparsity.storages import STORAGES
from sparseview.sparsity.storages.gzip import NAME as GZIP

SCHEMA = "sparseview.report/1"
# Storages that every row tells of: one made for a weight's own format alone is for the page.
BYTES = (*(storage.name for storage in STORAGES), GZIP)


class ModelRow(msgspec.Struct, frozen=True):
    """The file: sizes in bytes, `sha256` of the .onnx file without its external data."""

    name: str
    sha256: str
    bytes: int
    external_bytes: int
    ir_version: int
    opsets: dict[str, int]
    producer: str
    nodes: int


class ReportSummary(msgspec.Struct, frozen=True):
    """Totals over weights, each tensor once; embeddings apart."""

    weights: int
    elements: int
    zeros: int | None
    sparsity: float | None
    by_format: dict[str, FormatTotal]
    embeddings: EmbeddingTotal
    annotations: AnnotationTotal


class ReportDeclared(msgspec.Struct, frozen=True):
    """A claim; `invalid` is there only when the claim itself is nonsense, and says why."""

    sparsity: float | None
    format: str | None
    source: str
    invalid: str | msgspec.UnsetType = msgspec.UNSET


class ReportWeight(WeightFacts, frozen=True):
    """One use of a weight; `problem` is there only when its data could not be read, `nan` and
    `inf` (how many values are) only where there are some.

    `bytes` has the keys of BYTES, `bytes_estimated` names those that come from a sample, if any.
    """

    bytes: dict[str, int | None]
    declared: ReportDeclared | None
    agrees: bool | None
    runtimes: dict[str, Eligibility]
    bytes_estimated: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    problem: str | msgspec.UnsetType = msgspec.UNSET
    nan: int | msgspec.UnsetType = msgspec.UNSET
    inf: int | msgspec.UnsetType = msgspec.UNSET


class NotMeasured(msgspec.Struct, frozen=True):
    """A constant that an operator reads as a weight, and why it has no row."""

    layer: str
    op: str
    input: int
    why: str


class Report(msgspec.Struct, frozen=True):
    """The whole report; `to_json` gives its text. `not_measured` is there only where it says
    something."""

    schema: str
    model: ModelRow
    summary: ReportSummary
    weights: tuple[ReportWeight, ...]
    not_measured: tuple[NotMeasured, ...] = ()

    def to_json(self) -> bytes:
        """UTF-8 JSON, one line per weight; msgspec writes no NaN, so neither does the report."""
        encode = msgspec.json.encode
        rows = b",\n  ".join(encode(row) for row in self.weights)
        return (
            b'{"schema": ' + encode(self.schema)
            + b',\n "model": ' + encode(self.model)
            + b',\n "summary": ' + encode(self.summary)
            + b',\n "weights": [' + (b"\n  " + rows if rows else b"") + b"]"
            + (b',\n "not_measured": ' + encode(self.not_measured) if self.not_measured else b"")
            + b"}\n"
        )  # fmt: skip


def build(model: Model, sha256: str, summary: Summary, rows: Sequence[WeightRow]) -> Report:
    """Put facts into the report's shape; nothing is measured here."""
    proto = model.proto
    return Report(
        schema=SCHEMA,
        model=ModelRow(
            name=model.path.name,
            sha256=sha256,
            bytes=model.skeleton.size,
            external_bytes=model.external_bytes,
            ir_version=proto.ir_version,
            opsets={entry.domain or "ai.onnx": entry.version for entry in proto.opset_import},
            producer=" ".join(filter(None, (proto.producer_name, proto.producer_version))),
            nodes=len(model.nodes),
        ),
        summary=ReportSummary(
            weights=summary.weights,
            elements=summary.elements,
            zeros=summary.zeros,
            sparsity=summary.sparsity,
            by_format=summary.by_format,
            embeddings=summary.embeddings,
            annotations=summary.annotations,
        ),
        weights=tuple(_weight(row) for row in rows),
        not_measured=tuple(
            NotMeasured(node.layer, node.proto.op_type, one.input, one.why)
            for one in left_out(model)
            for node in (model.nodes[one.node],)
        ),
    )


def _weight(row: WeightRow) -> ReportWeight:
    declared = row.declared
    return ReportWeight(
        **{name: getattr(row, name) for name in WeightFacts.__struct_fields__},
        bytes={name: row.bytes[name] for name in BYTES if name in row.bytes},
        declared=None
        if declared is None
        else ReportDeclared(
            declared.sparsity,
            declared.format,
            declared.source,
            declared.invalid if declared.invalid is not None else msgspec.UNSET,
        ),
        agrees=row.agrees,
        runtimes=row.runtimes,
        bytes_estimated=row.bytes_estimated or msgspec.UNSET,
        problem=row.problem if row.problem is not None else msgspec.UNSET,
        nan=row.nan or msgspec.UNSET,
        inf=row.inf or msgspec.UNSET,
    )
