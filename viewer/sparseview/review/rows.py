"""One weight as a row of facts: what the page, the report and the query language see."""

from __future__ import annotations

from math import prod

import msgspec

from sparseview.model.annotations import Verdict
from sparseview.model.document import Model
from sparseview.model.dtypes import dtype_name
from sparseview.model.weights import Weight
from sparseview.review import storing
from sparseview.review.eligibility import Eligibility
from sparseview.sparsity.analysis import Measurement
from sparseview.sparsity.storages.gzip import Gzip


class AxesRow(msgspec.Struct, frozen=True, rename={"in_": "in"}):
    """Which dimensions of `shape` play which part; N:M groups run along `in`."""

    stack: tuple[int, ...]
    out: tuple[int, ...]
    kernel: tuple[int, ...]
    in_: tuple[int, ...]


class DeclaredRow(msgspec.Struct, frozen=True):
    """What the file claims; `invalid` says why a claim cannot be held against anything."""

    sparsity: float | None
    format: str | None
    source: str
    invalid: str | None


class WeightFacts(msgspec.Struct, frozen=True):
    """What rows of the page and of the report alike tell of a weight in its use by one operator
    input; `sparsity` is the fraction of zeros, 0..1.

    `zeros`, `sparsity`, `format` are None until measured; `sparsity` also for 0 elements.
    """

    layer: str
    graph: str
    op: str
    input: int
    kind: str
    tensor: str
    shape: tuple[int, ...]
    dtype: str
    axes: AxesRow
    stored_as: str
    elements: int
    zeros: int | None
    sparsity: float | None
    format: str | None
    satisfies: tuple[str, ...]
    coverage: dict[str, float]


class WeightRow(WeightFacts, frozen=True):
    """A weight as the page and the query language see it.

    `bytes` by storage, None where it cannot hold the weight; gzip is None until somebody asks,
    and named in `bytes_estimated` while it comes from a sample. `runtimes`: who could use the
    zeros. Both are empty until measured. `dead_out` of `channels_out` output channels are all
    zero; `nan` and `inf` count stored values. All of these are 0 until measured. `key` is one for
    each stored tensor: uses of one tensor, in whatever graph, share it. `title`: what people see
    of the layer, which says more than the address of a node without a name.
    """

    id: int
    node: int
    title: str
    violations: dict[str, int]
    bytes: dict[str, int | None]
    bytes_estimated: tuple[str, ...]
    runtimes: dict[str, Eligibility]
    declared: DeclaredRow | None
    agrees: bool | None
    disagreements: tuple[str, ...]
    measured: bool
    edited: bool
    problem: str | None
    nan: int = 0
    inf: int = 0
    dead_out: int = 0
    dead_in: int = 0
    channels_out: int = 0
    channels_in: int = 0
    protected: bool = False
    key: str = ""


def build(
    model: Model,
    weight: Weight,
    measurement: Measurement | None,
    verdict: Verdict,
    *,
    edited: bool,
    judged: bool,
    problem: str | None,
    packed: Gzip | None = None,
    protected: bool = False,
) -> WeightRow:
    """The row of one weight; `judged`: whether the verdict may be told. `packed`: in gzip."""
    node = model.nodes[weight.node]
    view, constant, claim = weight.view, weight.constant, verdict.declared
    stored, estimated = (
        storing.storage_bytes(weight, measurement, packed) if measurement else ({}, ())
    )
    return WeightRow(
        id=weight.id,
        protected=protected,
        node=weight.node,
        layer=node.layer,
        title=model.title(node),
        graph=model.graphs[node.graph].path,
        op=node.proto.op_type,
        input=weight.input,
        kind=weight.kind,
        tensor=constant.name,
        key=constant.key,
        shape=tuple(view.shape),
        dtype=dtype_name(constant.dtype),
        axes=AxesRow(view.axes.stack, view.axes.out, view.axes.kernel, view.axes.in_),
        stored_as=constant.stored_as,
        elements=prod(constant.shape),
        zeros=measurement.zeros if measurement else None,
        sparsity=measurement.sparsity if measurement else None,
        format=measurement.format if measurement else None,
        satisfies=measurement.satisfies if measurement else (),
        coverage=measurement.coverage if measurement else {},
        violations=measurement.violations if measurement else {},
        bytes=stored,
        bytes_estimated=estimated,
        runtimes=storing.runtimes(node, weight, measurement) if measurement else {},
        declared=None
        if claim is None
        else DeclaredRow(claim.sparsity, claim.format, claim.source, claim.invalid),
        agrees=verdict.agrees if judged else None,
        disagreements=verdict.disagreements if judged else (),
        measured=measurement is not None,
        edited=edited,
        problem=problem,
        nan=measurement.nan if measurement else 0,
        inf=measurement.inf if measurement else 0,
        dead_out=measurement.dead_out if measurement else 0,
        dead_in=measurement.dead_in if measurement else 0,
        channels_out=measurement.channels_out if measurement else 0,
        channels_in=measurement.channels_in if measurement else 0,
    )
