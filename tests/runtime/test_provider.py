"""The execution provider that was asked for is the one of every run, whatever the work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import builders
import numpy as np
import onnx
import pytest

from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.model.overlay import Overlay
from sparseview.pruning.evidence import load
from sparseview.review.evaluation import Evaluations
from sparseview.runtime.accuracy import accuracy
from sparseview.runtime.calibration import calibrate
from sparseview.runtime.data import Samples
from sparseview.runtime.drift import drift
from sparseview.runtime.engine import Engine
from sparseview.runtime.evaluation import evaluate
from sparseview.session import Session

ASKED = "CPU"  # told from None, which stands for it


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The provider of each engine that is made."""
    found: list[str | None] = []
    plain = Engine.__init__

    def told(self: Engine, *given: Any, provider: str | None = None, **more: Any) -> None:
        found.append(provider)
        plain(self, *given, provider=provider, **more)

    monkeypatch.setattr(Engine, "__init__", told)
    return found


@pytest.fixture
def session(tmp_path: Path) -> Session:
    onnx.save(builders.network(), tmp_path / "network.onnx")
    x = np.random.default_rng(3).standard_normal((12, 8, 8, 8)).astype(np.float32)
    np.savez(tmp_path / "some.npz", x=x, y=np.arange(12) % 10)
    found = Session.open(tmp_path / "network.onnx")
    found.use_data(load(found.model, tmp_path / "some.npz", ASKED))
    return found


@pytest.fixture
def edited(session: Session) -> Model:
    """The model with half of its last weight left."""
    model = session.model
    constant = model.weights[-1].constant
    values = np.array(tensors.read(model, constant))
    values[::2] = 0
    return model.with_overlay(Overlay({constant.key: values}))


def held(session: Session) -> Samples:
    assert session.data is not None
    return session.data.held_out


@pytest.mark.parametrize("work", ["calibrate", "drift", "accuracy", "evaluate", "layers"])
def test_each_run_is_by_the_provider(
    work: str, session: Session, edited: Model, asked: list[str | None]
) -> None:
    model, data = session.model, held(session)
    if work == "calibrate":
        calibrate(model, model.weights, data, gram=True, provider=ASKED)
    elif work == "drift":
        drift(model, edited, data, provider=ASKED)
    elif work == "accuracy":
        assert accuracy(model, data, provider=ASKED) is not None
    elif work == "evaluate":
        evaluate(edited, data, model, provider=ASKED)
    else:
        assert session.data is not None
        Evaluations(session.data).of(edited, layers=True)
    assert asked and set(asked) == {ASKED}


@pytest.mark.parametrize(
    "wish",
    [
        {"method": "wanda", "sparsity": 0.5},
        {"method": "sparsegpt", "sparsity": 0.5, "order": "one-pass"},
        {"method": "wanda", "sparsity": 0.6, "budget": "sensitivity"},
        {"method": "wanda", "min_cosine": 0.95},
    ],
    ids=str,
)
def test_each_prune_is_by_the_provider_of_the_data(
    wish: dict[str, Any], session: Session, asked: list[str | None]
) -> None:
    session.prune(**wish)
    assert asked and set(asked) == {ASKED}
