"""The sentences that name a prune in the menu."""

from __future__ import annotations

import pytest

from sparseview.pruning.prune import PruneRequest
from sparseview.review.history import prune_label


@pytest.mark.parametrize(
    ("wish", "layers", "label"),
    [
        ({"sparsity": 0.6}, ["a", "b", "c"], "Prune 3 layers to 60 %"),
        ({"format": "2:4"}, ["conv1"], "Prune conv1 to 2:4"),
        ({"format": "2:4", "sparsity": 0.625}, ["conv1"], "Prune conv1 to 2:4 at 62.5 %"),
        ({"percentile": 7.0}, ["fc"], "Prune fc to 7 %"),
        ({"sparsity": 0.6, "budget": "overall"}, ["a", "b"], "Prune 2 layers to 60 % overall"),
        ({"levels": {"a": 0.5}}, ["a"], "Prune a at the levels of a table"),
        ({"levels": {"a": 0.5}, "format": "2:4"}, ["a"], "Prune a to 2:4 at the levels of a table"),
        ({"threshold": 0.01}, ["fc"], "Prune fc below 0.01"),
        ({"threshold": 0.01, "format": "bsr:4x4"}, ["fc"], "Prune fc below 0.01, bsr:4x4"),
    ],
)
def test_labels(wish: dict[str, object], layers: list[str], label: str) -> None:
    assert prune_label(PruneRequest(weights=(0,), **wish), layers) == label  # type: ignore[arg-type]


def test_made_up_data_are_called_so() -> None:
    wish = PruneRequest(weights=(0,), sparsity=0.6, method="wanda")
    label = prune_label(wish, ["fc"], synthetic=True)
    assert label == "Prune fc to 60 % by Wanda on synthetic data"
