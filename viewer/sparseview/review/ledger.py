"""What is known about a model's weights: measurements, problems, claims, and the rows they make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sparseview.errors import SparseviewError
from sparseview.model.annotations import (
    Declarations,
    Verdict,
    WeightFact,
    judge,
)
from sparseview.model.document import Model
from sparseview.model.weights import Weight
from sparseview.review.rows import WeightRow, build
from sparseview.sparsity.analysis import Measurement
from sparseview.sparsity.storages.gzip import Gzip


class Ledger:
    """Keeps what was found out and makes a row of it when one is asked for.

    Not safe for threads by itself: its session calls it under a lock. A row is made once, until
    something about its operator changes, since claims speak about all weights of an operator.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._file = model.overlay  # the overlay that the file on disk is equal to
        self._declarations: Declarations | None = None  # of the last save
        self._measured: dict[int, Measurement] = {}
        self._problems: dict[int, str] = {}
        self._verdicts: dict[int, Verdict] = {}
        self._rows: dict[int, WeightRow] = {}
        self._protected: frozenset[int] = frozenset()
        self._packed: dict[str, tuple[object, Gzip]] = {}  # by constant, with the value it is of
        self._stale = {weight.id for weight in model.weights}
        self._operators: dict[int, list[Weight]] = defaultdict(list)
        self._uses: dict[str, list[int]] = defaultdict(list)
        for weight in model.weights:
            self._operators[weight.node].append(weight)
            self._uses[weight.constant.key].append(weight.id)

    def weight(self, weight_id: int) -> Weight:
        """The weight with that id; raises SparseviewError if there is none."""
        weights = self._model.weights
        if not 0 <= weight_id < len(weights):
            raise SparseviewError(
                f"There is no weight with the id {weight_id}.", "Reload the page.", "no-weight"
            )
        return weights[weight_id]

    def known(self, weight_id: int) -> bool:
        """Whether measuring it again would tell nothing new."""
        return weight_id in self._measured or weight_id in self._problems

    @property
    def measured(self) -> Mapping[int, Measurement]:
        """Measurements by weight id, as far as they are there."""
        return self._measured

    def facts(self) -> list[WeightFact]:
        """What annotations are made of, for every measured weight."""
        return [
            WeightFact(weight_id, found.elements, found.zeros, found.format)
            for weight_id, found in sorted(self._measured.items())
        ]

    def put(self, found: Mapping[int, Measurement]) -> None:
        """Take measurements in; they replace older ones and problems."""
        self._measured.update(found)
        for weight_id in found:
            self._problems.pop(weight_id, None)
        self._forget(found)

    def put_problem(self, weight_id: int, problem: str) -> None:
        """Take in why a weight cannot be measured."""
        self._problems[weight_id] = problem
        self._forget([weight_id])

    def packed(self, weight: Weight) -> Gzip | None:
        """Its bytes in gzip, as far as its present value was compressed."""
        key = weight.constant.key
        value, found = self._packed.get(key, (None, None))
        return found if value is self._model.overlay.get(key) else None

    def put_packed(self, weight: Weight, found: Gzip) -> None:
        """Take in the present value's bytes in gzip; every use of the tensor has them."""
        key = weight.constant.key
        self._packed[key] = (self._model.overlay.get(key), found)
        for weight_id in self._uses[key]:
            self._rows.pop(weight_id, None)

    def protect(self, protected: frozenset[int]) -> None:
        """Say in the rows which weights no prune changes."""
        changed = protected ^ self._protected
        self._protected = protected
        for weight_id in changed:
            self._rows.pop(weight_id, None)

    def turn(self, model: Model, changed: Iterable[int]) -> None:
        """Go over to another overlay, in which these weights differ."""
        self._model = model
        self._forget(changed)

    def saved(self, declarations: Declarations) -> None:
        """The present state is on disk now, with these claims."""
        self._declarations = declarations
        self._file = self._model.overlay
        self._forget(weight.id for weight in self._model.weights)

    def row(self, weight_id: int) -> WeightRow:
        """The row of one weight; raises SparseviewError for an unknown id."""
        weight = self.weight(weight_id)
        row = self._rows.get(weight_id)
        if row is None:
            verdict = self._verdict(weight_id)
            row = self._rows[weight_id] = build(
                self._model,
                weight,
                self._measured.get(weight_id),
                verdict,
                edited=self._edited(weight),
                # A claim speaks about the file. An operator edited since is not held against it:
                # saving will write the claim anew.
                judged=not any(map(self._edited, self._operators[weight.node])),
                problem=self._problems.get(weight_id),
                packed=self.packed(weight),
                protected=weight_id in self._protected,
            )
        return row

    def _edited(self, weight: Weight) -> bool:
        key = weight.constant.key
        return self._model.overlay.get(key) is not self._file.get(key)

    def _verdict(self, weight_id: int) -> Verdict:
        if weight_id in self._stale:
            declarations = self._declarations or self._model.declarations
            # All that wait at once: judging goes through the whole model each time.
            self._verdicts |= judge(self._model, declarations, self._measured, self._stale)
            self._stale = set()
        return self._verdicts[weight_id]

    def _forget(self, weights: Iterable[int]) -> None:
        for node in {self._model.weights[weight_id].node for weight_id in weights}:
            for weight in self._operators[node]:
                self._rows.pop(weight.id, None)
                self._stale.add(weight.id)
