"""Drift and accuracy against their formulas, on models whose outputs are known."""

from __future__ import annotations

from pathlib import Path

import builders
import numpy as np
import pytest
from builders import model, value, weights
from onnx import ModelProto, TensorProto, helper
from onnx import numpy_helper as nh
from probing import opened, samples
from test_taps import random

from sparseview.errors import SparseviewError
from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.model.overlay import Overlay
from sparseview.progress import Cancelled, Progress
from sparseview.runtime.accuracy import accuracy
from sparseview.runtime.drift import Reference, drift
from sparseview.runtime.engine import Engine
from sparseview.runtime.heads import head


def classifier(last: str | None = None, extra: bool = False) -> ModelProto:
    """x [N, 6] through a Gemm to 4 classes, with or without a Softmax behind it."""
    name = "z" if last else "y"
    nodes = [helper.make_node("Gemm", ["x", "w", "b"], [name], "head")]
    if last:
        nodes.append(helper.make_node(last, ["z"], ["y"], axis=1))
    tensors_ = [nh.from_array(weights(6, 4, seed=4), "w"), nh.from_array(random(4), "b")]
    if extra:
        nodes.append(helper.make_node("ReduceMean", ["x"], ["mean"], keepdims=0))
    proto = model(nodes, tensors_, x=("N", 6), y=("N", 4))
    if extra:
        proto.graph.output.append(value("mean"))
    return proto


def changed(before: Model, by: float = 0.5) -> Model:
    (weight,) = before.weights
    array = tensors.read(before, weight.constant) + np.float32(by) * random(6, 4, seed=1)
    return before.with_overlay(Overlay({weight.constant.key: array}))


def outputs(each: Model, x: np.ndarray, name: str = "y") -> np.ndarray:
    with Engine(each) as engine:
        return engine.run({"x": x})[name].astype(np.float64)


def softmax(a: np.ndarray) -> np.ndarray:
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("last", [None, "Softmax", "LogSoftmax"])
def test_drift_is_its_formulas(last: str | None, tmp_path: Path) -> None:
    before = opened(classifier(last), tmp_path)
    after = changed(before)
    x = random(50, 6)
    found = drift(before, after, samples(before, x=x))
    a, b = outputs(before, x), outputs(after, x)
    apart = np.linalg.norm(a - b, axis=1) / np.linalg.norm(a, axis=1)
    cosines = (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    p, q = {
        None: (softmax(a), softmax(b)),
        "Softmax": (a, b),
        "LogSoftmax": (np.exp(a), np.exp(b)),
    }[last]
    np.testing.assert_allclose(found.relative_l2, apart.mean(), rtol=1e-9)
    np.testing.assert_allclose(found.cosine, cosines.mean(), rtol=1e-9)
    assert found.top1_agreement == (a.argmax(axis=1) == b.argmax(axis=1)).mean() < 1
    np.testing.assert_allclose(found.kl, (p * np.log(p / q)).sum(axis=1).mean(), rtol=1e-4)
    assert (found.samples, found.broken, found.synthetic) == (50, 0, False)
    assert len(found.outputs) == 1 and found.outputs[0].output == "y"


def test_no_change_is_no_drift(tmp_path: Path) -> None:
    before = opened(classifier(), tmp_path)
    found = drift(before, before, samples(before, x=random(9, 6)))
    assert (found.relative_l2, found.top1_agreement, found.kl) == (0, 1, 0)
    np.testing.assert_allclose(found.cosine, 1, rtol=1e-12)


def test_a_reference_is_compared_with_several_and_runs_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = opened(classifier(), tmp_path)
    data = samples(before, x=random(70, 6))
    others = [changed(before, by) for by in (0.1, 0.5, 2)]
    wanted = [drift(before, each, data) for each in others]
    runs = []
    real = Engine.run
    monkeypatch.setattr(Engine, "run", lambda self, feeds: runs.append(self) or real(self, feeds))
    with Reference(before, data) as reference:
        trial = len(runs)
        assert [reference.drift(each) for each in others] == wanted
    batches = 3
    assert len(runs) == trial + batches * (1 + len(others))


def test_several_outputs_are_one_vector_and_each_is_told(tmp_path: Path) -> None:
    before = opened(classifier(extra=True), tmp_path)
    after = changed(before)
    x = random(1, 6)
    found = drift(before, after, samples(before, x=x))
    a, b = outputs(before, x)[0], outputs(after, x)[0]
    mean = outputs(before, x, "mean").reshape(1)
    whole = np.linalg.norm(a - b) / np.linalg.norm(np.concatenate([a, mean]))
    np.testing.assert_allclose(found.relative_l2, whole, rtol=1e-9)
    told = {each.output: each for each in found.outputs}
    assert told["mean"].relative_l2 == 0 and told["mean"].top1_agreement is None
    assert told["y"].relative_l2 > whole


def test_an_embedding_has_no_classes(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], "m"),
        helper.make_node("Tanh", ["h"], ["y"]),
    ]
    before = opened(model(nodes, [nh.from_array(weights(6, 4), "w")], x=("N", 6)), tmp_path)
    found = drift(before, changed(before), samples(before, x=random(9, 6)))
    assert found.top1_agreement is None and found.kl is None and found.relative_l2


def test_a_model_of_language_has_its_classes_last(tmp_path: Path) -> None:
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "m")
    proto = model([node], [nh.from_array(weights(6, 4), "w")], x=("N", 3, 6), y=("N", 3, 4))
    before = opened(proto, tmp_path)
    found = drift(before, changed(before), samples(before, x=random(9, 3, 6)))
    a, b = outputs(before, random(9, 3, 6)), outputs(changed(before), random(9, 3, 6))
    assert found.top1_agreement == (a.argmax(axis=2) == b.argmax(axis=2)).mean()
    told = head(before, "y", a.astype(np.float32))
    assert told is not None and (told.kind, told.axis) == ("logits", 2)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("odd", [np.nan, np.inf])
@pytest.mark.parametrize("last", [None, "Softmax"])
def test_what_a_prune_broke_is_told_not_averaged_away(
    last: str | None, odd: float, tmp_path: Path
) -> None:
    before = opened(classifier(last), tmp_path)
    (weight,) = before.weights
    array = np.array(tensors.read(before, weight.constant))
    array[0, 0] = odd
    after = before.with_overlay(Overlay({weight.constant.key: array}))
    x = random(9, 6)
    broken = ~np.isfinite(outputs(after, x)).all(axis=1)
    found = drift(before, after, samples(before, x=x))
    assert found.relative_l2 is None and found.cosine is None and found.kl is None
    assert found.broken == broken.sum() > 3 and found.top1_agreement is not None
    with pytest.raises(SparseviewError, match="is not finite in the batch of sample 0"):
        drift(after, before, samples(before, x=random(9, 6)))


def test_what_cannot_be_compared_is_refused(tmp_path: Path) -> None:
    before = opened(classifier(), tmp_path)
    data = samples(before, x=random(1, 6))
    _, none = data.split(0.5)
    with pytest.raises(SparseviewError, match="No samples are left"):
        drift(before, before, none)
    folder = tmp_path / "other"
    folder.mkdir()
    proto = classifier(extra=True)
    proto.graph.output[0].name = "x"
    del proto.graph.output[1]
    node = helper.make_node("MatMul", ["x", "w"], ["r"], "m")
    other = opened(model([node], [nh.from_array(weights(6, 3), "w")], x=("N", 6)), tmp_path)
    other.proto.graph.output[0].name = "r"
    with pytest.raises(SparseviewError, match=r"is \[1, 4\] in the one model and \[1, 3\]"):
        drift(before, other, data)


@pytest.mark.parametrize("seed", [3, 9])
@pytest.mark.parametrize("declared", [None, ("K",), ("K", 1)])
def test_what_only_one_model_gives_is_zero_in_the_other(
    declared: tuple[str | int, ...] | None, seed: int, tmp_path: Path
) -> None:
    """The positive scores of a sample, behind each other; some declare another number of dims."""
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["scores"], "head"),
        helper.make_node("Greater", ["scores", "zero"], ["above"]),
        helper.make_node("Reshape", ["scores", "flat"], ["all"]),
        helper.make_node("Reshape", ["above", "flat"], ["chosen"]),
        helper.make_node("Compress", ["all", "chosen"], ["y"], axis=0),
    ]
    constants = [
        nh.from_array(weights(6, 4, seed=4), "w"),
        nh.from_array(np.float32(0), "zero"),
        nh.from_array(np.array([-1]), "flat"),
    ]
    proto = model(nodes, constants, x=("N", 6))
    proto.graph.output[0].CopyFrom(helper.make_tensor_value_info("y", TensorProto.FLOAT, declared))
    before = opened(proto, tmp_path)
    after = changed(before)
    x = random(5, 6, seed=seed)
    alike = len(outputs(before, x[:1])) == len(outputs(before, x[1:2]))
    assert alike == (seed == 9)  # as if samples could run together
    found = drift(before, after, samples(before, x=x))
    wanted = []
    for row in x:
        a, b = (outputs(each, row[None]) for each in (before, after))
        longest = max(len(a), len(b))
        a, b = (np.pad(each, (0, longest - len(each))) for each in (a, b))
        wanted.append(np.linalg.norm(a - b) / np.linalg.norm(a))
    assert found.relative_l2 == pytest.approx(np.mean(wanted), rel=1e-5)


def test_a_comparison_can_be_cancelled(tmp_path: Path) -> None:
    before = opened(classifier(), tmp_path)
    progress = Progress(lambda done, total, label: progress.cancel())
    with pytest.raises(Cancelled):
        drift(before, before, samples(before, x=random(90, 6)), progress=progress)


def test_a_fixed_batch_is_compared_without_its_repeats(tmp_path: Path) -> None:
    proto = classifier()
    for each in (proto.graph.input[0], proto.graph.output[0]):
        each.type.tensor_type.shape.dim[0].dim_value = 4
    before = opened(proto, tmp_path)
    x = random(6, 6)
    found = drift(before, changed(before), samples(before, x=x))
    a = np.concatenate([outputs(before, x[:4]), outputs(before, x[2:])[2:]])
    b = np.concatenate([outputs(changed(before), x[:4]), outputs(changed(before), x[2:])[2:]])
    apart = np.linalg.norm(a - b, axis=1) / np.linalg.norm(a, axis=1)
    np.testing.assert_allclose(found.relative_l2, apart.mean(), rtol=1e-9)


# Accuracy


@pytest.mark.parametrize("last", [None, "Softmax"])
def test_accuracy_counts_right_answers(last: str | None, tmp_path: Path) -> None:
    each = opened(classifier(last), tmp_path)
    x = random(40, 6)
    answers = outputs(each, x).argmax(axis=1)
    labels = answers.copy()
    labels[:10] = (labels[:10] + 1) % 4
    found = accuracy(each, samples(each, x=x, y=labels))
    assert found is not None and found.top1 == 0.75 and found.top5 is None
    np.testing.assert_allclose(found.error, np.sqrt(0.75 * 0.25 / 40))


def test_the_first_five_count_where_there_are_many_classes(tmp_path: Path) -> None:
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "m")
    proto = model([node], [nh.from_array(weights(6, 30, sparsity=0), "w")], x=("N", 6))
    each = opened(proto, tmp_path)
    x = random(40, 6)
    order = np.argsort(-outputs(each, x), axis=1)
    labels = np.concatenate([order[:10, 0], order[10:20, 4], order[20:, 5]])
    found = accuracy(each, samples(each, x=x, y=labels))
    assert found is not None and (found.top1, found.top5) == (0.25, 0.5)


def test_one_score_per_sample_for_two_classes(tmp_path: Path) -> None:
    node = helper.make_node("MatMul", ["x", "w"], ["z"], "m")
    end = helper.make_node("Sigmoid", ["z"], ["y"])
    proto = model([node, end], [nh.from_array(weights(6, 1, sparsity=0), "w")], x=("N", 6))
    each = opened(proto, tmp_path)
    x = random(40, 6)
    labels = (outputs(each, x)[:, 0] > 0.5).astype(int)
    labels[:4] ^= 1
    found = accuracy(each, samples(each, x=x, y=labels))
    assert found is not None and found.top1 == 0.9


def test_labels_that_fit_no_output_say_nothing(tmp_path: Path) -> None:
    each = opened(classifier(), tmp_path)
    assert accuracy(each, samples(each, x=random(3, 6))) is None
    assert accuracy(each, samples(each, x=random(3, 6), y=np.array([0, 1, 9]))) is None


def test_the_class_itself_as_an_output(tmp_path: Path) -> None:
    proto = classifier("Softmax")
    proto.graph.node.append(helper.make_node("ArgMax", ["z"], ["k"], axis=1, keepdims=0))
    del proto.graph.output[:]
    proto.graph.output.append(value("k", "N", dtype=TensorProto.INT64))
    each = opened(proto, tmp_path)
    x = random(8, 6)
    with Engine(each) as engine:
        labels = engine.run({"x": x})["k"].copy()
    labels[0] = (labels[0] + 1) % 4
    found = accuracy(each, samples(each, x=x, y=labels))
    assert found is not None and found.top1 == 7 / 8 and found.output == "k"


def test_whole_models_of_every_kind_drift_by_nothing_from_themselves(tmp_path: Path) -> None:
    for build in (builders.conv, builders.float16, builders.subgraph_if, builders.function):
        each = opened(build(), tmp_path)
        (given,) = each.proto.graph.input
        shape = [d.dim_value or 3 for d in given.type.tensor_type.shape.dim]
        found = drift(each, each, samples(each, x=random(*shape)))
        assert found.relative_l2 == 0, build.__name__


def several(names: str, scales: tuple[float, ...]) -> ModelProto:
    """Outputs x W s, under these names in this order, for each scale."""
    nodes = [
        helper.make_node("MatMul", ["x", f"w{name}"], [name], f"m{name}") for name in names.split()
    ]
    w = weights(6, 4, sparsity=0, seed=4)
    made = [
        nh.from_array(w * np.float32(scale), f"w{name}")
        for name, scale in zip(names.split(), scales, strict=True)
    ]
    proto = model(nodes, made, x=("N", 6))
    del proto.graph.output[:]
    proto.graph.output.extend(value(name, "N", 4) for name in names.split())
    return proto


@pytest.mark.parametrize(
    ("names", "other", "scales"),
    [("a b", "b a", (2, 1)), ("a b", "z c", (1, 2)), ("a b", "more b a", (9, 2, 1))],
    ids=["names", "places", "one more"],
)
def test_outputs_are_matched_by_name_else_by_place(
    names: str, other: str, scales: tuple[float, ...], tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    first = opened(several(names, (1, 2)), tmp_path)
    second = opened(several(other, scales), tmp_path / "other")
    found = drift(first, second, samples(first, x=random(9, 6)))
    assert [each.output for each in found.outputs] == ["a", "b"] and found.relative_l2 == 0


def test_classes_are_those_of_the_first_output_that_tells_some(tmp_path: Path) -> None:
    before = opened(several("a b", (1, 1)), tmp_path)
    array = tensors.read(before, before.weights[0].constant) + random(6, 4, seed=1)
    after = before.with_overlay(Overlay({before.weights[0].constant.key: array}))
    x = random(30, 6)
    a, b = (outputs(each, x, "a").argmax(axis=1) for each in (before, after))
    found = drift(before, after, samples(before, x=x))
    assert found.top1_agreement == (a == b).mean() < 1
    assert found.outputs[1].top1_agreement == 1 and found.kl and found.outputs[1].kl == 0


@pytest.mark.parametrize(("classes", "told"), [(19, False), (20, True)])
def test_the_first_five_are_told_from_20_classes_on(
    classes: int, told: bool, tmp_path: Path
) -> None:
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "m")
    w = weights(6, classes, sparsity=0)
    w[:, 0] = np.nan  # no number never wins
    each = opened(model([node], [nh.from_array(w, "w")], x=("N", 6)), tmp_path)
    x = random(30, 6)
    order = np.argsort(-(x @ w)[:, 1:], axis=1) + 1
    labels = np.concatenate([order[:12, 0], order[12:21, 4], order[21:, 5]])
    found = accuracy(each, samples(each, x=x, y=labels))
    assert found is not None and found.top1 == 0.4
    assert found.top5 == (0.7 if told else None)
