"""Masks of a model's weights as an .npz, for fine-tuning elsewhere."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np

from sparseview.errors import SparseviewError
from sparseview.model.commit import Commit, buffered
from sparseview.model.document import Model
from sparseview.model.survey import refuse_data_file
from sparseview.model.tensors import nonzero_mask
from sparseview.model.weights import Weight
from sparseview.progress import SILENT, Progress


class Masks(msgspec.Struct, frozen=True):
    """What was written: the file, its bytes, how many masks; layers that could not be read."""

    path: str
    bytes: int
    masks: int
    left: tuple[str, ...] = ()


def export_masks(
    model: Model, target: Path, overwrite: bool = False, progress: Progress = SILENT
) -> Masks:
    """Write the masks; the file appears whole or not at all. Memory: one mask at a time."""
    if target.exists() and target.samefile(model.path):
        raise SparseviewError(f"{target} is the model itself.", "Give another name.", "exists")
    refuse_data_file(model, target)
    weights = list({w.constant.key: w for w in reversed(model.weights)}.values())[::-1]
    left: list[str] = []

    def fill(out: BinaryIO) -> None:
        with buffered(out) as file:
            left.extend(_write(model, weights, file, progress))

    with Commit(target, overwrite) as commit:
        size = commit.publish(fill).size
    return Masks(str(target), size, len(weights) - len(left), tuple(left))


def _write(
    model: Model, weights: Sequence[Weight], out: BinaryIO, progress: Progress
) -> Iterator[str]:
    """Fill the archive; gives the layers that cannot be read."""
    names = _names(weights)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for done, weight in enumerate(weights):
            progress.step(done, len(weights), "Writing masks")
            try:
                if weight.problem is not None:
                    raise SparseviewError(weight.problem)
                mask = nonzero_mask(model, weight.constant, weight.zero_point)
            except SparseviewError:
                yield model.title(model.nodes[weight.node])
                continue
            entry = f"{names[weight.constant.key]}.npy"
            with archive.open(entry, "w", force_zip64=True) as file:
                np.lib.format.write_array(file, mask, allow_pickle=False)


def _names(weights: Sequence[Weight]) -> dict[str, str]:
    """Tensor names by constant key; where two tensors have one name, the keys themselves."""
    count = Counter(weight.constant.name for weight in weights)
    return {
        weight.constant.key: weight.constant.name
        if weight.constant.name and count[weight.constant.name] == 1
        else weight.constant.key
        for weight in weights
    }
