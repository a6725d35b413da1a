"""Reads a folder of pictures: prepared as guessed or told; labels from a table or from folders."""

from __future__ import annotations

import csv
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.dtypes import storage
from sparseview.runtime.data.labels import numbered, whole_numbers
from sparseview.runtime.data.preparation import (
    ImagePreparation,
    checked,
    corrected,
    guess,
    image_input,
)
from sparseview.runtime.data.reader import Options, Reader
from sparseview.runtime.data.samples import Indices, Samples
from sparseview.runtime.signature import Input

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".gif", ".ppm", ".pgm", ".tif", ".tiff"}
)
TABLES = ("labels.tsv", "labels.csv", "labels.txt")
MIDDLE = 0.875  # of the shorter side is kept by a crop, as 224 of 256 is


def accepts(path: str) -> bool:
    place = Path(path)
    if place.is_dir():
        return next(_pictures(place), None) is not None
    return place.is_file() and place.suffix.casefold() in SUFFIXES


def read(model: Model, path: str, options: Options) -> Samples:
    wanted = image_input(model)
    preparation = prepared(model, options)
    place = Path(path)
    files = sorted(_pictures(place)) if place.is_dir() else [place]
    labels, notes = _labels(place, files)
    return Samples(
        f"{place.name}, {len(files):,} picture{'s' * (len(files) != 1)}",
        partial(_batch, files, wanted, preparation),
        np.zeros(len(files), np.int64),
        np.arange(len(files)),
        labels,
        notes=(f"pictures: {preparation}{guessed(options)}", *notes),
        fixed=wanted.batch,
        preparation=preparation,
    )


def prepared(model: Model, options: Options) -> ImagePreparation:
    """The preparation: told whole, or guessed and corrected; raises SparseviewError."""
    if isinstance(options.images, ImagePreparation):
        return checked(options.images)
    made = guess(model)
    return made if options.images is None else corrected(made, options.images)


def guessed(options: Options) -> str:
    """What a note about a preparation ends with where nobody has said how."""
    return " (guessed; --images corrects it)" if options.images is None else ""


def picture(file: Path, how: ImagePreparation) -> NDArray[np.float32]:
    """One picture, prepared: [channels, height, width] or as `how.layout` says."""
    from PIL import Image, ImageOps

    try:
        with _quiet(), Image.open(file) as opened:
            turned = _of_bytes(ImageOps.exif_transpose(opened))
            made = turned.convert("L" if how.order == "L" else "RGB")
    except (
        OSError, ValueError, SyntaxError, TypeError, KeyError, struct.error,
        Image.DecompressionBombError,
    ) as error:  # fmt: skip
        raise SparseviewError(
            f"{file.name} cannot be read as a picture.", "Take it out of the folder.", "data"
        ) from error
    return _laid_out(np.asarray(_sized(made, how)), how)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without warnings: of many pixels, of metadata that is odd."""
    with catch_warnings():
        simplefilter("ignore")
        yield


def _of_bytes(made: Any) -> Any:
    """A picture whose values are wider than a byte, in 0..255; Pillow would cut them off there."""
    from PIL import Image

    if made.mode != "F" and not made.mode.startswith("I"):
        return made
    values: NDArray[Any] = np.nan_to_num(np.asarray(made, np.float32))
    most = float(values.max(initial=0))
    if made.mode == "F":
        values = values * 255 if most <= 1 else values
    elif made.mode != "I" or most > 255:
        values = values / 257  # 65535 / 255
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


def from_values(values: NDArray[np.uint8], how: ImagePreparation) -> NDArray[np.float32]:
    """One picture out of an array [height, width] or [height, width, 3], prepared likewise; one
    that has the size already is not cut."""
    from PIL import Image

    colours = "L" if how.order == "L" else "RGB"
    made = Image.fromarray(np.ascontiguousarray(values)).convert(colours)
    if made.size != (how.width, how.height):
        made = _sized(made, how)
    return _laid_out(np.asarray(made), how)


def _sized(made: Any, how: ImagePreparation) -> Any:
    from PIL import Image

    if how.fit == "stretch":
        return made.resize((how.width, how.height), Image.Resampling.BILINEAR)
    ratio = max(how.height / made.height, how.width / made.width) / MIDDLE
    size = round(made.width * ratio), round(made.height * ratio)
    if size != made.size:
        made = made.resize(size, Image.Resampling.BILINEAR)
    left, top = (made.width - how.width) // 2, (made.height - how.height) // 2
    return made.crop((left, top, left + how.width, top + how.height))


def _laid_out(made: NDArray[Any], how: ImagePreparation) -> NDArray[np.float32]:
    values = made.astype(np.float32).reshape(how.height, how.width, -1)
    if how.order == "BGR":
        values = values[:, :, ::-1]
    values = (values * np.float32(how.scale) - np.array(how.mean, np.float32)) / np.array(
        how.std, np.float32
    )
    return np.moveaxis(values, -1, 0) if how.layout == "NCHW" else values


def _batch(
    files: list[Path], wanted: Input, how: ImagePreparation, indices: Indices
) -> dict[str, NDArray[Any]]:
    return {wanted.name: stored([picture(files[i], how) for i in indices], wanted)}


def stored(pictures: list[NDArray[np.float32]], wanted: Input) -> NDArray[Any]:
    """Pictures as one batch in the element type of the input."""
    values = np.stack(pictures)
    row = storage(wanted.dtype)
    if row.meaning is not None:
        return values.astype(row.meaning).view(row.dtype)
    if row.dtype.kind in "iu":
        limits = np.iinfo(row.dtype)
        values = np.clip(np.rint(values), limits.min, limits.max)
    return values.astype(row.dtype)


def _pictures(folder: Path) -> Any:
    for place in (folder, *sorted(p for p in folder.iterdir() if p.is_dir())):
        for file in place.iterdir():
            if file.suffix.casefold() in SUFFIXES and file.name[0] != "." and file.is_file():
                yield file


def _labels(place: Path, files: list[Path]) -> tuple[Indices | None, list[str]]:
    """From a table of file names and classes beside the pictures, else from their folders."""
    if not place.is_dir():
        return None, []
    for name in TABLES:
        if (place / name).is_file():
            return _table(place / name, files)
    folders = [file.parent for file in files]
    if any(folder == place for folder in folders):
        return None, []
    order = sorted({folder.name for folder in folders})
    numbers = whole_numbers(folder.name for folder in folders)
    if numbers is not None:
        return numbers, ["labels: the numbers that the folders are named by"]
    found = np.array([order.index(folder.name) for folder in folders], np.int64)
    return found, [f"labels: the {len(order)} folders, in alphabetical order"]


def _table(path: Path, files: list[Path]) -> tuple[Indices | None, list[str]]:
    """Lines of a name and its class, with a tab, a comma or a space between."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
        between = next((sign for sign in "\t, " if any(sign in line for line in lines[:1])), ",")
        rows = list(csv.reader(lines, delimiter=between))
    except (ValueError, OSError, csv.Error):
        return None, [f"{path.name} cannot be read as a table in UTF-8"]
    known = {row[0]: row[1].strip() for row in rows if len(row) > 1}
    missing = [file.name for file in files if file.name not in known]
    if missing:
        return None, [f"{path.name} has no label for {missing[0]}"]
    words = [known[file.name] for file in files]
    numbers = whole_numbers(words)
    if numbers is not None:
        return numbers, [f"labels: {path.name}"]
    return numbered(np.array(words), None, len(words))


IMAGES = Reader("a folder of pictures", accepts, read)
