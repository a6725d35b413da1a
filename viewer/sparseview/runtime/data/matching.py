"""Arrays as a model's inputs: which is which, and how one fits; or a sentence that says why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.dtypes import Storage, dtype_name, storage
from sparseview.runtime.data.labels import numbered, parted, whole
from sparseview.runtime.data.samples import Indices, Samples
from sparseview.runtime.signature import Input, inputs, wants

Array = NDArray[Any]
CHECKED = 1 << 20  # elements looked at for NaN at a time


@dataclass(frozen=True)
class Column:
    """One input's values: `take` gives those of some samples, as the model wants them.

    count : of samples; None: the same for all of them.  single : each goes in alone.
    note : what was done to it, or empty.  axis : that counts samples; None: none does.
    """

    take: Callable[[Indices], Array]
    count: int | None
    single: bool = False
    note: str = ""
    axis: int | None = 0


def match(
    arrays: Mapping[str, Array],
    model: Model,
    source: str,
    made: Mapping[str, Column] | None = None,
) -> Samples:
    """Samples out of named arrays whose first axis counts them.

    Names are matched exactly, else without regard to case and punctuation, else by what fits one
    input only. Raises SparseviewError, with what the model wants, where that is not clear.

    made : columns of inputs that are no longer looked for.
    """
    wanted = inputs(model)
    hint = wants(model)
    if not wanted:
        raise SparseviewError(f"{model.path.name} has no input to feed.", "", "data")
    labels, classes, rest = parted(arrays, {each.name for each in wanted})
    columns: dict[str, Column] = dict(made or {})
    looked_for = tuple(each for each in wanted if each.name not in columns)
    for each, name in _names(looked_for, rest, source, hint).items():
        found = fitted(rest[name], each, name)
        if isinstance(found, str):
            raise SparseviewError(f"{source}: {found}", hint, "data")
        columns[each.name] = found
    columns = _shared(columns, wanted)
    counts = {name: c.count for name, c in columns.items() if c.count is not None}
    if not counts:
        counts = {wanted[0].name: 1}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{name} {count:,}" for name, count in counts.items())
        raise SparseviewError(
            f"{source}: the inputs have different numbers of samples: {told}.", hint, "data"
        )
    count = next(iter(counts.values()))
    if not count:
        raise SparseviewError(f"{source} holds no samples.", hint, "data")
    single = any(c.single for c in columns.values())
    batched = [each for each in wanted if columns[each.name].count is not None]
    fixed = {each.batch for each in batched if each.batch is not None and not single}
    notes = [c.note for c in columns.values() if c.note]

    def fetch(indices: Indices) -> dict[str, Array]:
        return {name: column.take(indices) for name, column in columns.items()}

    known, more = numbered(labels, classes, count)
    return Samples(
        source,
        fetch,
        np.arange(count) if single else np.zeros(count, np.int64),
        np.arange(count),
        known,
        notes=(*notes, *more),
        fixed=max(fixed) if fixed else None,
        axes={name: column.axis for name, column in columns.items() if column.axis != 0},
        alone=single,
    )


def _names(
    wanted: tuple[Input, ...], arrays: Mapping[str, Array], source: str, hint: str
) -> dict[Input, str]:
    """The array of each input."""
    chosen: dict[Input, str] = {}
    left = dict.fromkeys(arrays)
    for key in (str, str.casefold, plain):
        for each in wanted:
            same = [name for name in left if key(name) == key(each.name)]
            if each not in chosen and len(same) == 1:
                chosen[each] = same[0]
                del left[same[0]]
    missing = [each for each in wanted if each not in chosen]
    while missing:
        fits = {
            each: [name for name in left if not isinstance(fitted(arrays[name], each, name), str)]
            for each in missing
        }
        sure = [
            each
            for each, names in fits.items()
            if len(names) == 1 and sum(names[0] in other for other in fits.values()) == 1
        ]
        if not sure:
            have = "; ".join(f"{name} {_told(array)}" for name, array in arrays.items())
            each = missing[0]
            what = (
                fitted(next(iter(arrays.values())), each, next(iter(arrays)))
                if len(wanted) == len(arrays) == 1
                else f"nothing in it is surely input {each.name!r}. It holds {have or 'nothing'}."
            )
            raise SparseviewError(f"{source}: {what}", hint, "data")
        for each in sure:
            (name,) = fits[each]
            chosen[each] = name
            del left[name]
        missing = [each for each in missing if each not in chosen]
    return chosen


def plain(name: str) -> str:
    """A name without case and punctuation."""
    return re.sub(r"[^0-9a-z]+", "", name.casefold())


def _told(array: Array) -> str:
    return f"{array.dtype} {list(array.shape)}"


def fitted(array: Array, wanted: Input, name: str) -> Column | str:
    """How an array is fed as an input, or a sentence why it cannot be."""
    cast = casting(array, wanted, name)
    if isinstance(cast, str):
        return cast
    convert, note = cast
    dims, shape = wanted.dims, array.shape
    if dims is None:
        if not array.ndim:
            return Column(lambda _: convert(array), None, note=note, axis=None)
        return _column(array, convert, note=note)
    if not dims:  # one number for all samples
        if array.size == 1:
            return Column(lambda _: convert(array.reshape(())), None, note=note, axis=None)
        if array.ndim == 1:
            return Column(lambda at: convert(array[at[0]]), len(array), True, note)
    if wanted.axis and array.ndim == len(dims) and _may(shape, dims):
        return Column(lambda at: convert(array[:, at]), shape[1], note=note, axis=1)
    if array.ndim == len(dims) and not wanted.axis and _may(shape[1:], dims[1:]):
        return _column(array, convert, note=note)
    if array.ndim == len(dims) + 1 and _may(shape[1:], dims):
        return Column(lambda at: convert(array[at[0]]), len(array), True, note)
    if array.ndim == len(dims) and array.ndim and _may(shape, dims) and wanted.batch is not None:
        return Column(lambda _: convert(array), None, note=note, axis=None)
    sizes = [dim for dim in dims[1:] if isinstance(dim, int)]
    if array.ndim and not wanted.axis and len(sizes) == len(dims) - 1:
        same = [d for d in sizes if d != 1] == [d for d in shape[1:] if d != 1]
        if same:
            return _column(array, convert, tuple(sizes), note=note)
        if array.ndim == len(dims) == 4 and _may((shape[3], *shape[1:3]), dims[1:]):
            moved = f"{name}: channels moved first"
            return _column(np.moveaxis(array, -1, 1), convert, note=f"{note}; {moved}".strip("; "))
    return f"{name} is {_told(array)}, which does not fit input {wanted}."


def _shared(columns: dict[str, Column], wanted: tuple[Input, ...]) -> dict[str, Column]:
    """Columns of different lengths, made to agree: what fills a fixed input whole, or one state
    for a sequence, may be the same for all samples."""
    counts = {column.count for column in columns.values()}
    if len(counts - {None}) < 2:
        return columns
    changed = dict(columns)
    for each in wanted:
        column = columns[each.name]
        whole = each.batch is not None and column.count == each.batch
        if whole and not column.single:
            always = column.take(np.arange(each.batch or 0))
            changed[each.name] = Column(partial(_same, always), None, note=column.note, axis=None)
        elif each.axis and column.count == 1:
            one = column.take(np.arange(1))
            changed[each.name] = Column(partial(_repeated, one), None, note=column.note, axis=1)
    return changed


def _same(array: Array, _: Indices) -> Array:
    return array


def _repeated(array: Array, indices: Indices) -> Array:
    return np.repeat(array, len(indices), axis=1)


def _column(
    array: Array,
    convert: Callable[[Array], Array],
    sample: tuple[int, ...] | None = None,
    note: str = "",
) -> Column:
    def take(indices: Indices) -> Array:
        found = convert(array[indices])
        return found if sample is None else found.reshape(len(indices), *sample)

    return Column(take, len(array), note=note)


def _may(shape: tuple[int, ...], dims: tuple[Any, ...]) -> bool:
    return len(shape) == len(dims) and all(
        size == dim for size, dim in zip(shape, dims, strict=True) if isinstance(dim, int)
    )


def casting(array: Array, wanted: Input, name: str) -> tuple[Callable[[Array], Array], str] | str:
    """(how values become the input's element type, a remark), or a sentence why they cannot."""
    if wanted.dtype == TensorProto.STRING:
        if array.dtype.kind not in "US":
            return f"{name} is {array.dtype}, and input {wanted.name!r} takes text."
        return (lambda values: values.astype(object)), ""
    if array.dtype.kind not in "biuf":
        return f"{name} is {array.dtype}, which are no numbers."
    row = storage(wanted.dtype)
    kind = dtype_name(wanted.dtype)
    if array.dtype.kind == "f":
        problem = not_finite(array, name)
        if problem:
            return problem
    if array.dtype != row.dtype and array.size and (most := _largest(row)) is not None:
        far = max(abs(float(array.max())), abs(float(array.min())))
        if far > most:
            return f"{name} goes up to {far:g}, and {kind} of input {wanted.name!r} to {most:g}."
    if row.meaning is not None:
        meaning, held = row.meaning, row.dtype
        return (lambda v: v.astype(meaning).view(held)), f"{name}: {array.dtype} to {kind}"
    if array.dtype == row.dtype:
        return (lambda values: np.asarray(values, order="C")), ""
    dtype = row.dtype
    note = f"{name}: {array.dtype} to {kind}"
    if dtype.kind in "iu" and array.dtype.kind in "iuf" and array.size:
        low, high = float(array.min()), float(array.max())
        limits = np.iinfo(dtype)
        if low < limits.min or high > limits.max:
            return f"{name} holds {low:g} to {high:g}, and input {wanted.name!r} takes {kind}."
        if array.dtype.kind == "f" and not whole(array):
            return f"{name} holds fractions, and input {wanted.name!r} takes {kind}."
    elif dtype.kind not in "biuf" or (dtype.kind == "b" and array.dtype.kind != "b"):
        return f"{name} is {array.dtype}, and input {wanted.name!r} takes {kind}."
    return (lambda values: np.asarray(values, dtype, order="C")), note


def _largest(row: Storage) -> float | None:
    """The largest number of a type of floats; None for other types."""
    if row.meaning is not None:
        import ml_dtypes

        return float(ml_dtypes.finfo(row.meaning).max)  # type: ignore[no-untyped-call]
    return float(np.finfo(row.dtype).max) if row.dtype.kind == "f" else None


def not_finite(array: Array, name: str) -> str | None:
    """A sentence about the samples that hold NaN or infinities; None where there are none."""
    step = max(1, CHECKED // max(prod(array.shape[1:]), 1)) if array.ndim else 1
    parts = array.reshape(1) if array.ndim == 0 else array
    bad: list[int] = []
    for start in range(0, len(parts), step):
        part = parts[start : start + step]
        fine = np.isfinite(part).reshape(len(part), -1).all(axis=1)
        bad += (start + np.flatnonzero(~fine)).tolist()
    if not bad:
        return None
    more = f" and {len(bad) - 1:,} more" if len(bad) > 1 else ""
    which = f"sample {bad[0]:,} (counted from 0)"
    return f"{name} holds NaN or infinities, in {which}{more} of {len(parts):,}."
