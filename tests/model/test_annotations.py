"""Annotations: what is read from where, what holds, and what is written, as annotation.md says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, helper
from onnx import numpy_helper as nh

from sparseview.model.annotations import (
    Verdict,
    WeightFact,
    annotate,
    claims,
    declared,
    read_declarations,
    verdicts,
)
from sparseview.model.claims import BLOCKS, GROUP_SIZES, VECTORS, canonical
from sparseview.model.document import Model
from tests.weight_models import model, opened

KEY = "pkg.sparseview"


@dataclass(frozen=True)
class Fact:
    """A measurement, written by hand."""

    elements: int = 100
    zeros: int = 50
    format: str = "2:4"
    satisfies: tuple[str, ...] = ("2:4", "4:8")
    violations: Mapping[str, int] = field(default_factory=dict)


def matmul(metadata: object = None, doc: str = "", ir: int = 10, **attributes: Any) -> ModelProto:
    """One MatMul, with claims."""
    tensor = nh.from_array(np.ones((10, 10), np.float32), "w")
    tensor.doc_string = doc
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "layer", **attributes)
    made = model([node], [tensor], (10, 10))
    made.ir_version = ir
    if metadata is not None:
        text = metadata if isinstance(metadata, str) else json.dumps(metadata)
        made.metadata_props.add(key=KEY, value=text)
    return made


def noted(made: ModelProto, **entries: str) -> ModelProto:
    for key, text in entries.items():
        made.graph.node[0].metadata_props.add(key=f"{KEY}.{key}", value=text)
    return made


def entry(**values: Any) -> dict[str, Any]:
    return {"version": 1, "weights": {"main/0/1": {"tensor": "w", **values}}}


def verdict(file: Model, *facts: Fact | None) -> Verdict:
    return verdicts(file, dict(enumerate(facts)))[0]


def percent(value: float) -> dict[str, Any]:
    return {"sparsity %": value}


READ: list[tuple[str, ModelProto, tuple[float | None, str | None, str]]] = [
    ("ours", matmul(__sparsity=0.5, __sparsity_format="2:4"), (0.5, "2:4", "attribute")),
    ("ours, one", matmul(__sparsity=0.88), (0.88, None, "attribute")),
    ("text", matmul(sparsity="BSR:4x4"), (None, "bsr:4x4", "attribute")),
    ("fraction", matmul(sparsity=0.25), (0.25, None, "attribute")),
    ("percentage", matmul(**percent(50.0)), (0.5, None, "attribute")),
    ("percent as fraction", matmul(sparsity_percent=0.75), (0.75, None, "attribute")),
    ("one percent", matmul(sparsity_percent=1), (1.0, None, "attribute")),
    ("whole percent", matmul(sparsity_percent=30), (0.3, None, "attribute")),
    (
        "text and percentage",
        matmul(sparsity="Unstructured", **percent(80.0)),
        (0.8, "unstructured", "attribute"),
    ),
    ("format", matmul(sparsity_format=" COO "), (None, "coo", "attribute")),
    (
        "node metadata",
        noted(matmul(), sparsity="0.5", format="channel:OUT"),
        (0.5, "channel:out", "node_metadata"),
    ),
    (
        "model metadata",
        matmul(entry(sparsity=0.5, format="2:4", zeros=50, elements=100)),
        (0.5, "2:4", "model_metadata"),
    ),
    ("doc string", matmul(doc="TRT_WEIGHTLESS/SPARSE_2_4"), (None, "2:4", "doc_string")),
    (
        "attribute first",
        noted(matmul(entry(sparsity=0.1), __sparsity=0.3), sparsity="0.2"),
        (0.3, None, "attribute"),
    ),
    ("ours first", matmul(__sparsity=0.3, sparsity=0.4), (0.3, None, "attribute")),
    (
        "node metadata second",
        noted(matmul(entry(sparsity=0.1), "TRT_WEIGHTLESS/SPARSE_2_4"), sparsity="0.2"),
        (0.2, None, "node_metadata"),
    ),
    (
        "model metadata third",
        matmul(entry(sparsity=0.1), "TRT_WEIGHTLESS/SPARSE_2_4"),
        (0.1, None, "model_metadata"),
    ),
]


@pytest.mark.parametrize(("made", "wanted"), [r[1:] for r in READ], ids=[r[0] for r in READ])
def test_read(
    made: ModelProto, wanted: tuple[float | None, str | None, str], tmp_path: Path
) -> None:
    file = opened(made, tmp_path)
    (claim,) = claims(file).values()
    assert (claim.sparsity, claim.format, claim.source) == wanted
    assert claim.invalid is None
    assert declared(file) == {0: claim}


INVALID: list[tuple[str, ModelProto, str]] = [
    ("NaN", matmul(__sparsity=float("nan")), "nan"),
    ("infinite", matmul(__sparsity=float("inf")), "inf"),
    ("below 0", matmul(__sparsity=-0.1), "-0.1"),
    ("above 1", matmul(__sparsity=1.5), "1.5"),
    ("ours as text", matmul(__sparsity="half"), "half"),
    ("a fraction of 50", matmul(sparsity=50.0), "50.0"),
    ("101 percent", matmul(**percent(101.0)), "101.0"),
    ("negative percent", matmul(sparsity_percent=-3.0), "-3.0"),
    ("unknown format", matmul(__sparsity_format="fancy"), "fancy"),
    ("3:4", matmul(__sparsity_format="3:4"), "3:4"),
    ("0:4", matmul(sparsity="0:4"), "0:4"),
    ("1:3", matmul(sparsity="1:3"), "1:3"),
    ("bsr:3x3", matmul(sparsity="bsr:3x3"), "bsr:3x3"),
    ("two fractions", matmul(sparsity=0.5, sparsity_percent=80.0), "80.00 %"),
    ("two formats", matmul(sparsity="2:4", sparsity_format="4:8"), "4:8"),
    ("node metadata text", noted(matmul(), sparsity="much"), "much"),
    ("node metadata NaN", noted(matmul(), sparsity="nan"), "nan"),
    ("model metadata text", matmul(entry(sparsity="0.5")), "'0.5'"),
    ("model metadata true", matmul(entry(sparsity=True)), "True"),
    ("model metadata NaN", matmul('{"weights":{"main/0/1":{"sparsity":NaN}}}'), "NaN"),
    ("model metadata 1e999", matmul('{"weights":{"main/0/1":{"sparsity":1e999}}}'), "1e999"),
    ("counts below 0", matmul(entry(zeros=-1, elements=100)), "-1"),
    ("counts with a point", matmul(entry(zeros=0.5, elements=100)), "0.5"),
    ("an entry that is a list", matmul({"weights": {"main/0/1": [1]}}), "no JSON object"),
    ("an empty entry", matmul({"weights": {"main/0/1": {}}}), "nothing"),
]


@pytest.mark.parametrize(("made", "shown"), [r[1:] for r in INVALID], ids=[r[0] for r in INVALID])
def test_an_invalid_claim_is_kept_as_said_and_is_false(
    made: ModelProto, shown: str, tmp_path: Path
) -> None:
    found = verdict(opened(made, tmp_path), None)
    assert found.declared is not None and found.declared.invalid is not None
    assert shown in found.declared.invalid
    assert found.agrees is False and len(found.disagreements) == 1


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", '{"weights": 3}', "[" * 100_000, "{\"weights\": {\"main/0/1\": 1" * 9],
)  # fmt: skip
def test_metadata_that_is_no_object_is_a_problem_and_no_claim(text: str, tmp_path: Path) -> None:
    file = opened(matmul(text), tmp_path)
    assert claims(file) == {}
    (problem,) = read_declarations(file).problems
    assert KEY in problem


def test_an_entry_about_another_tensor_is_no_claim(tmp_path: Path) -> None:
    """Tools that insert nodes shift the numbers of the others."""
    metadata = entry(sparsity=0.5)
    metadata["weights"]["main/0/1"]["tensor"] = "other"
    file = opened(matmul(metadata), tmp_path)
    assert claims(file) == {}
    assert "main/0/1" in read_declarations(file).problems[0]


def test_an_operators_own_attribute_is_no_claim(tmp_path: Path) -> None:
    """A function that takes `sparsity`, and an attribute that is neither number nor text."""
    body = [helper.make_node("MatMul", ["a", "m"], ["r"])]
    made = helper.make_function(
        "my", "F", ["a", "m"], ["r"], body, [helper.make_opsetid("", 21)], ["sparsity"]
    )
    nodes = [
        helper.make_node("F", ["x", "w"], ["h"], domain="my", sparsity=0.5),
        helper.make_node("MatMul", ["h", "w"], ["y"], sparsity=[0.5, 0.5]),
    ]
    weight = nh.from_array(np.ones((4, 4), np.float32), "w")
    proto = model(nodes, [weight], (4, 4), functions=[made], domains=["my"])
    assert claims(opened(proto, tmp_path)) == {}


def test_a_node_without_weights_can_claim(tmp_path: Path) -> None:
    node = helper.make_node("Relu", ["x"], ["y"], __sparsity=0.5)
    file = opened(model([node], [], (4, 4)), tmp_path)
    assert declared(file)[0].sparsity == 0.5 and verdicts(file, {}) == {}


HELD: list[tuple[str, dict[str, Any], Fact, str]] = [
    # (what, attributes, measured, the disagreement: empty where the claim holds)
    ("equal", {"__sparsity": 0.5, "__sparsity_format": "2:4"}, Fact(), ""),
    ("within half a point", {"__sparsity": 0.505}, Fact(), ""),
    ("below, within", {"__sparsity": 0.495}, Fact(), ""),
    ("beyond", {"__sparsity": 0.506}, Fact(), "50.60 %"),
    ("below, beyond", {"__sparsity": 0.494}, Fact(), "49.40 %"),
    ("satisfied, not the format", {"sparsity": "4:8"}, Fact(), ""),
    ("not satisfied", {"sparsity": "1:4"}, Fact(violations={"1:4": 1234}), "1,234 groups"),
    ("one violation", {"sparsity": "1:4"}, Fact(violations={"1:4": 1}), "1 group violates"),
    ("not satisfied, uncounted", {"sparsity": "channel:in"}, Fact(), "2:4"),
    ("bare bsr", {"sparsity": "bsr"}, Fact(satisfies=("bsr:1x4",)), ""),
    ("no bsr", {"sparsity": "bsr"}, Fact(), "bsr"),
    ("bare channel", {"sparsity": "channel"}, Fact(satisfies=("channel:in",)), ""),
    ("no channel", {"sparsity": "channel"}, Fact(satisfies=("bsr:4x4",)), "channel"),
    ("unstructured", {"sparsity": "unstructured"}, Fact(format="unstructured"), ""),
    (
        "unstructured, nothing satisfied",
        {"sparsity": "unstructured"},
        Fact(format="dense", satisfies=(), zeros=1),
        "",
    ),
    (
        "unstructured, hardly a zero",
        {"sparsity": "unstructured"},
        Fact(format="dense", satisfies=(), zeros=0),
        "dense",
    ),
    ("unstructured, but 2:4", {"sparsity": "unstructured"}, Fact(), "2:4"),
    ("dense", {"sparsity": "dense"}, Fact(format="dense", satisfies=()), ""),
    ("dense, but 2:4", {"sparsity": "dense"}, Fact(), "2:4"),
    ("storage coo", {"sparsity": "COO"}, Fact(), "stored dense"),
    ("storage csr", {"sparsity": "csr"}, Fact(), "stored dense"),
    ("mixed alone", {"__sparsity_format": "mixed"}, Fact(), "every weight is 2:4"),
]


@pytest.mark.parametrize(("attributes", "fact", "said"), [r[1:] for r in HELD],
                         ids=[r[0] for r in HELD])  # fmt: skip
def test_held_against_what_was_measured(
    attributes: dict[str, Any], fact: Fact, said: str, tmp_path: Path
) -> None:
    file = opened(matmul(**attributes), tmp_path)
    assert verdict(file, None).agrees is None
    found = verdict(file, fact)
    assert found.agrees is (not said)
    if said:
        assert len(found.disagreements) == 1 and said in found.disagreements[0]


def test_our_own_counts_must_be_exact(tmp_path: Path) -> None:
    file = opened(matmul(entry(sparsity=0.5, format="2:4", zeros=50, elements=100)), tmp_path)
    assert verdict(file, Fact()).agrees is True
    found = verdict(file, Fact(zeros=49, elements=98))
    assert len(found.disagreements) == 2 and "49" in found.disagreements[0]


def test_agrees_is_false_if_any_claim_is(tmp_path: Path) -> None:
    file = opened(noted(matmul(__sparsity=0.5), sparsity="0.9"), tmp_path)
    found = verdict(file, Fact())
    assert found.declared is not None and found.declared.sparsity == 0.5
    assert found.agrees is False and "90.00 %" in found.disagreements[0]


def test_a_coo_claim_on_a_sparse_tensor_holds(tmp_path: Path) -> None:
    from tests import builders

    proto = builders.sparse_initializer()
    proto.graph.node[0].attribute.append(helper.make_attribute("sparsity", "coo"))
    assert verdict(opened(proto, tmp_path), Fact()).agrees is True


def two(**attributes: Any) -> ModelProto:
    """An operator with two weights, of 16 and 32 elements."""
    tensors = [
        nh.from_array(np.ones((4, 4), np.float32), "a"),
        nh.from_array(np.ones((4, 8), np.float32), "b"),
    ]
    return model([helper.make_node("MatMul", ["a", "b"], ["y"], **attributes)], tensors, (1,))


def test_a_node_declares_over_all_its_weights(tmp_path: Path) -> None:
    small = Fact(16, 16, "channel:out", ("channel:out", "2:4"))
    large = Fact(32, 8, "unstructured", ())
    file = opened(two(__sparsity=0.5, __sparsity_format="mixed"), tmp_path)
    facts = {0: small, 1: large}
    assert [v.agrees for v in verdicts(file, facts).values()] == [True, True]
    assert [v.agrees for v in verdicts(file, {0: small}).values()] == [None, None]
    file = opened(two(__sparsity=0.25, __sparsity_format="2:4"), tmp_path)
    assert [len(v.disagreements) for v in verdicts(file, facts).values()] == [2, 2]


def test_written(tmp_path: Path) -> None:
    file = opened(two(), tmp_path)
    facts = [WeightFact(0, 16, 16, "channel:out"), WeightFact(1, 32, 8, "unstructured")]
    step = {"method": "magnitude", "target": 0.5}
    written = annotate(file, facts, [step])
    assert written.nodes == {0: (0.5, "mixed")}
    assert written.node_metadata == {0: {f"{KEY}.sparsity": "0.5", f"{KEY}.format": "mixed"}}
    assert json.loads(written.metadata[KEY]) == {
        "version": 1,
        "weights": {
            "main/0/0": {
                "tensor": "a", "sparsity": 1.0, "format": "channel:out",
                "zeros": 16, "elements": 16,
            },
            "main/0/1": {
                "tensor": "b", "sparsity": 0.25, "format": "unstructured",
                "zeros": 8, "elements": 32,
            },
        },
        "summary": {
            "weights": 2, "elements": 48, "zeros": 24, "sparsity": 0.5,
            "embeddings": {"weights": 0, "elements": 0, "zeros": 0},
        },
        "recipe": [step],
    }  # fmt: skip


def with_written(proto: ModelProto, facts: list[WeightFact], folder: Path, *steps: Any) -> Model:
    """The model as if saved with its annotations."""
    written = annotate(opened(proto, folder), facts, steps)
    saved = ModelProto()
    saved.CopyFrom(proto)
    del saved.metadata_props[:]
    for key, text in written.metadata.items():
        saved.metadata_props.add(key=key, value=text)
    for node, (sparsity, name) in written.nodes.items():
        assert sparsity is not None and name is not None
        saved.graph.node[node].attribute.append(helper.make_attribute("__sparsity", sparsity))
        saved.graph.node[node].attribute.append(helper.make_attribute("__sparsity_format", name))
    return opened(saved, folder)


def test_what_is_written_is_read_back_and_true(tmp_path: Path) -> None:
    facts = [WeightFact(0, 16, 7, "unstructured"), WeightFact(1, 32, 11, "unstructured")]
    file = with_written(two(), facts, tmp_path)
    measured = {0: Fact(16, 7, "unstructured", ()), 1: Fact(32, 11, "unstructured", ())}
    assert read_declarations(file).problems == ()
    assert [v.agrees for v in verdicts(file, measured).values()] == [True, True]
    measured[1] = Fact(32, 12, "unstructured", ())
    assert [v.agrees for v in verdicts(file, measured).values()] == [False, False]


def test_writing_again_changes_nothing_and_new_steps_follow_the_old(tmp_path: Path) -> None:
    facts = [WeightFact(0, 16, 7, "unstructured"), WeightFact(1, 32, 11, "unstructured")]
    once = annotate(opened(two(), tmp_path), facts, [{"step": 1}])
    file = with_written(two(), facts, tmp_path, {"step": 1})
    assert annotate(file, facts) == once
    later = json.loads(annotate(file, facts, [{"step": 2}]).metadata[KEY])
    assert later["recipe"] == [{"step": 1}, {"step": 2}]


def test_an_unread_weight_gets_no_new_claim(tmp_path: Path) -> None:
    facts = [WeightFact(0, 16, 7, "unstructured"), WeightFact(1, 32, 11, "unstructured")]
    file = with_written(two(), facts, tmp_path)
    written = annotate(file, facts[:1])
    assert written.nodes == {}
    assert set(json.loads(written.metadata[KEY])["weights"]) == {"main/0/0", "main/0/1"}


@pytest.mark.parametrize("ir", [9, 10])
def test_node_metadata_only_where_the_ir_has_it(ir: int, tmp_path: Path) -> None:
    facts = [WeightFact(0, 100, 50, "2:4")]
    assert bool(annotate(opened(matmul(ir=ir), tmp_path), facts).node_metadata) == (ir == 10)


def test_a_shared_tensor_counts_once_in_the_summary(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        helper.make_node("Gemm", ["h", "w"], ["y"], transB=1),
        helper.make_node("Gather", ["w", "i"], ["z"]),
    ]
    tensors = [
        nh.from_array(np.ones((4, 4), np.float32), "w"),
        nh.from_array(np.array([0]), "i"),
    ]
    file = opened(model(nodes, tensors, (4, 4)), tmp_path)
    written = annotate(file, [WeightFact(i, 16, 4, "unstructured") for i in range(3)])
    summary = json.loads(written.metadata[KEY])["summary"]
    assert summary["weights"] == 1 and summary["elements"] == 16
    assert summary["embeddings"]["elements"] == 16
    assert len(written.nodes) == 3


def test_a_weight_without_elements_has_no_sparsity(tmp_path: Path) -> None:
    file = opened(matmul(), tmp_path)
    written = annotate(file, [WeightFact(0, 0, 0, "dense")])
    assert written.nodes == {}
    text = written.metadata[KEY]
    assert json.loads(text)["weights"]["main/0/1"]["sparsity"] is None
    reread = opened(matmul(text), tmp_path)
    assert verdict(reread, Fact(0, 0, "dense", ())).agrees is True


def test_no_weights_no_annotation(tmp_path: Path) -> None:
    node = helper.make_node("Relu", ["x"], ["y"])
    written = annotate(opened(model([node], [], (4, 4)), tmp_path), [])
    assert not (written.nodes or written.metadata or written.node_metadata)


def test_the_names_that_claims_may_use_are_those_that_are_measured() -> None:
    from sparseview.sparsity.formats import FORMATS

    ours = {f"{n}:{m}" for m in GROUP_SIZES for n in range(1, m // 2 + 1)}
    ours |= {f"bsr:{size}" for size in BLOCKS + VECTORS}
    ours |= {"channel:out", "channel:in", "unstructured", "dense"}
    assert ours == {known.name for known in FORMATS}
    assert all(canonical(name.upper()) == name for name in ours)
