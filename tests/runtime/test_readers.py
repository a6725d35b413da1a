"""Every reader, on data made here: arrays, test data sets, pictures, text, and made-up samples."""

from __future__ import annotations

import json
from pathlib import Path

import builders
import numpy as np
import pytest
from builders import model, value, weights
from onnx import TensorProto, helper
from onnx import numpy_helper as nh
from PIL import Image
from probing import opened

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.runtime.calibration import Statistics, calibrate
from sparseview.runtime.data import ImagePreparation, Options, read
from sparseview.runtime.data.preparation import MEAN, STD, corrected, guess
from sparseview.runtime.data.samples import Samples


def vectors(folder: Path) -> Model:
    """Takes x [N, 32]."""
    return opened(builders.gemm(), folder)


def picture_model(folder: Path, *dims: int | str, dtype: int = TensorProto.FLOAT) -> Model:
    node = helper.make_node("Identity", ["x"], ["y"])
    proto = model([node], x=dims, y=dims)
    for each in (proto.graph.input[0], proto.graph.output[0]):
        each.type.tensor_type.elem_type = dtype
    return opened(proto, folder)


def everything(samples: Samples, name: str = "x") -> np.ndarray:
    return np.concatenate([samples.batch(at)[name] for at in samples.batches(7)])


def test_npz_with_labels(tmp_path: Path) -> None:
    x = np.random.default_rng(0).standard_normal((9, 32)).astype(np.float32)
    np.savez(tmp_path / "d.npz", x=x, y=np.arange(9))
    found = read(vectors(tmp_path), tmp_path / "d.npz")
    np.testing.assert_array_equal(everything(found), x)
    assert found.labels is not None and found.labels.tolist() == list(range(9))
    assert not found.synthetic and found.source == "d.npz"


def test_one_npy(tmp_path: Path) -> None:
    x = np.random.default_rng(0).standard_normal((9, 32))
    np.save(tmp_path / "anything.npy", x)
    found = read(vectors(tmp_path), tmp_path / "anything.npy")
    np.testing.assert_array_equal(everything(found), x.astype(np.float32))


@pytest.mark.parametrize("alone", [False, True])
def test_a_folder_of_npz_in_the_order_of_numbers(alone: bool, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    rows = np.arange(12 * 32, dtype=np.float32).reshape(12, 32)
    for i in range(12):
        np.savez(folder / f"s{i}.npz", x=rows[i] if alone else rows[i : i + 1], y=[i])
    found = read(vectors(tmp_path), folder)
    np.testing.assert_array_equal(everything(found), rows)
    if not alone:
        assert found.labels is not None and found.labels.tolist() == list(range(12))


def test_a_folder_of_npy_named_as_the_inputs_or_one_for_each_sample(tmp_path: Path) -> None:
    named, many = tmp_path / "named", tmp_path / "many"
    named.mkdir(), many.mkdir()
    rows = np.arange(3 * 32, dtype=np.float32).reshape(3, 32)
    np.save(named / "x.npy", rows)
    np.save(named / "y.npy", np.array([1, 0, 1]))
    for i in range(3):
        np.save(many / f"{i}.npy", rows[i])
    found = read(vectors(tmp_path), named)
    np.testing.assert_array_equal(everything(found), rows)
    assert found.labels is not None and found.labels.tolist() == [1, 0, 1]
    np.testing.assert_array_equal(everything(read(vectors(tmp_path), many)), rows)


def test_samples_of_different_lengths_share_no_batch(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    made = model(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        [nh.from_array(weights(4, 2), "w")],
        x=("N", "steps", 4),
    )
    for i, steps in enumerate((2, 5, 2, 3)):
        np.savez(folder / f"{i}.npz", x=np.full((1, steps, 4), i, np.float32))
    opened_model = opened(made, tmp_path)
    found = read(opened_model, folder)
    shapes = [found.batch(at)["x"].shape for at in found.batches(8)]
    assert shapes == [(2, 2, 4), (1, 5, 4), (1, 3, 4)]
    statistics = calibrate(opened_model, opened_model.weights, found, gram=False)[0]
    assert isinstance(statistics, Statistics) and statistics.rows == 12


@pytest.mark.parametrize("inside", [False, True])
def test_onnx_test_data_sets(inside: bool, tmp_path: Path) -> None:
    rows = np.arange(3 * 32, dtype=np.float32).reshape(3, 32)
    for i in range(3):
        folder = tmp_path / f"test_data_set_{i}"
        folder.mkdir()
        tensor = nh.from_array(rows[i : i + 1], "" if i else "x")
        (folder / "input_0.pb").write_bytes(tensor.SerializeToString())
    found = read(vectors(tmp_path), tmp_path / "test_data_set_1" if inside else tmp_path)
    np.testing.assert_array_equal(everything(found), rows[1:2] if inside else rows)


def test_a_test_data_set_whose_inputs_count_no_samples(tmp_path: Path) -> None:
    proto = builders.matmul()
    proto.graph.input.append(value("state", "M", 8))
    folder = tmp_path / "test_data_set_0"
    folder.mkdir()
    for i, array in enumerate((np.ones((3, 32)), np.ones((2, 8)))):
        tensor = nh.from_array(array.astype(np.float32))
        (folder / f"input_{i}.pb").write_bytes(tensor.SerializeToString())
    found = read(opened(proto, tmp_path), tmp_path)
    assert found.count == 1
    assert {k: v.shape for k, v in found.batch([0]).items()} == {"x": (3, 32), "state": (2, 8)}


# Pictures


def paint(path: Path, colour: tuple[int, int, int], size: tuple[int, int] = (64, 48)) -> None:
    Image.new("RGB", size, colour).save(path)


def test_pictures_are_prepared_as_told(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    paint(folder / "a.png", (255, 0, 51))
    (folder / "labels.tsv").write_text("file\tclass\na.png\t7\n")
    opened_model = picture_model(tmp_path, 1, 3, 16, 20)
    found = read(opened_model, folder)
    wanted = (np.array([1, 0, 0.2]) - MEAN) / STD
    np.testing.assert_allclose(everything(found)[0, :, 8, 8], wanted, rtol=1e-5)
    assert found.labels is not None and found.labels.tolist() == [7]
    assert found.preparation == guess(opened_model)
    told = read(opened_model, folder, Options(images="order=BGR scale=1 mean=10,20,30 std=2"))
    np.testing.assert_allclose(everything(told)[0, :, 0, 0], [20.5, -10, 112.5], rtol=1e-5)
    whole = ImagePreparation(height=16, width=20, layout="NCHW", order="RGB", scale=1.0)
    told = read(opened_model, folder, Options(images=whole))
    np.testing.assert_allclose(everything(told)[0, :, 0, 0], [255, 0, 51])


def test_the_middle_is_cut_out_or_all_is_stretched(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    canvas = np.zeros((100, 200, 3), np.uint8)
    canvas[:, 75:125] = 255  # a band in the middle, a quarter of the width
    Image.fromarray(canvas).save(folder / "band.png")
    opened_model = picture_model(tmp_path, "N", 56, 56, 3)
    crop = everything(read(opened_model, folder, Options(images="mean=0 std=1")))[0]
    assert crop.shape == (56, 56, 3)
    # The shorter side becomes 64, the band 32 of 128; 56 of the middle are kept.
    assert 30 <= int((crop[28, :, 0] > 0.5).sum()) <= 34
    stretched = read(opened_model, folder, Options(images="mean=0 std=1 fit=stretch"))
    assert 13 <= int((everything(stretched)[0][28, :, 0] > 0.5).sum()) <= 15


def test_what_is_guessed_follows_the_input(tmp_path: Path) -> None:
    gray = guess(picture_model(tmp_path, "N", 1, 28, 28))
    assert (gray.order, gray.mean, gray.scale) == ("L", (0.0,), 1 / 255)
    codes = guess(picture_model(tmp_path, "N", 320, 256, 3, dtype=TensorProto.UINT8))
    assert (codes.layout, codes.height, codes.width, codes.scale) == ("NHWC", 320, 256, 1.0)
    free = guess(picture_model(tmp_path, "N", 3, "h", "w"))
    assert (free.height, free.width) == (224, 224)
    nodes = [
        helper.make_node("Sub", ["x", "mean"], ["a"]),
        helper.make_node("Div", ["a", "std"], ["y"]),
    ]
    mean = np.array([123.7, 116.3, 103.5], np.float32).reshape(3, 1, 1)
    tensors = [nh.from_array(mean, "mean"), nh.from_array(np.float32(58), "std")]
    own = guess(opened(model(nodes, tensors, x=("N", 3, 8, 8)), tmp_path))
    assert (own.scale, own.mean, own.std) == (1.0, (0.0,), (1.0,))


def test_folders_are_classes(tmp_path: Path) -> None:
    for name in ("dog", "cat"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        paint(tmp_path / "pictures" / name / "1.jpg", (9, 9, 9))
    found = read(picture_model(tmp_path, "N", 3, 16, 16), tmp_path / "pictures")
    assert found.labels is not None and found.labels.tolist() == [0, 1]


@pytest.mark.parametrize("text", ["order=XYZ", "scale=x", "mean", "size=0", "colour=red"])
def test_corrections_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(SparseviewError):
        corrected(ImagePreparation(height=8, width=8), text)


def test_a_broken_picture_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "broken.jpg").write_bytes(b"no picture")
    found = read(picture_model(tmp_path, "N", 3, 16, 16), folder)
    with pytest.raises(SparseviewError, match=r"broken\.jpg cannot be read as a picture"):
        everything(found)
    with pytest.raises(SparseviewError, match="does not take one picture"):
        read(vectors(tmp_path), folder)


# Text


def tokenizer(folder: Path) -> Path:
    path = folder / "tokenizer.json"
    words = ["[PAD]", "[UNK]", "a", "b", "c"]
    path.write_text(
        json.dumps(
            {
                "version": "1.0",
                "truncation": None,
                "padding": {
                    "strategy": {"Fixed": 9},
                    "direction": "Right",
                    "pad_to_multiple_of": None,
                    "pad_id": 0,
                    "pad_type_id": 0,
                    "pad_token": "[PAD]",
                },
                "added_tokens": [],
                "normalizer": None,
                "pre_tokenizer": {"type": "Whitespace"},
                "post_processor": None,
                "decoder": None,
                "model": {
                    "type": "WordLevel",
                    "vocab": {word: i for i, word in enumerate(words)},
                    "unk_token": "[UNK]",
                },
            }
        )
    )
    return path


def language_model(folder: Path, steps: int | str) -> Model:
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["e"]),
        helper.make_node("Cast", ["attention_mask"], ["m"], to=1),
        helper.make_node("Unsqueeze", ["m", "last"], ["u"]),
        helper.make_node("Mul", ["e", "u"], ["h"]),
        helper.make_node("MatMul", ["h", "w"], ["y"]),
    ]
    tensors = [
        nh.from_array(weights(5, 4), "table"),
        nh.from_array(weights(4, 2), "w"),
        nh.from_array(np.array([-1]), "last"),
    ]
    proto = model(nodes, tensors, y=("N", steps, 2))
    del proto.graph.input[:]
    for name in ("attention_mask", "input_ids"):
        proto.graph.input.append(value(name, "N", steps, dtype=TensorProto.INT64))
    return opened(proto, folder)


def test_lines_of_one_length_go_together_without_padding(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    tokenizer(tmp_path)
    (tmp_path / "lines.txt").write_text("a b\n\nc\nb x a\nc a\n")
    opened_model = language_model(tmp_path, "T")
    found = read(opened_model, tmp_path / "lines.txt")
    batches = [found.batch(at) for at in found.batches(8)]
    assert [b["input_ids"].tolist() for b in batches] == [[[2, 3], [4, 2]], [[4]], [[3, 1, 2]]]
    assert all((b["attention_mask"] == 1).all() for b in batches)
    statistics = calibrate(opened_model, opened_model.weights, found, gram=False)
    assert [s.rows for s in statistics.values() if isinstance(s, Statistics)] == [8]


@pytest.mark.parametrize("head", ["", "sentence\tlabel\n", "\ufeff"])
def test_a_fixed_length_is_padded_to_and_labels_are_taken_from_a_table(
    head: str, tmp_path: Path
) -> None:
    pytest.importorskip("tokenizers")
    path = tokenizer(tmp_path / "..").rename(tmp_path / "mine.json")
    (tmp_path / "lines.tsv").write_text(f"{head}a b\t1\nc\t0\n", "utf-8")
    found = read(language_model(tmp_path, 3), tmp_path / "lines.tsv", Options(tokenizer=str(path)))
    batch = found.batch([0, 1])
    assert batch["input_ids"].tolist() == [[2, 3, 0], [4, 0, 0]]
    assert batch["attention_mask"].tolist() == [[1, 1, 0], [1, 0, 0]]
    assert found.labels is not None and found.labels.tolist() == [1, 0]


@pytest.mark.parametrize(("told", "most"), [(None, 4), (3, 3)])
def test_long_lines_are_cut(
    told: int | None, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To as many tokens as the tokenizer says, else to a limit of our own."""
    pytest.importorskip("tokenizers")
    monkeypatch.setattr("sparseview.runtime.data.text.LONGEST", 4)
    path = tokenizer(tmp_path)
    content = json.loads(path.read_text())
    if told is not None:
        content["truncation"] = {
            "direction": "Right", "max_length": told, "strategy": "LongestFirst", "stride": 0
        }  # fmt: skip
    path.write_text(json.dumps(content))
    (tmp_path / "lines.txt").write_text("a b c a b c\nb\n")
    found = read(language_model(tmp_path, "T"), tmp_path / "lines.txt")
    assert [b["input_ids"].tolist() for b in map(found.batch, ([0], [1]))] == [
        [[2, 3, 4, 2][:most]], [[3]],
    ]  # fmt: skip


def test_of_two_tokenizers_none_is_guessed(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    (tmp_path / "lines.txt").write_text("a b\n")
    path = tokenizer(tmp_path).rename(tmp_path / "one_tokenizer.json")
    assert read(language_model(tmp_path, "T"), tmp_path / "lines.txt").tokenizer == path
    (tmp_path / "other_tokenizer.json").write_bytes(path.read_bytes())
    with pytest.raises(SparseviewError, match=r"needs a tokenizer\.json"):
        read(language_model(tmp_path, "T"), tmp_path / "lines.txt")


def test_text_without_a_tokenizer_or_for_another_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("a b\n")
    with pytest.raises(SparseviewError, match=r"needs a tokenizer\.json"):
        read(language_model(tmp_path, "T"), tmp_path / "lines.txt")
    with pytest.raises(SparseviewError, match="does not take text") as refused:
        read(vectors(tmp_path), tmp_path / "lines.txt")
    assert "wants x float32 [N, 32]" in refused.value.hint


# Made up


def test_synthetic_samples_are_marked_seeded_and_each_its_own(tmp_path: Path) -> None:
    opened_model = vectors(tmp_path)
    found = read(opened_model, "synthetic:5")
    assert found.synthetic and found.count == 5 and found.source == "synthetic:5"
    x = everything(found)
    np.testing.assert_array_equal(everything(read(opened_model, "synthetic:5")), x)
    assert len(np.unique(x[:, 0])) == 5
    other = read(opened_model, "synthetic:5", Options(seed=1))
    assert not np.array_equal(everything(other), x)
    np.testing.assert_array_equal(found.batch([3])["x"], x[3:4])


def test_synthetic_tokens_stay_inside_the_table(tmp_path: Path) -> None:
    found = read(language_model(tmp_path, "T"), "synthetic")
    batch = found.batch(range(found.count))
    assert batch["input_ids"].min() >= 0 and batch["input_ids"].max() == 4
    assert (batch["attention_mask"] == 1).all()


# Refusals


def test_what_is_no_data_is_refused_with_what_the_model_wants(tmp_path: Path) -> None:
    opened_model = vectors(tmp_path)
    (tmp_path / "broken.npz").write_bytes(b"no archive")
    (tmp_path / "odd.xyz").write_bytes(b"")
    (tmp_path / "empty").mkdir()
    np.save(tmp_path / "pickled.npy", np.array([{}], dtype=object), allow_pickle=True)
    for name, words in {
        "nowhere.npz": "does not exist",
        "broken.npz": "cannot be read as NumPy arrays",
        "pickled.npy": "cannot be read as NumPy arrays",
        "odd.xyz": "is none of the kinds of data",
        "empty": "is none of the kinds of data",
    }.items():
        with pytest.raises(SparseviewError, match=words) as refused:
            read(opened_model, tmp_path / name)
        assert "wants x float32 [N, 32]" in refused.value.hint, name
        assert "\n" not in str(refused.value)
    with pytest.raises(SparseviewError, match="names no number of samples"):
        read(opened_model, "synthetic:many")


def test_coloured_pictures_in_an_npz_are_prepared_too(tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(0, 256, (3, 8, 10, 3)).astype(np.uint8)
    np.savez(tmp_path / "d.npz", x=x, y=[0, 1, 2])
    opened_model = picture_model(tmp_path, "N", 3, 8, 10)
    found = read(opened_model, tmp_path / "d.npz")
    wanted = ((x / 255 - MEAN) / STD).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(everything(found), wanted, rtol=1e-4, atol=1e-5)
    assert "as pictures: size=8x10" in found.notes[0] and found.preparation is not None
    raw = read(opened_model, tmp_path / "d.npz", Options(images="scale=1 mean=0 std=1 order=BGR"))
    np.testing.assert_array_equal(everything(raw), x[..., ::-1].transpose(0, 3, 1, 2))
    assert raw.labels is not None and raw.labels.tolist() == [0, 1, 2]
    other = read(picture_model(tmp_path, "N", 3, 16, 16), tmp_path / "d.npz")
    assert everything(other).shape == (3, 3, 16, 16)
