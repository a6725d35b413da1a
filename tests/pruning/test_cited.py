"""Recipes by data: a replay reads the data as they were read, or says why it cannot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import builders
import numpy as np
import onnx
import pytest
from msgspec.structs import replace
from onnx import helper, numpy_helper

import sparseview as sv
from sparseview.errors import SparseviewError
from sparseview.model import tensors
from sparseview.pruning.cited import at_hand, required
from sparseview.pruning.evidence import load
from sparseview.pruning.recipe import Recipe, read
from sparseview.review.provenance import as_json
from sparseview.runtime.data import Options
from sparseview.session import Session

WISH: dict[str, Any] = {"method": "wanda", "sparsity": 0.5, "order": "one-pass"}
BGR = Options("order=BGR mean=0.2,0.9,0.1 std=0.4")


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """One that takes coloured pictures, or anything else of that shape."""
    proto = builders.network()
    proto.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 3
    first = np.random.default_rng(1).standard_normal((16, 3, 3, 3)).astype(np.float32)
    proto.graph.initializer[0].CopyFrom(numpy_helper.from_array(first, "conv1.weight"))
    onnx.save(proto, tmp_path / "network.onnx")
    return tmp_path / "network.onnx"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    values = np.random.default_rng(2).integers(0, 256, (12, 8, 8, 3)).astype(np.uint8)
    values[..., 0] //= 8
    np.savez(tmp_path / "pictures.npz", x=values)
    return tmp_path / "pictures.npz"


def masks(session: Session) -> list[bytes]:
    model = session.model
    return [(tensors.read(model, w.constant) == 0).tobytes() for w in model.weights]


def pruned(path: Path, data: Any, **options: Any) -> tuple[Recipe, list[bytes]]:
    """(the recipe of a prune by data, as its file holds it; the zeros that it made)."""
    session = sv.open(path)
    session.use_data(data, **options)
    session.prune(**WISH)
    return read(as_json(session.recipe())), masks(session)


def with_data(recipe: Recipe, change: Any) -> Recipe:
    (step,) = json.loads(json.dumps(recipe.steps))
    step["data"] = change(step["data"])
    return replace(recipe, steps=(step,))


def test_pictures_are_prepared_as_they_were(network: Path, pictures: Path) -> None:
    recipe, wanted = pruned(network, pictures, options=BGR)
    assert wanted != pruned(network, pictures)[1]
    again = sv.open(network)
    again.replay(recipe)
    assert masks(again) == wanted
    # Given the same data, wherever they are, read as guessed: for the recipe they are read anew.
    moved = pictures.rename(pictures.with_name("moved.npz"))
    again = sv.open(network)
    mine = again.use_data(moved)
    again.replay(recipe)
    assert masks(again) == wanted and again.data is mine
    # The other way round: a recipe by the guess, where they are read in a corrected way.
    recipe, wanted = pruned(network, moved)
    again = sv.open(network)
    again.use_data(moved, options=BGR)
    again.replay(recipe)
    assert masks(again) == wanted


def test_made_up_samples_come_from_the_same_seed(network: Path) -> None:
    recipe, wanted = pruned(network, "synthetic:8", options=Options(seed=3))
    assert wanted != pruned(network, "synthetic:8")[1]
    for given in (None, "synthetic:8"):
        again = sv.open(network)
        if given is not None:
            again.use_data(given)
        again.replay(recipe)
        assert masks(again) == wanted


def test_as_many_samples_are_calibrated_on(network: Path, pictures: Path) -> None:
    recipe, wanted = pruned(network, pictures, calibration=2)
    assert wanted != pruned(network, pictures)[1]
    again = sv.open(network)
    again.use_data(pictures)
    again.replay(recipe)
    assert masks(again) == wanted


def test_samples_picked_by_hand_cannot_be_picked_again(network: Path, pictures: Path) -> None:
    session = sv.open(network)
    data = session.use_data(pictures)
    assert data is not None
    from dataclasses import replace as changed

    own = changed(data, calibration=data.samples.take([0, 1]), held_out=data.samples.take([2]))
    session.use_data(own)
    session.prune(**WISH)
    recipe = read(as_json(session.recipe()))
    again = sv.open(network)
    with pytest.raises(SparseviewError, match="picked in another way") as caught:
        again.replay(recipe)
    assert caught.value.code == "other-data" and not again.dirty
    again.replay(recipe, force=True)
    again = sv.open(network)
    again.use_data(own)
    again.replay(recipe)
    assert masks(again) == masks(session)


def test_the_provider_is_the_one_it_had_unless_data_are_given(
    network: Path, pictures: Path
) -> None:
    recipe, wanted = pruned(network, pictures, provider="CPU")
    assert recipe.steps[0]["data"]["provider"] == "CPU"
    elsewhere = with_data(recipe, lambda data: {**data, "provider": "NoSuch"})
    again = sv.open(network)
    with pytest.raises(SparseviewError, match="no execution provider 'NoSuch'"):
        again.replay(elsewhere)
    assert not again.dirty
    again.use_data(pictures)
    again.replay(elsewhere)
    assert masks(again) == wanted


def test_earlier_recipes_told_less_and_are_replayed(network: Path, pictures: Path) -> None:
    recipe, wanted = pruned(network, pictures, options=BGR)
    told = ("path", "sha256", "samples", "calibration", "synthetic")
    earlier = with_data(recipe, lambda data: {name: data[name] for name in told})
    again = sv.open(network)
    again.use_data(pictures, options=BGR)
    again.replay(earlier)
    assert masks(again) == wanted


@pytest.mark.parametrize("data", [{"calibration": "many"}, {"pictures": {"height": -1}}, [1], "x"])
def test_what_says_nothing_about_data_is_refused(network: Path, pictures: Path, data: Any) -> None:
    recipe, _ = pruned(network, pictures)
    again = sv.open(network)
    with pytest.raises(SparseviewError, match="which data") as caught:
        again.replay(with_data(recipe, lambda _: data))
    assert caught.value.code == "recipe" and not again.dirty


def test_text_is_cut_into_tokens_by_the_same_tokenizer(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    path = language_model(tmp_path)
    (tmp_path / "texts").mkdir()
    texts = tmp_path / "texts" / "lines.txt"
    texts.write_text("a b c d\nd c b a\na a b b\nc d c d\nb b b c\n", "utf-8")
    tokenizer(tmp_path / "texts" / "tokenizer.json", "abcd")
    mine = tokenizer(tmp_path / "mine.json", "dcab")
    recipe, wanted = pruned(path, texts, options=Options(tokenizer=str(mine)))
    assert wanted != pruned(path, texts)[1]
    for given in (False, True):
        again = sv.open(path)
        if given:
            again.use_data(texts)
        again.replay(recipe)
        assert masks(again) == wanted
    tokenizer(mine, "bdca")
    for given in (False, True):
        again = sv.open(path)
        if given:
            again.use_data(texts)
        with pytest.raises(SparseviewError, match=r"the tokenizer .*mine\.json") as caught:
            again.replay(recipe)
        assert caught.value.code == "other-data" and not again.dirty
        again.replay(recipe, force=True)


def tokenizer(path: Path, words: str) -> Path:
    """Words apart by spaces; the vocabulary in that order."""
    vocabulary = {"[UNK]": 0} | {word: at for at, word in enumerate(words, 1)}
    path.write_text(
        json.dumps(
            {
                "version": "1.0", "added_tokens": [], "normalizer": None, "post_processor": None,
                "pre_tokenizer": {"type": "Whitespace"}, "decoder": None, "truncation": None,
                "padding": None,
                "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
            }
        )
    )  # fmt: skip
    return path


def language_model(folder: Path) -> Path:
    """A table of 8 words that are not alike, and one MatMul."""
    random = np.random.default_rng(4)
    table = (random.standard_normal((8, 16)) * np.geomspace(0.1, 9, 16)).astype(np.float32)
    for row in table:
        random.shuffle(row)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["e"]),
        helper.make_node("MatMul", ["e", "w"], ["y"], "layer"),
    ]
    graph = helper.make_graph(
        nodes,
        "language",
        [helper.make_tensor_value_info("input_ids", onnx.TensorProto.INT64, ["n", "t"])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["n", "t", 8])],
        [
            numpy_helper.from_array(table, "table"),
            numpy_helper.from_array(random.standard_normal((16, 8)).astype(np.float32), "w"),
        ],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(proto, folder / "language.onnx")
    return folder / "language.onnx"


@pytest.mark.parametrize("given", [None, 0, 1])
def test_each_step_goes_by_its_own_data(network: Path, tmp_path: Path, given: int | None) -> None:
    """Two prunes by two sets of data; one of them may be given, wherever it is by now."""
    random = np.random.default_rng(6)
    paths = [tmp_path / f"{number}.npz" for number in range(2)]
    for path in paths:
        spread = np.geomspace(0.1, 4, 20).reshape(-1, 1, 1, 1)
        random.shuffle(spread)
        np.savez(path, x=(random.standard_normal((20, 3, 8, 8)) * spread).astype(np.float32))
    session = sv.open(network)
    for path, level in zip(paths, (0.4, 0.7), strict=True):
        session.use_data(path)
        session.prune(**{**WISH, "sparsity": level})
    recipe = read(as_json(session.recipe()))
    again = sv.open(network)
    if given is not None:
        again.use_data(paths[given].rename(tmp_path / "moved.npz"))
    again.replay(recipe)
    assert masks(again) == masks(session)
    assert (again.data is None) == (given is None)


def test_data_read_anew_for_a_recipe_take_no_more_memory(network: Path, pictures: Path) -> None:
    recipe, _ = pruned(network, pictures, options=BGR)
    session = sv.open(network)
    given = session.use_data(pictures, memory=300 << 20)
    found = required(session.model, recipe.steps[0]["data"], given, False)
    assert found is not given and found.samples.preparation != given.samples.preparation
    assert (found.memory, found.path) == (300 << 20, given.path)


def test_the_step_before_comes_before_the_data_given(network: Path, pictures: Path) -> None:
    """It was read as the recipe tells, once for all of its steps."""
    session = sv.open(network)
    own = session.use_data(pictures)
    last = load(session.model, pictures, options=BGR)
    told = {"sha256": own.digest}
    assert at_hand([{"data": told}] * 2, told, last, own) is last
    assert at_hand([{"data": told}], told, None, own) is own
    other = {"sha256": "0" * 64}
    assert at_hand([{"data": other}], other, None, own) is own  # stands in for what is not named
    assert at_hand([{"data": told}, {"data": other}], other, last, own) is None
