"""Read a constant tensor: replaced, inline, cut, external or sparse; whole, or in flat chunks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

import numpy as np

from sparseview.errors import SparseviewError
from sparseview.model.buffers import lent
from sparseview.model.dtypes import Array, byte_count, dtype_name, pack, storage, unpack
from sparseview.model.kept import Zeroed, entry_values
from sparseview.model.layouts import Filled, Layout
from sparseview.model.proto import SparseTensorProto, TensorProto
from sparseview.model.source import Source
from sparseview.model.stored import aligned, checked_shape, element_count, inline, stored_range
from sparseview.model.values import decoded, is_nonzero, to_float, zero_value

if TYPE_CHECKING:
    from sparseview.model.constants import Constant
    from sparseview.model.document import Model

__all__ = [
    "chunks",
    "decoded",
    "dtype_name",
    "is_nonzero",
    "nonzero_mask",
    "pack",
    "present",
    "read",
    "restored",
    "to_float",
    "zero_value",
]

# Bytes that `chunks` reads at once: with what is made of them they fit a core's cache.
PIECE = 1 << 19
# Bytes that a sparse tensor may fill when it is made dense: a file of a few bytes may not take all
# memory, and 1000 times what is stored leaves room for 99.9 % of zeros.
DENSE_FREE, DENSE_RATIO, DENSE_LIMIT = 256 << 20, 1000, 8 << 30


class Kind(Protocol):
    """What the bytes of a stored tensor mean."""

    @property
    def name(self) -> str: ...

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> int: ...

    @property
    def layout(self) -> Layout | None: ...


def read(model: Model, constant: Constant) -> Array:
    """The whole tensor in its stored shape; elements as `dtypes.Storage.dtype` says: bit patterns
    for bfloat16 and float8, one int8/uint8 per element for 4-bit and 2-bit types.

    The overlay's value comes first (read-only). Raises SparseviewError if the payload is not there,
    may not be read, or does not fit the shape; sizes are checked before memory is taken.
    """
    try:
        stored = present(model, constant)
        return stored if constant.layout is None else constant.layout.decode(stored)
    except SparseviewError as error:
        raise _named(constant, error) from None


def restored(model: Model, constant: Constant, elements: Array) -> Array:
    """What is to be stored, so that `read` gives these elements; raises SparseviewError."""
    layout = constant.layout
    if layout is None:
        return elements
    if isinstance(layout, Filled):
        raise SparseviewError(layout.fixed, "Leave this layer out.", "filled")
    return layout.encode(elements, present(model, constant))


def chunks(model: Model, constant: Constant) -> Iterator[Array]:
    """The tensor's elements in C order as 1-D pieces of up to 512 KB in the storage dtype.

    Every piece of a stored dense tensor lies in the same aligned buffer: use it before taking the
    next. Tensors that are replaced, sparse or stored as numbers come as one piece.
    """
    proto, layout = constant.proto, constant.layout
    if isinstance(layout, Filled):
        yield from _repeated(read(model, constant))
        return
    payload = None
    entry = model.overlay.get(constant.key)
    over = entry if isinstance(entry, Zeroed) and entry.streams and layout is None else None
    if (entry is None or over is not None) and isinstance(proto, TensorProto):
        try:
            payload = stored_range(model, proto)
        except SparseviewError as error:
            raise _named(constant, error) from None
    if payload is None:
        yield read(model, constant).reshape(-1)
        return
    yield from streamed(*payload, constant, over)


def streamed(
    source: Source, offset: int, constant: Kind, over: Zeroed | None = None
) -> Iterator[Array]:
    """As `chunks`, of a dense tensor whose bytes lie in a file; `over`: zeros laid over it."""
    layout = constant.layout
    assert not isinstance(layout, Filled)  # one value is no payload
    zeros = None if over is None else over.packed()
    if layout is None:
        elements, bits = math.prod(constant.shape), storage(constant.dtype).bits
        # A multiple of 24 elements fills whole bytes in types of 6 bits and fewer.
        step = PIECE * 8 // bits if bits % 8 == 0 else PIECE * 8 // bits // 24 * 24
    else:
        elements, bits = layout.rows, layout.row_bytes * 8
        step = max(1, PIECE // layout.row_bytes)
    with lent(-(-min(step, elements) * bits // 8)) as buffer:
        for start in range(0, elements, step):
            count = min(step, elements - start)
            piece = buffer[: -(-count * bits // 8)]
            try:
                # Asking before each piece would cost a tenth of the time; the first and the last
                # enclose all that was read.
                source.read_into(piece.data, offset + start * bits // 8, verify=start == 0)
                if start and start + count == elements:
                    source.verify()
            except SparseviewError as error:
                raise _named(constant, error) from None
            if layout is None:
                unpacked = unpack(piece, constant.dtype, count)
                if over is not None:
                    over.apply(unpacked, start, zeros)
                yield unpacked
            else:
                yield layout.decode(piece).reshape(-1)


def nonzero_mask(model: Model, constant: Constant, zero_point: Array | None = None) -> Array:
    """Which elements are not zero (not the zero point, where one is given): bool, stored shape.

    `zero_point` broadcasts against the stored shape. Takes a byte per element, plus a chunk.
    """
    if zero_point is not None and zero_point.size > 1:
        if (zero_point != zero_point.flat[0]).any():
            return is_nonzero(read(model, constant), constant.dtype, zero_point)
        zero_point = zero_point.reshape(-1)[:1]
    pieces = chunks(model, constant)
    first = next(pieces, None)  # before the mask is allocated: it checks the sizes
    mask = np.empty(math.prod(constant.shape), np.bool_)
    done = 0
    while first is not None:
        mask[done : done + first.size] = is_nonzero(first, constant.dtype, zero_point)
        done += first.size
        first = next(pieces, None)
    return mask.reshape(constant.shape)


def _repeated(array: Array) -> Iterator[Array]:
    """One value over a shape, as flat pieces."""
    step = PIECE // array.dtype.itemsize
    if array.size:
        piece = np.full(min(step, array.size), array.flat[0])
        for start in range(0, array.size, step):
            yield piece[: min(step, array.size - start)]


def present(model: Model, constant: Constant) -> Array:
    """What would be stored if the model were saved now."""
    entry = model.overlay.get(constant.key)
    if entry is None:
        return _stored(model, constant)
    return entry_values(entry, lambda: _stored(model, constant))


def _stored(model: Model, constant: Constant) -> Array:
    if isinstance(constant.proto, SparseTensorProto):
        return _densified(model, constant.proto)
    return _read(model, constant.proto)


def _read(model: Model, tensor: TensorProto) -> Array:
    elements = element_count(tensor)
    shape = tuple(tensor.dims)
    payload = stored_range(model, tensor)
    if payload is None:
        return inline(tensor, elements).reshape(shape)
    source, offset = payload
    data = aligned(byte_count(tensor.data_type, elements))
    source.read_into(data.data, offset)
    return unpack(data, tensor.data_type, elements).reshape(shape)


def _densified(model: Model, sparse: SparseTensorProto) -> Array:
    shape = checked_shape(sparse.dims)
    elements = math.prod(shape)
    row = storage(sparse.values.data_type)
    dense_bytes = elements * row.dtype.itemsize
    stored_bytes = 8 * element_count(sparse.indices)
    if dense_bytes > min(max(DENSE_FREE, DENSE_RATIO * stored_bytes), DENSE_LIMIT):
        raise SparseviewError(
            f"made dense it would take {dense_bytes / 1e9:.1f} GB, "
            f"for {element_count(sparse.values):,} values that are stored.",
            "Export the model with that tensor dense, or split it.",
            "size",
        )
    values = _read(model, sparse.values).reshape(-1)
    indices = _read(model, sparse.indices)
    if indices.ndim == 2 and indices.shape == (values.size, len(shape)):
        if ((indices < 0) | (indices >= np.array(shape))).any():
            raise _bad_index()
        flat = np.ravel_multi_index(tuple(indices.T), shape) if values.size else indices[:, 0]
    elif indices.shape == (values.size,):
        flat = indices
    else:
        raise SparseviewError(
            f"its {values.size:,} values have indices of shape {list(indices.shape)}.",
            "Export the model again.",
            "size",
        )
    if flat.size and not 0 <= int(flat.min()) <= int(flat.max()) < elements:
        raise _bad_index()
    dense = np.zeros(elements, row.dtype)
    dense[flat] = values
    return dense.reshape(shape)


def _bad_index() -> SparseviewError:
    return SparseviewError(
        "one of its indices lies outside its shape.", "Export the model again.", "size"
    )


def _named(constant: Kind, error: SparseviewError) -> SparseviewError:
    text = error.message
    return SparseviewError(
        f"Tensor '{constant.name}' cannot be read: {text[:1].lower()}{text[1:]}",
        error.hint,
        error.code,
    )
