"""Keeps samples that calibrated a model out of what judges it, as far as its own recipe tells."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace

import msgspec
import numpy as np

from sparseview.errors import SparseviewError
from sparseview.model.annotations import told_recipe
from sparseview.model.document import Model
from sparseview.progress import SILENT, Progress
from sparseview.pruning.evidence import digest
from sparseview.runtime.data import Samples


class _Data(msgspec.Struct, frozen=True):
    """Of `cited.Cited` what is needed here: how the data were read may be told in a newer way."""

    sha256: str
    samples: int
    calibration: int = 1


def spared(
    samples: Samples,
    path: str | os.PathLike[str],
    models: Iterable[Model],
    progress: Progress = SILENT,
) -> Samples:
    """The samples of the data at `path` that none of these models was calibrated on, with a note
    where some are left out.

    Raises SparseviewError (code "calibrated") where none is left.
    """
    steps = [told for model in models for step in told_recipe(model) if (told := _data(step))]
    if not steps:
        return samples
    mine = digest(path, progress)
    seen: set[int] = set()
    for told in steps:
        if told.sha256 == mine and told.samples == samples.count:
            calibration, _ = samples.split(told.calibration)
            seen.update(calibration.chosen.tolist())
    if not seen:
        return samples
    left = np.flatnonzero([place not in seen for place in samples.chosen.tolist()])
    if not len(left):
        raise SparseviewError(
            f"All of {samples.source} calibrated the model: nothing in it can judge the result.",
            "Give data that the prune has not seen.",
            "calibrated",
        )
    note = f"left out: {len(seen):,} of {samples.count:,} samples, which calibrated the model"
    found = samples.take(left)
    return replace(found, notes=(*found.notes, note))


def _data(step: object) -> _Data | None:
    """The data that a step of a recipe names; None where it went by none, or does not say which."""
    told = step.get("data") if isinstance(step, Mapping) else None
    try:
        return None if told is None else msgspec.convert(told, _Data)
    except msgspec.ValidationError:
        return None
