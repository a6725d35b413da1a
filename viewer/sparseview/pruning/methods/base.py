"""What a method is: a score for every entry of a weight, or a solver on data; and its form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import numpy as np
from msgspec.structs import fields
from numpy.typing import NDArray

from sparseview.progress import Progress

if TYPE_CHECKING:
    from sparseview.pruning.problem import Problem, Solution

Needs = Literal["nothing", "norms", "gram"]
Scores = Callable[[NDArray[np.floating[Any]]], NDArray[np.floating[Any]]]
Solve = Callable[["Problem", Any, Progress], "Solution"]


class Method(msgspec.Struct, frozen=True):
    """A way to say what matters in a weight.

    families : the families of formats that it works with.
    params : a frozen msgspec.Struct; each field's Meta has title, description and, in
        `extra={"kind": ...}`, how the form asks for it.
    scores : from values [stack, out, kernel, in] (float32 or float64, zero is 0.0) to how much
        each matters, same shape and strides: >= 0, no NaN, 0 exactly where the value is 0. Blocks
        and channels go by the sum of the squares. May work in the memory of the values.
        None: the method goes by data.
    needs : what it has to know of a weight's input, from data.
    holds : how many matrices like X^T X (in float64), and how many like the weight (in the type
        that is computed in), solving has in memory at once, at most. Without X^T X the first counts
        nothing.
    solve : from a Problem and `params` to a Solution; raises SparseviewError where the data do not
        allow it. None: it goes by scores alone.
    """

    name: str
    label: str
    summary: str
    families: tuple[str, ...]
    params: type[msgspec.Struct]
    scores: Scores | None = None
    needs: Needs = "nothing"
    solve: Solve | None = None
    holds: tuple[float, float] = (6.5, 16)


class Param(msgspec.Struct, frozen=True):
    """One field of a method's form."""

    name: str
    label: str
    summary: str
    kind: Literal["fraction", "number", "choice"]
    default: float | str | None
    choices: tuple[str, ...] = ()


def form(method: Method) -> tuple[Param, ...]:
    """The fields of a method's form, in the order of its parameters."""
    hints = get_type_hints(method.params, include_extras=True)
    return tuple(_param(f.name, hints[f.name], f.default) for f in fields(method.params))


def _param(name: str, hint: Any, default: Any) -> Param:
    meta = next(m for m in hint.__metadata__ if isinstance(m, msgspec.Meta) and m.extra)
    inner = hint.__origin__
    return Param(
        name=name,
        label=meta.title or name,
        summary=meta.description or "",
        kind=(meta.extra or {})["kind"],
        default=default,
        choices=get_args(inner) if get_origin(inner) is Literal else (),
    )
