"""The dense bytes of a constant: the same from a file, an external file, memory and an edit."""

from __future__ import annotations

import itertools
from pathlib import Path

import builders
import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from sparseview.errors import SparseviewError
from sparseview.model.constants import Constant
from sparseview.model.dense_bytes import dense_bytes
from sparseview.model.document import Model


def opened(proto: ModelProto, folder: Path) -> tuple[Model, Constant]:
    """The model and its constant `w`."""
    path = folder / "m.onnx"
    path.write_bytes(proto.SerializeToString())
    model = Model.open(path)
    return model, model.constants(0)["w"]


def identity(tensor: TensorProto) -> ModelProto:
    tensor.name = "w"
    return builders.model([helper.make_node("Identity", ["x"], ["y"])], [tensor])


def everything(model: Model, constant: Constant) -> bytes:
    size, read = dense_bytes(model, constant)
    assert read(0, 0) == b""
    whole = read(0, size)
    cuts = (0, size // 3, size // 2, size)
    parts = b"".join(read(a, b - a) for a, b in itertools.pairwise(cuts))
    assert parts == whole and len(whole) == size
    return whole


@pytest.mark.parametrize("elements", [3, 40_000])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int8])
def test_a_dense_tensor(elements: int, dtype: type, tmp_path: Path) -> None:
    array = np.arange(elements).astype(dtype)
    found = everything(*opened(identity(numpy_helper.from_array(array)), tmp_path))
    assert found == array.tobytes()


@pytest.mark.parametrize("elements", [5, 40_001])
def test_four_bit_elements_stay_packed(elements: int, tmp_path: Path) -> None:
    raw = bytes(np.random.default_rng(0).integers(0, 256, elements // 2, np.uint8)) + b"\x03"
    tensor = TensorProto(data_type=TensorProto.INT4, dims=[elements], raw_data=raw)
    assert everything(*opened(identity(tensor), tmp_path)) == raw


def test_numbers_in_a_field_of_their_own(tmp_path: Path) -> None:
    tensor = helper.make_tensor("w", TensorProto.FLOAT, [3], [1.0, 0.0, 2.0])
    found = everything(*opened(identity(tensor), tmp_path))
    assert found == np.array([1, 0, 2], np.float32).tobytes()


def test_external_data(tmp_path: Path) -> None:
    path = builders.external(tmp_path)
    model = Model.open(path)
    found = everything(model, model.constants(0)["w"])
    assert found == (tmp_path / "weights.bin").read_bytes()[64:]


def test_a_sparse_tensor_made_dense(tmp_path: Path) -> None:
    proto = builders.sparse_initializer()
    (sparse,) = proto.graph.sparse_initializer
    path = tmp_path / "m.onnx"
    onnx.save(proto, path)
    model = Model.open(path)
    found = everything(model, model.constants(0)[sparse.values.name])
    dense = np.zeros(int(np.prod(list(sparse.dims))), np.float32)
    dense[numpy_helper.to_array(sparse.indices)] = numpy_helper.to_array(sparse.values)
    assert found == dense.tobytes()


def test_an_edit_comes_first(tmp_path: Path) -> None:
    array = np.ones((4, 6), np.float32)
    model, constant = opened(identity(numpy_helper.from_array(array)), tmp_path)
    edited = np.asfortranarray(np.arange(24, dtype=np.float32).reshape(4, 6))
    changed = model.with_overlay(model.overlay.with_({constant.key: edited}))
    assert everything(changed, constant) == np.arange(24, dtype=np.float32).tobytes()
    assert everything(model, constant) == array.tobytes()


def test_data_that_is_not_there(tmp_path: Path) -> None:
    model = Model.open(builders.external(tmp_path))
    (tmp_path / "weights.bin").write_bytes(b"short")
    with pytest.raises(SparseviewError):
        dense_bytes(model, model.constants(0)["w"])
