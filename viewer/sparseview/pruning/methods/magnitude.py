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
        Literal["layer", "global", "global-rms"],
        msgspec.Meta(
            title="Scope",
            description="The target for each layer; or one border over all of them, of |w|, or of "
            "|w| over the root mean square of its layer.",
            extra={"kind": "choice"},
        ),
    ] = "layer"


def scores(values: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """|w|; NaN counts as the largest, so it is kept."""
    found: NDArray[np.floating[Any]] = np.abs(
        values, out=values if values.flags.writeable else None
    )
    if np.isnan(found.max(initial=0)):  # faster than asking each, and most weights have none
        np.copyto(found, np.inf, where=np.isnan(found))
    return found


MAGNITUDE = Method(
    name="magnitude",
    label="Magnitude",
    summary="Removes the smallest weights; blocks and channels by the sum of their squares.",
    families=("unstructured", "nm", "bsr", "channel"),
    params=MagnitudeParams,
    scores=scores,
)
