"""`synthetic[:N]`: made-up samples, seeded; labelled as such wherever their results are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.dtypes import STORAGE
from sparseview.model.shapes import Dim
from sparseview.runtime.data.reader import Options, Reader
from sparseview.runtime.data.samples import Indices, Samples
from sparseview.runtime.engine import Engine
from sparseview.runtime.signature import Input, inputs, wants

WORD = re.compile(r"synthetic(?::(\d+))?")
DEFAULT, MOST = 32, 1_000_000
# Sizes tried for dims that the model leaves free, until one lets it run.
FREE = (16, 32, 64, 128, 224, 256, 512, 1, 640)
TABLES = frozenset({"Gather", "EmbedLayerNormalization"})
PASSING = frozenset({"Identity", "Cast", "Reshape", "Unsqueeze", "Squeeze", "Flatten", "Slice"})


def accepts(path: str) -> bool:
    return path == "synthetic" or path.startswith("synthetic:")


def read(model: Model, path: str, options: Options) -> Samples:
    told = WORD.fullmatch(path)
    count = int(told.group(1) or DEFAULT) if told else 0
    if not 0 < count <= MOST:
        raise SparseviewError(
            f"{path} names no number of samples.", "Write synthetic:64, for 64 of them.", "data"
        )
    wanted = inputs(model)
    limits = {each.name: _limit(model, each.name) for each in wanted}
    fixed = [each.batch for each in wanted if each.batch is not None and _batched(each, wanted)]
    batch = max(fixed, default=None)
    reason = ""
    for size in FREE if _free(wanted) else FREE[:1]:
        made = _maker(wanted, limits, size, options.seed)
        first = made(np.zeros(batch or 1, np.int64))
        try:
            with Engine(model, lean=True) as engine:
                engine.run(first)
        except SparseviewError as error:
            reason = reason or error.message
            continue
        return Samples(
            f"synthetic:{count}",
            made,
            np.zeros(count, np.int64),
            np.arange(count),
            synthetic=True,
            notes=(f"free dims are {size}",) if _free(wanted) else (),
            fixed=batch,
            axes={each.name: each.axis for each in wanted if each.axis},
            seed=options.seed,
        )
    raise SparseviewError(
        f"No synthetic data runs through {model.path.name}: {reason}", wants(model), "data"
    )


def _maker(wanted: tuple[Input, ...], limits: dict[str, int | None], size: int, seed: int) -> Any:
    def fetch(indices: Indices) -> dict[str, NDArray[Any]]:
        batch: dict[str, NDArray[Any]] = {}
        for number, each in enumerate(wanted):
            dims = each.dims or ()
            if not _batched(each, wanted):
                shape = tuple(d if isinstance(d, int) else len(indices) for d in dims)
                batch[each.name] = _values(each, shape, limits[each.name], seed, number)
                continue
            sample = tuple(d if isinstance(d, int) else size for d in _others(each))
            batch[each.name] = np.stack(
                [_values(each, sample, limits[each.name], seed, number, int(i)) for i in indices],
                axis=each.axis,
            )
        return batch

    return fetch


def _values(each: Input, shape: tuple[int, ...], limit: int | None, *seed: int) -> NDArray[Any]:
    random = np.random.default_rng(seed)
    row = STORAGE.get(each.dtype)
    if row is None:
        raise SparseviewError(
            f"Input {each.name!r} takes text, which cannot be made up.", "Give real data.", "data"
        )
    if row.meaning is not None:
        return random.standard_normal(shape).astype(row.meaning).view(row.dtype)
    if row.dtype.kind in "fc":
        return np.asarray(random.standard_normal(shape)).astype(row.dtype)
    if row.dtype.kind == "b":
        return np.ones(shape, np.bool_)
    if each.dtype in (TensorProto.UINT8, TensorProto.INT8) and limit is None:
        info = np.iinfo(row.dtype)
        return random.integers(info.min, info.max + 1, shape).astype(row.dtype)
    if limit is None:  # masks and lengths
        return np.ones(shape, row.dtype)
    return random.integers(0, limit, shape).astype(row.dtype)


def _batched(each: Input, wanted: tuple[Input, ...]) -> bool:
    """Whether a dim counts samples: it is free, or all inputs have the same one there."""
    if not each.dims:
        return False
    sizes = {other.dims[other.axis] for other in wanted if other.dims}
    return each.batch is None or len(sizes) == 1


def _others(each: Input) -> tuple[Dim, ...]:
    """The dims but for the one that counts samples."""
    dims = each.dims or ()
    return (*dims[: each.axis], *dims[each.axis + 1 :])


def _free(wanted: tuple[Input, ...]) -> bool:
    return any(not isinstance(dim, int) for each in wanted for dim in _others(each))


def _limit(model: Model, name: str) -> int | None:
    """The rows of the table that the input picks from: what it holds must be below."""
    names, found = {name}, []
    for node in model.proto.graph.node:
        if names.isdisjoint(node.input):
            continue
        if node.op_type in PASSING and node.input[0] in names:
            names.update(node.output)
        elif node.op_type in TABLES:
            found += list(_rows(model, node.input, names))
    return min(found, default=None)


def _rows(model: Model, read: Any, names: set[str]) -> Iterator[int]:
    constants = model.constants(0)
    tables = [constants[n].shape for n in read if n in constants and constants[n].shape]
    # Gather: table, indices. EmbedLayerNormalization: ids, segments, then their tables.
    places = [i for i, n in enumerate(read) if n in names]
    if len(tables) == 1 and 1 in places:
        yield tables[0][0]
    elif len(tables) > 1:
        yield from (tables[0 if p == 0 else min(2, len(tables) - 1)][0] for p in places if p < 2)


SYNTHETIC = Reader("synthetic[:N]", accepts, read)
