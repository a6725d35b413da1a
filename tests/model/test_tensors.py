"""Reading tensors: against onnx.numpy_helper, over every real and made model and every type."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import builders
import ml_dtypes
import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import FunctionProto, GraphProto, ModelProto, SparseTensorProto, TensorProto, helper
from onnx import numpy_helper as nh
from shared_models import ALL_MODELS

from sparseview.errors import SparseviewError
from sparseview.model import tensors
from sparseview.model.constants import Constant
from sparseview.model.document import Model
from sparseview.model.dtypes import STORAGE, byte_count, unpack

NUMERIC = sorted(STORAGE)


def opened(proto: ModelProto, folder: Path) -> Model:
    (folder / "m.onnx").write_bytes(proto.SerializeToString())
    return Model.open(folder / "m.onnx")


def one(proto: TensorProto, folder: Path) -> tuple[Model, Constant]:
    """A model that holds just this tensor."""
    proto.name = "t"
    node = helper.make_node("Identity", ["x"], ["y"])
    model = opened(builders.model([node], [proto]), folder)
    return model, model.constants(0)["t"]


def stored(array: np.ndarray, dtype: int) -> np.ndarray:
    """What onnx gives, as we hold it: int4 as int8, bfloat16 and the float8s as bit patterns."""
    held = STORAGE[dtype].dtype
    return array.astype(held) if "int" in array.dtype.name else array.view(held)


def densified(sparse: SparseTensorProto) -> np.ndarray:
    values, indices = nh.to_array(sparse.values), nh.to_array(sparse.indices)
    dense = np.zeros(list(sparse.dims), values.dtype)
    for value, index in zip(values, indices, strict=True):
        dense[tuple(index) if indices.ndim == 2 else np.unravel_index(index, dense.shape)] = value
    return dense


def references(path: str, graph: GraphProto | FunctionProto) -> Iterator[tuple[str, np.ndarray]]:
    """Every constant of a fully loaded graph by our keys, told independently of the project."""
    for t in getattr(graph, "initializer", []):
        if t.data_type != TensorProto.STRING:
            yield f"{path}/{t.name}", stored(nh.to_array(t), t.data_type)
    for s in getattr(graph, "sparse_initializer", []):
        yield f"{path}/{s.values.name}", densified(s)
    for i, node in enumerate(graph.node):
        for a in node.attribute:
            key = f"{path}#{i}:{a.name}"
            if a.HasField("g"):
                yield from references(f"{path}#{i}.{a.name}", a.g)
            elif node.op_type != "Constant" or a.ref_attr_name:
                continue
            elif a.name == "value" and a.t.data_type != TensorProto.STRING:
                yield key, stored(nh.to_array(a.t), a.t.data_type)
            elif a.name == "sparse_value":
                yield key, densified(a.sparse_tensor)
            elif a.name in ("value_float", "value_floats"):
                yield key, np.array(helper.get_attribute_value(a), np.float32)
            elif a.name in ("value_int", "value_ints"):
                yield key, np.array(helper.get_attribute_value(a), np.int64)


def check_all(model: Model, full: ModelProto) -> None:
    expected = dict(references("main", full.graph))
    for function in full.functions:
        expected.update(references(f"{function.domain}::{function.name}", function))
    found = {
        c.key: c
        for graph in model.graphs
        for c in model.constants(graph.id).values()
        if c.dtype != TensorProto.STRING
    }
    assert found.keys() == expected.keys()
    for key, array in expected.items():
        constant = found[key]
        mine = tensors.read(model, constant)
        assert (mine.dtype, mine.shape) == (array.dtype, array.shape)
        assert constant.shape == array.shape
        assert mine.tobytes() == array.tobytes(), key
        pieces = [piece.copy() for piece in tensors.chunks(model, constant)]
        assert b"".join(p.tobytes() for p in pieces) == array.tobytes(), key
        mask = tensors.nonzero_mask(model, constant)
        assert mask.shape == array.shape
        floats = tensors.to_float(mine, constant.dtype)
        if STORAGE[constant.dtype].magnitude != 0:
            np.testing.assert_array_equal(mask, floats != 0)


@pytest.mark.parametrize("path", ALL_MODELS)
def test_every_tensor_of_the_real_models(path: Path) -> None:
    check_all(Model.open(path), onnx.load(path))


@pytest.mark.parametrize("build", builders.ALL, ids=lambda b: b.__name__)
def test_every_tensor_of_the_made_models(build: object, tmp_path: Path) -> None:
    made: ModelProto = build()  # type: ignore[operator]
    check_all(opened(made, tmp_path), made)


def test_sparse_indices_by_axis(tmp_path: Path) -> None:
    made = builders.sparse_initializer(linear=False)
    check_all(opened(made, tmp_path), made)


def patterns(dtype: int, count: int) -> bytes:
    """raw_data of so many elements, all bit patterns of small types among them."""
    size = byte_count(dtype, count)
    if dtype == TensorProto.BOOL:
        return bytes(i % 3 == 0 for i in range(size))
    return (bytes(range(256)) * (size // 256 + 1))[:size]


@pytest.mark.parametrize("dtype", NUMERIC, ids=tensors.dtype_name)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (5, 7, 3), (41, 77)], ids=str)
def test_raw_data_of_every_type(dtype: int, shape: tuple[int, ...], tmp_path: Path) -> None:
    count = int(np.prod(shape))
    raw = patterns(dtype, count)
    proto = TensorProto(data_type=dtype, dims=shape, raw_data=raw)
    model, constant = one(proto, tmp_path)
    expected = stored(nh.to_array(proto), dtype)
    mine = tensors.read(model, constant)
    assert (mine.shape, mine.dtype) == (shape, STORAGE[dtype].dtype)
    assert mine.tobytes() == expected.tobytes()
    # Back again: bits beyond the last element of a packed type are 0.
    assert tensors.pack(mine, dtype) == nh.tobytes_little_endian(packed_by_onnx(proto))


def packed_by_onnx(proto: TensorProto) -> np.ndarray:
    again = nh.from_array(nh.to_array(proto))
    return np.frombuffer(again.raw_data, np.uint8)


@pytest.mark.parametrize(
    "dtype", [d for d in NUMERIC if d != TensorProto.FLOAT8E8M0], ids=tensors.dtype_name
)
def test_numbers_in_typed_fields(dtype: int, tmp_path: Path) -> None:
    values = np.array([0, 1, 1, 0, 1] * 83, np.float32)
    proto = helper.make_tensor("t", dtype, [83, 5], values)
    assert not proto.HasField("raw_data")
    model, constant = one(proto, tmp_path)
    mine = tensors.read(model, constant)
    assert mine.tobytes() == stored(nh.to_array(proto), dtype).tobytes()
    np.testing.assert_array_equal(tensors.to_float(mine, dtype), values.reshape(83, 5))
    np.testing.assert_array_equal(tensors.nonzero_mask(model, constant), values.reshape(83, 5) > 0)


def test_negative_numbers_in_int32_data(tmp_path: Path) -> None:
    for dtype in (TensorProto.INT8, TensorProto.INT16, TensorProto.INT4, TensorProto.INT2):
        values = np.array([-2, -1, 0, 1, -2], np.int8)
        model, constant = one(helper.make_tensor("t", dtype, [5], values), tmp_path)
        assert tensors.read(model, constant).tolist() == values.tolist()


MEANINGS = {
    TensorProto.BFLOAT16: ml_dtypes.bfloat16,
    TensorProto.FLOAT16: np.float16,
    TensorProto.FLOAT8E4M3FN: ml_dtypes.float8_e4m3fn,
    TensorProto.FLOAT8E4M3FNUZ: ml_dtypes.float8_e4m3fnuz,
    TensorProto.FLOAT8E5M2: ml_dtypes.float8_e5m2,
    TensorProto.FLOAT8E5M2FNUZ: ml_dtypes.float8_e5m2fnuz,
    TensorProto.FLOAT8E8M0: ml_dtypes.float8_e8m0fnu,
    TensorProto.FLOAT4E2M1: ml_dtypes.float4_e2m1fn,
    TensorProto.FLOAT6E2M3: ml_dtypes.float6_e2m3fn,
    TensorProto.FLOAT6E3M2: ml_dtypes.float6_e3m2fn,
}


@pytest.mark.parametrize("dtype", MEANINGS, ids=tensors.dtype_name)
def test_all_bit_patterns_of_small_floats(dtype: int) -> None:
    row = STORAGE[dtype]
    bits = np.arange(1 << row.bits).astype(f"u{row.dtype.itemsize}").view(row.dtype)
    with np.errstate(invalid="ignore"):  # NaNs among the patterns
        values = bits.view(MEANINGS[dtype]).astype(np.float64)
    np.testing.assert_array_equal(tensors.to_float(bits, dtype), values)
    np.testing.assert_array_equal(tensors.is_nonzero(bits, dtype), values != 0)  # NaN is not 0
    if dtype == TensorProto.FLOAT8E8M0:
        with pytest.raises(SparseviewError, match="no zero"):
            tensors.zero_value(dtype)
    else:
        assert not tensors.is_nonzero(tensors.zero_value(dtype), dtype)


def test_zeros_of_wide_floats() -> None:
    values = np.array([0.0, -0.0, np.nan, np.inf, 5e-324, 1.0, -1.0])
    expected = [False, False, True, True, True, True, True]
    assert tensors.is_nonzero(values, TensorProto.DOUBLE).tolist() == expected
    single = values.astype(np.float32)
    single[4] = np.float32(1e-45)  # the smallest denormal
    assert tensors.is_nonzero(single, TensorProto.FLOAT).tolist() == expected
    turned = np.stack([single, single], axis=1).T  # not contiguous
    assert tensors.is_nonzero(turned, TensorProto.FLOAT).tolist() == [expected] * 2


def test_a_zero_point_is_the_zero(tmp_path: Path) -> None:
    made = builders.qdq()
    model = opened(made, tmp_path)
    constant = model.constants(0)["q"]
    codes = nh.to_array(made.graph.initializer[0])
    point = np.array(128, np.uint8)
    np.testing.assert_array_equal(tensors.nonzero_mask(model, constant, point), codes != 128)
    np.testing.assert_array_equal(tensors.nonzero_mask(model, constant), codes != 0)
    by_row = (np.arange(48) % 3 + 127).astype(np.uint8).reshape(48, 1)
    np.testing.assert_array_equal(tensors.nonzero_mask(model, constant, by_row), codes != by_row)
    same = np.full((48, 1), 128, np.uint8)
    np.testing.assert_array_equal(tensors.nonzero_mask(model, constant, same), codes != 128)
    assert tensors.zero_value(TensorProto.UINT8, point) == 128
    assert tensors.zero_value(TensorProto.FLOAT).dtype == np.float32


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.sampled_from(NUMERIC), st.integers(0, 40), st.data())
def test_pack_and_unpack_are_inverse(dtype: int, count: int, data: st.DataObject) -> None:
    size = byte_count(dtype, count)
    raw = np.frombuffer(data.draw(st.binary(min_size=size, max_size=size)), np.uint8)
    values = unpack(raw, dtype, count)
    assert values.shape == (count,)
    again = np.frombuffer(tensors.pack(values, dtype), np.uint8)
    np.testing.assert_array_equal(unpack(again, dtype, count), values)
    spare = size * 8 - count * STORAGE[dtype].bits
    if dtype != TensorProto.BOOL and not spare:
        assert again.tobytes() == raw.tobytes()


@pytest.mark.parametrize(
    "dtype",
    [TensorProto.FLOAT, TensorProto.INT4, TensorProto.FLOAT6E2M3, TensorProto.BFLOAT16],
    ids=tensors.dtype_name,
)
def test_large_tensors_come_in_aligned_pieces(dtype: int, tmp_path: Path) -> None:
    count = 5_000_001 if STORAGE[dtype].bits < 8 else 1_300_001
    raw = np.random.default_rng(0).integers(0, 256, byte_count(dtype, count), np.uint8).tobytes()
    model, constant = one(TensorProto(data_type=dtype, dims=[count], raw_data=raw), tmp_path)
    whole = tensors.read(model, constant)
    addresses, done = set(), 0
    for piece in tensors.chunks(model, constant):
        assert piece.ndim == 1 and piece.dtype == whole.dtype
        np.testing.assert_array_equal(piece, whole[done : done + piece.size])
        done += piece.size
        addresses.add(piece.ctypes.data)
        assert byte_count(dtype, piece.size) <= 1 << 20
    assert done == count
    if STORAGE[dtype].bits >= 8:
        assert len(addresses) == 1 and addresses.pop() % 64 == 0
    np.testing.assert_array_equal(
        tensors.nonzero_mask(model, constant), tensors.is_nonzero(whole, dtype)
    )


def test_the_overlay_comes_first(tmp_path: Path) -> None:
    model = opened(builders.matmul(), tmp_path)
    constant = model.constants(0)["large"]
    new = np.eye(32, 24, dtype=np.float32)
    pruned = model.with_overlay(model.overlay.with_({constant.key: new}))
    np.testing.assert_array_equal(tensors.read(pruned, constant), new)
    np.testing.assert_array_equal(np.concatenate(list(tensors.chunks(pruned, constant))), new.flat)
    np.testing.assert_array_equal(tensors.nonzero_mask(pruned, constant), new != 0)
    assert tensors.read(model, constant).tobytes() == builders.weights(32, 24).tobytes()


def refused(model: Model, name: str = "w") -> SparseviewError:
    constant = model.constants(0)[name]
    with pytest.raises(SparseviewError) as caught:
        tensors.read(model, constant)
    with pytest.raises(SparseviewError):
        next(tensors.chunks(model, constant))
    with pytest.raises(SparseviewError):
        tensors.nonzero_mask(model, constant)
    assert caught.value.hint and f"'{name}'" in caught.value.message
    return caught.value


@pytest.mark.parametrize(
    "dims",
    [[3, 5], [4], [-2, -2], [-1], [2**62, 2**62], [0, 2**62], [2**40], [1] * 65, []],
    ids=str,
)
@pytest.mark.parametrize("size", [4, 4000])
def test_a_shape_that_the_payload_does_not_fill(dims: list[int], size: int, tmp_path: Path) -> None:
    numbers = TensorProto(data_type=1, dims=dims, float_data=[1.0] * (size // 4 + 1))
    raw = TensorProto(data_type=1, dims=dims, raw_data=bytes(size + 3))
    for proto in (numbers, raw):
        model, _ = one(proto, tmp_path)
        refused(model, "t")


def test_strings_and_unknown_types_are_no_weights(tmp_path: Path) -> None:
    model, _ = one(helper.make_tensor("t", TensorProto.STRING, [1], [b"text"]), tmp_path)
    assert "string" in refused(model, "t").message
    model, _ = one(TensorProto(data_type=77, dims=[1], raw_data=b"a"), tmp_path)
    assert "type77" in refused(model, "t").message
    segment = TensorProto(data_type=1, dims=[1], raw_data=b"abcd")
    segment.segment.begin = 0
    assert "segment" in refused(one(segment, tmp_path)[0], "t").message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dims": [1 << 20, 1 << 11]}, "made dense"),
        ({"dims": [1 << 14, 1 << 13]}, "made dense"),
        ({"dims": [4, 4]}, "outside its shape"),
        ({"dims": [-4, 4]}, "negative"),
        ({"indices": -np.arange(10)}, "outside its shape"),
        ({"indices": np.arange(9)}, "indices of shape"),
        ({"indices": np.full((10, 2), 40)}, "outside its shape"),
        ({"indices": np.full((10, 3), 0)}, "indices of shape"),
    ],
)
def test_sparse_tensors_that_make_no_sense(
    change: dict[str, object], message: str, tmp_path: Path
) -> None:
    facts = {"dims": [32, 8], "indices": np.arange(10) * 20, **change}
    values = nh.from_array(np.ones(10, np.float32), "w")
    indices = nh.from_array(np.asarray(facts["indices"], np.int64), "i")
    sparse = SparseTensorProto(values=values, indices=indices, dims=facts["dims"])
    made = builders.model([helper.make_node("Identity", ["x"], ["y"])], sparse=[sparse])
    assert message in refused(opened(made, tmp_path)).message


def test_external_data_is_read(tmp_path: Path) -> None:
    path = builders.external(tmp_path)
    model = Model.open(path)
    assert tensors.read(model, model.constants(0)["w"]).tobytes() == (
        builders.weights(32, 24).tobytes()
    )
    check_all(model, onnx.load(path))


@pytest.mark.parametrize(
    "location",
    [
        "../secret.bin",
        "sub/../../secret.bin",
        "/etc/hostname",
        "{folder}/../secret.bin",
        "..\\secret.bin",
        "C:\\secret.bin",
        "\\\\host\\share",
        "link.bin",
        "linked/secret.bin",
    ],
)
def test_external_data_outside_the_folder_is_never_opened(
    location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models"
    (folder / "sub").mkdir(parents=True)
    secret = tmp_path / "secret.bin"
    secret.write_bytes(bytes(4096))
    (folder / "link.bin").symlink_to(secret)
    (folder / "linked").symlink_to(tmp_path)
    path = builders.external(folder, location=location.format(folder=folder), offset="0")
    opening = open

    def watched(file: object, *rest: object, **more: object) -> object:
        assert "secret" not in os.path.realpath(str(file)) and "hostname" not in str(file)
        return opening(file, *rest, **more)  # type: ignore[call-overload]

    monkeypatch.setattr("builtins.open", watched)
    model = Model.open(path)
    assert refused(model).code == "outside"
    (notice,) = model.notices
    assert notice.code == "outside" and "1 tensor cannot be read" in notice.message
    assert model.external_bytes == 0


def test_links_inside_the_folder_and_linked_caches_are_followed(tmp_path: Path) -> None:
    """A download cache: model and data are links into one store of blobs."""
    blobs, snapshot = tmp_path / "blobs", tmp_path / "snapshot"
    blobs.mkdir()
    snapshot.mkdir()
    path = builders.external(blobs)
    (blobs / "0123").write_bytes((blobs / "weights.bin").read_bytes())
    (blobs / "weights.bin").unlink()
    (snapshot / "model.onnx").symlink_to(path)
    (snapshot / "weights.bin").symlink_to(blobs / "0123")
    model = Model.open(snapshot / "model.onnx")
    assert tensors.read(model, model.constants(0)["w"]).shape == (32, 24) and not model.notices


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"location": "gone.bin"}, "'gone.bin' is missing"),
        ({"location": ""}, "no file is named"),
        ({"location": "folder"}, "'folder' is missing"),
        ({"offset": "68"}, "too short"),
        ({"offset": str(1 << 62)}, "too short"),
        ({"offset": "-8"}, "no number"),
        ({"offset": "9" * 5000}, "no number"),
        ({"length": "3071"}, "needs 3,072 bytes and 3,071 are stored"),
        ({"length": "1e3"}, "no number"),
    ],
)
def test_external_data_that_is_not_all_there(
    entries: dict[str, str], message: str, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    model = Model.open(builders.external(tmp_path, **entries))
    assert message in refused(model).message
    assert len(model.notices) == 1 and model.notices[0].hint


def test_external_data_without_a_length(tmp_path: Path) -> None:
    path = builders.external(tmp_path)
    proto = onnx.load(path, load_external_data=False)
    del proto.graph.initializer[0].external_data[2]
    path.write_bytes(proto.SerializeToString())
    model = Model.open(path)
    assert tensors.read(model, model.constants(0)["w"]).tobytes() == (
        builders.weights(32, 24).tobytes()
    )


@pytest.mark.parametrize("change", ["truncate", "overwrite"])
def test_a_file_written_into_is_noticed(change: str, tmp_path: Path) -> None:
    model = opened(builders.matmul(), tmp_path)
    data = model.path.read_bytes()
    if change == "truncate":
        os.truncate(model.path, 2000)
    else:
        model.path.write_bytes(bytes(len(data)))
        os.utime(model.path, ns=(1, 1))  # clocks may be too coarse to tell the writes apart
    assert refused(model, "large").code == "changed"


def test_a_file_renamed_over_leaves_the_opened_one_readable(tmp_path: Path) -> None:
    model = opened(builders.matmul(), tmp_path)
    (tmp_path / "new").write_bytes(builders.conv().SerializeToString())
    os.replace(tmp_path / "new", model.path)
    large = tensors.read(model, model.constants(0)["large"])
    assert large.tobytes() == builders.weights(32, 24).tobytes()
    assert model.skeleton.source.replaced()
    model.close()
    assert refused(model, "large").code == "changed"  # opened again: another file now


def test_reading_without_positioned_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "preadv", raising=False)
    made = builders.matmul()
    check_all(opened(made, tmp_path), made)
