"""Progress of prunes, previews and comparisons: it never goes back, and nothing is done twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fed_network import fed

import sparseview as sv
from sparseview.model import tensors
from sparseview.progress import Cancelled, Progress
from sparseview.pruning import by_data
from sparseview.session import Session

WISHES: dict[str, dict[str, Any]] = {
    "layer": {"sparsity": 0.5, "method": "magnitude"},
    "threshold": {"threshold": 0.5, "method": "magnitude"},
    "global": {"sparsity": 0.5, "method": "magnitude", "scope": "global"},
    "global-rms, 2:4": {
        "sparsity": 0.6, "method": "magnitude", "scope": "global-rms", "format": "2:4",
    },
    "overall": {"sparsity": 0.5, "method": "magnitude", "budget": "overall"},
    "sequential": {"sparsity": 0.5},
    "one pass": {"sparsity": 0.5, "method": "sparsegpt", "order": "one-pass"},
    "overall by data": {"sparsity": 0.5, "method": "wanda", "budget": "overall"},
    "sensitivity": {"sparsity": 0.5, "method": "wanda", "budget": "sensitivity"},
    "sensitivity of magnitude": {
        "sparsity": 0.5, "method": "magnitude", "budget": "sensitivity",
    },
    "limited": {"min_cosine": 0.97, "method": "wanda"},
    "limited by sensitivity": {"max_drift": 0.3, "method": "wanda", "budget": "sensitivity"},
    "limited magnitude": {"max_drift": 0.3, "method": "magnitude"},
}  # fmt: skip


@pytest.fixture
def opened(tmp_path: Path) -> Session:
    return fed(tmp_path, 20)


class Told:
    """Remembers how far a task said to be, 0..1."""

    def __init__(self) -> None:
        self.steps: list[tuple[float, str]] = []
        self.progress = Progress(self._tell)

    def _tell(self, done: int, total: int, label: str) -> None:
        self.steps.append((done / max(total, 1), label))

    def backwards(self) -> list[tuple[float, float, str]]:
        """Every step that is less far than the one before."""
        pairs = zip(self.steps, self.steps[1:], strict=False)
        return [(a, b, label) for (a, _), (b, label) in pairs if b < a]


class Stopping(Progress):
    """Cancels itself after so many steps."""

    def __init__(self, steps: int) -> None:
        super().__init__(self._count)
        self._left = steps

    def _count(self, *_: object) -> None:
        self._left -= 1
        if self._left < 0:
            self.cancel()


@pytest.mark.parametrize("kind", WISHES)
def test_a_plan_goes_on_and_on(opened: Session, kind: str) -> None:
    told = Told()
    opened.preview(None, told.progress, **WISHES[kind])
    assert told.steps and told.backwards() == []
    assert max(far for far, _ in told.steps) <= 1


@pytest.mark.parametrize("kind", ["global", "sensitivity of magnitude"])
def test_a_comparison_goes_on_and_on(opened: Session, kind: str) -> None:
    told = Told()
    found = opened.compare(None, None, told.progress, **WISHES[kind])
    assert sum(row.why is None for row in found.rows) > 3
    assert told.backwards() == []
    assert told.steps[-1][0] > 0.9


def test_a_comparison_goes_by_what_is_known(
    opened: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sweeps of a preview are not measured once more, nor those of a comparison."""
    wish = WISHES["sensitivity of magnitude"]
    swept: list[str] = []
    plain = by_data.sweep

    def sweep(model: Any, request: Any, levels: Any, evidence: Any, known: Any, *rest: Any,
              **named: Any) -> None:  # fmt: skip
        before = sum(map(len, known.values()))
        plain(model, request, levels, evidence, known, *rest, **named)
        if sum(map(len, known.values())) > before:
            swept.append(request.format)

    monkeypatch.setattr(by_data, "sweep", sweep)
    opened.preview(None, **wish)
    first = opened.compare(None, ["unstructured", "channel:out"], **wish)
    assert swept == ["unstructured", "channel:out"]
    again = opened.compare(None, ["unstructured", "channel:out"], **wish)
    assert swept == ["unstructured", "channel:out"] and again == first


@pytest.mark.parametrize("kind", WISHES)
def test_cancelled_anywhere_it_changes_nothing_and_comes_out_alike_later(
    opened: Session, kind: str
) -> None:
    wish = WISHES[kind]
    wanted = opened.prune(None, **wish)
    told = Told()
    first = sv.open(opened.path)
    first.use_data(opened.data)
    first.preview(None, told.progress, **wish)
    for at in (0, len(told.steps) // 3, len(told.steps) * 2 // 3):
        fresh = sv.open(opened.path)
        fresh.use_data(opened.data)
        with pytest.raises(Cancelled):
            fresh.prune(None, Stopping(at), **wish)
        assert not fresh.dirty and not fresh.model.overlay and not fresh.history.edits
        edit = fresh.prune(None, **wish)
        assert edit.step == wanted.step
        for key in wanted.after:
            one, other = (tensors.read(s.model, s.model.constant(key)) for s in (fresh, opened))
            assert np.array_equal(one, other)
