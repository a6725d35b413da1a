"""One stored tensor that is to be pruned: read, zeroed and proven in every use that it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.model.kept import Entry, zeroed
from sparseview.model.nonfinite import nonfinite
from sparseview.model.operators.row import QUANTIZED
from sparseview.model.repeated import Repeated
from sparseview.model.weights import Weight
from sparseview.pruning.methods import Method
from sparseview.sparsity.formats import Format
from sparseview.sparsity.formats.base import Position, wide
from sparseview.sparsity.formats.base import squares as squared
from sparseview.sparsity.tally import Tally

# Elements made wide at once.
CHUNK = 1 << 16


class Target(msgspec.Struct, frozen=True):
    """A constant with the selected uses of it (the first leads), and all its uses as a weight."""

    uses: tuple[Weight, ...]
    everywhere: tuple[Weight, ...]

    @property
    def lead(self) -> Weight:
        return self.uses[0]

    @property
    def key(self) -> str:
        return self.lead.constant.key


class Loaded(msgspec.Struct, frozen=True):
    """A target's scores [stack, out, kernel, in] in its leading use, and which elements are not
    zero, in the stored shape.

    plain : neighbours along in follow each other in storage, so the stored order decides.
    nonfinite : how many of the stored elements are NaN, and infinite.
    """

    lead: Weight
    nonzero: NDArray[np.bool_]
    scores: NDArray[np.floating[Any]]
    plain: bool
    nonfinite: tuple[int, int] = (0, 0)

    @property
    def size(self) -> int:
        return self.nonzero.size

    @property
    def sparsity(self) -> float:
        return 1 - int(np.count_nonzero(self.nonzero)) / max(self.size, 1)

    def flat(self) -> NDArray[np.floating[Any]]:
        """The scores in stored order, 1-D."""
        return np.asarray(self.lead.view.stored(self.scores).reshape(-1))

    def kept(self, format_: Format, goal: float | None) -> NDArray[np.bool_]:
        """Which elements stay where `format_` is to hold at the fraction `goal` of zeros; stored
        shape."""
        view = self.lead.view
        if format_.family == "unstructured":
            # Nothing but the stored order matters: no need to look along the axes.
            found = format_.keep(self.flat().reshape(1, 1, 1, -1), goal)
            return found.reshape(self.nonzero.shape)
        if format_.family == "nm":
            enough = goal is not None and round(goal * self.size) <= round(
                format_.least * self.size
            )
            goal = None if enough else goal
            position = None if self.plain and goal is None else self.position()
            return view.stored(format_.keep(self.scores, goal, position))
        return view.stored(format_.keep(self.scores, goal, self.position(), squared=False))

    def squared(self) -> np.floating[Any]:
        """The sum of the squares; what is not finite is left out."""
        return self.split(None)[0]

    def split(self, dropped: NDArray[np.bool_] | None) -> tuple[np.floating[Any], np.floating[Any]]:
        """(the sum of the squares, that of those at `dropped`); what is not finite is left out."""
        total: np.floating[Any] = np.longdouble(0)
        lost: np.floating[Any] = np.longdouble(0)
        flat = self.flat()
        # Once, not in the loop: where the memory lies in another order this is a copy.
        falls = None if dropped is None else dropped.reshape(-1)
        doubles = wide(flat, False) is np.float64
        room = np.empty((2, min(CHUNK, flat.size) if doubles else 0))
        for start in range(0, flat.size, CHUNK):
            piece = flat[start : start + CHUNK]
            if doubles:
                # Squares of floats are exact in doubles: a dot product sums them as they are made.
                values, fallen = room[:, : piece.size]
                values[:] = piece
                found = values @ values
                if np.isfinite(found):
                    total += found
                    if falls is not None:
                        fallen[:] = falls[start : start + CHUNK]
                        fallen *= values
                        lost += fallen @ values
                    continue
            squares = squared(piece, False)
            found = squares.sum()
            if not np.isfinite(found):
                squares[~np.isfinite(squares)] = 0
                found = squares.sum()
            total += found
            if falls is not None:
                squares *= falls[start : start + CHUNK]
                lost += squares.sum()
        return total, lost

    def border(self, kept: NDArray[np.bool_]) -> float | None:
        """The least score that stays, zeros apart; None where nothing does."""
        flat, staying = self.flat(), (kept & self.nonzero).reshape(-1)
        least = np.inf
        for start in range(0, flat.size, CHUNK):
            chosen = staying[start : start + CHUNK]
            # Ten times as fast as min(where=...).
            least = min(least, np.where(chosen, flat[start : start + CHUNK], np.inf).min())
        return float(least) if np.isfinite(least) else None

    def position(self) -> Position | None:
        """The flat index in the stored tensor, [stack, out, kernel, in]; None: that is C order."""
        if self.plain:
            a, b, c, d = (step // self.scores.itemsize for step in self.scores.strides)
            return a, b, c, d
        wide = np.int32 if self.size < 1 << 31 else np.int64
        return self.lead.view.logical(np.arange(self.size, dtype=wide).reshape(self.nonzero.shape))


def select(model: Model, chosen: tuple[Weight, ...]) -> list[Target]:
    """Each stored tensor of the chosen weights once, in the order in which it was chosen."""
    uses: dict[str, list[Weight]] = {}
    everywhere: dict[str, list[Weight]] = {}
    for weight in chosen:
        uses.setdefault(weight.constant.key, []).append(weight)
    for weight in model.weights:
        if weight.kind == "weight":
            everywhere.setdefault(weight.constant.key, []).append(weight)
    return [Target(tuple(use), tuple(everywhere.get(key, ()))) for key, use in uses.items()]


def load(model: Model, target: Target, method: Method) -> Loaded:
    """Read a tensor and weigh it; raises SparseviewError where it cannot be read.

    method : one that goes by the values alone.
    """
    assert method.scores is not None
    nonzero, logical, plain, odd = _values(model, target.lead)
    return Loaded(target.lead, nonzero, method.scores(logical), plain, odd)


def values(model: Model, lead: Weight) -> tuple[NDArray[np.bool_], NDArray[np.floating[Any]], bool]:
    """(which elements are not zero, stored shape; what they are worth, [stack, out, kernel, in]
    and 0 where zero; whether that is `plain`, see Loaded). Raises SparseviewError.
    """
    nonzero, logical, plain, _ = _values(model, lead)
    return nonzero, logical, plain


def _values(
    model: Model, lead: Weight
) -> tuple[NDArray[np.bool_], NDArray[np.floating[Any]], bool, tuple[int, int]]:
    """As `values`, and how many of the stored elements are NaN, and infinite."""
    dtype, zero_point = lead.constant.dtype, lead.zero_point
    stored = tensors.read(model, lead.constant)
    odd = nonfinite(stored, dtype)
    nonzero = tensors.is_nonzero(stored, dtype, zero_point)
    found = tensors.decoded(stored, dtype, zero_point, factors_of(lead))
    del stored
    logical = lead.view.logical(found)
    plain = np.may_share_memory(logical, found) and all(s >= 0 for s in logical.strides)
    return nonzero, logical, plain, odd


def factors_of(weight: Weight) -> NDArray[np.float32] | None:
    """What the codes of a quantized weight are multiplied by, with its sign.

    A scale of zero leaves the order of its codes as it is, below all others.
    """
    if weight.scale is None:
        return None
    factors = weight.scale.astype(np.float32)
    factors = np.where(np.isfinite(factors), factors, np.float32(1))
    return np.where(factors == 0, np.finfo(np.float32).tiny, factors)


def unscaled(target: Target) -> str | None:
    """What to know of codes that were ranked as they are, since nobody says what they stand for."""
    dtype = target.lead.constant.dtype
    if dtype not in QUANTIZED or target.lead.scale is not None:
        return None
    return "ranked by its codes: its scale is not known, nor how it compares with other layers"


def pieces(flat: NDArray[np.floating[Any]], over: float = 1.0) -> Iterator[NDArray[np.float64]]:
    """Scores, 1-D, divided by `over`, as float64 piece by piece."""
    for start in range(0, flat.size, CHUNK):
        piece = flat[start : start + CHUNK].astype(np.float64)
        yield piece if over == 1.0 else piece / over


def refusal(target: Target, format_: Format, left: Mapping[int, str]) -> str | None:
    """Why the format cannot apply to the tensor in one of its uses, or what else is in the way.

    left : reasons to leave weights as they are, by id.
    """
    lead = target.lead
    for use in (*target.uses, *target.everywhere):
        if use.id in left:
            return left[use.id]
        if use.problem is not None:
            return use.problem
        if use.fixed is not None:
            return use.fixed
        if use.constant.layout != lead.constant.layout:
            return "it is used a second time, where its bytes mean other numbers"
        if not _same(use.zero_point, lead.zero_point):
            return "it is used a second time, where another value is zero"
        reason = format_.refuses(use.view.logical_shape)  # type: ignore[arg-type]
        if reason is not None:
            return reason if use is target.lead else f"{reason}, where it is used a second time"
    return None


def _same(one: NDArray[Any] | None, other: NDArray[Any] | None) -> bool:
    """Whether two zero points say the same; None is 0."""
    a, b = np.broadcast_arrays(0 if one is None else one, 0 if other is None else other)
    return np.array_equal(a, b)


def conflict(model: Model, target: Target, format_: Format, after: NDArray[np.bool_]) -> str | None:
    """Why the pruned tensor would break the format in another use of it."""
    if format_.family == "unstructured":
        return None
    for use in (*target.uses, *target.everywhere):
        if use.view != target.lead.view and not format_.holds(Tally(use.view.logical(after))):
            one, other = (model.title(model.nodes[u.node]) for u in (target.lead, use))
            return (
                f"{one} and {other} read this tensor along different axes, and {format_.name} "
                "would not hold along both; unstructured zeros would do"
            )
    return None


def replacement(model: Model, target: Target, dropped: NDArray[np.bool_]) -> Entry:
    """What is to be stored: zeros (zero points) at `dropped`, bool in the constant's shape.

    Raises SparseviewError where the type has no zero.
    """
    constant, zero = target.lead.constant, target.lead.zero
    if constant.layout is None:
        lies = (
            zero
            if isinstance(zero, Repeated)
            else tensors.zero_value(constant.dtype, target.lead.zero_point)
        )
        return zeroed(constant.shape, dropped, lies, model.overlay.get(constant.key))
    after = tensors.read(model, constant).copy()
    np.copyto(after, tensors.zero_value(constant.dtype, target.lead.zero_point), where=dropped)
    after = tensors.restored(model, constant, after)
    after.flags.writeable = False
    return after
