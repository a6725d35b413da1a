"""The data that a step of a recipe went by: cited in it, and found again when it is replayed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.progress import SILENT, Progress
from sparseview.pruning.evidence import Evidence, digest, load
from sparseview.runtime.data import ImagePreparation, Options

FORCE = "Give the data that it went by, or force it (--force): the result will differ."


class CitedFile(msgspec.Struct, frozen=True):
    """A file beside the data, as it was when they were read."""

    path: str
    sha256: str


class Cited(msgspec.Struct, frozen=True, omit_defaults=True):
    """Data as a recipe names them; what earlier recipes did not tell is None.

    calibration : how many samples were calibrated on; chosen : SHA-256 over which ones, and which
    were held out.  pictures, tokenizer, seed : how the data were read, guesses included.
    provider : ONNX Runtime's, as it was asked for; None: the CPU.
    """

    path: str = ""
    sha256: str = ""
    samples: int = 0
    calibration: int = 1
    synthetic: bool = False
    chosen: str | None = None
    pictures: ImagePreparation | None = None
    tokenizer: CitedFile | None = None
    seed: int | None = None
    provider: str | None = None

    @property
    def whole(self) -> bool:
        """Whether it tells all about how the data were read; earlier recipes did not."""
        return self.chosen is not None


def cited(evidence: Evidence) -> dict[str, Any]:
    """The data as a recipe's step names them, JSON-ready."""
    samples, tokens = evidence.samples, None
    if samples.tokenizer is not None and evidence.tokenizer is not None:
        tokens = CitedFile(str(samples.tokenizer), evidence.tokenizer)
    found = Cited(
        evidence.path,
        evidence.digest,
        samples.count,
        evidence.calibration.count,
        evidence.synthetic,
        evidence.chosen,
        samples.preparation,
        tokens,
        samples.seed,
        evidence.provider,
    )
    # Told also where they are as usual: readers of recipes need not know what is.
    always = {"synthetic": found.synthetic, "calibration": found.calibration}
    return {**msgspec.to_builtins(found), **always}


def at_hand(
    steps: Iterable[Mapping[str, Any]], told: Any, last: Evidence | None, own: Evidence | None
) -> Evidence | None:
    """Which data a step of a recipe is held against; None: those that lie where they lay.

    steps : all of the recipe.  told : the data that this step names.  last : what the step before
    went by.  own : those of whoever replays; they stand in for all where no step names them.
    """
    digests = [_sha256(step.get("data")) for step in steps]
    for one in (last, own):
        if one is not None and one.digest == _sha256(told):
            return one
    return own if own is not None and own.digest not in digests else None


def _sha256(told: Any) -> str | None:
    return told.get("sha256") if isinstance(told, Mapping) else None


def required(
    model: Model,
    told: Mapping[str, Any],
    given: Evidence | None,
    force: bool,
    progress: Progress = SILENT,
) -> Evidence:
    """The data that a recipe's step went by, read as they were then: those given if they are the
    same, else those that lie where they lay.

    Raises SparseviewError where they are missing (code "no-data"), or are others or come out
    otherwise (code "other-data") and `force` is not given.
    """
    try:
        wanted = msgspec.convert(told, Cited)
    except msgspec.ValidationError as error:
        raise SparseviewError(
            f"The recipe does not say which data it goes by: {error}.",
            "sparseview prune --save-recipe writes one.",
            "recipe",
        ) from error
    if given is None:
        found = _read(model, wanted, progress)
    elif given.digest == wanted.sha256 and _strange(wanted, given):
        # The same data, read in another way: here they are read as they were for the recipe.
        found = _read_as(model, wanted, given, progress)
    else:
        found = given
    if found.digest != wanted.sha256 and not force:
        raise SparseviewError(
            f"The recipe goes by other data: {wanted.path} with SHA-256 {wanted.sha256[:12]}…, and "
            f"{found.path} has {found.digest[:12]}….",
            FORCE,
            "other-data",
        )
    if found.calibration.count != wanted.calibration:
        calibration, held_out = found.samples.split(wanted.calibration)
        found = replace(found, calibration=calibration, held_out=held_out)
    if not force:
        _require_alike(wanted, found)
    return found


def _read(model: Model, wanted: Cited, progress: Progress) -> Evidence:
    """The data where they lay."""
    if not wanted.synthetic and not Path(wanted.path).exists():
        raise SparseviewError(
            f"The recipe goes by the data in {wanted.path or 'a place it does not name'}, and "
            "nothing is there.",
            "Give the same data, wherever they are now (--data).",
            "no-data",
        )
    how = Options(wanted.pictures, _tokenizer(wanted, None), wanted.seed or 0)
    return load(model, wanted.path, wanted.provider, progress, wanted.calibration, how)


def _read_as(model: Model, wanted: Cited, given: Evidence, progress: Progress) -> Evidence:
    """The data given, read as the recipe says; as they are where they are no longer there."""
    if not given.synthetic and not Path(given.path).exists():
        return given
    seed = given.samples.seed if wanted.seed is None else wanted.seed
    pictures = wanted.pictures if wanted.whole else given.samples.preparation
    how = Options(pictures, _tokenizer(wanted, given), seed or 0)
    part = wanted.calibration
    return load(model, given.path, given.provider, progress, part, how, given.memory)


def _tokenizer(wanted: Cited, given: Evidence | None) -> str | None:
    """Where a tokenizer lies that is the recipe's; None: the one beside the data, if any."""
    told = wanted.tokenizer
    if given is not None and (told is None or told.sha256 == given.tokenizer):
        return None if given.samples.tokenizer is None else str(given.samples.tokenizer)
    return told.path if told is not None and _is(told) else None


def _is(told: CitedFile) -> bool:
    return Path(told.path).is_file() and digest(told.path) == told.sha256


def _strange(wanted: Cited, found: Evidence) -> str | None:
    """What was read in another way than the recipe tells."""
    samples, told = found.samples, wanted.tokenizer
    if wanted.whole and wanted.pictures != samples.preparation:
        as_they_are = "data that are fed as they are, not as pictures"
        return f"pictures prepared by {wanted.pictures}" if wanted.pictures else as_they_are
    if told is not None and told.sha256 != found.tokenizer:
        return f"the tokenizer {told.path} with SHA-256 {told.sha256[:12]}…"
    if wanted.seed is not None and wanted.seed != samples.seed:
        return f"samples made up from seed {wanted.seed}"
    return None


def _require_alike(wanted: Cited, found: Evidence) -> None:
    """Raise SparseviewError where the same data came out otherwise."""
    strange = _strange(wanted, found)
    if strange is None and wanted.chosen not in (None, found.chosen):
        strange = f"{wanted.calibration:,} samples that were picked in another way"
    if strange is not None:
        raise SparseviewError(
            f"The recipe goes by {strange}, and that is not what {found.path} gives here.",
            FORCE,
            "other-data",
        )
