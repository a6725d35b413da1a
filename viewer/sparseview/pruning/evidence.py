"""The data that a session prunes by: what to calibrate on, what is held out, and whose it is."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from sparseview.model.document import Model
from sparseview.progress import SILENT, Progress
from sparseview.runtime.data import ImagePreparation, Options, Samples, read
from sparseview.runtime.onnx_runtime import provider_named

# Of the samples; the rest measures what came of it.
CALIBRATION = 0.8
CHUNK = 1 << 20


@dataclass(frozen=True, eq=False)
class Evidence:
    """Samples for one model. Immutable.

    path : as it was given; `digest` : SHA-256 of what lies there, or of the word `synthetic:N`.
    provider : ONNX Runtime's execution provider; None: the CPU.
    held_out : shares no sample with `calibration`; empty where there is one sample only.
    tokenizer : SHA-256 of the file that made tokens of text; None: none did.
    memory : bytes that statistics and solvers may take; None: half of what is free. Changes no
        result.
    """

    path: str
    digest: str
    samples: Samples
    calibration: Samples
    held_out: Samples
    provider: str | None = None
    tokenizer: str | None = None
    memory: int | None = None

    @property
    def synthetic(self) -> bool:
        return self.samples.synthetic

    @cached_property
    def chosen(self) -> str:
        """SHA-256 over which samples are calibrated on, and which are held out."""
        found = hashlib.sha256()
        for part in (self.calibration, self.held_out):
            found.update(part.count.to_bytes(8, "little"))
            found.update(part.chosen.astype("<i8").tobytes())
        return found.hexdigest()

    @cached_property
    def identity(self) -> dict[str, Any]:
        """All that a result by these data depends on, JSON-ready: of equal ones the numbers are
        equal too. Where the data lie is no part of it."""
        pictures = self.samples.preparation
        return {
            "sha256": self.digest,
            "samples": self.samples.count,
            "chosen": self.chosen,
            "pictures": None if pictures is None else msgspec.to_builtins(pictures),
            "tokenizer": self.tokenizer,
            "seed": self.samples.seed,
            "provider": (self.provider or "CPU").removesuffix("ExecutionProvider").casefold(),
        }


def load(
    model: Model,
    path: str | os.PathLike[str],
    provider: str | None = None,
    progress: Progress = SILENT,
    calibration: float | int = CALIBRATION,
    options: Options | None = None,
    memory: int | None = None,
    images: ImagePreparation | str | None = None,
    tokenizer: str | None = None,
    seed: int = 0,
) -> Evidence:
    """Read data; raises SparseviewError in a sentence that says what the model wants.

    calibration : the fraction, or the number, of samples to calibrate on.
    images, tokenizer, seed : what `Options` has; for whoever has none at hand.
    """
    provider_named(provider)  # one that is not there is told before anything is read
    samples = read(model, path, options or Options(images, tokenizer, seed))
    part, held_out = samples.split(calibration)
    found = digest(path, progress)
    tokens = None if samples.tokenizer is None else digest(samples.tokenizer)
    return Evidence(os.fspath(path), found, samples, part, held_out, provider, tokens, memory)


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
