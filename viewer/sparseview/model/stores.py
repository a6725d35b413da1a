"""How a save stores weights: dense, or as ONNX sparse tensors with linear int64 indices."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import prod
from typing import Literal, NamedTuple

import msgspec
import numpy as np

from sparseview.errors import SparseviewError
from sparseview.model.constants import Constant
from sparseview.model.document import Model
from sparseview.model.dtypes import Array, byte_count, dtype_name, storage
from sparseview.model.locate import GRAPH_INITIALIZER, GRAPH_SPARSE_INITIALIZER, Places
from sparseview.model.payload import Later, Raw
from sparseview.model.proto import TensorProto
from sparseview.model.protobuf import BYTES, VARINT, bytes_field, write_varint
from sparseview.model.splice import Part, message, size
from sparseview.model.tensors import chunks, present
from sparseview.model.values import count_nonzero, is_nonzero
from sparseview.progress import SILENT, Progress

Store = Literal["dense", "onnx-sparse"]
SPARSE_SINCE = 6  # the IR version that brought sparse initializers
# Numbers of TensorProto's and SparseTensorProto's fields.
DIMS, DATA_TYPE, NAME, RAW_DATA = 1, 2, 8, 9
VALUES, INDICES, SPARSE_DIMS = 1, 2, 3
# From here on zeros are worth a name; below it nobody means a weight to be sparse.
WORTH = 0.01


class Left(NamedTuple):
    """A constant that stays as it is stored, and why."""

    key: str
    reason: str


class Stored(msgspec.Struct, frozen=True):
    """A constant to be stored otherwise: its bytes now and then, headers included."""

    key: str
    before: int
    after: int
    nonzeros: int

    @property
    def change(self) -> int:
        return self.after - self.before


class Storing(msgspec.Struct, frozen=True):
    """What a choice of storage comes to. growing : those of `left` that hold zeros all the same,
    and would take more."""

    store: Store
    changes: tuple[Stored, ...]
    left: tuple[Left, ...]
    growing: tuple[Stored, ...] = ()

    @property
    def change(self) -> int:
        """Bytes by which the model grows; negative where it shrinks."""
        return sum(one.change for one in self.changes)

    def forced(self) -> Storing:
        """The same, with what grows."""
        keys = {one.key for one in self.growing}
        left = tuple(one for one in self.left if one.key not in keys)
        return Storing(self.store, (*self.changes, *self.growing), left)


def storing(
    model: Model, store: Store, force: bool = False, progress: Progress = SILENT
) -> Storing:
    """Work out which weights of a model would be stored otherwise, and what that takes.

    Reads each of them once to count. Without `force` only those that get smaller change.
    """
    changes: list[Stored] = []
    growing: list[Stored] = []
    left: list[Left] = []
    candidates = [c for c in _weights(model) if (c.stored_as == "coo") == (store == "dense")]
    with model.skeleton.source.map() as buffer:
        places = Places(model, buffer)
        for done, constant in enumerate(candidates):
            progress.step(done, len(candidates), "Counting")
            reason = _unfit(model, constant, store)
            found = None
            if reason is None:
                try:
                    found = _stored(places, constant, store)
                except SparseviewError as error:
                    reason = error.message
            if found is None:
                left.append(Left(constant.key, str(reason)))
            elif store == "dense" or found.change < 0:
                changes.append(found)
            else:
                left.append(Left(constant.key, f"it would grow by {found.change:,} bytes"))
                if found.nonzeros <= (1 - WORTH) * prod(constant.shape):
                    growing.append(found)
    made = Storing(store, tuple(changes), tuple(left), tuple(growing))
    return made.forced() if force else made


def parts(model: Model, constant: Constant, store: Store, nonzeros: int) -> tuple[Part, ...]:
    """The graph's field that holds the constant in its new storage, with its tag."""
    dims = tuple(constant.shape)
    if store == "dense":
        array = Later(dims, partial(present, model, constant))
        data = Raw(array, constant.dtype)
        inner = _tensor(dims, constant.dtype, constant.name, data)
        return message(write_varint(GRAPH_INITIALIZER << 3 | BYTES), *inner)
    values = Raw(Later((nonzeros,), partial(_values, model, constant)), constant.dtype)
    indices = Raw(Later((nonzeros,), partial(_places, model, constant)), TensorProto.INT64)
    inner = (
        *message(
            write_varint(VALUES << 3 | BYTES),
            *_tensor((nonzeros,), constant.dtype, constant.name, values),
        ),
        *message(
            write_varint(INDICES << 3 | BYTES),
            *_tensor((nonzeros,), TensorProto.INT64, "", indices),
        ),
        _numbers(SPARSE_DIMS, dims),
    )
    return message(write_varint(GRAPH_SPARSE_INITIALIZER << 3 | BYTES), *inner)


def refuse_growth(model: Model, found: Storing, force: bool) -> None:
    """Raise SparseviewError (code "grows") where nothing would get smaller."""
    if found.store != "onnx-sparse" or found.changes:
        return
    if any(c.stored_as == "coo" for c in _weights(model)):
        return
    forced = found.forced()
    if force or not forced.changes:
        why = found.left[0].reason if found.left else "it has no weights"
        raise SparseviewError(
            f"No weight can be stored as a sparse tensor: {why}.", "Store it dense.", "grows"
        )
    now = sum(one.before for one in forced.changes)
    then = sum(one.after for one in forced.changes)
    raise SparseviewError(
        f"As ONNX sparse tensors the weights would grow from {now:,} to {then:,} bytes: each "
        "non-zero takes 8 more for its place.",
        "Store them dense, prune further, or force it (--force).",
        "grows",
    )


def _weights(model: Model) -> list[Constant]:
    """Every stored constant that is a weight or an embedding, once."""
    found = {w.constant.key: w.constant for w in model.weights}
    return list(found.values())


def _unfit(model: Model, constant: Constant, store: Store) -> str | None:
    """Why a constant cannot be an initializer of the other kind; None where it can."""
    graph = model.graphs[constant.graph]
    if constant.place == "attribute":
        return "it is no initializer, but the value of a Constant node"
    if store == "dense":
        return None
    if model.proto.ir_version < SPARSE_SINCE:
        return f"the file's IR version {model.proto.ir_version} has no sparse initializers"
    if any(entry.name == constant.name for entry in graph.proto.input):
        return "it is a graph input too, so that it can be overridden"
    if constant.layout is not None or storage(constant.dtype).bits < 8:
        return f"{dtype_name(constant.dtype)} values share bytes"
    return None


def _stored(places: Places, constant: Constant, store: Store) -> Stored:
    model, nonzeros = places.model, 0
    if store == "onnx-sparse":
        # Not the weight's zero point: what is not listed reads as 0.
        nonzeros = sum(count_nonzero(piece, constant.dtype) for piece in chunks(model, constant))
    after = sum(map(size, parts(model, constant, store, nonzeros)))
    (span,) = places.constant(constant)
    before = span.end - span.tag
    proto = constant.proto
    for tensor in (proto,) if isinstance(proto, TensorProto) else (proto.values, proto.indices):
        if tensor.data_location == TensorProto.EXTERNAL and not model.skeleton.cut(tensor):
            before += byte_count(tensor.data_type, prod(tensor.dims))
    return Stored(constant.key, before, after, nonzeros)


def _values(model: Model, constant: Constant) -> Array:
    flat = present(model, constant).reshape(-1)
    return np.asarray(flat[is_nonzero(flat, constant.dtype)])


def _places(model: Model, constant: Constant) -> Array:
    flat = present(model, constant).reshape(-1)
    return np.flatnonzero(is_nonzero(flat, constant.dtype)).astype(np.int64)


def _tensor(dims: tuple[int, ...], dtype: int, name: str, data: Raw) -> tuple[Part, ...]:
    head = _numbers(DIMS, dims) + write_varint(DATA_TYPE << 3 | VARINT) + write_varint(dtype)
    if name:
        head += bytes_field(NAME, name.encode("utf-8", "surrogateescape"))
    return (head, *message(write_varint(RAW_DATA << 3 | BYTES), data))


def _numbers(number: int, values: tuple[int, ...]) -> bytes:
    # One field each: ONNX's dims are proto2, which does not pack them.
    return b"".join(write_varint(number << 3 | VARINT) + write_varint(v) for v in values)


def by_key(found: Storing | None) -> Mapping[str, Stored]:
    """The changes by constant key."""
    return {one.key: one for one in found.changes} if found else {}
