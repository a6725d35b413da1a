"""What one weight would take in every storage, and which runtimes could use its zeros."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sparseview.model.document import Model, Node
from sparseview.model.dtypes import dtype_name, storage
from sparseview.model.layouts import Packed
from sparseview.model.stores import Left, Store, storing
from sparseview.model.values import is_nonzero
from sparseview.model.weights import Weight
from sparseview.progress import SILENT, Progress
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


class Smallest(msgspec.Struct, frozen=True):
    """The storage in which a weight takes the least: its name, exact bytes."""

    name: str
    bytes: int


def smallest(weight: Weight, found: Measurement) -> Smallest:
    """Of all storages whose bytes follow from the counts: gzip's do not."""
    known, _ = storage_bytes(weight, found, None)
    sizes = {name: size for name, size in known.items() if size is not None}
    best = min(sizes, key=sizes.__getitem__)
    return Smallest(best, sizes[best])


class Skipped(msgspec.Struct, frozen=True):
    """A layer that would stay as it is, and why."""

    layer: str
    reason: str


def skipped_by(model: Model, left: Iterable[Left]) -> tuple[Skipped, ...]:
    """Constants that stay as they are stored, by the first layer that uses each."""
    layers = {w.constant.key: model.nodes[w.node].layer for w in reversed(model.weights)}
    return tuple(Skipped(layers.get(one.key, one.key), one.reason) for one in left)


class StoreOption(msgspec.Struct, frozen=True):
    """A way to save: the file's predicted bytes, annotations apart, and what changes.

    sparse : weights that would be stored otherwise.  left : those that would not, and why.
    grows : whether it would have to be forced.
    """

    store: str
    label: str
    bytes: int
    change: int
    sparse: int
    left: tuple[Skipped, ...]
    grows: bool


class StoreOptions(msgspec.Struct, frozen=True):
    """`bytes`: the file's, stored as it is, external data apart."""

    bytes: int
    options: tuple[StoreOption, ...]


def store_options(model: Model, progress: Progress = SILENT) -> StoreOptions:
    """Every way to store the weights of a model, with what it would take."""
    size = model.skeleton.source.size
    found: list[StoreOption] = []
    for store, label in (("dense", "dense"), ("onnx-sparse", "ONNX sparse tensors")):
        kind: Store = "dense" if store == "dense" else "onnx-sparse"
        stored = storing(model, kind, progress=progress)
        grows = kind == "onnx-sparse" and not stored.changes
        if grows:
            stored = stored.forced()
        left = skipped_by(model, stored.left)
        total = size + stored.change
        found.append(
            StoreOption(store, label, total, stored.change, len(stored.changes), left, grows)
        )
    return StoreOptions(size, tuple(found))


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
