"""Sensitivity over HTTP: swept as a job, cancelled and gone on with, made into levels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from client import Client

from sparseview.model import fingerprint
from sparseview.model.document import Model
from sparseview.progress import Progress
from sparseview.runtime import drift


@pytest.fixture
def page(client: Client, network: Path, tmp_path: Path) -> Client:
    """A client whose app has the network open, and data in use."""
    assert client.post("/api/open", {"path": str(network)}).status == 200
    path = tmp_path / "some.npz"
    np.savez(path, x=np.random.default_rng(2).standard_normal((10, 8, 8, 8)).astype(np.float32))
    assert client.post("/api/data", {"path": str(path)}).status == 200
    return client


def wish(page: Client, **more: Any) -> dict[str, Any]:
    ids = [r["id"] for r in page.get("/api/weights")["rows"] if r["kind"] == "weight"]
    return {"weights": ids, "method": "wanda", "at": [0.5, 0.9], **more}


def test_a_sweep_is_told_and_made_into_levels_that_a_prune_takes(page: Client) -> None:
    assert page.get("/api/sensitivity") is None
    nothing = page.post("/api/sensitivity/levels", {"target": 0.6})
    assert (nothing.status, nothing.json["code"]) == (400, "sensitivity")
    found = page.post("/api/sensitivity", wish(page)).json
    assert (found["done"], found["total"], found["stale"], found["held_out"]) == (6, 6, False, 2)
    assert all([p["level"] for p in one["points"]] == [0.5, 0.9] for one in found["layers"])
    assert page.get("/api/sensitivity") == found
    made = page.post("/api/sensitivity/levels", {"target": 0.6}).json
    assert made["sparsity"] == pytest.approx(0.6, abs=0.001) and made["cosine"] < 1
    pruned = page.post(
        "/api/prune",
        {"weights": wish(page)["weights"], "method": made["method"], "levels": made["levels"]},
    )
    assert pruned.status == 200
    summary = page.get("/api/weights")["summary"]
    assert summary["sparsity"] == pytest.approx(0.6, abs=0.005)
    assert page.get("/api/sensitivity")["stale"] is True
    page.post("/api/undo")
    assert page.get("/api/sensitivity")["stale"] is False
    less = page.post("/api/sensitivity/levels", {"cosine": 0.999}).json
    assert less["cosine"] >= 0.999 and less["sparsity"] < 0.6
    assert page.post("/api/sensitivity/levels", {"target": 0.99}).status == 400
    assert page.post("/api/sensitivity/levels", {}).json["code"] == "request"


def test_a_cancelled_sweep_keeps_its_points_and_goes_on_with_the_rest(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[int] = []
    real = drift.Reference.drift

    def counted(*arguments: Any, **named: Any) -> Any:
        ran.append(1)
        if len(ran) == 2:
            page.post("/api/cancel", {"job": page.get("/api/state")["job"]["id"]})
        return real(*arguments, **named)

    monkeypatch.setattr(drift.Reference, "drift", counted)
    answer = page.post("/api/sensitivity", wish(page))
    assert (answer.status, answer.json["code"]) == (409, "cancelled")
    assert page.get("/api/sensitivity")["done"] == 2
    assert page.post("/api/sensitivity", wish(page)).json["done"] == 6
    assert len(ran) == 6
    # Other levels only measure what is new; another method measures anew.
    assert page.post("/api/sensitivity", wish(page, at=[0.5, 0.7])).json["done"] == 9
    assert len(ran) == 9
    assert page.post("/api/sensitivity", wish(page, method="magnitude")).json["done"] == 6
    assert page.post("/api/sensitivity", wish(page)).json["done"] == 9
    assert len(ran) == 15


def test_the_model_is_read_for_its_digest_in_the_job_and_can_be_called_off(
    page: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large file takes seconds: the page sees how far it is, and stops it."""
    monkeypatch.setenv("SPARSEVIEW_CACHE", str(tmp_path / "cache"))
    seen: list[Any] = []
    real = fingerprint.sha256

    def called_off(model: Model, progress: Progress) -> str:
        seen.append(page.get("/api/state")["job"])
        page.post("/api/cancel", {"job": seen[-1]["id"]})
        return real(model, progress)

    monkeypatch.setattr(fingerprint, "sha256", called_off)
    answer = page.post("/api/sensitivity", wish(page))
    assert (answer.status, answer.json["code"]) == (409, "cancelled")
    assert [job["label"] for job in seen] == ["Measuring sensitivity"]
    assert page.get("/api/sensitivity") is None
    monkeypatch.setattr(fingerprint, "sha256", real)
    assert page.post("/api/sensitivity", wish(page)).json["done"] == 6


def test_layers_that_stay_say_why(page: Client) -> None:
    page.post("/api/protect", {"weights": wish(page)["weights"][:1]})
    first, *rest = page.post("/api/sensitivity", wish(page)).json["layers"]
    assert first["reason"] == "protected from pruning" and first["points"] == []
    assert all(one["reason"] is None for one in rest)
    assert page.post("/api/sensitivity", wish(page, at=[])).json["code"] == "request"
    page.post("/api/data", {"path": None})
    assert page.get("/api/sensitivity") is None
    assert page.post("/api/sensitivity", wish(page)).json["code"] == "no-data"


def test_other_values_and_other_data_are_measured_anew(page: Client, tmp_path: Path) -> None:
    first = page.post("/api/sensitivity", wish(page)).json
    page.post("/api/prune", {"weights": wish(page)["weights"][-1:], "sparsity": 0.8})
    edited = page.post("/api/sensitivity", wish(page)).json
    assert edited["stale"] is False and edited["layers"] != first["layers"]
    assert page.get("/api/sensitivity") == edited
    page.post("/api/undo")
    assert page.get("/api/sensitivity")["stale"] is True
    again = page.post("/api/sensitivity", wish(page, at=[0.5])).json
    assert (again["stale"], again["layers"]) == (False, first["layers"])
    page.post("/api/data", {"path": "synthetic:9"})
    assert page.get("/api/sensitivity") is None


def test_only_what_was_asked_for_counts_as_done(page: Client) -> None:
    """A budget by sensitivity has measured other levels of the same layers."""
    weights = wish(page)["weights"]
    more = {"method": "wanda", "budget": "sensitivity", "sparsity": 0.6}
    assert page.post("/api/preview", {"weights": weights, **more}).status == 200
    found = page.post("/api/sensitivity", wish(page, at=[0.5])).json
    assert (found["done"], found["total"]) == (3, 3)
    assert all(len(one["points"]) > 1 for one in found["layers"])
