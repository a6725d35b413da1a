"""What data-driven methods ask for: the fields that they share, each declared once."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Target = Annotated[
    Annotated[float, msgspec.Meta(ge=0, le=1)] | None,
    msgspec.Meta(
        title="Target",
        description="The fraction of zeros afterwards, zeros that are there included.",
        extra={"kind": "fraction"},
    ),
]
Order = Annotated[
    Literal["sequential", "one-pass"],
    msgspec.Meta(
        title="Order",
        description="Sequential: later layers see what earlier ones became, the data run through "
        "the model again for each; or all at once.",
        extra={"kind": "choice"},
    ),
]
Bias = Annotated[
    Literal["correct", "keep"],
    msgspec.Meta(
        title="Bias",
        description="Correct: the mean of what a layer loses goes to its bias, where it has a "
        "constant one that nothing else uses.",
        extra={"kind": "choice"},
    ),
]
Damp = Annotated[
    Annotated[float, msgspec.Meta(ge=0, le=10)],
    msgspec.Meta(
        title="Damping",
        description="Of the mean of H's diagonal, added to it: more trusts the data less.",
        extra={"kind": "number"},
    ),
]


class DataParams(msgspec.Struct, frozen=True):
    """What every data-driven method asks for."""

    sparsity: Target = 0.5
    order: Order = "sequential"
    bias: Bias = "keep"


class SparseGPTParams(DataParams, frozen=True):
    """What SparseGPT asks for besides; as published, the damping is 0.01."""

    damp: Damp = 0.01
