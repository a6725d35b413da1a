"""What one weight would take in every storage, and which runtimes could use its zeros."""

from __future__ import annotations

from sparseview.model.document import Node
from sparseview.model.dtypes import dtype_name, storage
from sparseview.model.layouts import Packed
from sparseview.model.values import is_nonzero
from sparseview.model.weights import Weight
from sparseview.review.eligibility import Eligibility, Layer, judge
from sparseview.sparsity.analysis import Measurement
from sparseview.sparsity.storages import Layout, sizes
from sparseview.sparsity.storages.gzip import NAME as GZIP
from sparseview.sparsity.storages.gzip import Gzip


def storage_bytes(
    weight: Weight, found: Measurement, packed: Gzip | None
) -> tuple[dict[str, int | None], tuple[str, ...]]:
    """(bytes by storage, None where it cannot be or is not known; the names that are estimates).

    The keys of STORAGES, gzip, and the storage made for the weight's own format if none of those.
    """
    layout = Layout(
        elements=found.elements,
        nonzeros=found.nonzeros,
        bits=_bits(weight),
        shape=logical_shape(weight),
        rank=len(weight.view.shape),
        live_blocks=found.blocks,
        satisfies=frozenset(found.satisfies),
    )
    known = sizes(layout, found.format)
    known[GZIP] = packed.bytes if packed else None
    return known, (GZIP,) if packed and not packed.exact else ()


def runtimes(node: Node, weight: Weight, found: Measurement) -> dict[str, Eligibility]:
    """Every runtime's answer by its name."""
    axes, shape = weight.view.axes, weight.view.shape
    zero = weight.zero_point
    lists = _attributes(node)
    domain = node.proto.domain
    return judge(
        Layer(
            op=node.proto.op_type,
            domain="" if domain == "ai.onnx" else domain,
            kind=weight.kind,
            dtype=dtype_name(weight.constant.dtype),
            stored_as=weight.constant.stored_as,
            shape=logical_shape(weight),
            kernel=tuple(shape[dim] for dim in axes.kernel),
            shifted=zero is not None and bool(is_nonzero(zero, weight.constant.dtype).any()),
            measured=found,
            strides=lists.get("strides", ()),
            pads=lists.get("pads", ()),
            dilations=lists.get("dilations", ()),
        )
    )


def logical_shape(weight: Weight) -> tuple[int, int, int, int]:
    """[stack, out, kernel, in], in elements."""
    stack, out, kernel, in_ = weight.view.logical_shape
    return stack, out, kernel, in_


def _bits(weight: Weight) -> int:
    """Bits of an element; codes of 3 bits, say, are held in bytes only while they are measured."""
    layout = weight.constant.layout
    return layout.bits if isinstance(layout, Packed) else storage(weight.constant.dtype).bits


def _attributes(node: Node) -> dict[str, tuple[int, ...]]:
    wanted = ("strides", "pads", "dilations")
    return {a.name: tuple(a.ints) for a in node.proto.attribute if a.name in wanted}
