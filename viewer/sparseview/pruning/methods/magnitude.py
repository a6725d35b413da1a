"""Magnitude: what is small matters least."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from sparseview.pruning.methods.base import Method


class MagnitudeParams(msgspec.Struct, frozen=True):
    """What a magnitude prune asks for; `sparsity` and `threshold` exclude each other."""

    sparsity: Annotated[
        Annotated[float, msgspec.Meta(ge=0, le=1)] | None,
        msgspec.Meta(
            title="Target",
            description="The fraction of zeros afterwards, zeros that are there included.",
            extra={"kind": "fraction"},
        ),
    ] = 0.5
    threshold: Annotated[
        Annotated[float, msgspec.Meta(ge=0)] | None,
        msgspec.Meta(
            title="Threshold",
            description="Instead of a target: every |w| below this becomes zero.",
            extra={"kind": "number"},
        ),
    ] = None
    scope: Annotated[
        Literal["layer", "global"],
        msgspec.Meta(
            title="Scope",
            description="The target for each layer, or one |w| border over all of them.",
            extra={"kind": "choice"},
        ),
    ] = "layer"


def importance(values: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """w squared, so that blocks can be summed; NaN counts as the largest, so it is kept.

    Squares must neither tie nor underflow, or the order would no longer be that of |w|: those of
    float32 are exact in float64; those of float64 need long double's exponent (where long double
    is no wider, on Windows, values below 1e-154 may tie).
    """
    squared: NDArray[np.floating[Any]] = np.square(
        values, dtype=np.longdouble if values.dtype == np.float64 else np.float64
    )
    np.copyto(squared, np.inf, where=np.isnan(squared))
    return squared


MAGNITUDE = Method(
    name="magnitude",
    label="Magnitude",
    summary="Removes the smallest weights; blocks and channels by the sum of their squares.",
    families=("unstructured", "nm", "bsr", "channel"),
    params=MagnitudeParams,
    importance=importance,
)
