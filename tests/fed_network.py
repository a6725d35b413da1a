"""The small network of the builders as a file, beside samples that it can be fed with."""

from __future__ import annotations

from pathlib import Path

import builders
import numpy as np
import onnx

import sparseview as sv
from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.model.overlay import Overlay
from sparseview.session import Session


def network_file(folder: Path) -> Path:
    path = folder / "network.onnx"
    onnx.save(builders.network(), path)
    return path


def samples_file(folder: Path, count: int, spread: bool = False) -> Path:
    """spread : later samples are larger, from 0.1 to 4 times."""
    path = folder / "some.npz"
    values = np.random.default_rng(11).standard_normal((count, 8, 8, 8)).astype(np.float32)
    if spread:
        values *= np.geomspace(0.1, 4, count).reshape(-1, 1, 1, 1).astype(np.float32)
    np.savez(path, x=values)
    return path


def fed(folder: Path, count: int) -> Session:
    """A session of the network that goes by so many samples."""
    session = sv.open(network_file(folder))
    session.use_data(samples_file(folder, count))
    return session


def halved(model: Model) -> Model:
    """Every second element of every weight is zero."""
    entries = {}
    for weight in model.weights:
        array = np.array(tensors.read(model, weight.constant))
        array.reshape(-1)[::2] = 0
        entries[weight.constant.key] = array
    return model.with_overlay(Overlay(entries))
