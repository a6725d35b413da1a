"""Arrays as inputs: matched when that is clear, else refused with what the model wants."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from builders import model, value, weights
from onnx import ModelProto, TensorProto, helper
from onnx import numpy_helper as nh
from PIL import Image
from probing import opened

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.runtime.data import read
from sparseview.runtime.data.labels import whole_numbers
from sparseview.runtime.data.matching import match
from sparseview.runtime.data.samples import Samples

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def wanting(folder: Path, *inputs: tuple[str, int, list]) -> Model:
    """A model with these inputs; it is never run."""
    proto = model(
        [helper.make_node("MatMul", ["x", "w"], ["y"])], [nh.from_array(weights(3, 2), "w")]
    )
    del proto.graph.input[:]
    for name, dtype, dims in inputs:
        proto.graph.input.append(value(name, *dims, dtype=dtype))
    return opened(proto, folder)


def whole(samples: Samples) -> dict[str, np.ndarray]:
    return samples.batch(range(samples.count))


def test_names_types_and_unit_dims_are_matched(tmp_path: Path) -> None:
    wanted = wanting(tmp_path, ("Input.3", FLOAT, [1, 1, 4, 4]))
    x = np.arange(3 * 16, dtype=np.uint8).reshape(3, 4, 4)
    found = match({"input_3": x, "y": np.array([3, 1, 2], np.uint8)}, wanted, "d.npz")
    assert found.count == 3 and found.fixed == 1
    (batch,) = found.batch([2]).values()
    assert batch.dtype == np.float32 and batch.shape == (1, 1, 4, 4)
    np.testing.assert_array_equal(batch[0, 0], x[2])
    assert found.labels is not None and found.labels.tolist() == [3, 1, 2]
    assert found.notes == ("input_3: uint8 to float32",)


def test_several_inputs_are_told_apart_by_what_fits(tmp_path: Path) -> None:
    wanted = wanting(tmp_path, ("left", FLOAT, ["N", 3]), ("right", FLOAT, ["N", 5]))
    arrays = {"a": np.ones((2, 5), np.float32), "b": np.zeros((2, 3))}
    found = whole(match(arrays, wanted, "d.npz"))
    assert found["left"].shape == (2, 3) and found["right"].shape == (2, 5)
    assert found["left"].dtype == np.float32
    with pytest.raises(SparseviewError, match="nothing in it is surely input 'left'") as refused:
        match({"a": np.ones((2, 3)), "b": np.ones((2, 3))}, wanted, "d.npz")
    assert "left float32 [N, 3]; right float32 [N, 5]" in refused.value.hint
    assert "a float64 [2, 3]; b float64 [2, 3]" in refused.value.message


def test_channels_are_moved_where_only_that_fits(tmp_path: Path) -> None:
    wanted = wanting(tmp_path, ("x", FLOAT, ["N", 3, 4, 5]))
    x = np.random.default_rng(0).integers(0, 255, (2, 4, 5, 3)).astype(np.uint8)
    found = match({"x": x}, wanted, "d.npz")
    np.testing.assert_array_equal(whole(found)["x"], x.transpose(0, 3, 1, 2))
    assert "channels moved first" in found.notes[0]


def test_states_and_numbers_are_the_same_for_all_samples(tmp_path: Path) -> None:
    wanted = wanting(
        tmp_path, ("x", FLOAT, [1, 6]), ("state", FLOAT, [2, 1, 8]), ("rate", INT64, [])
    )
    arrays = {
        "x": np.ones((5, 6), np.float32),
        "state": np.ones((2, 1, 8), np.float32),
        "rate": np.int64(16000),
    }
    found = match(arrays, wanted, "d.npz")
    assert found.count == 5
    for positions in found.batches(32):
        batch = found.batch(positions)
        assert [batch[n].shape for n in ("x", "state", "rate")] == [(1, 6), (2, 1, 8), ()]


def test_a_state_for_each_sample_goes_in_alone(tmp_path: Path) -> None:
    wanted = wanting(tmp_path, ("x", FLOAT, ["N", 6]), ("state", FLOAT, [2, "N", 8]))
    arrays = {"x": np.ones((5, 1, 6), np.float32), "state": np.ones((5, 2, 1, 8), np.float32)}
    found = match(arrays, wanted, "d.npz")
    shapes = [found.batch(at)["state"].shape for at in found.batches(32)]
    assert shapes == [(2, 1, 8)] * 5


def test_labels_as_words_are_numbered_by_the_list_of_classes(tmp_path: Path) -> None:
    wanted = wanting(tmp_path, ("x", FLOAT, ["N", 3]))
    x = np.zeros((3, 3), np.float32)
    names = np.array(["cat", "dog", "emu"])
    found = match({"x": x, "y": np.array(["emu", "cat", "emu"]), "labels": names}, wanted, "d")
    assert found.labels is not None and found.labels.tolist() == [2, 0, 2]
    one_hot = match({"x": x, "y": np.eye(3)[[2, 0, 1]]}, wanted, "d")
    assert one_hot.labels is not None and one_hot.labels.tolist() == [2, 0, 1]
    odd = match({"x": x, "y": np.array([0.5, 1, 2])}, wanted, "d")
    assert odd.labels is None and "no whole numbers" in odd.notes[-1]


REFUSED = {
    "a wrong shape": ({"x": np.zeros((4, 7))}, "x is float64 [4, 7], which does not fit input x"),
    "nan": (
        {"x": np.array([[0, 1, 2], [0, np.nan, 2], [np.inf, 0, 0]])},
        "x holds NaN or infinities, in sample 1 (counted from 0) and 1 more of 3.",
    ),
    "nothing": ({}, "nothing in it is surely input 'x'. It holds nothing."),
    "empty": ({"x": np.zeros((0, 3))}, "d.npz holds no samples."),
    "text": ({"x": np.array([["a", "b", "c"]])}, "x is <U1, which are no numbers."),
    "complex": ({"x": np.zeros((2, 3), complex)}, "x is complex128, which are no numbers."),
}


@pytest.mark.parametrize("case", REFUSED, ids=REFUSED)
def test_what_does_not_fit_is_refused_with_what_the_model_wants(case: str, tmp_path: Path) -> None:
    arrays, words = REFUSED[case]
    with pytest.raises(SparseviewError) as refused:
        match(arrays, wanting(tmp_path, ("x", FLOAT, ["N", 3])), "d.npz")
    assert words in refused.value.message
    assert refused.value.hint == "model.onnx wants x float32 [N, 3]."
    assert "\n" not in str(refused.value)


def test_whole_numbers_are_checked_against_the_type(tmp_path: Path) -> None:
    wanted = wanting(tmp_path, ("x", TensorProto.INT32, ["N", 3]))
    assert whole(match({"x": np.ones((2, 3))}, wanted, "d"))["x"].dtype == np.int32
    with pytest.raises(SparseviewError, match="holds fractions"):
        match({"x": np.full((2, 3), 0.5)}, wanted, "d")
    with pytest.raises(SparseviewError, match="holds 1 to 1e"):
        match({"x": np.array([[1, 1, 10**12]])}, wanted, "d")


def test_different_numbers_of_samples_are_refused(tmp_path: Path) -> None:
    wanted = wanting(tmp_path, ("a", FLOAT, ["N", 3]), ("b", FLOAT, ["N", 3]))
    with pytest.raises(SparseviewError, match=r"different numbers of samples: a 4, b 5\."):
        match({"a": np.zeros((4, 3)), "b": np.zeros((5, 3))}, wanted, "d")


def test_bfloat16_inputs_take_floats(tmp_path: Path) -> None:
    wanted = wanting(tmp_path, ("x", TensorProto.BFLOAT16, ["N", 3]))
    bits = whole(match({"x": np.full((2, 3), 1.5, np.float32)}, wanted, "d"))["x"]
    assert bits.dtype == np.uint16 and (bits == 0x3FC0).all()


def test_splits_are_apart_complete_and_the_same_each_time(tmp_path: Path) -> None:
    wanted = wanting(tmp_path, ("x", FLOAT, ["N", 3]))
    data = match({"x": np.arange(60).reshape(20, 3)}, wanted, "d")
    for part, count in ((5, 5), (0.25, 5), (500, 19), (0.0, 1), (1.0, 19)):
        calibration, held_out = data.split(part)
        assert calibration.count == count and held_out.count == 20 - count
        seen = np.concatenate([whole(calibration)["x"], whole(held_out)["x"]])
        assert sorted(seen[:, 0].tolist()) == list(range(0, 60, 3))
        again, _ = data.split(part)
        np.testing.assert_array_equal(whole(again)["x"], whole(calibration)["x"])
    only, none = data.take([7]).split(0.5)
    assert only.count == 1 and none.count == 0


def test_batches_cover_every_sample_once(tmp_path: Path) -> None:
    data = match({"x": np.zeros((11, 3))}, wanting(tmp_path, ("x", FLOAT, ["N", 3])), "d")
    assert np.concatenate(list(data.batches(4))).tolist() == list(range(11))
    fixed = match({"x": np.zeros((11, 3))}, wanting(tmp_path, ("x", FLOAT, [4, 3])), "d")
    assert [len(b) for b in fixed.batches(32)] == [4, 4, 4]
    assert np.unique(np.concatenate(list(fixed.batches(32)))).tolist() == list(range(11))


def test_a_model_that_takes_no_tensor_is_refused(tmp_path: Path) -> None:
    proto: ModelProto = model([helper.make_node("Identity", ["x"], ["y"])])
    del proto.graph.input[:]
    proto.graph.input.append(helper.make_tensor_sequence_value_info("x", FLOAT, None))
    with pytest.raises(SparseviewError, match=r"Input 'x' of model\.onnx is a sequence"):
        match({"x": np.zeros(3)}, opened(proto, tmp_path), "d")


def test_of_samples_of_several_kinds_any_part_comes_in_batches_of_one_kind() -> None:
    kinds = np.array([0, 1, 0, 1, 1])
    every = Samples("test", lambda at: {"x": at}, kinds, np.arange(5))
    for chosen in ([0, 1, 2, 3, 4], [1, 3, 0], [4, 2], [3]):
        found = [every.take(chosen).batch(at)["x"] for at in every.take(chosen).batches(2)]
        assert all(len(set(kinds[batch])) == 1 and len(batch) <= 2 for batch in found)
        assert sorted(np.concatenate(found).tolist()) == sorted(chosen)


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        (["3", " 1 ", "-1"], [3, 1, -1]),
        (["999999999999999999"], [999999999999999999]),
        (["20231112123456789012", "1"], None),  # an id: more than any class, and than int64
        (["--1", "1"], None),
        (["-"], None),
        (["1.5"], None),
        (["cat", "1"], None),
    ],
)
def test_labels_that_are_written_as_numbers(words: list[str], labels: list[int] | None) -> None:
    found = whole_numbers(words)
    assert (None if found is None else found.tolist()) == labels


@pytest.mark.parametrize("name", ["20231112123456789012", "--1"])
def test_tables_and_folders_of_odd_numbers_are_words(name: str, tmp_path: Path) -> None:
    """In place of an error out of numpy or int."""
    folder = tmp_path / "pictures"
    for place in (name, "1"):
        (folder / place).mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(folder / place / f"{place}.png")
    wanted = wanting(tmp_path, ("x", FLOAT, ["N", 3, 8, 8]))
    found = read(wanted, folder)
    assert found.labels is not None and sorted(found.labels.tolist()) == [0, 1]
    (folder / "labels.tsv").write_text(f"{name}.png\t{name}\n1.png\t1\n")
    table = read(wanted, folder)
    assert table.labels is not None and sorted(table.labels.tolist()) == [0, 1]


def test_an_archive_of_labels_with_nothing_in_it_says_nothing(tmp_path: Path) -> None:
    wanted, folder = wanting(tmp_path, ("x", FLOAT, ["N", 3])), tmp_path / "arrays"
    folder.mkdir()
    for number in range(2):
        np.savez(folder / f"{number}.npz", x=np.zeros((4, 3), np.float32))
    np.savez(folder / "labels.npz")
    found = read(wanted, folder)
    assert found.count == 8 and found.labels is None
