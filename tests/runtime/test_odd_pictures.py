"""Pictures as folders hold them: deep, turned, broken, hidden; labels in tables of all kinds."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto as T
from PIL import Image
from test_readers import picture_model

from sparseview.errors import SparseviewError
from sparseview.runtime.data import Options, Samples, read

RANDOM = np.random.default_rng(2)
RAW = Options(images="scale=1 mean=0 std=1 fit=stretch")
GREY = RANDOM.integers(0, 256, (16, 16), np.uint8)


@pytest.fixture(autouse=True)
def loud() -> Iterator[None]:
    """No warning reaches whoever looks at the terminal."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "pictures"
    place.mkdir()
    return place


def first(samples: Samples) -> np.ndarray:
    return samples.batch([0])["x"][0]


@pytest.mark.parametrize(
    ("values", "ending"),
    [
        (GREY.astype(np.uint16) * 257, "png"),
        (GREY.astype(np.int32) * 257, "tif"),
        (GREY.astype(np.int32), "tif"),
        ((GREY / 255).astype(np.float32), "tif"),
        (GREY.astype(np.float32), "tif"),
    ],
    ids=["16 bits", "32 bits", "32 bits, small", "0..1", "0..255"],
)
def test_wide_values_are_brought_to_a_byte(values: np.ndarray, ending: str, folder: Path) -> None:
    Image.fromarray(values).save(folder / f"a.{ending}")
    found = read(picture_model(folder, "N", 1, 16, 16), folder, RAW)
    np.testing.assert_array_equal(first(found)[0], GREY)


def test_alpha_is_left_out_grey_is_spread_and_exif_turns(folder: Path) -> None:
    colours = RANDOM.integers(0, 256, (16, 16, 3), np.uint8)
    clear = np.zeros((16, 16, 1), np.uint8)
    Image.fromarray(np.concatenate([colours, clear], axis=2)).save(folder / "a.png")
    Image.fromarray(GREY).save(folder / "b.png")
    exif = Image.Exif()
    exif[0x112] = 6  # turned by a quarter, clockwise
    Image.fromarray(colours).save(folder / "c.png", exif=exif)
    batch = read(picture_model(folder, "N", 3, 16, 16), folder, RAW).batch([0, 1, 2])["x"]
    np.testing.assert_array_equal(batch[0], colours.transpose(2, 0, 1))
    np.testing.assert_array_equal(batch[1], np.stack([GREY] * 3))
    np.testing.assert_array_equal(batch[2], np.rot90(colours, -1).transpose(2, 0, 1))


def png(width: int, height: int) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        told = struct.pack(">I", len(content)) + name + content
        return told + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("content", [b"", b"no picture", png(60_000, 60_000), png(10_000, 10_000)])
def test_what_is_no_picture_is_named(content: bytes, folder: Path) -> None:
    (folder / "bad.png").write_bytes(content)
    samples = read(picture_model(folder, "N", 3, 16, 16), folder, RAW)
    with pytest.raises(SparseviewError, match=r"bad\.png cannot be read as a picture"):
        samples.batch([0])


def test_hidden_files_are_no_pictures(folder: Path) -> None:
    Image.fromarray(GREY).save(folder / "a.png")
    (folder / "._a.png").write_bytes(b"what another system left")
    assert read(picture_model(folder, "N", 3, 16, 16), folder, RAW).count == 1


@pytest.mark.parametrize(
    ("name", "content", "labels"),
    [
        ("labels.csv", b"file,label\na.png,3\nb.png,1\n", [3, 1]),
        ("labels.csv", b"\xef\xbb\xbfa.png,3\r\nb.png,1\r\n", [3, 1]),
        ("labels.txt", b"a.png 3\nb.png 1\n", [3, 1]),
        ("labels.tsv", b"b.png\tcat\na.png\tdog\n", [1, 0]),
        ("labels.tsv", b"a.png\t\xff\nb.png\t2\n", None),
        ("labels.csv", b"a.png,3\n", None),
        ("labels.csv", b"", None),
    ],
)
def test_tables_of_labels(
    name: str, content: bytes, labels: list[int] | None, folder: Path
) -> None:
    for each in "ab":
        Image.fromarray(GREY).save(folder / f"{each}.png")
    (folder / name).write_bytes(content)
    found = read(picture_model(folder, "N", 3, 16, 16), folder, RAW)
    assert (None if found.labels is None else found.labels.tolist()) == labels
    assert any(name in note for note in found.notes) or labels == [1, 0]


def test_folders_named_by_numbers_are_these_classes(folder: Path) -> None:
    for name in ("10", "2"):
        (folder / name).mkdir()
        Image.fromarray(GREY).save(folder / name / "a.png")
    labels = read(picture_model(folder, "N", 3, 16, 16), folder, RAW).labels
    assert labels is not None and labels.tolist() == [10, 2]


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [(T.UINT8, GREY), (T.INT8, GREY.astype(int) - 128), (T.INT32, GREY), (T.UINT16, GREY)],
)
def test_inputs_of_whole_numbers_get_the_pixels(
    dtype: int, expected: np.ndarray, folder: Path
) -> None:
    Image.fromarray(GREY).save(folder / "a.png")
    model = picture_model(folder, "N", 3, 16, 16, dtype=dtype)
    found = read(model, folder, Options(images="fit=stretch"))
    np.testing.assert_array_equal(first(found), np.stack([expected] * 3))


@pytest.mark.parametrize("text", ["mean=1,2", "std=1,1", "order=L mean=1,2,3", "std=0", "std=nan"])
def test_a_preparation_that_cannot_be_done_is_refused(text: str, folder: Path) -> None:
    Image.fromarray(GREY).save(folder / "a.png")
    with pytest.raises(SparseviewError, match=r"mean|std"):
        read(picture_model(folder, "N", 3, 16, 16), folder, Options(images=text))


def test_what_is_stretched_has_the_width_and_the_height_of_the_input(folder: Path) -> None:
    made = Image.fromarray(RANDOM.integers(0, 256, (30, 50, 3), np.uint8))
    made.save(folder / "a.png")
    wide = made.resize((21, 9), Image.Resampling.BILINEAR)
    found = first(read(picture_model(folder.parent, "N", 3, 9, 21), folder, RAW))
    np.testing.assert_array_equal(found, np.moveaxis(np.asarray(wide), -1, 0))
