"""Labels of samples: which arrays they are, and how they become the numbers of classes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.runtime.data.samples import Indices

Array = NDArray[Any]
LABELS = ("y", "labels", "label", "targets", "target")
_NUMBER = re.compile(r"-?\d{1,18}")


def numbered(
    labels: Array | None, classes: Array | None, count: int
) -> tuple[Indices | None, list[str]]:
    """(labels as class numbers, remarks): words are numbered by the list of classes."""
    if labels is None:
        return None, []
    labels = np.asarray(labels)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    elif labels.ndim == 2 and labels.dtype.kind in "biuf" and (labels.sum(axis=1) == 1).all():
        labels = labels.argmax(axis=1)  # one hot
    if labels.shape != (count,):
        return None, [f"labels of shape {list(labels.shape)} do not belong to {count:,} samples"]
    if labels.dtype.kind in "US":
        order = sorted(set(labels.tolist())) if classes is None else list(classes.tolist())
        place = {name: number for number, name in enumerate(order)}
        missing = sorted(set(labels.tolist()) - place.keys())
        if missing:
            return None, [f"label {missing[0]!r} is not in the list of classes"]
        told = [] if classes is not None else ["labels numbered in alphabetical order"]
        return np.array([place[name] for name in labels.tolist()], np.int64), told
    if labels.dtype.kind not in "biuf" or (labels.dtype.kind == "f" and not whole(labels)):
        return None, ["labels that are no whole numbers are left aside"]
    return labels.astype(np.int64), []


def whole_numbers(words: Iterable[str]) -> Indices | None:
    """Labels that are written as numbers; None where one is none, or none that fits into int64."""
    found = [_NUMBER.fullmatch(word.strip()) for word in words]
    return np.array([int(each[0]) for each in found if each], np.int64) if all(found) else None


def parted(
    arrays: Mapping[str, Array], names: Set[str]
) -> tuple[Array | None, Array | None, dict[str, Array]]:
    """(labels, names of the classes, all other arrays). names : of inputs, which are neither."""
    rest = dict(arrays)
    found = [name for name in arrays if name.casefold() in LABELS and name not in names]
    found.sort(key=lambda name: LABELS.index(name.casefold()))
    taken = {name: rest.pop(name) for name in found}
    labels = next(iter(taken.values()), None)
    classes = None
    for name in list(taken)[1:]:
        if taken[name].dtype.kind in "US" and taken[name].ndim == 1:
            classes = taken[name]
    for name in ("classes", "class_names"):
        if name in rest and name not in names and rest[name].dtype.kind in "US":
            classes = rest.pop(name)
    return labels, classes, rest


def whole(array: Array) -> bool:
    """Whether all of it are whole numbers."""
    return bool(np.isfinite(array).all() and (np.floor(array) == array).all())
