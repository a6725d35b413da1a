"""The engine gives what ONNX Runtime gives for the saved file, to the bit, wherever a weight is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import builders
import numpy as np
import onnxruntime
import pytest
from onnx import ModelProto, TensorProto
from probing import opened

from sparseview.errors import SparseviewError
from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.model.overlay import Overlay
from sparseview.model.save import save
from sparseview.runtime.bodies import Point
from sparseview.runtime.engine import Engine
from sparseview.runtime.inline import inlined
from sparseview.runtime.onnx_runtime import providers
from sparseview.session import Session

# Every builder that ONNX Runtime runs on the CPU.
RUN = [
    builders.conv,
    builders.gemm,
    builders.matmul,
    builders.packed_floats,
    builders.subgraph_if,
    builders.function,
    builders.constant_node,
    builders.sparse_initializer,
    builders.float16,
    builders.int4,
    builders.qdq,
]


def feed(model: Model, seed: int = 3) -> dict[str, np.ndarray]:
    (value,) = model.proto.graph.input
    dims = [d.dim_value or 3 for d in value.type.tensor_type.shape.dim]
    half = value.type.tensor_type.elem_type == TensorProto.FLOAT16
    x = np.random.default_rng(seed).standard_normal(dims)
    return {value.name: x.astype(np.float16 if half else np.float32)}


def plain(path: Path, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, feeds)


def changed(model: Model) -> Model:
    """Every second element of every weight (zero points and packed codes too) set to zero."""
    entries = {}
    for weight in model.weights:
        constant = model.constant(weight.constant.key)
        array = np.array(tensors.read(model, constant))
        array.reshape(-1)[::2] = 0
        entries[constant.key] = array
    return model.with_overlay(Overlay(entries))


@pytest.mark.parametrize("build", RUN, ids=lambda build: build.__name__)
@pytest.mark.parametrize("overlaid", [False, True])
def test_outputs_equal_those_of_the_saved_file(
    build: Callable[[], ModelProto], overlaid: bool, tmp_path: Path
) -> None:
    model = opened(build(), tmp_path)
    before = model
    if overlaid:
        model = changed(model)
    save(model, tmp_path / "saved.onnx")
    feeds = feed(model)
    with Engine(model) as engine:
        found = list(engine.run(feeds).values())
    wanted = plain(tmp_path / "saved.onnx", feeds)
    assert len(found) == len(wanted) == 1
    np.testing.assert_array_equal(found[0], wanted[0])
    if overlaid:
        with Engine(before) as engine:
            assert not np.array_equal(engine.run(feeds)["y"], wanted[0]), "the overlay does nothing"


def test_external_data_is_found_beside_the_file_and_through_links(tmp_path: Path) -> None:
    folder, links = tmp_path / "store", tmp_path / "links"
    folder.mkdir(), links.mkdir()
    path = builders.external(folder)
    for name in ("model.onnx", "weights.bin"):
        (links / name).symlink_to(folder / name)
    model = Model.open(links / "model.onnx")
    feeds = feed(model)
    (wanted,) = plain(path, feeds)
    for each in (model, changed(model)):
        save(each, tmp_path / "saved.onnx", overwrite=True)
        (wanted,) = plain(tmp_path / "saved.onnx", feeds)
        with Engine(each) as engine:
            np.testing.assert_array_equal(engine.run(feeds)["y"], wanted)


def test_a_model_saved_over_still_runs_on_what_was_opened(tmp_path: Path) -> None:
    model = opened(builders.matmul(), tmp_path)
    feeds = feed(model)
    (wanted,) = plain(model.path, feeds)
    session = Session(model)
    session.prune(sparsity=0.9)
    session.save(overwrite=True)
    assert not np.array_equal(plain(model.path, feeds)[0], wanted)
    with Engine(model) as engine:
        np.testing.assert_array_equal(engine.run(feeds)["y"], wanted)


def test_nothing_is_written_and_nothing_is_left(tmp_path: Path) -> None:
    model = changed(opened(builders.function(), tmp_path))
    before = sorted(tmp_path.rglob("*"))
    with Engine(model) as engine:
        engine.run(feed(model))
    assert sorted(tmp_path.rglob("*")) == before


def test_functions_are_written_out_without_changing_a_bit(tmp_path: Path) -> None:
    model = changed(opened(builders.function(), tmp_path))
    flat = inlined(model)
    assert not flat.model.proto.functions
    feeds = feed(model)
    with Engine(model) as one, Engine(flat.model) as other:
        np.testing.assert_array_equal(one.run(feeds)["y"], other.run(feeds)["y"])


def test_points_show_tensors_inside(tmp_path: Path) -> None:
    model = opened(builders.matmul(), tmp_path)
    h = Point(0, "h", TensorProto.FLOAT)
    feeds = feed(model)
    with Engine(model, [h]) as engine:
        seen = engine.look(feeds, [h])[h]
    large = tensors.read(model, model.constants(0)["large"])
    np.testing.assert_allclose(seen, feeds["x"] @ large, rtol=1e-5, atol=1e-5)


def test_a_claim_that_the_runtime_refuses_is_left_out(tmp_path: Path) -> None:
    proto = builders.matmul()
    proto.graph.node[0].attribute.add(name="sparsity", f=0.5, type=1)
    model = opened(proto, tmp_path)
    with pytest.raises(Exception, match="sparsity"):
        plain(model.path, feed(model))
    with Engine(model) as engine:
        assert engine.run(feed(model))["y"].shape == (3, 4)


def test_what_the_runtime_refuses_is_one_sentence_and_nothing_on_stderr(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    model = opened(builders.bfloat16_numbers(), tmp_path)
    with pytest.raises(SparseviewError) as refused, Engine(model):
        pass
    assert refused.value.message.startswith("ONNX Runtime cannot run model.onnx: Could not find")
    assert "\n" not in str(refused.value)
    with (
        Engine(opened(builders.matmul(), tmp_path)) as engine,
        pytest.raises(SparseviewError, match="on this data"),
    ):
        engine.run({"x": np.zeros((2, 31), np.float32)})
    assert capfd.readouterr().err == ""


def test_a_provider_that_is_not_here_is_refused_with_a_list(tmp_path: Path) -> None:
    model = opened(builders.matmul(), tmp_path)
    with pytest.raises(SparseviewError, match=r"no execution provider 'abacus'.*CPU"):
        Engine(model, provider="abacus")
    with Engine(model, provider="cpu", threads=1) as engine:
        assert engine.run(feed(model))["y"].shape == (3, 4)


def test_a_provider_that_does_not_start_is_told_and_not_run_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = opened(builders.gemm(), tmp_path)
    # Listed, as where the package is built for it, and without the libraries that it loads.
    monkeypatch.setattr(
        "sparseview.runtime.engine.provider_named", lambda _: "CUDAExecutionProvider"
    )
    with (
        pytest.warns(UserWarning, match="not in available provider names"),
        pytest.raises(SparseviewError, match="has the execution provider CUDA, but cannot start"),
    ):
        Engine(model, provider="cuda")


def test_a_provider_that_runs_elsewhere_is_no_choice() -> None:
    assert "CPUExecutionProvider" in providers()
    assert not any("Azure" in name for name in providers())
