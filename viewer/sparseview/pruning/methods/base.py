"""What a method is: an importance for every entry of a weight, and the parameters of its form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

Importance = Callable[[NDArray[np.floating[Any]]], NDArray[np.floating[Any]]]


@dataclass(frozen=True, slots=True)
class Method:
    """A way to say what matters in a weight.

    families : the families of formats that it works with.
    params : a frozen msgspec.Struct; each field's Meta has title, description and, in
        `extra={"kind": ...}`, how the form asks for it.
    importance : from values [stack, out, kernel, in] (float32 or float64, zero is 0.0) to their
        importance, same shape: squared, >= 0, no NaN, 0 exactly where the value is 0.
    """

    name: str
    label: str
    summary: str
    families: tuple[str, ...]
    params: type[msgspec.Struct]
    importance: Importance


@dataclass(frozen=True, slots=True)
class Param:
    """One field of a method's form."""

    name: str
    label: str
    summary: str
    kind: Literal["fraction", "number", "choice"]
    default: float | str | None
    choices: tuple[str, ...] = ()


def form(method: Method) -> tuple[Param, ...]:
    """The fields of a method's form, in the order of its parameters."""
    schema: dict[str, Any] = {
        field["name"]: field for field in map(_plain, msgspec.structs.fields(method.params))
    }
    return tuple(Param(**field) for field in schema.values())


def _plain(field: msgspec.structs.FieldInfo) -> dict[str, Any]:
    described = msgspec.inspect.type_info(field.type)
    if not isinstance(described, msgspec.inspect.Metadata) or not described.extra:
        raise TypeError(f"parameter {field.name!r} has no Meta with title and kind")
    schema = described.extra_json_schema or {}
    inner = described.type
    choices = inner.values if isinstance(inner, msgspec.inspect.LiteralType) else ()
    return {
        "name": field.name,
        "label": schema.get("title", field.name),
        "summary": schema.get("description", ""),
        "kind": described.extra["kind"],
        "default": field.default,
        "choices": tuple(str(c) for c in choices),
    }
