"""Measuring in threads: what is wanted first, stopped in the middle, nothing lost."""

from __future__ import annotations

import hashlib
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import builders
import numpy as np
import pytest
from layers import gemm_model, saved
from onnx import helper, numpy_helper
from shared_models import ALL_MODELS

from sparseview.errors import SparseviewError
from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.progress import Cancelled
from sparseview.review import measuring
from sparseview.review.crew import Crew, Result
from sparseview.review.measuring import Measurer
from sparseview.session import Session
from sparseview.sparsity.analysis import measure

LAYERS = 8


def chain(folder: Path, side: int = 64) -> Path:
    """MatMuls one after the other, each with more zeros than the one before."""
    random = np.random.default_rng(0)
    nodes, stored = [], []
    for i in range(LAYERS):
        weight = random.standard_normal((side, side)).astype(np.float32)
        weight[random.random(weight.shape) < i / LAYERS] = 0
        stored.append(numpy_helper.from_array(weight, f"w{i}"))
        nodes.append(helper.make_node("MatMul", [f"x{i}", f"w{i}"], [f"x{i + 1}"], f"layer{i}"))
    ends = [builders.value(n, "n", side) for n in ("x0", f"x{LAYERS}")]
    graph = helper.make_graph(nodes, "chain", ends[:1], ends[1:], stored)
    return saved(helper.make_model(graph, ir_version=10), folder)


def crew(model: Model, threads: int, wanted: Any = (), known: Any = lambda _: False) -> Crew:
    return Crew(model.weights, lambda: model, known, lambda: wanted, threads)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_every_weight_once_and_as_by_itself(threads: int, tmp_path: Path) -> None:
    model = Model.open(chain(tmp_path))
    found = [result for result in crew(model, threads).results() if result is not None]
    assert sorted(result.weight.id for result in found) == list(range(LAYERS))
    for result in found:
        mask = tensors.nonzero_mask(model, result.weight.constant)
        assert result.found == measure(result.weight.view.logical(mask))
    assert not [t for t in threading.enumerate() if t.name.startswith("measure")]


def test_what_is_wanted_comes_first(tmp_path: Path) -> None:
    model = Model.open(chain(tmp_path))
    wanted = [5, 2, 99]
    order = []
    for result in crew(model, 1, wanted).results():
        if result is not None:
            order.append(result.weight.id)
    assert order == [5, 2, 0, 1, 3, 4, 6, 7]


def test_what_is_wanted_may_change_on_the_way(tmp_path: Path, monkeypatch: Any) -> None:
    session = Session.open(chain(tmp_path))
    real, order = Measurer.measure, []

    def watched(self: Any, model: Any, weight: Any, *rest: Any) -> Any:
        order.append(weight.id)
        session.prioritise([7] if weight.id == 0 else [])
        return real(self, model, weight, *rest)

    monkeypatch.setattr(Measurer, "measure", watched)
    session.measure(threads=1)
    assert order == [0, 7, 1, 2, 3, 4, 5, 6]


def test_what_is_known_is_not_read_again(tmp_path: Path) -> None:
    model = Model.open(chain(tmp_path))
    found = crew(model, 2, known=lambda weight_id: weight_id % 2 == 0).results()
    fresh = {r.weight.id for r in found if r is not None and r.found is not None}
    assert fresh == {1, 3, 5, 7}


def test_stopping_ends_in_the_middle_of_a_weight(tmp_path: Path, monkeypatch: Any) -> None:
    model = Model.open(chain(tmp_path, 256))
    began, parts = threading.Event(), []
    real = measuring.masks

    def endless(*arguments: Any, **options: Any) -> Any:
        (part,) = real(*arguments, **options)
        while len(parts) < 100_000:
            parts.append(part)
            began.set()
            yield part

    monkeypatch.setattr(measuring, "masks", endless)
    with closing(crew(model, 2).results()) as results:
        assert next(results) is None  # nothing yet: the first weight has no end
        assert began.is_set()
    assert not [t for t in threading.enumerate() if t.name.startswith("measure")]
    assert len(parts) < 100_000


def test_a_cancelled_session_keeps_what_it_has(tmp_path: Path) -> None:
    session = Session.open(chain(tmp_path))
    heard: list[Any] = []
    job = session.start("Measuring", lambda progress: session.measure(None, progress, 1))
    session.subscribe(lambda event: (heard.append(event), job.cancel()))
    assert job.wait(30)
    assert job.state in ("cancelled", "done")
    session.measure()
    assert all(row.measured for row in session.weights)


def test_an_unexpected_error_reaches_the_caller(tmp_path: Path, monkeypatch: Any) -> None:
    model = Model.open(chain(tmp_path))

    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("here")

    monkeypatch.setattr(measuring, "count", broken)
    with pytest.raises(ZeroDivisionError, match="here"):
        list(crew(model, 2).results())


def test_a_problem_is_a_result(tmp_path: Path, monkeypatch: Any) -> None:
    model = Model.open(chain(tmp_path))
    real = measuring.count

    def failing(model: Any, weight: Any, **rest: Any) -> Any:
        if weight.id == 3:
            raise SparseviewError("broken", code="x")
        if weight.id == 4:
            raise MemoryError
        return real(model, weight, **rest)

    monkeypatch.setattr(measuring, "count", failing)
    found = {r.weight.id: r for r in crew(model, 2).results() if r is not None}
    assert isinstance(found[3], Result) and found[3].problem == "broken"
    assert "memory" in (found[4].problem or "")
    assert all(found[i].found for i in (0, 1, 2, 5, 6, 7))


def test_a_check_ends_the_measuring(tmp_path: Path) -> None:
    model = Model.open(chain(tmp_path))

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        Measurer().measure(model, model.weights[0], stop)


@pytest.mark.parametrize("path", ALL_MODELS)
def test_in_small_pieces_as_in_one(path: Path, monkeypatch: Any) -> None:
    """Weights of real models, streamed in pieces far smaller than they are."""
    monkeypatch.setattr(measuring, "PIECE", 20_000)
    model = Model.open(path)
    measurer = Measurer()
    for weight in model.weights[:25]:
        if weight.problem is None:
            mask = tensors.nonzero_mask(model, weight.constant, weight.zero_point)
            whole = measure(weight.view.logical(mask))
            found = measurer.measure(model, weight)
            assert (found.zeros, found.format, found.coverage, found.blocks) == (
                whole.zeros, whole.format, whole.coverage, whole.blocks
            )  # fmt: skip
            assert (found.dead_out, found.dead_in) == (whole.dead_out, whole.dead_in)


def test_what_is_no_number_is_told(tmp_path: Path) -> None:
    weight = np.ones((32, 16), np.float32)
    weight[:, 3] = 0
    weight[4, :2], weight[5, 0] = np.nan, -np.inf
    session = Session.open(saved(gemm_model(weight), tmp_path))
    assert (session.row(0).nan, session.row(0).channels_out) == (0, 0)
    (fact,) = session.report().weights
    row = session.row(0)
    assert (row.nan, row.inf, fact.nan, fact.inf) == (2, 1, 2, 1)
    assert (row.zeros, row.dead_in, row.channels_in) == (32, 1, 16)
    assert (row.dead_out, row.channels_out) == (0, 32)
    assert b'"nan":2,"inf":1' in session.report().to_json()
    finite = Session.open(saved(gemm_model(np.ones((4, 4), np.float32)), tmp_path))
    assert b'"nan"' not in finite.report().to_json()


def test_a_digest_computed_meanwhile_is_the_files_own(tmp_path: Path) -> None:
    path = chain(tmp_path)
    session = Session.open(path)
    with session.hashing():
        session.measure()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert session.sha256() == session.report().model.sha256 == digest
    assert session.report(hashed=False).model.sha256 == ""
    with pytest.raises(ZeroDivisionError), Session.open(path).hashing():
        raise ZeroDivisionError
    assert not [t for t in threading.enumerate() if t.name == "hash"]
