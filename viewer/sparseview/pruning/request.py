"""A wish to prune, as the command line, the page and Python say it, and whether it makes sense."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, get_args

import msgspec

from sparseview.errors import SparseviewError
from sparseview.pruning import methods
from sparseview.sparsity import formats

Scope = Literal["layer", "global", "global-rms"]
SCOPES: tuple[str, ...] = get_args(Scope)


class PruneRequest(msgspec.Struct, frozen=True):
    """What to prune, how, and how far.

    weights : ids, as in `Model.weights`.
    sparsity : fraction of zeros afterwards, 0..1, existing zeros included.
    percentile : the same, 0..100.
    threshold : prunes |w| strictly below it; of a quantized weight scale * (q - zero point), or
        q - zero point where the scale is not known.
    scope : `layer`: the target holds for each weight; `global`: for all of them together, by one
        |w| border; `global-rms`: likewise, after each tensor's |w| was divided by its root mean
        square, so that layers of small weights are not emptied first.
    budget : `uniform`: the target is for the weights that can be pruned. `overall`: exactly that
        fraction over all weights named here; those that stay as they are (protected, refused,
        sparser already) count with the zeros that they have. `sensitivity`: likewise, shared out
        so that the outputs drift least, by what pruning each layer alone does to them.
    max_drift, min_cosine : instead of a target, as sparse as the outputs' mean relative L2, or
        cosine, on samples held out allows.
    levels : target by layer name, 0..1; other layers take `sparsity`, or stay where that is None.
    keep_ends : leave the first and the last layer of the model as they are.
    order, bias, mask, rounds, swaps, steps, damp : parameters of methods that go by data, see each
        method's form; None: as the method has it.
    """

    weights: tuple[int, ...]
    method: str = "magnitude"
    format: str = "unstructured"
    sparsity: float | None = None
    percentile: float | None = None
    threshold: float | None = None
    scope: Scope = "layer"
    budget: Literal["uniform", "overall", "sensitivity"] = "uniform"
    levels: dict[str, float] | None = None
    keep_ends: bool = False
    order: Literal["sequential", "one-pass"] | None = None
    bias: Literal["correct", "keep"] | None = None
    mask: Literal["best", "wanda", "sparsegpt", "magnitude"] | None = None
    rounds: int | None = None
    swaps: int | None = None
    steps: int | None = None
    damp: float | None = None
    max_drift: float | None = None
    min_cosine: float | None = None


# Fields that are parameters of methods.
PARAMS = ("order", "bias", "mask", "rounds", "swaps", "steps", "damp")


class Wish(msgspec.Struct, frozen=True):
    """A request that makes sense. Both targets None: what the format asks for by itself.

    params : the method's parameters, of its own type.
    together : one border for all weights; relative : after dividing by each one's RMS.
    overall : `sparsity` is over everything that was named; sensitive : shared out by sensitivity.
    max_drift, min_cosine : what limits the prune, where nothing else is its target.
    """

    method: methods.Method
    params: Any
    format: formats.Format
    sparsity: float | None
    threshold: float | None
    together: bool
    relative: bool
    overall: bool
    levels: Mapping[str, float] | None
    sensitive: bool = False
    max_drift: float | None = None
    min_cosine: float | None = None

    @property
    def limited(self) -> bool:
        """Whether it goes as far as the outputs allow."""
        return self.max_drift is not None or self.min_cosine is not None

    @property
    def ranks(self) -> bool:
        """Whether all tensors are looked at before the first one has its level."""
        return self.together or self.overall or self.threshold is not None

    @property
    def by_data(self) -> bool:
        """Whether it cannot be planned without data."""
        return self.sensitive or self.limited or self.method.needs != "nothing"


def understand(request: PruneRequest) -> Wish:
    """Check a request; raises SparseviewError with what to change."""
    method, format_ = methods.get(request.method), formats.get(request.format)
    sparsity, threshold = _target(request), request.threshold
    if threshold is not None and format_.family == "nm":
        raise SparseviewError(
            f"A threshold cannot be combined with {format_.name}: its groups decide what stays.",
            "Give a target sparsity, or the format alone.",
            "target",
        )
    if request.levels is not None:
        _check_levels(request, format_)
    limited = _check_limits(request)
    if limited:
        sparsity = format_.least or 0.5  # where the search begins
    overall = request.budget in ("overall", "sensitivity")
    # What stays as it is can bring an overall target below what the format makes elsewhere.
    within = overall and format_.family == "nm" and sparsity is not None
    if threshold is None and not within and (request.levels is None or sparsity is not None):
        format_.check(sparsity)
    if request.scope not in SCOPES:
        raise SparseviewError(
            f"There is no scope {request.scope!r}.", f"Scopes: {', '.join(SCOPES)}.", "scope"
        )
    if format_.family not in method.families:
        raise SparseviewError(f"{method.label} cannot prune to {format_.name}.", "", "format")
    if overall and sparsity is None:
        sparsity = format_.least or None
        if sparsity is None or threshold is not None:
            raise SparseviewError(
                "An overall budget needs a target sparsity.", "Say 60%, for example.", "target"
            )
    return Wish(
        method,
        parameters(request, method),
        format_,
        sparsity,
        threshold,
        together=request.scope != "layer" and sparsity is not None,
        relative=request.scope == "global-rms",
        overall=overall,
        levels=request.levels,
        sensitive=request.budget == "sensitivity",
        max_drift=request.max_drift,
        min_cosine=request.min_cosine,
    )


def _check_limits(request: PruneRequest) -> bool:
    """Whether the drift is what limits the prune; raises SparseviewError where that clashes."""
    if request.max_drift is None and request.min_cosine is None:
        return False
    targets = (request.sparsity, request.percentile, request.threshold, request.levels)
    if any(target is not None for target in targets) or request.scope != "layer":
        raise SparseviewError(
            "A limit of the drift is given together with a target.",
            "Give the limit alone: it says how sparse the model gets.",
            "target",
        )
    if request.max_drift is not None and not 0 < request.max_drift < math.inf:
        raise SparseviewError(
            f"A drift of {request.max_drift:g} is no limit.",
            "Give a relative L2 above 0, such as 0.05.",
            "target",
        )
    if request.min_cosine is not None and not -1 <= request.min_cosine < 1:
        raise SparseviewError(
            f"A cosine of {request.min_cosine:g} is no limit.",
            "Give one below 1, such as 0.99.",
            "target",
        )
    return True


def parameters(request: PruneRequest, method: methods.Method) -> Any:
    """The method's parameters, of its own type; SparseviewError for one that it does not have."""
    given = {name: value for name in PARAMS if (value := getattr(request, name)) is not None}
    strange = [name for name in given if name not in method.params.__struct_fields__]
    if strange:
        raise SparseviewError(
            f"{method.label} has no parameter {strange[0]!r}.",
            f"It has {', '.join(method.params.__struct_fields__)}.",
            "request",
        )
    if method.needs != "nothing":
        if request.threshold is not None:
            raise SparseviewError(
                f"A threshold is on |w|, and {method.label} goes by data.",
                "Give a target sparsity.",
                "target",
            )
        if request.scope != "layer":
            raise SparseviewError(
                f"{method.label} has no border over all layers: its scores are of one layer.",
                "Take the scope layer, with a budget.",
                "scope",
            )
    try:
        return msgspec.convert(given, method.params)
    except msgspec.ValidationError as error:
        raise SparseviewError(f"That is no way to prune: {error}.", "", "request") from error


def _target(request: PruneRequest) -> float | None:
    targets = {
        "sparsity": request.sparsity,
        "percentile": request.percentile,
        "threshold": request.threshold,
    }
    given = [name for name, value in targets.items() if value is not None]
    if len(given) > 1:
        raise SparseviewError(
            f"{' and '.join(given)} are given together.", "Give one of them.", "target"
        )
    sparsity, threshold = request.sparsity, request.threshold
    if request.percentile is not None:
        sparsity = request.percentile / 100
    if sparsity is not None:
        _check_fraction(sparsity, "A target")
    # The recipe tells the threshold as a JSON number, and there is none for infinity.
    if threshold is not None and not 0 <= threshold < math.inf:
        raise SparseviewError(
            f"A threshold of {threshold:g} is no number from 0 up.",
            "Give a positive one.",
            "target",
        )
    return sparsity


def _check_levels(request: PruneRequest, format_: formats.Format) -> None:
    levels = request.levels or {}
    if request.threshold is not None or request.scope != "layer" or request.budget != "uniform":
        raise SparseviewError(
            "A table of levels cannot be combined with a threshold, a global scope or an overall "
            "budget.",
            "Give the table alone, or with a target for the other layers.",
            "budget",
        )
    if not levels:
        raise SparseviewError("The table of levels is empty.", "Name a layer in it.", "budget")
    for layer, level in levels.items():
        _check_fraction(level, f"The level of {layer}")
        format_.check(level)


def _check_fraction(value: float, what: str) -> None:
    if not 0 <= value <= 1:  # NaN too
        raise SparseviewError(
            f"{what} of {value:g} is not between 0 and 1.",
            "Give a fraction such as 0.5, or a percentage such as 50%.",
            "target",
        )
