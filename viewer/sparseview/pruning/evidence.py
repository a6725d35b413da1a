"""The data that a session prunes by: what to calibrate on, what is held out, and whose it is."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from sparseview.model.document import Model
from sparseview.progress import SILENT, Progress
from sparseview.runtime.data import Options, Samples, read

# Of the samples; the rest measures what came of it.
CALIBRATION = 0.8
CHUNK = 1 << 20


@dataclass(frozen=True, eq=False)
class Evidence:
    """Samples for one model. Immutable.

    path : as it was given; `digest` : SHA-256 of what lies there, or of the word `synthetic:N`.
    provider : ONNX Runtime's execution provider; None: the CPU.
    held_out : shares no sample with `calibration`; empty where there is one sample only.
    """

    path: str
    digest: str
    samples: Samples
    calibration: Samples
    held_out: Samples
    provider: str | None = None

    @property
    def synthetic(self) -> bool:
        return self.samples.synthetic


def load(
    model: Model,
    path: str | os.PathLike[str],
    provider: str | None = None,
    progress: Progress = SILENT,
    calibration: float | int = CALIBRATION,
    options: Options | None = None,
) -> Evidence:
    """Read data; raises SparseviewError in a sentence that says what the model wants.

    calibration : the fraction, or the number, of samples to calibrate on.
    """
    samples = read(model, path, options)
    part, held_out = samples.split(calibration)
    return Evidence(os.fspath(path), digest(path, progress), samples, part, held_out, provider)


def digest(path: str | os.PathLike[str], progress: Progress = SILENT) -> str:
    """SHA-256 over a file; over names and contents of a folder's files, in the order of names; or
    over the word itself where there is no such path."""
    place = Path(path)
    found = hashlib.sha256()
    if not place.exists():
        found.update(os.fspath(path).encode())
        return found.hexdigest()
    if place.is_file():
        _add(found, place)
        return found.hexdigest()
    files = sorted(f for f in place.rglob("*") if f.is_file())
    for done, file in enumerate(files):
        progress.step(done, len(files), "Reading the data")
        found.update(file.relative_to(place).as_posix().encode() + b"\0")
        _add(found, file)
    return found.hexdigest()


def _add(found: hashlib._Hash, file: Path) -> None:
    with file.open("rb") as stream:
        while piece := stream.read(CHUNK):
            found.update(piece)
