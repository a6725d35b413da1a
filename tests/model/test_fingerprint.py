"""Digests of a model's files: of every byte, told while they are read, and broken off at once."""

from __future__ import annotations

from pathlib import Path

import builders
import numpy as np
import onnx
import pytest
from onnx import helper
from onnx import numpy_helper as nh

from sparseview.model.document import Model
from sparseview.model.fingerprint import of_files
from sparseview.progress import Cancelled, Progress


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A model with a megabyte beside it."""
    weight = nh.from_array(np.ones((512, 512), np.float32), "w")
    proto = builders.model([helper.make_node("MatMul", ["x", "w"], ["y"])], [weight], x=("N", 512))
    onnx.save(proto, tmp_path / "m.onnx", save_as_external_data=True, location="m.data")
    return tmp_path / "m.onnx"


def test_every_byte_of_every_file_counts(path: Path) -> None:
    first = of_files(Model.open(path))
    assert of_files(Model.open(path)) == first
    data = path.with_name("m.data")
    whole = bytearray(data.read_bytes())
    whole[-1] ^= 1
    data.write_bytes(whole)
    assert of_files(Model.open(path)) != first
    whole[-1] ^= 1
    data.write_bytes(whole)
    assert of_files(Model.open(path)) == first
    path.write_bytes(path.read_bytes() + b"\x12\x01x")  # producer_name, once more
    assert of_files(Model.open(path)) != first


def test_reading_moves_on_and_can_be_called_off(path: Path) -> None:
    told: list[tuple[float, str]] = []
    of_files(
        Model.open(path), Progress(lambda done, total, label: told.append((done / total, label)))
    )
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[-1] == 1
    assert [label for _, label in told].count("Reading m.data") == 4  # of 256 kB each
    progress = Progress(lambda done, total, label: progress.cancel() if "data" in label else None)
    with pytest.raises(Cancelled):
        of_files(Model.open(path), progress)
