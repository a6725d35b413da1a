"""Whose recipe it is: the source's digest, and whether a replay meets the same file and result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from sparseview.errors import SparseviewError
from sparseview.model.annotations import told_protected, told_recipe
from sparseview.model.commit import Commit, buffered
from sparseview.model.document import Model
from sparseview.model.edits import Edit
from sparseview.pruning.recipe import Recipe, Source, from_steps, places, read

LARGEST = 256 << 20  # bytes of a recipe's file


def source(model: Model, digest: str) -> Source:
    """The opened file as a recipe names it."""
    return Source(model.path.name, digest, model.skeleton.source.size)


def recipe(edits: Sequence[Edit], of: Source, tool: str, protected: tuple[str, ...]) -> Recipe:
    """The recipe of edits from a source on."""
    steps = tuple(dict(step) for edit in edits for step in edit.steps)
    return Recipe(of, steps, tool, protected)


def steps(found: Recipe) -> list[dict[str, Any]]:
    """Its steps as a saved model's metadata tell them, each naming its source."""
    told = {"name": found.source.name, "sha256": found.source.sha256}
    return [{**step, "source": told, "tool": found.tool} for step in found.steps]


def as_json(found: Recipe) -> bytes:
    """The text of a recipe's file."""
    return msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"


def write(found: Recipe, target: Path, overwrite: bool = False) -> None:
    """Write a recipe's file, whole or not at all; SparseviewError where it may not be."""
    data = as_json(found)

    def fill(out: BinaryIO) -> None:
        with buffered(out) as file:
            file.write(data)

    with Commit(target, overwrite) as commit:
        commit.publish(fill)


def load(path: Path) -> Recipe:
    """The recipe in a file of ours, or in the metadata of a model that we saved."""
    if path.suffix.lower() == ".onnx":
        model = Model.open(path)
        try:
            return embedded(model)
        finally:
            model.close()
    try:
        if path.stat().st_size > LARGEST:
            raise SparseviewError(f"{path} is too large for a recipe.", "", "recipe")
        return read(path.read_bytes())
    except OSError as error:
        raise SparseviewError(
            f"{path} cannot be read: {error.strerror}.", "Check the path.", "missing"
        ) from error


def embedded(model: Model) -> Recipe:
    """The recipe in a model's own metadata; SparseviewError (code "no-recipe") without one."""
    steps = told_recipe(model)
    if not steps:
        raise SparseviewError(
            f"{model.path.name} carries no recipe.",
            "Models that Sparseview pruned and saved do.",
            "no-recipe",
        )
    where = places(model)
    kept = tuple(where[i] for i in told_protected(model))
    return msgspec.structs.replace(from_steps(steps), protected=kept)


def require(found: Recipe, model: Model, digest: str, force: bool) -> bool:
    """Whether a recipe belongs to the opened file; SparseviewError if not and not forced."""
    if found.source.sha256 == digest:
        return True
    if not force:
        raise SparseviewError(
            f"The recipe belongs to another file: {found.source.name} with SHA-256 "
            f"{found.source.sha256[:12]}…, and {model.path.name} has {digest[:12]}….",
            "Open that file, or force it on this one (--force): the result may differ.",
            "other-source",
        )
    return False


def require_unprotected(model: Model, changed: Sequence[int], protected: Set[int]) -> None:
    """Raise SparseviewError where a replayed step changed a weight that is protected here."""
    hit = [weight for weight in changed if weight in protected]
    if hit:
        layer = model.title(model.nodes[model.weights[hit[0]].node])
        more = f" and {len(hit) - 1} more" if len(hit) > 1 else ""
        raise SparseviewError(
            f"The recipe prunes {layer}{more}, and that is protected from pruning here.",
            "Unprotect it first, then replay the recipe again.",
            "protected",
        )


def require_result(told: Mapping[str, Any], came: Mapping[str, Any]) -> None:
    """Raise SparseviewError where a replayed step gave other zeros than it did."""
    wanted = told.get("result")
    if wanted is not None and wanted != came.get("result"):
        raise SparseviewError(
            "The recipe gives another result than it did, though the file is the same.",
            "Its external data may have changed, or another version wrote the recipe.",
            "other-result",
        )
