"""The constants of an operator on one line beside its word: "axes = [0]", "Scale, B 384"."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import groupby
from typing import NamedTuple

from sparseview.app.server.describe import clip

# More constants than this are told by the panel alone.
MOST = 4
LIMIT = 80
# The bounds of int64 as words: a slice that goes on to the end has nineteen digits.
BOUNDS = {str(-(2**63) + 1): "min", str(-(2**63)): "min", str(2**63 - 1): "max"}
# What a slice is told to begin or stop at when it means the first or the last element.
_ENDS = {*BOUNDS, str(2**31 - 1), str(-(2**31)), str(-(2**31) + 1)}
NO_WEIGHT = -1
_QUANTIZING = ("QuantizeLinear", "DequantizeLinear")
_SIDE = re.compile("^[xy]_")
_SLICED = ("starts", "ends", "axes", "steps")


class Row(NamedTuple):
    """A constant: its formal name, and "= 0.5" or, of a larger one, its shape.

    weight : id of the weight whose sparsity stands at its end, or NO_WEIGHT.
    """

    name: str
    text: str
    weight: int = NO_WEIGHT


def brief(op: str, rows: Sequence[Row], entering: Collection[str]) -> str:
    """One line for the constants of an operator; `entering`: formal names of its other inputs."""
    if op == "Slice" and (text := _slice(rows, entering)):
        return clip(text, LIMIT)
    told = rows[:MOST]
    if op in _QUANTIZING:  # which side they are of, the operator's name says
        told = [row._replace(name=_SIDE.sub("", row.name)) for row in told]
    names = [row.name for row in told]
    if len(set(names)) < len(names):  # those of a list, as a Concat has: then the values say more
        parts = [row.text.removeprefix("= ") for row in told]
        if len(rows) > MOST:
            parts.append(f"{len(rows) - MOST} more")
    elif names == ["input"] and told[0].text.startswith("= "):
        parts = [told[0].text.removeprefix("= ")]
    else:
        parts = _grouped(told)
    return clip(" · ".join(map(_short, parts)), LIMIT)


def _grouped(rows: Sequence[Row]) -> list[str]:
    """Each name with what it holds; neighbours of one shape together: "scale … var 64"."""
    parts = []
    for text, same in groupby(rows, lambda row: row.text):
        names = [row.name for row in same]
        if text.startswith("= "):
            parts += [f"{name} {text}" for name in names]
        else:
            first = ", ".join(names) if len(names) < 3 else f"{names[0]} … {names[-1]}"
            parts.append(f"{first} {text}")
    return parts


def _slice(rows: Sequence[Row], entering: Collection[str]) -> str:
    """A slice as Python writes it, "axis 2 [1::2] · axis 3 [:?]"; "" where that cannot be told."""
    found = {row.name: row.text for row in rows}
    values = {
        name: found[name][3:-1].split(", ")
        for name in _SLICED
        if found.get(name, "").startswith("= [")
    }
    known = values.get("starts") or values.get("ends")
    untold = any(name in found and name not in values for name in _SLICED)
    if known is None or untold or "axes" in entering or "steps" in entering:
        return ""
    size = len(known)
    lists = {
        "axes": list(map(str, range(size))),
        "steps": ["1"] * size,
        **{name: ["?"] * size for name in entering},
        **values,
    }
    if any(len(lists.get(name, ())) != size for name in _SLICED):
        return ""
    axes = zip(*(lists[name] for name in _SLICED), strict=True)
    cuts = [(axis, _cut(start, end, step)) for start, end, axis, step in axes]
    told = [cut for cut in cuts if cut[1] != "[:]"] or cuts[:1]
    data = [f"data {found['data']}"] if "data" in found else []
    return " · ".join([*data, *(f"axis {axis} {cut}" for axis, cut in told)])


def _cut(start: str, end: str, step: str) -> str:
    first = "" if start in {"0", *_ENDS} else start
    last = "" if end in _ENDS else end
    return f"[{first}:{last}{'' if step == '1' else f':{step}'}]"


def _short(text: str) -> str:
    for digits, word in BOUNDS.items():
        text = text.replace(digits, word)
    return text
