"""Data in arrays as people have it: shared inputs, states, sequences, broken files, odd types."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from onnx import TensorProto as T
from onnx import helper
from onnx import numpy_helper as nh
from probing import opened

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.runtime.data import Samples, read
from sparseview.runtime.engine import Engine

RANDOM = np.random.default_rng(4)


@pytest.fixture(autouse=True)
def loud() -> Iterator[None]:
    """No warning reaches whoever looks at the terminal."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def wanting(folder: Path, *inputs: tuple[str, list[int | str] | None, int]) -> Model:
    """A model that gives back its first input."""
    graph = helper.make_graph(
        [helper.make_node("Identity", [inputs[0][0]], ["out"])],
        "g",
        [helper.make_tensor_value_info(name, dtype, dims) for name, dims, dtype in inputs],
        [helper.make_tensor_value_info("out", inputs[0][2], None)],
    )
    opsets = [helper.make_opsetid("", 17)]
    return opened(helper.make_model(graph, opset_imports=opsets, ir_version=8), folder)


def data(folder: Path, **files: dict[str, np.ndarray]) -> Path:
    place = folder / "data"
    place.mkdir()
    for name, arrays in files.items():
        np.savez(place / f"{name}.npz", **arrays)
    return place


def normal(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape).astype(np.float32)


def batches(samples: Samples, size: int = 4) -> list[dict[str, np.ndarray]]:
    return [samples.batch(at) for at in samples.batches(size)]


def test_files_share_what_has_no_axis_for_samples_and_others_do_not(tmp_path: Path) -> None:
    model = wanting(tmp_path, ("x", ["n", 4], T.FLOAT), ("rate", [], T.INT64))
    x = [normal(3, 4) for _ in range(3)]
    parts = [{"x": part, "rate": np.int64(rate)} for part, rate in zip(x, (8, 8, 16), strict=True)]
    found = batches(read(model, data(tmp_path, a=parts[0], b=parts[1], c=parts[2])), 9)
    assert [batch["rate"].tolist() for batch in found] == [8, 16]
    np.testing.assert_array_equal(found[0]["x"], np.concatenate(x[:2]))
    np.testing.assert_array_equal(found[1]["x"], x[2])


def test_a_state_of_fixed_size_is_not_put_together(tmp_path: Path) -> None:
    model = wanting(tmp_path, ("x", ["n", 4], T.FLOAT), ("h", [2, 1, 4], T.FLOAT))
    h = normal(2, 1, 4)
    parts = [{"x": normal(3, 4), "h": h} for _ in range(2)]
    (batch,) = batches(read(model, data(tmp_path, a=parts[0], b=parts[1])), 9)
    assert batch["x"].shape == (6, 4)
    np.testing.assert_array_equal(batch["h"], h)


def test_a_row_that_the_model_has_fixed_is_the_same_for_all_samples(tmp_path: Path) -> None:
    model = wanting(tmp_path, ("x", ["n", 4], T.FLOAT), ("h", [1, 4], T.FLOAT))
    np.savez(tmp_path / "d.npz", x=normal(5, 4), h=np.ones((1, 4), np.float32))
    found = read(model, tmp_path / "d.npz")
    assert found.count == 5 and [batch["h"].shape for batch in batches(found)] == [(1, 4)] * 2


def test_sequences_from_several_files_stay_apart(tmp_path: Path) -> None:
    model = wanting(tmp_path, ("x", ["time", 1, 4], T.FLOAT))
    parts = [{"x": normal(1, 7, 1, 4)} for _ in range(3)]
    found = batches(read(model, data(tmp_path, a=parts[0], b=parts[1], c=parts[2])), 9)
    assert len(found) == 3
    for batch, part in zip(found, parts, strict=True):
        np.testing.assert_array_equal(batch["x"], part["x"][0])


@pytest.mark.parametrize("ending", ["npz", "npy"])
def test_labels_in_a_file_of_their_own(ending: str, tmp_path: Path) -> None:
    model = wanting(tmp_path, ("x", ["n", 4], T.FLOAT))
    place = data(tmp_path)
    for number in range(4):
        if ending == "npz":
            np.savez(place / f"{number}.npz", x=normal(1, 4))
        else:
            np.save(place / f"{number}.npy", normal(4))
    np.save(place / "labels.npy", [3, 1, 2, 0])
    np.save(place / ".hidden.npy", normal(9))
    found = read(model, place)
    assert found.labels is not None and found.labels.tolist() == [3, 1, 2, 0]
    assert found.take([2, 1]).labels.tolist() == [2, 1]  # type: ignore[union-attr]


def test_labels_with_gaps_are_told_of(tmp_path: Path) -> None:
    model = wanting(tmp_path, ("x", ["n", 4], T.FLOAT))
    np.savez(tmp_path / "d.npz", x=normal(3, 4), y=np.array([0, np.nan, 1]))
    found = read(model, tmp_path / "d.npz")
    assert found.labels is None and any("no whole numbers" in note for note in found.notes)


@pytest.mark.parametrize(("dtype", "most"), [(T.FLOAT16, 65504), (T.FLOAT, 3.4e38)])
def test_numbers_that_the_input_cannot_hold_are_refused(
    dtype: int, most: float, tmp_path: Path
) -> None:
    model = wanting(tmp_path, ("x", ["n", 4], dtype))
    np.savez(tmp_path / "fits.npz", x=np.full((2, 4), -most))
    assert np.isfinite(read(model, tmp_path / "fits.npz").batch([0, 1])["x"]).all()
    np.savez(tmp_path / "over.npz", x=np.full((2, 4), -most * 1.1))
    with pytest.raises(SparseviewError, match="x goes up to"):
        read(model, tmp_path / "over.npz")


def test_a_number_for_an_input_of_unknown_rank(tmp_path: Path) -> None:
    model = wanting(tmp_path, ("x", None, T.FLOAT))
    np.savez(tmp_path / "d.npz", x=np.float32(3))
    assert read(model, tmp_path / "d.npz").batch([0])["x"] == 3


def broken(folder: Path) -> Iterator[Path]:
    good = folder / "good.npz"
    np.savez_compressed(good, x=normal(500, 4))
    content = good.read_bytes()
    for number, place in enumerate((10, 60, 120, 1000, len(content) - 60)):
        turned = bytes(byte ^ 0xFF for byte in content[place : place + 20])
        path = folder / f"{number}.npz"
        path.write_bytes(content[:place] + turned + content[place + 20 :])
        yield path
    head = io.BytesIO()
    told = {"descr": "<f4", "fortran_order": False, "shape": (10**12, 4)}
    np.lib.format.write_array_header_1_0(head, told)
    with zipfile.ZipFile(folder / "claims.npz", "w") as archive:
        archive.writestr("x.npy", head.getvalue())
    yield folder / "claims.npz"
    (folder / "claims.npy").write_bytes(head.getvalue())
    yield folder / "claims.npy"
    (folder / "empty.npz").write_bytes(b"")
    yield folder / "empty.npz"


def test_broken_files_are_told_of_in_a_sentence(tmp_path: Path) -> None:
    model = wanting(tmp_path, ("x", ["n", 4], T.FLOAT))
    paths = list(broken(tmp_path))
    assert len(paths) == 8
    for path in paths:
        with pytest.raises(SparseviewError, match="cannot be read as NumPy arrays") as told:
            read(model, path)
        assert len(told.value.message) < 300 and "wants x" in told.value.hint


def set_of(folder: Path, *arrays: np.ndarray) -> Path:
    place = folder / "sets" / "test_data_set_0"
    place.mkdir(parents=True)
    for number, array in enumerate(arrays):
        (place / f"input_{number}.pb").write_bytes(nh.from_array(array).SerializeToString())
    return place.parent


def test_test_data_of_bfloat16_and_of_text(tmp_path: Path) -> None:
    model = wanting(tmp_path, ("x", [2, 3], T.BFLOAT16), ("z", [5], T.FLOAT))
    x = normal(2, 3).astype(ml_dtypes.bfloat16)
    found = read(model, set_of(tmp_path, x, normal(5)))
    np.testing.assert_array_equal(found.batch([0])["x"].view(ml_dtypes.bfloat16), x)
    (tmp_path / "text").mkdir()
    words = wanting(tmp_path / "text", ("x", ["n"], T.STRING))
    text = read(words, set_of(tmp_path / "text", np.array(["a", "bc"], object)))
    with Engine(words) as engine:
        assert engine.run(text.batch([0, 1]))["out"].tolist() == ["a", "bc"]


def test_one_number_below_what_the_input_holds_is_seen_among_others(tmp_path: Path) -> None:
    model = wanting(tmp_path, ("x", ["n", 4], T.FLOAT16))
    x = normal(3, 4)
    x[1, 2] = -1e5
    np.savez(tmp_path / "d.npz", x=x)
    with pytest.raises(SparseviewError, match="x goes up to 100000"):
        read(model, tmp_path / "d.npz")


def test_a_sample_that_is_not_finite_is_named_wherever_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = wanting(tmp_path, ("x", ["n", 4], T.FLOAT))
    x = normal(11, 4)
    x[7, 1], x[9, 0] = np.inf, np.nan
    np.savez(tmp_path / "d.npz", x=x)
    for elements in (1, 12, 1 << 20):  # looked at in pieces of 1, of 3, of all samples
        monkeypatch.setattr("sparseview.runtime.data.matching.CHECKED", elements)
        with pytest.raises(
            SparseviewError, match=r"in sample 7 \(counted from 0\) and 1 more of 11\."
        ):
            read(model, tmp_path / "d.npz")


def test_test_data_go_by_the_names_that_they_have(tmp_path: Path) -> None:
    model = wanting(tmp_path, ("x", ["n", 4], T.FLOAT), ("z", ["n", 4], T.FLOAT))
    place = tmp_path / "sets" / "test_data_set_0"
    place.mkdir(parents=True)
    x, z = normal(2, 4), normal(2, 4)
    for number, (name, array) in enumerate((("z", z), ("x", x))):
        file = place / f"input_{number}.pb"
        file.write_bytes(nh.from_array(array, name).SerializeToString())
    batch = read(model, place.parent).batch([0, 1])
    np.testing.assert_array_equal(batch["x"], x)
    np.testing.assert_array_equal(batch["z"], z)


@pytest.mark.parametrize(("dtype", "off"), [(T.UINT8, -1), (T.UINT8, 256), (T.INT8, -129)])
def test_whole_numbers_out_of_range_are_refused(dtype: int, off: int, tmp_path: Path) -> None:
    model = wanting(tmp_path, ("x", ["n", 4], dtype))
    np.savez(tmp_path / "d.npz", x=np.array([[1, 2, 3, off]]))
    with pytest.raises(SparseviewError, match="x holds"):
        read(model, tmp_path / "d.npz")


def test_labels_count_where_every_file_has_them(tmp_path: Path) -> None:
    model = wanting(tmp_path, ("x", ["n", 4], T.FLOAT))
    parts = [{"x": normal(2, 4), "y": np.array([1, 0])}, {"x": normal(1, 4), "y": np.array([2])}]
    place = data(tmp_path, a=parts[0], b=parts[1])
    found = read(model, place)
    assert found.labels is not None and found.labels.tolist() == [1, 0, 2]
    np.savez(place / "c.npz", x=normal(1, 4))
    found = read(model, place)
    assert found.count == 4 and found.labels is None
