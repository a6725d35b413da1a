"""A weight looked at closely: image, tiles, values and offenders against numpy, edits included."""

from __future__ import annotations

from pathlib import Path

import builders
import checks
import numpy as np
import onnx
import pytest
from onnx import ModelProto, helper
from onnx import numpy_helper as nh
from shared_models import shared_model

import sparseview as sv
from sparseview.errors import SparseviewError
from sparseview.model import pieces
from sparseview.model.document import Model
from sparseview.model.tensors import read
from sparseview.progress import Cancelled, Progress
from sparseview.review import picture as module
from sparseview.review.picture import Picture
from sparseview.session import Session


def opened(proto: ModelProto, folder: Path) -> Model:
    (folder / "m.onnx").write_bytes(proto.SerializeToString())
    return Model.open(folder / "m.onnx")


def conv(out: int, in_: int, seed: int = 0) -> tuple[ModelProto, np.ndarray]:
    """A 3x3 Conv, and its image: kernel positions as 3 x 3 panels of out x in."""
    array = builders.weights(out, in_, 3, 3, sparsity=0.6, seed=seed)
    node = helper.make_node("Conv", ["x", "w"], ["y"], "c")
    made = builders.model([node], [nh.from_array(array, "w")], x=("N", in_, 9, 9))
    return made, array.transpose(2, 0, 3, 1).reshape(3 * out, 3 * in_)


def matmul(in_: int, out: int) -> tuple[ModelProto, np.ndarray]:
    array = builders.weights(in_, out, sparsity=0.6)
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "m")
    return builders.model([node], [nh.from_array(array, "w")], x=("N", in_)), array.T


MADE = {"conv": conv(20, 12), "matmul": matmul(45, 70)}


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("kept", [1 << 20, 100, 5], ids=["whole", "pooled", "pooled far"])
def test_tiles_at_every_zoom_are_the_image(
    name: str, kept: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT", kept)
    monkeypatch.setattr(module, "TILE", 16)
    monkeypatch.setattr(pieces, "PIECE", 200)
    made, image = MADE[name]
    model = opened(made, tmp_path)
    picture = Picture(model, model.weights[0])
    height, width = image.shape
    largest = np.abs(image).max()
    for pool in (1, 2, 4, 16, 64):
        rows, columns = -(-height // pool), -(-width // pool)
        for row in range(-(-rows // 16)):
            for column in range(-(-columns // 16)):
                data = picture.tile(pool, row, column)
                part = image[
                    row * 16 * pool : (row + 1) * 16 * pool,
                    column * 16 * pool : (column + 1) * 16 * pool,
                ]
                shape = -(-part.shape[0] // pool), -(-part.shape[1] // pool)
                density, magnitude = np.frombuffer(data, np.uint8).reshape(2, *shape)
                for y in range(shape[0]):
                    for x in range(shape[1]):
                        cell = part[y * pool : (y + 1) * pool, x * pool : (x + 1) * pool]
                        count = np.count_nonzero(cell)
                        assert (density[y, x] == 0) == (count == 0)
                        assert abs(density[y, x] - 255 * count / cell.size) <= 1.01
                        level = np.sqrt(np.abs(cell).sum() / max(count, 1) / largest)
                        assert abs(magnitude[y, x] - 255 * level) <= 1.01
        assert picture.tile(pool, 99, 0) == b""


@pytest.mark.parametrize("name", MADE)
def test_the_overview_has_the_asked_size_and_all_of_the_image(name: str, tmp_path: Path) -> None:
    made, image = MADE[name]
    model = opened(made, tmp_path)
    facts = Picture(model, model.weights[0]).facts(16, 11)
    assert (facts.height, facts.width) == image.shape
    assert facts.largest == np.abs(image).max()
    shape = -(-facts.height // facts.pool_rows), -(-facts.width // facts.pool_columns)
    assert shape[0] <= 16 and shape[1] <= 11
    density = np.frombuffer(facts.density, np.uint8).reshape(shape)
    for y, x in np.ndindex(*shape):
        cell = image[
            y * facts.pool_rows : (y + 1) * facts.pool_rows,
            x * facts.pool_columns : (x + 1) * facts.pool_columns,
        ]
        assert abs(density[y, x] - 255 * np.count_nonzero(cell) / cell.size) <= 1.01


@pytest.mark.parametrize("name", MADE)
def test_values_are_those_of_the_image(name: str, tmp_path: Path) -> None:
    made, image = MADE[name]
    model = opened(made, tmp_path)
    picture = Picture(model, model.weights[0])
    for row, column, height, width in ((0, 0, *image.shape), (7, 5, 30, 21), (44, 35, 1, 1)):
        part = image[row : row + height, column : column + width]
        assert np.array_equal(picture.values(row, column, height, width), part)
    for wrong in ((-1, 0, 1, 1), (0, 0, image.shape[0] + 1, 1), (0, 0, 0, 1)):
        with pytest.raises(SparseviewError):
            picture.values(*wrong)


@pytest.mark.parametrize("piece", [1 << 18, 100], ids=["one piece", "many pieces"])
def test_violating_groups_are_marked_where_they_are(
    piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE", piece)
    made, image = conv(20, 12)
    model = opened(made, tmp_path)
    found = Picture(model, model.weights[0]).violations("2:4", 1000)
    logical = nh.to_array(made.graph.initializer[0]).transpose(0, 2, 3, 1).reshape(1, 20, 9, 12)
    counted = checks.violating_groups(logical != 0, 2, 4)
    assert (found.violating, found.groups) == counted
    assert (found.most, found.size, len(found.first)) == (2, 4, counted[0])
    for one in found.first:
        group = image[one.row, one.column : one.column + 4]
        assert np.count_nonzero(group) == one.nonzeros > 2
        assert np.array_equal(group, logical[one.stack, one.out, one.kernel, one.in_ :][:4])


@pytest.mark.parametrize("piece", [1 << 18, 100], ids=["one piece", "many pieces"])
@pytest.mark.parametrize("name", ["bsr:4x4", "channel:out", "channel:in"])
def test_blocks_that_are_zero_in_part_are_marked_where_they_are(
    name: str, piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE", piece)
    made, image = conv(20, 12)
    model = opened(made, tmp_path)
    session = sv.open(model.path)
    found = session.violations(0, name, 1000)
    size = {"bsr:4x4": 16, "channel:out": 9 * 12, "channel:in": 20 * 9}[name]
    assert (found.size, found.groups) == (size, image.size // size)
    assert 0 < found.violating == len(found.first)
    for one in found.first:
        box = image[one.row : one.row + one.height, one.column : one.column + one.width]
        if name == "bsr:4x4":
            assert np.count_nonzero(box) == one.nonzeros not in (0, 16)
        else:  # in the first panel of those that the channel runs through
            assert box.size == size // 9
            assert 0 < np.count_nonzero(box) <= one.nonzeros < size


def test_groups_that_lie_across_the_pieces_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stored [a, out, b] with in = (a, b): a piece holds half a group."""
    monkeypatch.setattr(pieces, "PIECE", 10)
    array = builders.weights(6, 12, 2)
    node = helper.make_node("Gather", ["w", "i"], ["y"], "g", axis=1)
    made = builders.model([node], [nh.from_array(array, "w")])
    made.graph.input[0].name = "i"
    made.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.INT64
    model = opened(made, tmp_path)
    found = Picture(model, model.weights[0]).violations("1:4", 1000)
    logical = array.transpose(1, 0, 2).reshape(1, 12, 1, 12)
    assert (found.violating, found.groups) == checks.violating_groups(logical != 0, 1, 4)
    assert found.violating > 0


def test_after_an_edit_the_new_values_are_seen(tmp_path: Path) -> None:
    made, _ = matmul(45, 70)
    model = opened(made, tmp_path)
    (weight,) = model.weights
    other = builders.weights(45, 70, sparsity=0.9, seed=8)
    edited = model.with_overlay(model.overlay.with_({weight.constant.key: other}))
    picture = Picture(edited, weight)
    assert picture.histogram().zeros == int((other == 0).sum())
    assert np.array_equal(picture.values(0, 0, 70, 45), other.T)
    assert Picture(model, weight).histogram().zeros == int(
        (read(model, weight.constant) == 0).sum()
    )


def test_dead_channels_are_listed(tmp_path: Path) -> None:
    array = np.ones((10, 32), np.float32)
    array[[2, 7]] = 0
    array[:, 5] = 0
    node = helper.make_node("Gemm", ["x", "w"], ["y"], "g", transB=1)
    model = opened(builders.model([node], [nh.from_array(array, "w")]), tmp_path)
    found = Picture(model, model.weights[0]).profiles()
    assert (found.out.dead, found.in_.dead) == ((2, 7), (5,))
    assert found.out.mean[0] == 31 / 32 and found.in_.mean[0] == 8 / 10


def test_reading_stops_when_asked(tmp_path: Path) -> None:
    made, _ = matmul(45, 70)
    model = opened(made, tmp_path)
    progress = Progress()
    picture = Picture(model, model.weights[0], progress)
    progress.cancel()
    with pytest.raises(Cancelled):
        picture.histogram()
    assert not picture.known


def test_memory_does_not_grow_with_the_weight(tmp_path: Path) -> None:
    """20 million float32 in a data file: what is kept and held at once stays far below 80 MB."""
    import tracemalloc

    shape = (5000, 4096)
    with open(tmp_path / "w.bin", "wb") as file:
        file.truncate(shape[0] * shape[1] * 4)
        file.seek(4 * 4097)
        file.write(np.array([3, -1], np.float32).tobytes())
    tensor = onnx.TensorProto(name="w", data_type=1, dims=shape)
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="w.bin")
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "m")
    model = opened(builders.model([node], [tensor], x=("N", 5000)), tmp_path)
    tracemalloc.start()
    picture = Picture(model, model.weights[0])
    facts = picture.facts(160, 160)
    # Row 1 of [in, out] is column 1 of the image, its rows 1 and 2.
    assert picture.values(0, 0, 4, 3).tolist() == [[0, 0, 0], [0, 3, 0], [0, -1, 0], [0, 0, 0]]
    tile = np.frombuffer(picture.tile(2, 0, 0), np.uint8).reshape(2, 256, 256)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.argwhere(tile[0]).tolist() == [[0, 0], [1, 0]]
    assert (facts.height, facts.width, facts.largest) == (4096, 5000, 3.0)
    assert picture.histogram().nonzeros == 2
    assert peak < 40e6


@pytest.mark.parametrize(
    "name",
    ["trt_sparse_conv_2_4.onnx", "mobilenetv2_int8_qdq.onnx", "sst2_bilstm.onnx"],
)
def test_real_weights_agree_with_what_was_measured(name: str) -> None:
    session = Session.open(shared_model(name))
    session.measure()
    for weight, row in zip(session.model.weights, session.weights, strict=True):
        picture = Picture(session.model, weight)
        found = picture.histogram()
        assert (found.zeros, found.zeros + found.nonzeros) == (row.zeros, row.elements)
        for form, count in row.violations.items():
            assert picture.violations(form, 1).violating == count
    session.close()
