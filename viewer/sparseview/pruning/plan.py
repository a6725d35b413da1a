"""What a prune would do, as data: rows of facts, and the entries that the overlay would get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from numpy.typing import NDArray

from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.model.kept import Entry
from sparseview.sparsity.analysis import Measurement


class PruneRow(msgspec.Struct, frozen=True):
    """What a prune does to one weight.

    kept_energy : share of the sum of squares that stays, 0..1 (1 for a weight of zeros).
    skipped : why nothing changes here, else None. before, after : None if it cannot be read.
    border : the least |w| that stays, where zeros may fall anywhere; else None.
    layer_error : |X W^T - X W_hat^T| / |X W^T| on data that was held out; None: not measured.
    remark : what is worth knowing about a layer that was pruned, else None.
    """

    weight: int
    before: Measurement | None
    after: Measurement | None
    kept_energy: float
    skipped: str | None = None
    border: float | None = None
    layer_error: float | None = None
    remark: str | None = None


class Changes(Mapping[str, NDArray[Any]]):
    """New tensors by constant key: storage dtype, stored shape; each made when it is asked for.

    `entries` are what an overlay takes, and much smaller.
    """

    def __init__(self, model: Model, entries: Mapping[str, Entry]) -> None:
        self.model = model
        self.entries = entries

    def __getitem__(self, key: str) -> NDArray[Any]:
        entry = self.entries[key]
        changed = self.model.with_overlay(self.model.overlay.with_({key: entry}))
        return tensors.present(changed, self.model.constant(key))

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


class Plan(msgspec.Struct, frozen=True):
    """What changes, and one row per requested weight. driven : it went by data.

    The fractions are over the requested tensors that could be read, each once.
    """

    changes: Changes
    rows: tuple[PruneRow, ...]
    sparsity_before: float | None
    sparsity_after: float | None
    kept_energy: float
    driven: bool = False
