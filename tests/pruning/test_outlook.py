"""The numbers of a moving slider: those of the prune itself, whatever is asked for."""

from __future__ import annotations

from functools import partial

import builders
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layers import gemm_model, model_of, saved, tensor
from onnx import helper
from shared_models import shared_model

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.progress import Cancelled, Progress
from sparseview.pruning.outlook import Ladders, OutlookPlan, outlook, totals
from sparseview.pruning.prune import PruneRequest, plan

WISHES = (
    {"sparsity": 0.37},
    {"sparsity": 0.9, "keep_ends": True},
    {"threshold": 0.03},
    {"threshold": 0.4},
    {"sparsity": 0.6, "scope": "global"},
    {"sparsity": 0.6, "scope": "global-rms"},
    {"sparsity": 0.55, "budget": "overall"},
    {"sparsity": 0.7, "scope": "global", "budget": "overall"},
    {"format": "2:4"},
    {"format": "2:4", "sparsity": 0.8},
    {"format": "1:4", "sparsity": 0.85, "scope": "global"},
    {"format": "bsr:4x4", "sparsity": 0.5},
    {"format": "bsr:1x4", "sparsity": 0.5, "budget": "overall"},
    {"format": "channel:out", "sparsity": 0.4},
    {"format": "channel:in", "sparsity": 0.4, "scope": "global"},
)


def answer(ask):
    """What is answered, or the sentence of the refusal."""
    try:
        return ask()
    except SparseviewError as error:
        return error.message


def both(model: Model, ladders: Ladders, **wish):
    """(the outlook or its refusal, the plan or its refusal)."""
    request = PruneRequest(weights=tuple(w.id for w in model.weights), **wish)
    return answer(lambda: outlook(model, request, ladders)), answer(lambda: plan(model, request))


def same(quick: OutlookPlan, full) -> None:
    assert quick.exact
    rows = {row.weight: row for row in full.rows}
    for part in quick.parts:
        row = rows[part.target.lead.id]
        assert part.skipped == row.skipped
        if row.after is None:
            assert part.after is None
            continue
        assert (part.before, part.after) == (row.before.zeros, row.after.zeros)
        kept = 1 - float(part.lost / part.energy) if part.energy else 1.0
        assert kept == pytest.approx(row.kept_energy, abs=1e-9)
        assert part.border == row.border
    before, after, kept = totals(quick.parts)
    assert (before, after) == (full.sparsity_before, full.sparsity_after)
    assert kept == pytest.approx(full.kept_energy, abs=1e-9)


def compared(model: Model) -> int:
    """How many wishes were answered, and by the same numbers."""
    ladders, answered = Ladders(), 0
    ids = tuple(w.id for w in model.weights)
    for wish in WISHES:
        first, full = both(model, ladders, **wish)
        request = PruneRequest(weights=ids, **wish)
        again = answer(partial(outlook, model, request, ladders))
        for quick in (first, again):  # the second time from what was kept
            if quick is None:
                continue
            answered += 1
            if isinstance(full, str):
                assert quick == full
            else:
                same(quick, full)
    return answered


@settings(max_examples=12, derandomize=True, deadline=None)
@given(seed=st.integers(0, 10**6), values=st.sampled_from([2, 5, 10**6]), trans_b=st.integers(0, 1))
def test_ties_and_zeros_count_as_in_the_prune(tmp_path_factory, seed, values, trans_b):
    w = np.random.default_rng(seed).integers(-values, values, (16, 24)) / np.float32(values)
    model = Model.open(saved(gemm_model(w.astype("f4"), trans_b), tmp_path_factory.mktemp("m")))
    assert compared(model) == 2 * len(WISHES)


@pytest.mark.parametrize(
    "build",
    [builders.conv, builders.float16, builders.bfloat16_numbers, builders.qdq, builders.int4,
     builders.network, builders.matmul, builders.subgraph_if],
    ids=lambda build: build.__name__,
)  # fmt: skip
def test_of_every_type_and_axis(tmp_path, build):
    compared(Model.open(saved(build(), tmp_path)))


@pytest.mark.parametrize(
    "name", ["resnet20_cifar10.onnx", "sst2_bilstm.onnx", "mobilenetv2_int8_qdq.onnx"]
)
def test_of_real_models(name):
    assert compared(Model.open(shared_model(name))) >= 2 * (len(WISHES) - 3)


def test_what_is_not_finite_stays_and_is_no_energy(tmp_path):
    w = np.arange(16, dtype="f4").reshape(4, 4) - 8
    w[0, 0], w[1, 1] = np.nan, np.inf
    model = Model.open(saved(gemm_model(w), tmp_path))
    for sparsity in (0.5, 0.95, 1.0):
        same(*both(model, Ladders(), sparsity=sparsity))


def test_other_axes_are_left_to_the_mask(tmp_path):
    """One tensor, read as B and as its transpose: 2:4 must hold both ways."""
    w = np.random.default_rng(1).normal(size=(8, 8)).astype("f4")
    nodes = [
        helper.make_node("Gemm", ["x", "w"], ["a"], name="one", transB=1),
        helper.make_node("MatMul", ["a", "w"], ["y"], name="two"),
    ]
    model = Model.open(saved(model_of(nodes, [tensor("w", w)]), tmp_path))
    assert both(model, Ladders(), format="2:4")[0] is None
    same(*both(model, Ladders(), sparsity=0.5))


def test_too_much_for_the_memory_is_estimated_and_says_so(tmp_path):
    w = np.random.default_rng(3).normal(size=(512, 512)).astype("f4")
    model = Model.open(saved(gemm_model(w), tmp_path))
    ladders = Ladders(budget=1 << 19)  # half of it: a quarter of the weight
    for wish in ({"sparsity": 0.6}, {"sparsity": 0.6, "scope": "global"}, {"threshold": 0.5}):
        quick, full = both(model, ladders, **wish)
        assert not quick.exact
        assert ladders.nbytes <= 1.1 * ladders.budget
        _, after, kept = totals(quick.parts)
        assert after == pytest.approx(full.sparsity_after, abs=0.01)
        assert kept == pytest.approx(full.kept_energy, abs=0.01)


def test_what_was_kept_is_forgotten_when_the_weight_changes(tmp_path):
    w = np.random.default_rng(4).normal(size=(8, 16)).astype("f4")
    model, ladders = Model.open(saved(gemm_model(w), tmp_path)), Ladders()
    same(*both(model, ladders, sparsity=0.5))
    pruned = plan(model, PruneRequest(weights=(0,), sparsity=0.6))
    edited = model.with_overlay(model.overlay.with_(pruned.changes.entries))
    assert both(edited, ladders, sparsity=0.5)[0].startswith("Nothing was pruned")
    same(*both(edited, ladders, sparsity=0.75))


def test_stops_when_it_is_told_to(tmp_path):
    model = Model.open(saved(gemm_model(np.ones((4, 4), "f4")), tmp_path))
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        outlook(model, PruneRequest(weights=(0,), sparsity=0.5), Ladders(), progress)


def test_what_lies_at_a_threshold_stays(tmp_path):
    w = (np.random.default_rng(5).integers(-6, 7, (16, 24)) / 4).astype("f4")
    model, ladders = Model.open(saved(gemm_model(w), tmp_path)), Ladders()
    for threshold in (0.5, 0.75, 1.25):
        quick, full = both(model, ladders, threshold=threshold)
        assert quick.parts[0].after == np.count_nonzero(np.abs(w) < threshold)
        same(quick, full)


def test_the_ladders_used_last_are_kept(tmp_path):
    model = Model.open(saved(builders.network(), tmp_path))
    ladders = Ladders(budget=1)  # one, whatever it takes
    for number in (0, 1, 2):
        request = PruneRequest(weights=(number,), sparsity=0.5)
        assert outlook(model, request, ladders) is not None
        assert [place[0] for place in ladders._kept] == [model.weights[number].constant.key]
