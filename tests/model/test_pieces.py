"""A weight piece by piece: every type, every kind of axes, against onnx's own reading and numpy."""

from __future__ import annotations

import itertools
from math import prod
from pathlib import Path

import builders
import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper
from onnx import numpy_helper as nh

from sparseview.errors import SparseviewError
from sparseview.model import pieces as module
from sparseview.model.boxes import Boxes
from sparseview.model.document import Model
from sparseview.model.dtypes import STORAGE, byte_count
from sparseview.model.pieces import Pieces
from sparseview.model.repeated import repeated
from sparseview.model.view import Axes, Reshape, Transpose, View
from sparseview.model.weights import Weight

# Random bits make signalling NaNs.
pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered in cast")
REAL = sorted(t for t, row in STORAGE.items() if row.dtype.kind != "c")


def opened(proto: ModelProto, folder: Path) -> Model:
    (folder / "m.onnx").write_bytes(proto.SerializeToString())
    return Model.open(folder / "m.onnx")


def holding(tensor: TensorProto, folder: Path) -> Model:
    tensor.name = "t"
    return opened(builders.model([helper.make_node("Identity", ["x"], ["y"])], [tensor]), folder)


def weight(model: Model, view: View, zero: np.ndarray | None = None) -> Weight:
    return Weight(0, 0, 1, "weight", model.constants(0)["t"], view, zero)


def check(pieces: Pieces, logical: np.ndarray) -> None:
    """All of it once, and several parts, are what `logical` holds."""
    assert pieces.shape == logical.shape
    found = np.full(logical.shape, np.nan, np.float64)
    seen = np.zeros(logical.shape, int)
    for piece in pieces.all():
        at = np.ix_(*piece.index)
        found[at] = piece.values
        seen[at] += 1
        assert np.array_equal(piece.nonzero, ~(logical[at] == 0))
    assert (seen == 1).all()
    assert np.array_equal(found, logical, equal_nan=True)
    rng = np.random.default_rng(1)
    for _ in range(12):
        ranges = [sorted(rng.integers(0, size + 1, 2).tolist()) for size in logical.shape]
        part = logical[tuple(slice(*one) for one in ranges)]
        covered = 0
        for piece in pieces.part(*(tuple(one) for one in ranges)):
            assert np.array_equal(piece.values, logical[np.ix_(*piece.index)], equal_nan=True)
            covered += piece.values.size
            for positions, (low, high) in zip(piece.index, ranges, strict=True):
                assert low <= positions.min() and positions.max() < high
        assert covered == part.size


@pytest.mark.parametrize("dtype", REAL, ids=lambda t: STORAGE[t].name)
@pytest.mark.parametrize("cut", [True, False], ids=["in the file", "in memory"])
def test_every_type(dtype: int, cut: bool, tmp_path: Path) -> None:
    # Over and under 1,024 bytes in every type: the skeleton leaves large payloads in the file.
    shape = (30, 47, 3) if cut else (3, 5, 3)
    count = prod(shape)
    raw = np.random.default_rng(dtype).integers(0, 256, byte_count(dtype, count), np.uint8)
    raw[: raw.size // 2] = 0
    if dtype == TensorProto.BOOL:
        raw &= 1
    tensor = TensorProto(data_type=dtype, dims=shape, raw_data=raw.tobytes())
    model = holding(tensor, tmp_path)
    assert (model.skeleton.cut(model.constants(0)["t"].proto) is not None) == cut
    stored = nh.to_array(tensor).astype(np.float64)
    view = View(shape, (), Axes(out=(1,), kernel=(2,), in_=(0,)))
    check(Pieces(model, weight(model, view)), stored.transpose(1, 2, 0)[None])


VIEWS = {
    "conv": ((24, 6, 3, 3), View((24, 6, 3, 3), (), Axes((), (0,), (2, 3), (1,)))),
    "grouped": ((24, 6, 3, 3), View((24, 6, 3, 3), (), Axes((0,), (0,), (2, 3), (1,)), 4)),
    "depthwise": ((40, 1, 3, 3), View((40, 1, 3, 3), (), Axes((0,), (0,), (2, 3), (1,)), 40)),
    "matmul": ((48, 30), View((48, 30), (), Axes((), (1,), (), (0,)))),
    "vector": ((600,), View((600,), (), Axes((), (), (), (0,)))),
    "batched": ((3, 2, 20, 16), View((3, 2, 20, 16), (), Axes((0, 1), (3,), (), (2,)))),
    "two in": ((5, 7, 12), View((5, 7, 12), (), Axes((), (1,), (), (0, 2)))),
    "reshaped": (
        (48, 30),
        View((6, 8, 5, 6), (Reshape((48, 30), (6, 8, 5, 6)),), Axes((), (1, 3), (), (0, 2))),
    ),
    "turned": (
        (48, 30),
        View(
            (6, 240),
            (Transpose((1, 0)), Reshape((30, 48), (6, 240))),
            Axes((), (0,), (), (1,)),
        ),
    ),
    "nothing": ((0, 30), View((0, 30), (), Axes((), (0,), (), (1,)))),
}


def turned(stored: np.ndarray, view: View) -> np.ndarray:
    """The logical array, written out without the project's own view."""
    array = stored
    for step in view.steps:
        array = array.transpose(step.perm) if isinstance(step, Transpose) else (
            array.reshape(step.after)
        )  # fmt: skip
    axes = view.axes
    if view.groups > 1:
        array = array.reshape(view.groups, array.shape[0] // view.groups, *array.shape[1:])
        axes = Axes((0,), (1,), tuple(d + 1 for d in axes.kernel), tuple(d + 1 for d in axes.in_))
    order = (*axes.stack, *axes.out, *axes.kernel, *axes.in_)
    shape = [
        prod(array.shape[d] for d in dims) for dims in (axes.stack, axes.out, axes.kernel, axes.in_)
    ]
    return array.transpose(order).reshape(shape)


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("piece", [1 << 18, 64], ids=["one piece", "many pieces"])
def test_every_kind_of_axes(
    name: str, piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PIECE", piece)
    shape, view = VIEWS[name]
    array = builders.weights(*shape) if prod(shape) else np.zeros(shape, np.float32)
    model = holding(nh.from_array(array), tmp_path)
    check(Pieces(model, weight(model, view)), turned(array.astype(np.float64), view))
    if prod(shape):
        other = builders.weights(*shape, seed=9)
        edited = model.with_overlay(model.overlay.with_({model.constants(0)["t"].key: other}))
        check(Pieces(edited, weight(edited, view)), turned(other.astype(np.float64), view))


@pytest.mark.parametrize("zero", [np.int8(3), np.arange(48, dtype=np.int8)[:, None] - 24])
def test_values_count_from_the_zero_point(zero: np.ndarray, tmp_path: Path) -> None:
    codes = np.random.default_rng(0).integers(-128, 128, (48, 30)).astype(np.int8)
    model = holding(nh.from_array(codes), tmp_path)
    logical = (codes.astype(np.float64) - zero).T.reshape(1, 30, 1, 48)
    view = VIEWS["matmul"][1]
    check(Pieces(model, weight(model, view, np.asarray(zero))), logical)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("name", ["matmul", "reshaped"])
def test_a_zero_point_for_each_block(axis: int, name: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(-8, 8, (48, 30)).astype(np.int8)
    size = codes.shape[axis]
    blocks = -(-size // 7)
    points = rng.integers(-8, 8, (blocks, 30) if axis == 0 else (48, blocks)).astype(np.int8)
    zero = np.repeat(points, 7, axis).take(np.arange(size), axis)
    model = holding(nh.from_array(codes), tmp_path)
    view = VIEWS[name][1]
    found = Weight(
        0, 0, 1, "weight", model.constants(0)["t"], view, repeated(points, axis, 7, size)
    )
    check(Pieces(model, found), turned(codes.astype(np.float64) - zero, view))


def test_sparse_tensors(tmp_path: Path) -> None:
    made = builders.sparse_initializer()
    model = opened(made, tmp_path)
    dense = np.zeros(32 * 48)
    sparse = made.graph.sparse_initializer[0]
    dense[nh.to_array(sparse.indices)] = nh.to_array(sparse.values)
    (found,) = model.weights
    check(Pieces(model, found), dense.reshape(32, 48).T.reshape(1, 48, 1, 32))


def test_packed_codes(tmp_path: Path) -> None:
    """MatMulNBits: [rows, blocks, bytes], 4 bits each from the low half up, zero is 8."""
    rng = np.random.default_rng(2)
    packed = rng.integers(0, 256, (64, 3, 16), np.uint8)
    node = helper.make_node(
        "MatMulNBits", ["x", "t", "s"], ["y"], "m", domain="com.microsoft",
        K=80, N=64, bits=4, block_size=32,
    )  # fmt: skip
    scales = nh.from_array(np.ones(64 * 3, np.float32), "s")
    made = builders.model(
        [node], [nh.from_array(packed, "t"), scales], x=("N", 80), domains=["com.microsoft"]
    )
    model = opened(made, tmp_path)
    if not model.weights:
        pytest.skip("MatMulNBits is no known operator here")
    codes = np.stack((packed & 15, packed >> 4), axis=-1).reshape(64, 96)[:, :80]
    check(Pieces(model, model.weights[0]), codes.astype(np.float64).reshape(1, 64, 1, 80) - 8)


@pytest.mark.parametrize("dtype", [TensorProto.FLOAT, TensorProto.INT4, TensorProto.FLOAT16])
def test_boxes_of_any_place(dtype: int, tmp_path: Path) -> None:
    sizes = (7, 33, 5, 3)
    raw = np.random.default_rng(3).integers(0, 256, byte_count(dtype, prod(sizes)), np.uint8)
    tensor = TensorProto(data_type=dtype, dims=(prod(sizes),), raw_data=raw.tobytes())
    model = holding(tensor, tmp_path)
    boxes = Boxes(model, model.constants(0)["t"], sizes)
    whole = nh.to_array(tensor).reshape(sizes).astype(np.float64)
    for lows in itertools.product((0, 3), (0, 1, 32), (0, 4), (1, 2)):
        highs = tuple(low + 1 + (low == 0) for low in lows)
        wanted = whole[tuple(slice(a, b) for a, b in zip(lows, highs, strict=True))]
        assert np.array_equal(boxes.read(lows, highs).astype(np.float64), wanted, equal_nan=True)


def test_a_weight_that_is_not_all_there_is_named(tmp_path: Path) -> None:
    path = builders.external(tmp_path)
    (tmp_path / "weights.bin").write_bytes(b"short")
    model = Model.open(path)
    with pytest.raises(SparseviewError, match="'w'"):
        Pieces(model, model.weights[0])


def test_onnx_and_the_checks_agree_about_the_made_models(tmp_path: Path) -> None:
    """The views that the project finds, on models of every kind: as many zeros as onnx reads."""
    for build in (builders.conv, builders.gemm, builders.matmul, builders.float16, builders.int4):
        made = build()
        stored = {t.name: nh.to_array(t) for t in made.graph.initializer}
        model = opened(made, tmp_path)
        for found in model.weights:
            zeros = sum(int((~piece.nonzero).sum()) for piece in Pieces(model, found).all())
            assert zeros == int((stored[found.constant.name] == 0).sum())
