"""Weights whose parts an exporter put into another order, or joined from several constants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper
from onnx import numpy_helper as nh

from sparseview.model.declarations import weight_key
from tests.weight_models import model, only_weight, opened, small_integers

W = nh.from_array(small_integers((4, 4)), "w")


def made(nodes: list[onnx.NodeProto], *tensors: TensorProto) -> ModelProto:
    return model(nodes, tensors, (4, 4))


def turned(*order: str, starts: tuple[int, ...] = (0, 1), **more: Any) -> ModelProto:
    """Slices [0:1] and [1:4] of w, joined in an order."""
    nodes = [
        helper.make_node("Slice", ["w", "s0", "e0"], ["a"]),
        helper.make_node("Slice", ["w", "s1", "e1"], ["b"]),
        helper.make_node("Concat", list(order), ["t"], axis=more.get("axis", 0)),
        helper.make_node("MatMul", ["x", "t"], ["y"]),
    ]
    given = {"s0": starts[0], "e0": 1, "s1": starts[1], "e1": 1 << 62}
    return made(nodes, W, *(nh.from_array(np.array([v]), k) for k, v in given.items()))


def test_parts_joined_in_another_order(tmp_path: Path) -> None:
    """As exporters swap the gates of an LSTM; a part left out or told twice is another matrix."""
    model = turned("b", "a")
    file = opened(model, tmp_path)
    view = only_weight(file.weights).view
    array = nh.to_array(W)
    read = np.concatenate([array[1:], array[:1]])
    np.testing.assert_array_equal(view.logical(array), read.T[None, :, None])
    np.testing.assert_array_equal(view.stored(view.logical(array)), array)
    for other in (
        turned("a", "a"), turned("b", "b"), turned("a", "b", "a"), turned("a", "b", axis=1),
        turned("a", "b", starts=(0, 2)), turned("a", "x"),
    ):  # fmt: skip
        assert opened(other, tmp_path).weights == ()


def test_directions_in_tensors_of_their_own(tmp_path: Path) -> None:
    """Paddle joins the two directions of an LSTM on the way, then swaps gates."""
    tensors = [
        nh.from_array(small_integers((1, 8, 4), 1), "w"),
        nh.from_array(small_integers((1, 8, 4), 2), "v"),
        nh.from_array(small_integers((2, 8, 2), 3), "r"),
        *(nh.from_array(np.array([cut]), f"c{cut}") for cut in (0, 2, 4, 8)),
        nh.from_array(np.array([1]), "axis"),
    ]
    nodes = [
        helper.make_node("Concat", ["w", "v"], ["both"], axis=0),
        *(
            helper.make_node("Slice", ["both", f"c{a}", f"c{b}", "axis"], [f"p{a}"])
            for a, b in ((0, 2), (2, 4), (4, 8))
        ),
        helper.make_node("Concat", ["p0", "p4", "p2"], ["read"], axis=1),
        helper.make_node("LSTM", ["x", "read", "r"], ["y"], hidden_size=2),
    ]
    file = opened(model(nodes, tensors, (5, 2, 4)), tmp_path)
    found = [(w.constant.name, w.input, w.part, w.view.shape) for w in file.weights]
    assert found == [("w", 1, 0, (1, 8, 4)), ("v", 1, 1, (1, 8, 4)), ("r", 2, 0, (2, 8, 2))]
    assert {weight_key(file, w) for w in file.weights} == {"main/5/1", "main/5/1.1", "main/5/2"}
    view = file.weights[1].view
    array = nh.to_array(tensors[1])
    np.testing.assert_array_equal(view.logical(array)[:, :, 0], array.reshape(4, 2, 4))


@pytest.mark.parametrize(
    ("others", "more", "wanted"),
    [
        (["w", "v"], {}, 2),
        (["w", "w"], {}, 0),
        (["w", "x"], {}, 0),
        (["w", "v"], {"then": "Identity"}, 2),
        (["w", "v"], {"then": "Transpose"}, 0),
        (["w"], {}, 0),
    ],
)
def test_constants_joined(
    others: list[str], more: dict[str, str], wanted: int, tmp_path: Path
) -> None:
    nodes = [
        helper.make_node("Concat", others, ["t"], axis=1),
        helper.make_node(more.get("then", "Cast"), ["t"], ["u"]),
        helper.make_node("MatMul", ["x", "u"], ["y"]),
    ]
    file = opened(made(nodes, W, nh.from_array(small_integers((4, 2)), "v")), tmp_path)
    assert [w.part for w in file.weights] == list(range(wanted))


def test_a_group_cut_by_a_join_is_no_weight(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Concat", ["w", "v"], ["t"], axis=0),
        helper.make_node("Conv", ["x", "t"], ["y"], group=2),
    ]
    tensors = [
        nh.from_array(small_integers((2, 4, 1), seed), name) for seed, name in ((1, "w"), (2, "v"))
    ]
    assert opened(made(nodes, *tensors), tmp_path).weights == ()


@pytest.mark.parametrize("torn", [True, False], ids=["across gates", "gates"])
def test_gates_in_another_order(torn: bool, tmp_path: Path) -> None:
    """Whole gates that trade places stay what is stored: only the order of the stack differs."""
    cuts = [0, 3, 6] if torn else [0, 2, 6]
    tensors = [nh.from_array(small_integers((6, 4)), "w"), nh.from_array(np.array([0]), "front")]
    for i, cut in enumerate(cuts):
        tensors.append(nh.from_array(np.array([cut]), f"c{i}"))
    tensors.append(nh.from_array(small_integers((1, 6, 2)), "r"))
    nodes = [
        helper.make_node("Slice", ["w", "c0", "c1"], ["a"]),
        helper.make_node("Slice", ["w", "c1", "c2"], ["b"]),
        helper.make_node("Concat", ["b", "a"], ["t"], axis=0),
        helper.make_node("Unsqueeze", ["t", "front"], ["read"]),
        helper.make_node("GRU", ["x", "read", "r"], ["y"], hidden_size=2),
    ]
    file = opened(model(nodes, tensors, (5, 2, 4)), tmp_path)
    view = next(w for w in file.weights if w.input == 1).view
    array = nh.to_array(tensors[0])
    if torn:
        # Three gates of 2: cut at 3, the middle one is torn apart.
        assert view.shape == (1, 6, 4) and view.steps
    read = np.concatenate([array[cuts[1] :], array[: cuts[1]]]).reshape(3, 2, 4)
    logical = view.logical(array)
    if torn:
        np.testing.assert_array_equal(logical[:, :, 0], read)
    else:
        assert view.shape == (6, 4) and not view.steps
        np.testing.assert_array_equal(logical[:, :, 0], array.reshape(3, 2, 4))
    np.testing.assert_array_equal(view.stored(logical), array)
