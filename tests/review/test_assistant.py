"""A process that counts: the same numbers, and nothing left behind whatever happens to it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import builders
import numpy as np
import pytest
from layers import saved
from onnx import helper as make
from onnx import numpy_helper
from shared_models import ALL_MODELS

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.progress import Cancelled
from sparseview.review import assistant as assistants
from sparseview.review import copied, crew
from sparseview.review.assistant import Assistant
from sparseview.review.measuring import Measurer, count, nothing
from sparseview.session import Session
from sparseview.sparsity.analysis import conclude

LAYERS = 6


def chain(folder: Path) -> Path:
    """MatMuls one after the other, each with more zeros than the one before."""
    random = np.random.default_rng(0)
    nodes, stored = [], []
    for i in range(LAYERS):
        weight = random.standard_normal((64, 64)).astype(np.float32)
        weight[random.random(weight.shape) < i / LAYERS] = 0
        stored.append(numpy_helper.from_array(weight, f"w{i}"))
        nodes.append(make.make_node("MatMul", [f"x{i}", f"w{i}"], [f"x{i + 1}"], f"layer{i}"))
    ends = [builders.value(n, "n", 64) for n in ("x0", f"x{LAYERS}")]
    graph = make.make_graph(nodes, "chain", ends[:1], ends[1:], stored)
    return saved(make.make_model(graph, ir_version=10), folder)


@pytest.fixture(params=["copied", "started"])
def helper(request: Any, monkeypatch: Any) -> Any:
    if request.param == "started":
        monkeypatch.setattr(copied.sys, "platform", "another")
    made = Assistant()
    made.copy()
    if request.param == "copied" and made._process is None:
        pytest.skip("no copies of this process here")
    made.start()
    yield made
    made.close()


@pytest.fixture(params=["copied", "started"])
def eager(request: Any, monkeypatch: Any) -> list[Any]:
    """Processes help with the smallest model; the list of those that there were."""
    started: list[Any] = []

    def noting(real: Any) -> Any:
        def noted(*arguments: Any, **options: Any) -> Any:
            started.append(real(*arguments, **options))
            return started[-1]

        return noted

    if request.param == "started":
        monkeypatch.setattr(copied.sys, "platform", "another")
    monkeypatch.setattr(crew, "LARGE", 0)
    monkeypatch.setattr(assistants.subprocess, "Popen", noting(subprocess.Popen))
    monkeypatch.setattr(assistants, "Copy", noting(copied.Copy))
    return started


def ended(started: list[Any]) -> bool:
    return bool(started) and all(process.poll() is not None for process in started)


def test_it_counts_what_this_process_counts(tmp_path: Path, helper: Assistant) -> None:
    model = Model.open(chain(tmp_path))
    for weight in model.weights:
        found = helper.count(model, weight, check=nothing)
        assert conclude(found) == Measurer().measure(model, weight)
    assert helper._process is not None and helper._process.poll() is None


@pytest.mark.parametrize("path", ALL_MODELS[::8])
def test_every_kind_of_weight(path: Path, helper: Assistant) -> None:
    with closing(Model.open(path)) as model:
        for weight in model.weights[:12]:
            try:
                wanted = Measurer().measure(model, weight)
            except SparseviewError:
                continue
            assert conclude(helper.count(model, weight, check=nothing)) == wanted


def test_what_was_replaced_is_counted_here(tmp_path: Path, helper: Assistant) -> None:
    model = Model.open(chain(tmp_path))
    weight = model.weights[0]
    zeros = {weight.constant.key: np.zeros(weight.constant.shape, np.float32)}
    edited = model.with_overlay(model.overlay.with_(zeros))
    assert helper.count(edited, weight, check=nothing).zeros == weight.constant.shape[0] ** 2


def test_a_file_put_in_the_place_is_not_counted(tmp_path: Path, helper: Assistant) -> None:
    path = chain(tmp_path)
    model = Model.open(path)
    wanted = count(model, model.weights[3]).zeros
    other = tmp_path / "other"
    other.write_bytes(bytes(path.stat().st_size))
    os.replace(other, path)  # the opened file stays readable here, not by its path
    assert helper.count(model, model.weights[3], check=nothing).zeros == wanted


def test_a_session_has_the_same_rows(tmp_path: Path, eager: list[Any]) -> None:
    path = chain(tmp_path)
    alone, helped = Session.open(path), Session.open(path)
    alone.measure(threads=1)
    assert not eager
    helped.measure(threads=3)
    assert len(eager) == 2
    assert ended(eager)
    assert [row.sparsity for row in helped.weights] == [row.sparsity for row in alone.weights]


def test_work_goes_on_where_the_process_dies(tmp_path: Path, helper: Assistant) -> None:
    model = Model.open(chain(tmp_path))
    assert helper._process is not None
    helper._process.kill()
    for weight in model.weights:
        assert helper.count(model, weight, check=nothing).zeros == count(model, weight).zeros


def test_work_goes_on_where_none_starts(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(assistants.sys, "executable", str(tmp_path / "nothing"))
    model = Model.open(chain(tmp_path))
    lonely = Assistant()
    lonely.start()
    assert lonely.count(model, model.weights[0], check=nothing).elements
    lonely.close()


def test_a_frozen_program_does_not_start_itself(monkeypatch: Any, eager: list[Any]) -> None:
    monkeypatch.setattr(assistants.sys, "frozen", True, raising=False)
    Assistant().start()
    assert not eager


def test_stopping_ends_the_process_at_once(tmp_path: Path, eager: list[Any]) -> None:
    model = Model.open(chain(tmp_path))
    results = crew.Crew(model.weights, lambda: model, lambda _: False, lambda: (), 2).results()
    with closing(results):
        assert next(r for r in results if r is not None).weight.id < LAYERS
    assert not [t for t in threading.enumerate() if t.name.startswith("measure")]
    assert ended(eager) or not eager  # stopped before it was started


def test_a_stopped_one_raises_cancelled(tmp_path: Path, helper: Assistant) -> None:
    model = Model.open(chain(tmp_path))
    helper.stop()
    with pytest.raises(Cancelled):
        helper.count(model, model.weights[0], check=nothing)


def test_it_leaves_when_whoever_asked_is_gone(helper: Assistant) -> None:
    process = helper._process
    assert process is not None and process.stdin is not None
    process.stdin.close()
    assert process.wait() == 0


def test_what_it_expects_it_has_counted_when_asked(tmp_path: Path, helper: Assistant) -> None:
    model = Model.open(chain(tmp_path))
    for weight in model.weights[:2]:
        helper.expect(model, weight)
    for at, weight in enumerate(model.weights[:4]):
        helper.expect(model, model.weights[at + 2])
        assert helper.count(model, weight, check=nothing).zeros == count(model, weight).zeros
    assert len(helper._asked) == 2


def test_what_it_expected_in_vain_is_forgotten(tmp_path: Path, helper: Assistant) -> None:
    path = chain(tmp_path)
    model, again = Model.open(path), Model.open(path)
    helper.expect(model, model.weights[1])
    helper.expect(again, again.weights[3])
    weight = model.weights[3]
    assert helper.count(model, weight, check=nothing).zeros == count(model, weight).zeros
    assert not helper._asked


def test_where_it_dies_with_more_to_do_all_is_counted(tmp_path: Path, helper: Assistant) -> None:
    model = Model.open(chain(tmp_path))
    for weight in model.weights[:3]:
        helper.expect(model, weight)
    assert helper._process is not None
    helper._process.kill()
    for weight in model.weights[:3]:
        assert helper.count(model, weight, check=nothing).zeros == count(model, weight).zeros


def test_many_weights_go_through_ahead(tmp_path: Path, eager: list[Any], monkeypatch: Any) -> None:
    expected: list[int] = []
    begun = threading.Event()
    expect, following = Assistant.expect, crew.Crew._next

    def noted(self: Assistant, model: Model, weight: Any) -> None:
        expected.append(weight.id)
        begun.set()
        expect(self, model, weight)

    def late(self: crew.Crew, assistant: Assistant | None) -> Any:
        assert assistant is not None or begun.wait(60)  # or the others are done before it starts
        return following(self, assistant)

    monkeypatch.setattr(Assistant, "expect", noted)
    monkeypatch.setattr(crew.Crew, "_next", late)
    monkeypatch.setattr(crew.Crew, "_plenty", lambda self: len(self._todo) > 1)
    session = Session.open(chain(tmp_path))
    session.measure(threads=2)
    assert eager
    assert expected
    alone = Session.open(session.model.path)
    for weight in alone.model.weights:
        assert session.row(weight.id).zeros == count(alone.model, weight).zeros


def test_no_copy_beside_a_thread_that_may_hold_something() -> None:
    done = threading.Event()
    other, plain = threading.Thread(target=done.wait), copied.Plain(target=done.wait)
    before = copied.allowed()
    plain.start()
    assert copied.allowed() == before
    other.start()
    assert not copied.allowed()
    done.set()
    other.join()
    plain.join()


@pytest.mark.parametrize("threads", [1, 2])
def test_gzip_is_estimated_on_the_way(threads: int, tmp_path: Path, eager: list[Any]) -> None:
    path = chain(tmp_path)
    apart, along = Session.open(path), Session.open(path)
    apart.measure(threads=threads)
    assert all(row.bytes.get("gzip") is None for row in apart.weights)
    along.measure(threads=threads, compressed=True)
    found = [row.bytes["gzip"] for row in along.weights]
    assert found == [apart.gzip(row.id).bytes for row in apart.weights]
    assert len(set(found)) == LAYERS


def test_one_waits_for_a_thread_that_has_a_processor(tmp_path: Path, eager: list[Any]) -> None:
    model = Model.open(chain(tmp_path))
    done = threading.Event()
    other = copied.Plain(target=done.wait)
    other.start()
    made = crew.Crew(model.weights, lambda: model, lambda _: False, lambda: (), 2, after=other)
    taken: list[bool] = []
    following = made._next

    def noted(assistant: Assistant | None) -> Any:
        taken.append(assistant is not None)
        return following(assistant)

    made._next = noted  # type: ignore[method-assign]
    try:
        found = [result for result in made.results() if result is not None or len(taken) <= LAYERS]
        assert not any(taken[:LAYERS])
        assert len([result for result in found if result]) == LAYERS
    finally:
        done.set()
        other.join()


def test_copies_in_a_process_of_their_own() -> None:
    """Where other tests have left threads behind, what tests copies here is skipped."""
    if not copied.sys.platform.startswith("linux"):
        pytest.skip("copies are made on Linux only")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs"),
            *(__file__, "-k", "copied and not process_of_their_own"),
        ],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout
    assert "no copies of this process" not in done.stdout
