"""The memory that a prune by data takes is said beforehand: against what it was seen to take."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import model, network, weights
from onnx import ModelProto, helper
from onnx import numpy_helper as nh

from sparseview.errors import SparseviewError
from sparseview.pruning import footprint
from sparseview.pruning.methods import get
from sparseview.pruning.problem import Problem
from sparseview.review.foresight import foresight
from sparseview.review.preview import Preview
from sparseview.runtime import calibration
from sparseview.runtime.passes import slices
from sparseview.runtime.statistics import Statistics
from sparseview.session import Session
from sparseview.sparsity import formats

MB = 1e6
LITTLE = slices(256) + 3_200_000  # bytes: enough for four layers of `wide`, not for eight


def peak(work: Callable[[], object]) -> int:
    """The most bytes that arrays took meanwhile; ONNX Runtime's own are not seen."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def wide(layers: int = 3, width: int = 256) -> ModelProto:
    """A chain of MatMuls."""
    nodes = [
        helper.make_node(
            "MatMul",
            [f"h{i}" if i else "x", f"w{i}"],
            [f"h{i + 1}" if i + 1 < layers else "y"],
            f"m{i}",
        )
        for i in range(layers)
    ]
    tensors = [nh.from_array(weights(width, width, sparsity=0), f"w{i}") for i in range(layers)]
    return model(nodes, tensors, x=("N", width), y=("N", width))


def opened(folder: Path, proto: ModelProto, rows: int = 200, **options: object) -> Session:
    path = folder / "model.onnx"
    path.write_bytes(proto.SerializeToString())
    session = Session.open(path)
    sizes = [d.dim_value for d in proto.graph.input[0].type.tensor_type.shape.dim[1:]]
    x = np.random.default_rng(3).standard_normal((rows, *sizes)).astype(np.float32)
    np.savez(folder / "data.npz", x=x)
    session.use_data(folder / "data.npz", **options)
    return session


SHAPES = [(1, 192, 192), (1, 512, 96), (1, 48, 576), (4, 96, 96)]


@pytest.mark.parametrize("method", ["wanda", "sparsegpt", "reconstruction"])
@pytest.mark.parametrize("structure", ["unstructured", "2:4", "channel:out"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_solver_holds_what_its_method_says(
    shape: tuple[int, int, int], structure: str, method: str
) -> None:
    stack, out, columns = shape
    random = np.random.default_rng(1)
    x = random.standard_normal((stack, 2 * columns, columns))
    gram = x.transpose(0, 2, 1) @ x
    norm2 = np.einsum("sii->si", gram).copy()
    known = Statistics(2 * columns, norm2, np.zeros((stack, columns)), gram)
    values = random.standard_normal((stack, out, 1, columns)).astype(np.float32)
    goal = None if structure == "2:4" else 0.5
    centred = method == "reconstruction"
    problem = Problem(
        values, values != 0, known, formats.get(structure), goal, None, centred=centred
    )
    found = get(method)
    assert found.solve is not None
    solve = found.solve
    took = peak(lambda: solve(problem, found.params()))  # type: ignore[call-arg]
    said = footprint.solving_shape(stack, out, columns, found)
    assert took <= said <= 6 * took


@pytest.mark.parametrize("method", ["wanda", "sparsegpt", "reconstruction"])
@pytest.mark.parametrize("order", ["sequential", "one-pass"])
def test_a_prune_takes_what_was_foreseen(order: str, method: str, tmp_path: Path) -> None:
    session = opened(tmp_path, wide())
    assert session.data is not None
    wish = session.request(method=method, sparsity=0.5, order=order)
    told = foresight(session.model, wish, session.data, {}, timed=False)
    assert told.runs == (3 if order == "sequential" else 1)
    took = peak(lambda: session.preview(wish))
    assert took <= told.bytes <= 4 * took + 32 * MB


def test_less_memory_makes_more_runs_and_the_same_result(tmp_path: Path) -> None:
    session = opened(tmp_path, wide(8))
    data = session.data
    assert data is not None
    wish = session.request(method="sparsegpt", sparsity=0.5, order="one-pass")
    plenty = foresight(session.model, wish, data, {}, timed=False)
    (tmp_path / "small").mkdir()
    small = opened(tmp_path / "small", wide(8), memory=LITTLE)
    assert small.data is not None
    little = foresight(small.model, wish, small.data, {}, timed=False)
    assert plenty.runs == 1 < little.runs
    made: list[Preview] = []
    assert peak(lambda: made.append(small.preview(wish))) <= LITTLE
    errors = [row.layer_error for row in session.preview(wish).rows]
    assert errors == pytest.approx([row.layer_error for row in made[0].rows])


@pytest.mark.parametrize("method", ["wanda", "sparsegpt"])
def test_a_trial_takes_no_more_than_may_be_used(
    method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sparseview.runtime.passes.cores", lambda: 2)  # each of them takes some
    little = slices(256) + 3_200_000
    session = opened(tmp_path, wide(40), memory=little)
    data = session.data
    assert data is not None
    wish = session.request(method=method, sparsity=0.5, order="one-pass")
    told: list[float | None] = []
    assert peak(lambda: told.append(session.foresee(wish, timed=True).seconds)) <= little
    assert told == [None]
    session.use_data(replace(data, memory=4 * little))
    assert session.foresee(wish, timed=True).seconds is not None


def test_what_may_be_used_is_asked_of_whoever_sets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than is free, too: who says so knows what will be."""
    session = opened(tmp_path, wide(1), memory=1 << 30)
    monkeypatch.setattr("sparseview.runtime.memory.LEAST", 0)
    monkeypatch.setattr("sparseview.runtime.memory.free", lambda: 1000)
    assert session.foresee(method="wanda", sparsity=0.5, timed=True).seconds is not None


@pytest.mark.parametrize("method", ["wanda", "reconstruction"])
def test_a_layer_that_does_not_fit_is_named_before_anything_runs(
    method: str, tmp_path: Path
) -> None:
    session = opened(tmp_path, network(), memory=10_000)
    before = session.model
    assert session.data is not None
    wish = session.request(method=method, sparsity=0.5)
    with pytest.raises(SparseviewError, match=r"Layer '.*' alone takes .* [kM]B to prune") as told:
        session.prune(wish)
    assert told.value.code == "memory" and "leave that layer out" in told.value.hint
    assert session.model is before and not session.history.edits
    with pytest.raises(SparseviewError, match="alone takes"):
        foresight(session.model, wish, session.data, {}, timed=False)


def test_what_is_free_is_the_limit_where_nobody_sets_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = opened(tmp_path, wide(1))
    wish = session.request(method="reconstruction", sparsity=0.5)
    needed = footprint.solving(session.model.weights[0], get("reconstruction"))
    monkeypatch.setattr("sparseview.runtime.memory.LEAST", 0)
    # Half of it is too little, all of it is enough.
    monkeypatch.setattr("sparseview.runtime.memory.free", lambda: round(1.4 * needed) + slices(256))
    assert session.foresee(wish).layers == 1
    monkeypatch.setattr("sparseview.runtime.memory.free", lambda: needed // 2)
    with pytest.raises(SparseviewError, match="alone takes"):
        session.foresee(wish)


@pytest.mark.parametrize("gram", [True, False])
def test_lots_leave_room_for_the_work_on_one_of_them(gram: bool, tmp_path: Path) -> None:
    model = opened(tmp_path, wide(8)).model
    beside = 1_500_000
    each = calibration.sums(1, 256, gram)
    for memory in (slices(256) + 2 * each, slices(256) + 3 * each + 10, 1):
        lots = list(calibration.lots(model.weights, lambda w: w, gram, memory, lambda _: beside))
        assert [w for lot in lots for w in lot] == list(model.weights)
        most = max((memory - max(slices(256), beside)) // each, 1)
        assert [len(lot) for lot in lots[:-1]] == [most] * (len(lots) - 1)
        assert 0 < len(lots[-1]) <= most
