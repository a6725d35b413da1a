"""Reads ONNX's own test data: folders test_data_set_* with input_0.pb, input_1.pb ..."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.runtime.data.arrays import counted
from sparseview.runtime.data.joined import joined
from sparseview.runtime.data.matching import casting, match
from sparseview.runtime.data.reader import Options, Reader
from sparseview.runtime.data.samples import Samples
from sparseview.runtime.signature import inputs, wants


def accepts(path: str) -> bool:
    return Path(path).is_dir() and bool(_sets(Path(path)))


def read(model: Model, path: str, options: Options) -> Samples:
    sets = _sets(Path(path))
    return joined(
        f"{Path(path).name}, {len(sets):,} test data sets", [partial(_one, model, s) for s in sets]
    )


def _sets(place: Path) -> list[Path]:
    if (place / "input_0.pb").is_file():
        return [place]
    found = [s for s in place.glob("test_data_set_*") if (s / "input_0.pb").is_file()]
    return sorted(found, key=lambda each: counted(each.name))


def _one(model: Model, folder: Path) -> Samples:
    arrays = _load(model, folder)
    try:
        return match(arrays, model, folder.name)
    except SparseviewError:
        return _whole(model, folder, arrays)


def _load(model: Model, folder: Path) -> dict[str, NDArray[Any]]:
    """Each input_*.pb, under the name inside it, else under that of the input at its number."""
    wanted = inputs(model)
    names = {each.name for each in wanted}
    arrays: dict[str, NDArray[Any]] = {}
    for file in sorted(folder.glob("input_*.pb"), key=lambda each: counted(each.name)):
        try:
            tensor = TensorProto.FromString(file.read_bytes())
            array = plain(numpy_helper.to_array(tensor))
        except (DecodeError, ValueError, TypeError, KeyError, OSError) as error:
            raise SparseviewError(
                f"{folder.name}/{file.name} holds no tensor that can be read.", wants(model), "data"
            ) from error
        number = file.stem.removeprefix("input_")
        place = int(number) if number.isdecimal() else len(wanted)
        by_place = wanted[place].name if place < len(wanted) else file.stem
        arrays[tensor.name if tensor.name in names else by_place] = array
    return arrays


def _whole(model: Model, folder: Path, arrays: dict[str, NDArray[Any]]) -> Samples:
    """One sample: the inputs as they are, where their first dims count no samples."""
    fed: dict[str, NDArray[Any]] = {}
    for each in inputs(model):
        array = arrays.get(each.name)
        if array is None:
            raise SparseviewError(
                f"{folder.name} holds nothing for input {each.name!r}.", wants(model), "data"
            )
        dims = each.dims
        fits = dims is None or (
            len(dims) == array.ndim
            and all(d == n for d, n in zip(dims, array.shape, strict=True) if isinstance(d, int))
        )
        cast = casting(array, each, each.name)
        if isinstance(cast, str) or not fits:
            told = f"{array.dtype} {list(array.shape)}"
            why = cast if isinstance(cast, str) else f"{each.name} is {told}, which does not fit."
            raise SparseviewError(f"{folder.name}: {why}", wants(model), "data")
        fed[each.name] = cast[0](array)
    zero = np.zeros(1, np.int64)
    return Samples(folder.name, lambda _: fed, zero, zero, alone=True)


def plain(array: NDArray[Any]) -> NDArray[Any]:
    """Numbers as numpy's own types hold them, text as numpy's."""
    if array.dtype.kind == "O":
        return array.astype(str)
    return array if array.dtype.kind in "biufc" else array.astype(np.float32)


TEST_SETS = Reader("ONNX test_data_set_* folders", accepts, read)
