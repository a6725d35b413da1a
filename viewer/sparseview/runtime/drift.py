"""Drift: how far a model's outputs are from a reference's, on the same samples.

Per sample, all outputs as one vector a (reference) and b: relative L2 = |a - b| / |a|, or 1 where
only a is 0, and the cosine of the two; then the mean over samples. Where an output tells classes
apart: how often the most likely one is the same, and KL(p || q) = sum p log(p / q) in nats, mean
over rows. Of outputs whose size depends on the data what only one model gives counts as 0 in the
other.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.shapes import Dim, tensor_type
from sparseview.progress import SILENT, Progress
from sparseview.runtime.batching import fitting, sample_axis, samples_first
from sparseview.runtime.data.samples import Samples, distinct
from sparseview.runtime.engine import Engine
from sparseview.runtime.heads import Head, classes, distributions, head

Array = NDArray[Any]
KEPT = 256 << 20  # bytes of a reference's outputs that are kept


class OutputDrift(msgspec.Struct, frozen=True):
    """The drift of one output. relative_l2, cosine: means over samples; None where an output of
    the other model is not finite. top1_agreement, kl: None where it tells no classes apart."""

    output: str
    relative_l2: float | None
    cosine: float | None
    top1_agreement: float | None
    kl: float | None


class Drift(msgspec.Struct, frozen=True):
    """The drift over all outputs together, and of each one.

    relative_l2, cosine : means over samples; None where the other model gives NaN or infinities.
    top1_agreement, kl : of the first output that tells classes apart; None where none does.
    broken : samples on which the other model gives NaN or infinities.
    """

    relative_l2: float | None
    cosine: float | None
    top1_agreement: float | None
    kl: float | None
    outputs: tuple[OutputDrift, ...]
    samples: int
    broken: int
    synthetic: bool


class _Tally:
    """Sums over samples of one output, or of all together."""

    def __init__(self) -> None:
        self.relative: list[float] = []
        self.cosines: list[float] = []
        self.same = self.rows = 0
        self.kl = 0.0

    def add(self, a: Array, b: Array) -> None:
        """Each sample's outputs, float64 [samples, elements]."""
        for x, y in zip(a, b, strict=True):
            with np.errstate(over="ignore", invalid="ignore"):  # a mean tells of what is no number
                own, other = float(np.linalg.norm(x)), float(np.linalg.norm(y))
                apart, product = float(np.linalg.norm(x - y)), float(x @ y)
            self.relative.append(apart / own if own else float(apart != 0))
            both = own * other
            self.cosines.append(product / both if both else float(own == other))

    def mean(self) -> tuple[float | None, float | None]:
        return _mean(self.relative), _mean(self.cosines)


def _mean(values: Sequence[float]) -> float | None:
    """The mean; None where it is no number."""
    found = float(np.mean(values)) if values else float("nan")
    return found if np.isfinite(found) else None


def drift(
    reference: Model,
    other: Model,
    samples: Samples,
    *,
    provider: str | None = None,
    progress: Progress = SILENT,
) -> Drift:
    """How far `other` is from `reference`. Outputs are matched by name, else by place.

    Samples run through both models batch by batch. Floats are compared; whole numbers only where a
    model gives nothing else.

    Raises SparseviewError where there are no samples, the outputs do not match, or the reference
    itself gives no finite numbers.
    """
    with Reference(reference, samples, provider=provider) as held:
        return held.drift(other, progress)


class Reference:
    """A model to compare several others with: it is loaded once, and runs each batch once as long
    as its outputs take little memory. Use as a context; raises as `drift` does."""

    def __init__(self, model: Model, samples: Samples, *, provider: str | None = None) -> None:
        if not samples.count:
            raise SparseviewError(
                "No samples are left to compare on.",
                "Give more data: what was calibrated on is not evaluated on.",
                "data",
            )
        self._model, self._samples, self._provider = model, samples, provider
        self._engine = Engine(model, provider=provider)
        self._batch = fitting(self._engine, samples)
        self._outputs: dict[int, dict[str, Array]] = {}  # by the number of the batch
        self._held = 0  # bytes
        # Samples, and elements, of the first batch of each kind, by output.
        self._first: dict[tuple[str, int], tuple[int, int]] = {}
        self._heads: dict[str, Head | None] = {}
        self._sizes = {
            value.name: told[1]
            for value in model.proto.graph.output
            if (told := tensor_type(value.type)) is not None
        }

    def __enter__(self) -> Reference:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._engine.close()

    def drift(self, other: Model, progress: Progress = SILENT) -> Drift:
        """How far another model is from this one."""
        found = self._compared(other, progress)
        if found is None:
            self._batch, self._held = 1, 0
            self._outputs.clear()
            found = self._compared(other, progress)
            assert found is not None
        return found

    def _compared(self, other: Model, progress: Progress) -> Drift | None:
        """Likewise; None where samples have to run one by one."""
        samples = self._samples
        whole = _Tally()
        each: dict[str, _Tally] = {}
        broken = done = 0
        with Engine(other, provider=self._provider) as engine:
            pairs = _pairs(self._engine, engine)
            for number, positions in enumerate(samples.batches(self._batch)):
                progress.step(done, samples.count, "Comparing")
                count = distinct(positions)
                feeds = samples.batch(positions)
                a, b = self._run(number, feeds, positions), engine.run(feeds)
                flat: list[tuple[Array, Array]] = []
                fed = len(positions)
                if self._batch > 1 and samples.fixed is None:
                    kind = int(samples.kinds[samples.chosen[positions[0]]])
                    if self._uneven(a, {name: b[pairs[name]] for name in a}, fed, kind):
                        return None
                for name, mine in a.items():
                    theirs = b[pairs[name]]
                    tally = each.setdefault(name, _Tally())
                    even = mine.shape == theirs.shape
                    if not even:
                        mine, theirs = _padded(name, mine, theirs, self._sizes.get(name))
                    mine, theirs = samples_first(mine, fed), samples_first(theirs, fed)
                    rows = _rows(mine, count, fed), _rows(theirs, count, fed)
                    tally.add(*rows)
                    if even:
                        _compare_classes(tally, self._heads[name], mine, theirs, count, fed)
                    flat.append(rows)
                if flat:
                    one = np.concatenate([pair[0] for pair in flat], axis=1)
                    two = np.concatenate([pair[1] for pair in flat], axis=1)
                    whole.add(one, two)
                    broken += int((~np.isfinite(two).all(axis=1)).sum())
                done += count
        progress.step(done, samples.count, "Comparing")
        outputs = tuple(_output(name, tally, self._heads[name]) for name, tally in each.items())
        if not outputs:
            raise SparseviewError(
                f"{self._model.path.name} gives no numbers that could be compared.", "", "data"
            )
        lead = next((out for out in outputs if out.top1_agreement is not None), None)
        relative, cosine = whole.mean()
        return Drift(
            relative,
            cosine,
            lead.top1_agreement if lead else None,
            lead.kl if lead else None,
            outputs,
            samples.count,
            broken,
            samples.synthetic,
        )

    def _uneven(
        self, mine: dict[str, Array], theirs: dict[str, Array], fed: int, kind: int
    ) -> bool:
        """Whether a batch shows that samples of one kind give outputs of different sizes, which
        nobody can tell apart then: the two that were tried had the same by chance."""
        for name, values in mine.items():
            of, size = self._first.setdefault((name, kind), (fed, values.size))
            alike = values.size == size or values.size * of == size * fed
            if not alike or values.shape != theirs[name].shape:
                return True
        return False

    def _run(self, number: int, feeds: dict[str, Array], positions: Array) -> dict[str, Array]:
        """The reference's outputs that are compared, of one batch."""
        known = self._outputs.get(number)
        if known is not None:
            return known
        found = self._engine.run(feeds)
        floats = {name: values for name, values in found.items() if values.dtype.kind == "f"}
        found = floats or {n: values for n, values in found.items() if values.dtype.kind in "iub"}
        for name, values in found.items():
            if values.dtype.kind == "f" and not np.isfinite(values).all():
                raise SparseviewError(
                    f"Output {name!r} of {self._model.path.name} is not finite in the batch of "
                    f"sample {int(positions[0]):,}, so nothing can be compared with it.",
                    "Leave these samples out.",
                    "data",
                )
            if name not in self._heads:
                fed = len(positions)
                self._heads[name] = head(
                    self._model, name, samples_first(values, fed), sample_axis(values, fed)
                )
        size = sum(values.nbytes for values in found.values())
        if self._held + size <= KEPT:
            self._outputs[number] = found
            self._held += size
        return found


def _pairs(first: Engine, second: Engine) -> dict[str, str]:
    """The other model's output for each of the reference's."""
    if set(first.tensors) <= set(second.tensors):
        return {name: name for name in first.tensors}
    if len(first.tensors) == len(second.tensors):
        return dict(zip(first.tensors, second.tensors, strict=True))
    raise SparseviewError(
        f"The two models have different outputs: {', '.join(first.tensors)}; "
        f"{', '.join(second.tensors)}.",
        "Compare a model with the dense one that it was made from.",
        "outputs",
    )


def _padded(
    name: str, mine: Array, theirs: Array, declared: tuple[Dim, ...] | None
) -> tuple[Array, Array]:
    """Outputs of two sizes with zeros behind, alike in shape; raises SparseviewError where it is
    the models that give them different shapes, not the data."""
    # Some declare another number of dims than the Runtime gives.
    sizes = declared if declared and len(declared) == mine.ndim else (None,) * mine.ndim
    if mine.ndim != theirs.ndim or any(
        isinstance(size, int)
        for size, one, other in zip(sizes, mine.shape, theirs.shape, strict=True)
        if one != other
    ):
        raise SparseviewError(
            f"Output {name!r} is {list(mine.shape)} in the one model and {list(theirs.shape)} "
            "in the other.",
            "Compare a model with the dense one that it was made from.",
            "outputs",
        )
    shape = np.maximum(mine.shape, theirs.shape)
    wide = [np.pad(v, [(0, n) for n in shape - np.array(v.shape)]) for v in (mine, theirs)]
    return wide[0], wide[1]


def _rows(values: Array, count: int, fed: int) -> Array:
    """The outputs of each sample, float64 [samples, elements]; one row where they do not count
    samples."""
    if values.ndim and len(values) == fed:
        return values[:count].reshape(count, -1).astype(np.float64)
    if values.ndim and fed and len(values) % fed == 0 and len(values):
        return values.reshape(fed, -1)[:count].astype(np.float64)
    return np.repeat(values.reshape(1, -1), count, axis=0).astype(np.float64)


def _compare_classes(
    tally: _Tally, what: Head | None, mine: Array, theirs: Array, count: int, fed: int
) -> None:
    if what is None:
        return
    if len(mine) == fed:
        mine, theirs = mine[:count], theirs[:count]
    tally.same += int((classes(mine, what) == classes(theirs, what)).sum())
    p, q = distributions(mine, what), distributions(theirs, what)
    tally.rows += len(p)
    tally.kl += float((np.exp(p) * (p - q)).sum())


def _output(name: str, tally: _Tally, what: Head | None) -> OutputDrift:
    relative, cosine = tally.mean()
    if what is None or not tally.rows:
        return OutputDrift(name, relative, cosine, None, None)
    kl = max(tally.kl / tally.rows, 0.0) if np.isfinite(tally.kl) else None
    return OutputDrift(name, relative, cosine, tally.same / tally.rows, kl)
