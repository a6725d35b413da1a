"""Prunes that go as far as the outputs allow: how far, what is told of them, what it costs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fed_network import fed

from sparseview.errors import SparseviewError
from sparseview.pruning import driven
from sparseview.runtime import drift as drifts
from sparseview.runtime.drift import drift
from sparseview.session import Session


@pytest.fixture
def opened(tmp_path: Path) -> Session:
    return fed(tmp_path, 40)


def counted(monkeypatch: pytest.MonkeyPatch, place: Any, name: str) -> list[int]:
    """Grows by one with each call of that function or class."""
    calls: list[int] = []
    plain = getattr(place, name)

    def call(*args: Any, **named: Any) -> Any:
        calls.append(1)
        return plain(*args, **named)

    monkeypatch.setattr(place, name, call)
    return calls


def test_a_search_measures_its_layers_once_and_loads_the_model_as_it_is_once(
    opened: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = counted(monkeypatch, driven, "layer_errors")
    loaded = counted(monkeypatch, drifts, "Engine")
    tried = counted(monkeypatch, driven, "results")
    found = opened.preview(min_cosine=0.97, method="wanda")
    assert len(tried) > 3
    assert len(measured) == 1
    assert len(loaded) == len(tried) + 1
    after = found.rows[0].after
    assert after is not None
    level = round(after.zeros / after.elements * 256) / 256  # levels are halves of halves
    plain = opened.preview(sparsity=level, method="wanda")
    assert [row.layer_error for row in found.rows] == pytest.approx(
        [row.layer_error for row in plain.rows]
    )
    assert all(row.layer_error for row in found.rows)


@pytest.mark.parametrize("limit", [{"min_cosine": 0.9}, {"max_drift": 0.4}])
@pytest.mark.parametrize("budget", ["uniform", "overall", "sensitivity"])
def test_what_is_sparse_already_gets_sparser(
    opened: Session, limit: dict[str, float], budget: str
) -> None:
    """The search begins at 50 %, where nothing would change."""
    opened.prune(sparsity=0.6, method="magnitude")
    before = opened.model
    opened.prune(**limit, budget=budget, method="magnitude")
    assert opened.summary().sparsity > 0.61
    found = drift(before, opened.model, opened.data.held_out)
    if "min_cosine" in limit:
        assert found.cosine >= 0.9
    else:
        assert found.relative_l2 <= 0.4


@pytest.mark.parametrize("method", ["wanda", "magnitude"])
@pytest.mark.parametrize("budget", ["uniform", "overall", "sensitivity"])
@pytest.mark.parametrize("target", [{"min_cosine": 0.9}, {"sparsity": 0.5}])
def test_where_no_layer_may_change_the_refusal_says_so(
    opened: Session, method: str, budget: str, target: dict[str, float]
) -> None:
    opened.protect([0, 1, 2])
    with pytest.raises(SparseviewError, match="protected from pruning") as caught:
        opened.prune(method=method, budget=budget, **target)
    assert caught.value.code == "nothing"


@pytest.mark.parametrize("budget", ["overall", "sensitivity"])
def test_what_the_open_layers_cannot_reach_is_refused(opened: Session, budget: str) -> None:
    """conv2 is 2 % of the model: emptied, it does not make 75 % of it zero."""
    with pytest.raises(SparseviewError, match="may be pruned are too few"):
        opened.prune(sparsity=0.75, budget=budget, method="magnitude", keep_ends=True)
    opened.prune(sparsity=0.01, budget=budget, method="magnitude", keep_ends=True)
    assert opened.summary().zeros == 64


def test_a_limit_that_the_first_zeros_break_is_refused(opened: Session) -> None:
    with pytest.raises(SparseviewError, match="already drift beyond the limit"):
        opened.prune(max_drift=1e-6, method="wanda")


def test_a_limit_is_never_judged_on_what_calibrated(opened: Session, tmp_path: Path) -> None:
    """Of one sample nothing is held out."""
    np.savez(tmp_path / "one.npz", x=np.ones((1, 8, 8, 8), np.float32))
    opened.use_data(tmp_path / "one.npz")
    for budget in ("uniform", "sensitivity"):
        with pytest.raises(SparseviewError, match="No samples are left to compare on") as caught:
            opened.prune(min_cosine=0.5, budget=budget, method="wanda")
        assert caught.value.code == "data"


def test_groups_are_left_out_where_all_of_them_drift_too_far(opened: Session) -> None:
    """A budget for the whole may stay below what 2:4 makes of each tensor."""
    dense, drifts = opened.model, []
    for layers in (None, "fc"):
        opened.prune(layers, format="2:4", method="wanda")
        found = drift(dense, opened.model, opened.data.held_out)
        drifts.append(found.relative_l2)
        opened.undo()
    limit = sum(drifts) / 2  # too little for all, enough for the largest
    assert drifts[1] < limit < drifts[0]
    with pytest.raises(SparseviewError, match="as little as 50"):
        opened.prune(max_drift=limit, format="2:4", method="wanda")
    opened.prune(max_drift=limit, format="2:4", method="wanda", budget="sensitivity")
    opened.measure()
    zeros = [row.sparsity or 0.0 for row in opened.weights]
    assert 0.0 in zeros and all(not level or level >= 0.5 for level in zeros)
    assert drift(dense, opened.model, opened.data.held_out).relative_l2 <= limit


def test_a_budget_for_the_whole_counts_what_is_protected(opened: Session) -> None:
    """conv1 and conv2 are a fifth of the model: 50 % over all is more than they are."""
    opened.protect("fc")
    before = opened.model
    opened.prune(min_cosine=0.6, format="2:4", method="wanda", budget="overall")
    opened.measure()
    zeros = {row.layer: row.sparsity for row in opened.weights}
    assert zeros["fc"] == 0 and zeros["conv1"] >= 0.5 and zeros["conv2"] >= 0.5
    assert drift(before, opened.model, opened.data.held_out).cosine >= 0.6


def test_a_limit_is_compared_over_formats(opened: Session) -> None:
    """Each format as far as the limit lets it; none gets a target beside it."""
    found = opened.compare(
        None, ["2:4", "unstructured", "bsr:4x4"], format="2:4", min_cosine=0.5, method="magnitude"
    )
    assert [row.why for row in found.rows] == [None, None, None]
    by_name = {row.format: row.sparsity or 0.0 for row in found.rows}
    assert by_name["unstructured"] >= by_name["2:4"] >= 0.5 and by_name["bsr:4x4"] > 0
