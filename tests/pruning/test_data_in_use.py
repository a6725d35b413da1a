"""Data that change while a plan or a replay is at work: each result is of the data it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import builders
import numpy as np
import onnx
import pytest

import sparseview as sv
from sparseview import editing
from sparseview.model import tensors
from sparseview.pruning.evidence import digest
from sparseview.pruning.prune import plan
from sparseview.session import Session

WISH: dict[str, Any] = {"method": "wanda", "sparsity": 0.5, "order": "one-pass"}


@pytest.fixture
def network(tmp_path: Path) -> Path:
    onnx.save(builders.network(), tmp_path / "network.onnx")
    random = np.random.default_rng(6)
    for name in "ab":
        channels = random.permutation(np.geomspace(0.1, 4, 8)).reshape(1, 8, 1, 1)
        values = random.standard_normal((20, 8, 8, 8)) * channels
        np.savez(tmp_path / f"{name}.npz", x=values.astype(np.float32))
    return tmp_path / "network.onnx"


def masks(session: Session) -> list[bytes]:
    model = session.model
    return [(tensors.read(model, w.constant) == 0).tobytes() for w in model.weights]


def pruned_by(network: Path, name: str) -> list[bytes]:
    session = sv.open(network)
    session.use_data(network.with_name(f"{name}.npz"))
    session.prune(**WISH)
    return masks(session)


def meanwhile(monkeypatch: pytest.MonkeyPatch, session: Session, data: Path | None) -> None:
    """Somebody chooses other data right after the next plan was worked out."""

    def slow(*args: Any, **named: Any) -> Any:
        made = plan(*args, **named)
        monkeypatch.setattr(editing, "plan", plan)
        session.use_data(data)
        return made

    monkeypatch.setattr(editing, "plan", slow)


def test_a_plan_is_not_kept_for_other_data(network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = sv.open(network)
    session.use_data(network.with_name("a.npz"))
    meanwhile(monkeypatch, session, network.with_name("b.npz"))
    session.preview(**WISH)
    session.prune(**WISH)
    wanted = pruned_by(network, "b")
    assert masks(session) == wanted != pruned_by(network, "a")


@pytest.mark.parametrize("later", ["b", None])
def test_a_step_names_the_data_that_it_went_by(
    network: Path, monkeypatch: pytest.MonkeyPatch, later: str | None
) -> None:
    session = sv.open(network)
    mine = session.use_data(network.with_name("a.npz"))
    assert mine is not None
    meanwhile(monkeypatch, session, later and network.with_name(f"{later}.npz"))
    edit = session.prune(**WISH)
    assert masks(session) == pruned_by(network, "a")
    assert edit.step["data"]["sha256"] == mine.digest


def test_data_chosen_during_a_replay_stay(network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = sv.open(network)
    first.use_data(network.with_name("a.npz"))
    first.prune(**WISH)
    recipe = first.recipe()
    session = sv.open(network)
    meanwhile(monkeypatch, session, network.with_name("b.npz"))
    session.replay(recipe)
    assert masks(session) == masks(first)
    assert session.data is not None and session.data.path.endswith("b.npz")


def test_names_in_a_folder_are_part_of_its_digest(tmp_path: Path) -> None:
    """Which sample is which, and of which class, hangs on them."""
    for name, content in (("a/1.png", b"x"), ("b/2.png", b"y")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    told = {digest(tmp_path)}
    (tmp_path / "b" / "2.png").rename(tmp_path / "a" / "2.png")
    told.add(digest(tmp_path))
    (tmp_path / "a" / "2.png").write_bytes(b"z")
    told.add(digest(tmp_path))
    assert len(told) == 3 and digest(tmp_path) in told
