"""Reads lines of text with a tokenizer.json: one line, one sample; needs the extra `text`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.dtypes import storage
from sparseview.runtime.data.labels import whole_numbers
from sparseview.runtime.data.reader import Options, Reader
from sparseview.runtime.data.samples import Indices, Samples
from sparseview.runtime.signature import Input, inputs, wants

SUFFIXES = frozenset({".txt", ".text", ".tsv"})
LONGEST = 512  # tokens, where neither the tokenizer nor the model says
INTEGERS = frozenset({TensorProto.INT64, TensorProto.INT32})
# What the name of an input says that it takes; the first that is in it.
ROLES = (("mask", "mask"), ("type", "types"), ("segment", "types"), ("position", "positions"))


def accepts(path: str) -> bool:
    place = Path(path)
    if place.is_dir():
        return any(_is_text(file) for file in place.iterdir())
    return place.is_file() and place.suffix.casefold() in SUFFIXES


def read(model: Model, path: str, options: Options) -> Samples:
    place = Path(path)
    lines, labels = _lines(place)
    if not lines:
        raise SparseviewError(f"{place.name} holds no lines of text.", wants(model), "data")
    roles = _roles(model)
    found = _find(model, place, options)
    tokenizer = _tokenizer(found)
    length = _length(roles)
    longest = length or int((tokenizer.truncation or {}).get("max_length", LONGEST))
    tokenizer.enable_truncation(longest)
    # Padding would be calibrated on as if it were text: lines of one length go together instead.
    told = _padding(tokenizer)
    tokenizer.no_padding()
    if length:
        tokenizer.enable_padding(length=length, **told)
    encoded = tokenizer.encode_batch(lines)
    kinds = np.array([len(each.ids) for each in encoded], np.int64)
    keep = np.flatnonzero(kinds > 0)

    def fetch(indices: Indices) -> dict[str, NDArray[Any]]:
        return {
            each.name: np.array([_values(encoded[i], role) for i in indices])
            .astype(storage(each.dtype).dtype)
            .swapaxes(0, each.axis)
            for each, role in roles
        }

    return Samples(
        f"{place.name}, {len(keep):,} lines",
        fetch,
        kinds,
        keep,
        labels,
        notes=(
            f"tokenizer: {found.name}",
            f"padded to {length} tokens" if length else "lines of one length go together, unpadded",
        ),
        fixed=roles[0][0].batch,
        axes={each.name: each.axis for each, _ in roles if each.axis},
        tokenizer=found,
    )


def _values(encoding: Any, role: str) -> Sequence[int]:
    if role == "mask":
        return list(encoding.attention_mask)
    if role == "types":
        return list(encoding.type_ids)
    return range(len(encoding.ids)) if role == "positions" else list(encoding.ids)


def _lines(place: Path) -> tuple[list[str], Indices | None]:
    """The lines that are not blank; of a .tsv with a column of numbers, those are labels."""
    files = sorted(f for f in place.iterdir() if _is_text(f)) if place.is_dir() else [place]
    lines: list[str] = []
    for file in files:
        try:
            lines += [line.strip() for line in file.read_text("utf-8-sig").splitlines()]
        except (UnicodeDecodeError, OSError) as error:
            raise SparseviewError(
                f"{file.name} cannot be read as UTF-8 text.", "Save it as UTF-8.", "data"
            ) from error
    lines = [line for line in lines if line]
    columns = [line.split("\t") for line in lines]
    if lines and all(len(each) == 2 for each in columns):
        for number, words in ((0, 1), (1, 0)):
            # The first line may name the columns.
            for rows in (columns, columns[1:]):
                labels = whole_numbers(each[number] for each in rows)
                if rows and labels is not None:
                    return [each[words] for each in rows], labels
    return lines, None


def _roles(model: Model) -> list[tuple[Input, str]]:
    """What each input takes: ids first, then mask, types of tokens, positions."""
    wanted = inputs(model)
    found: list[tuple[Input, str]] = []
    for each in wanted:
        name = each.name.casefold()
        role = next((role for word, role in ROLES if word in name), "ids")
        if each.dtype not in INTEGERS or each.dims is None or len(each.dims) != 2:
            role = "none"
        found.append((each, role))
    roles = [role for _, role in found]
    if roles.count("ids") != 1 or "none" in roles or len(set(roles)) != len(roles):
        raise SparseviewError(
            f"{model.path.name} does not take text as tokens.", wants(model), "data"
        )
    return sorted(found, key=lambda pair: pair[1] != "ids")


def _length(roles: list[tuple[Input, str]]) -> int | None:
    """The number of tokens that the model has fixed."""
    sizes = [each.dims[1 - each.axis] for each, _ in roles if each.dims]
    return next((size for size in sizes if isinstance(size, int)), None)


def _tokenizer(path: Path) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise SparseviewError(
            "Reading text needs the package tokenizers, which is not installed.",
            f"Install it: {sys.executable} -m pip install tokenizers",
            "extra",
        ) from None
    try:
        return Tokenizer.from_str(path.read_text("utf-8"))
    except Exception as error:  # the library raises nothing narrower
        raise SparseviewError(
            f"{path.name} is no tokenizer that can be read: {' '.join(str(error).split())[:200]}.",
            "Give the tokenizer.json that the model came with.",
            "data",
        ) from error


def _find(model: Model, place: Path, options: Options) -> Path:
    if options.tokenizer is not None:
        path = Path(options.tokenizer)
        if not path.is_file():
            raise SparseviewError(f"{path} does not exist.", "Check the path.", "missing")
        return path
    for folder in (place if place.is_dir() else place.parent, model.path.parent):
        exact = folder / "tokenizer.json"
        if exact.is_file():
            return exact
        near = sorted(folder.glob("*tokenizer*.json"))
        if len(near) == 1:
            return near[0]
    raise SparseviewError(
        f"Text needs a tokenizer.json, and none lies beside {place.name} or {model.path.name}.",
        f"Put it there, or choose one (in a terminal with --tokenizer). {wants(model)}",
        "tokenizer",
    )


def _padding(tokenizer: Any) -> dict[str, Any]:
    """The padding that the file tells of, but for its length; else token 0."""
    told = tokenizer.padding or {}
    names = ("direction", "pad_id", "pad_type_id", "pad_token")
    return {name: told[name] for name in names if name in told}


def _is_text(file: Path) -> bool:
    told = file.suffix.casefold() in SUFFIXES and file.name[0] != "."
    return told and file.is_file() and file.name != "labels.txt"


TEXT = Reader("lines of text with a tokenizer.json", accepts, read)
