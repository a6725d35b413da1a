"""The data that a session prunes by: what to calibrate on, what is held out, and whose it is."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from sparseview.errors import SparseviewError
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
    tokenizer : SHA-256 of the file that made tokens of text; None: none did.
    """

    path: str
    digest: str
    samples: Samples
    calibration: Samples
    held_out: Samples
    provider: str | None = None
    tokenizer: str | None = None

    @property
    def synthetic(self) -> bool:
        return self.samples.synthetic

    @cached_property
    def identity(self) -> dict[str, Any]:
        """All that a result by these data depends on, JSON-ready: of equal ones the numbers are
        equal too. Where the data lie is no part of it."""
        chosen = hashlib.sha256()
        for part in (self.calibration, self.held_out):
            chosen.update(part.count.to_bytes(8, "little"))
            chosen.update(part.chosen.astype("<i8").tobytes())
        return {
            "sha256": self.digest,
            "samples": self.samples.count,
            "chosen": chosen.hexdigest(),
            **how_read(self),
            "provider": self.provider,
        }


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
    found = digest(path, progress)
    tokens = None if samples.tokenizer is None else digest(samples.tokenizer)
    return Evidence(os.fspath(path), found, samples, part, held_out, provider, tokens)


def how_read(evidence: Evidence) -> dict[str, Any]:
    """How the data were read, guesses included, JSON-ready; where a tokenizer lies is no part."""
    samples = evidence.samples
    pictures, seed = samples.preparation, samples.seed
    return {
        "pictures": None if pictures is None else msgspec.to_builtins(pictures),
        "tokenizer": evidence.tokenizer,
        "seed": seed,
    }


def told(evidence: Evidence) -> dict[str, Any]:
    """The data as a recipe's step names them."""
    return {
        "path": evidence.path,
        "sha256": evidence.digest,
        "samples": evidence.samples.count,
        "calibration": evidence.calibration.count,
        "synthetic": evidence.synthetic,
    }


def required(
    model: Model,
    wanted: Mapping[str, Any],
    given: Evidence | None,
    force: bool,
    progress: Progress = SILENT,
) -> Evidence:
    """The data that a recipe's step went by: those given if they are the same, else those that lie
    where they lay.

    Raises SparseviewError where they are missing (code "no-data") or others (code "other-data")
    and `force` is not given.
    """
    path, sha256 = str(wanted.get("path", "")), str(wanted.get("sha256", ""))
    part = int(wanted.get("calibration") or 1)
    if given is None:
        if not (bool(wanted.get("synthetic")) or Path(path).exists()):
            raise SparseviewError(
                f"The recipe goes by the data in {path or 'a place it does not name'}, and nothing "
                "is there.",
                "Give the same data, wherever they are now (--data).",
                "no-data",
            )
        given = load(model, path, None, progress, part)
    if given.digest != sha256 and not force:
        raise SparseviewError(
            f"The recipe goes by other data: {path} with SHA-256 {sha256[:12]}…, and "
            f"{given.path} has {given.digest[:12]}….",
            "Give the data that it went by, or force it (--force): the result will differ.",
            "other-data",
        )
    if given.calibration.count == part:
        return given
    calibration, held_out = given.samples.split(part)
    return replace(given, calibration=calibration, held_out=held_out)


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
