"""The form of each pruning method, as data: the page builds its inputs from this."""

from __future__ import annotations

from typing import Literal

import msgspec

from sparseview.pruning.methods import METHODS, form
from sparseview.sparsity.formats import FORMATS


class ParamForm(msgspec.Struct, frozen=True):
    """One input. kind: fraction 0..1 (slider and field), number, or choice of `choices`."""

    name: str
    label: str
    summary: str
    kind: Literal["fraction", "number", "choice"]
    default: float | str | None
    choices: tuple[str, ...]


class MethodForm(msgspec.Struct, frozen=True):
    """A method, its parameters, and the names of the formats that it can prune to.

    driven : it goes by data.
    """

    name: str
    label: str
    summary: str
    params: tuple[ParamForm, ...]
    formats: tuple[str, ...]
    driven: bool


class FormatForm(msgspec.Struct, frozen=True):
    """A format as the page shows it. least: the sparsity that N:M makes by itself, else 0."""

    name: str
    family: str
    glyph: str
    label: str
    least: float


class Forms(msgspec.Struct, frozen=True):
    """Everything that prune dialogs are built from."""

    methods: tuple[MethodForm, ...]
    formats: tuple[FormatForm, ...]


def forms() -> Forms:
    """Every method with its form, every format."""
    return Forms(
        methods=tuple(
            MethodForm(
                method.name,
                method.label,
                method.summary,
                tuple(
                    ParamForm(p.name, p.label, p.summary, p.kind, p.default, p.choices)
                    for p in form(method)
                ),
                tuple(f.name for f in FORMATS if f.family in method.families),
                method.needs != "nothing",
            )
            for method in METHODS
        ),
        formats=tuple(FormatForm(f.name, f.family, f.glyph, f.label, f.least) for f in FORMATS),
    )
