"""What pruning one tensor by data holds in memory, and the refusal where that is too much."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import prod

from sparseview.amounts import size
from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.dtypes import storage
from sparseview.model.weights import Weight
from sparseview.pruning.methods.base import Method
from sparseview.pruning.problem import EXACT
from sparseview.pruning.tensor import Target
from sparseview.runtime.calibration import Foreseen, kept
from sparseview.runtime.memory import limit
from sparseview.runtime.passes import slice_bytes
from sparseview.runtime.sites import Sites


def solving(weight: Weight, method: Method) -> int:
    """Bytes that a method takes for a weight, at most, beside its statistics."""
    stack, out, kernel, in_ = weight.view.logical_shape
    return solving_shape(stack, out, kernel * in_, method)


def solving_shape(stack: int, out: int, columns: int, method: Method) -> int:
    """As `solving`, for matrices of this shape."""
    grams, weights = method.holds if method.needs == "gram" else (0, method.holds[1])
    width = 8 if columns <= EXACT else 4
    return int(8 * grams * stack * columns**2 + width * weights * stack * out * columns)


def judging(weight: Weight) -> int:
    """Bytes that measuring a layer's error takes, beside X^T X: see `effect.layer_errors`."""
    return 8 * 4 * prod(weight.view.logical_shape)


def changing(targets: Iterable[Target]) -> int:
    """Bytes of the new values of these tensors: as edits, and as ONNX Runtime's copy of them."""
    each = (target.lead.constant for target in targets)
    return sum(2 * prod(one.shape) * storage(one.dtype).dtype.itemsize for one in each)


def peak(lots: Iterable[Foreseen], gram: bool, takes: Callable[[Weight], int], model: Model) -> int:
    """The most bytes of all lots: while one is calibrated, or while its statistics are there and
    one of its weights takes more beside them."""
    most = 0
    for lot in lots:
        sums = sum(kept(site, gram) for site in lot.sites.sites)
        weights = [model.weights[i] for site in lot.sites.sites for i in site.weights]
        most = max(most, lot.bytes, sums + max(map(takes, weights), default=0))
    return most


def require_room(model: Model, found: Sites, method: Method, memory: int | None) -> None:
    """Raises SparseviewError (code "memory") where a single layer takes more than may be used.

    found : of the weights that are to be pruned.  memory : bytes; None: what is free.
    """
    most = limit(memory)
    for site in found.sites:
        weights = [model.weights[i] for i in site.weights]
        gram = method.needs == "gram"
        takes = max(
            kept(site, gram) + max(slice_bytes(site), *(solving(w, method) for w in weights)),
            kept(site, True) + max(slice_bytes(site), *(judging(w) for w in weights)),
        )
        if takes > most:
            layer = model.title(model.nodes[weights[0].node])
            raise SparseviewError(
                f"Layer {layer!r} alone takes {size(takes)} to prune by {method.label}, and "
                f"{size(most)} may be used.",
                "Allow more memory, leave that layer out, or take a method that needs less.",
                "memory",
            )
