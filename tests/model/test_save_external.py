"""Saving models with external data: old files are never touched, and every reference stays true."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import builders
import numpy as np
import onnx
import onnxruntime
import protos
import pytest
from onnx import TensorProto, helper
from onnx import numpy_helper as nh
from saving import halve

import sparseview as sv
from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.inscribe import Annotations
from sparseview.model.save import save
from sparseview.model.tensors import read
from sparseview.progress import Progress

SHAPES = {"a": (32, 40), "b": (40, 24), "c": (24, 8)}


def two_files(folder: Path) -> Path:
    """Three MatMuls: `a` and `b` in data/one.bin, `c` (a Constant) in two.bin."""
    (folder / "data").mkdir(parents=True)
    tensors = {}
    stored = {"data/one.bin": b"\xaa" * 64, "two.bin": b""}
    for k, (name, shape) in enumerate(SHAPES.items()):
        location = "two.bin" if name == "c" else "data/one.bin"
        array = builders.weights(*shape, seed=k)
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape)
        tensor.data_location = TensorProto.EXTERNAL
        entries = {
            "location": location, "offset": len(stored[location]), "length": array.nbytes,
        }  # fmt: skip
        if name == "a":
            entries["checksum"] = "0123"
        for key, value in entries.items():
            tensor.external_data.add(key=key, value=str(value))
        stored[location] += array.tobytes()
        tensors[name] = tensor
    for location, data in stored.items():
        (folder / location).write_bytes(data)
    nodes = [
        helper.make_node("MatMul", ["x", "a"], ["h"], "first"),
        helper.make_node("MatMul", ["h", "b"], ["g"], "second"),
        helper.make_node("Constant", [], ["c"], value=tensors["c"]),
        helper.make_node("MatMul", ["g", "c"], ["y"], "third"),
    ]
    made = builders.model(nodes, [tensors["a"], tensors["b"]])
    path = folder / "model.onnx"
    path.write_bytes(made.SerializeToString())
    return path


def output(path: Path) -> np.ndarray:
    x = np.random.default_rng(0).standard_normal((4, 32)).astype(np.float32)
    return onnxruntime.InferenceSession(str(path)).run(None, {"x": x})[0]


def locations(path: Path) -> dict[str, dict[str, str]]:
    """Place of a tensor -> its external_data entries."""
    found = protos.tensors(onnx.load(path, load_external_data=False))
    return {k: {e.key: e.value for e in t.external_data} for k, t in found.items()}


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }  # fmt: skip


def edited(model: Model, key: str) -> Model:
    array = read(model, model.constant(key)).copy()
    array.reshape(-1)[::2] = 0
    return model.with_overlay(model.overlay.with_({key: array}))


@pytest.mark.parametrize("key", ["main/a", "main/b", "main#2:value"])
def test_a_changed_tensor_goes_to_a_new_file(tmp_path: Path, key: str) -> None:
    path = two_files(tmp_path / "src")
    before = contents(path.parent)
    halve(path, key, path.parent / "changed.onnx")
    after = contents(path.parent)
    assert {name: after[name] for name in before} == before
    new = after.keys() - before.keys()
    assert len(new) == 2
    data = next(name for name in new if name.endswith(".data"))
    assert data.startswith("changed.onnx.")
    moved = [e for e in locations(path.parent / "changed.onnx").values() if e["location"] == data]
    assert len(moved) == 1
    assert moved[0].keys() == {"location", "offset", "length"}
    onnx.checker.check_model(str(path.parent / "changed.onnx"))


def test_saved_over_and_over_each_state_is_whole(tmp_path: Path) -> None:
    path = two_files(tmp_path / "src")
    original, model = output(path), Model.open(path)
    both = edited(edited(model, "main/a"), "main#2:value")
    first = save(both, path, overwrite=True)
    assert len(first.data_files) == 1
    pruned = output(path)
    assert not np.array_equal(pruned, original)
    # The same opened model, undone: its old data files are still there.
    second = save(model, path, overwrite=True, previous=first)
    assert second.data_files == ()
    assert np.array_equal(output(path), original)
    third = save(both, path, overwrite=True, previous=second)
    assert third.data_files != first.data_files
    assert np.array_equal(output(path), pruned)
    again = Model.open(path)
    save(edited(again, "main/b"), path, overwrite=True)
    assert np.array_equal(read(Model.open(path), Model.open(path).constant("main/a")),
                          read(both, both.constant("main/a")))  # fmt: skip


def test_payloads_in_the_data_file_are_aligned(tmp_path: Path) -> None:
    path = two_files(tmp_path / "src")
    model = Model.open(path)
    changed = edited(edited(edited(model, "main#2:value"), "main/a"), "main/b")
    save(changed, tmp_path / "src" / "new.onnx")
    saved = locations(tmp_path / "src" / "new.onnx")
    offsets = {k: int(e["offset"]) for k, e in saved.items()}
    # 768 bytes, 5,120 from the next page on, and 3,840 that need no page of their own.
    assert offsets["main node 2 value"] == 0
    assert offsets["main initializer 0"] == 4096
    assert offsets["main initializer 1"] == 4096 + 5120


def test_another_folder_gets_copies(tmp_path: Path) -> None:
    path = two_files(tmp_path / "src")
    (tmp_path / "dst").mkdir()
    target = tmp_path / "dst" / "model.onnx"
    result = save(Model.open(path), target, Annotations({0: (0.5, "2:4")}))
    assert set(result.data_files) == {tmp_path / "dst" / n for n in ("data/one.bin", "two.bin")}
    copied, source = contents(target.parent), contents(path.parent)
    assert copied.keys() == source.keys()
    assert all(copied[n] == source[n] for n in ("data/one.bin", "two.bin"))
    assert np.array_equal(output(target), output(path))
    # The files are there now: nothing to copy.
    result = save(edited(Model.open(path), "main/b"), target, overwrite=True)
    assert [p.name.startswith("model.onnx.") for p in result.data_files] == [True]
    assert np.array_equal(
        output(target), output_of(edited(Model.open(path), "main/b"), path.parent)
    )


def output_of(model: Model, folder: Path) -> np.ndarray:
    save(model, folder / "reference.onnx")
    return output(folder / "reference.onnx")


def test_only_data_that_is_still_used_goes_along(tmp_path: Path) -> None:
    path = two_files(tmp_path / "src")
    (tmp_path / "dst").mkdir()
    save(edited(Model.open(path), "main#2:value"), tmp_path / "dst" / "model.onnx")
    names = contents(tmp_path / "dst").keys()
    assert "two.bin" not in names
    assert "data/one.bin" in names
    output(tmp_path / "dst" / "model.onnx")


def test_a_file_of_that_name_that_is_another_stays(tmp_path: Path) -> None:
    path = two_files(tmp_path / "src")
    (tmp_path / "dst" / "data").mkdir(parents=True)
    (tmp_path / "dst" / "data" / "one.bin").write_bytes(b"somebody else's")
    target = tmp_path / "dst" / "model.onnx"
    save(edited(Model.open(path), "main/b"), target)
    after = contents(tmp_path / "dst")
    assert after["data/one.bin"] == b"somebody else's"
    assert locations(target)["main initializer 0"]["location"].startswith("one.")
    assert np.array_equal(
        output(target), output_of(edited(Model.open(path), "main/b"), path.parent)
    )
    onnx.checker.check_model(str(target))


def test_the_target_may_have_the_name_of_a_data_file_elsewhere(tmp_path: Path) -> None:
    path = two_files(tmp_path / "src")
    (tmp_path / "dst").mkdir()
    target = tmp_path / "dst" / "two.bin"
    save(Model.open(path), target)
    assert np.array_equal(output(target), output(path))


def test_the_target_may_not_be_one_of_the_data_files(tmp_path: Path) -> None:
    path = two_files(tmp_path / "src")
    before = contents(path.parent)
    with pytest.raises(SparseviewError) as caught:
        save(Model.open(path), path.parent / "two.bin", overwrite=True)
    assert caught.value.code == "exists"
    assert contents(path.parent) == before


def test_missing_data_stay_missing_here_and_are_told_elsewhere(tmp_path: Path) -> None:
    path = two_files(tmp_path / "src")
    (path.parent / "two.bin").unlink()
    (tmp_path / "dst").mkdir()
    model = Model.open(path)
    save(model, path.parent / "said.onnx", Annotations({0: (0.5, "2:4")}))
    with pytest.raises(SparseviewError) as caught:
        save(model, tmp_path / "dst" / "model.onnx")
    assert caught.value.code == "missing"
    assert "two.bin" in caught.value.message
    assert contents(tmp_path / "dst") == {}


@pytest.mark.parametrize("location", ["../secret", "/etc/passwd", "link"])
def test_hostile_references_are_never_followed(tmp_path: Path, location: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "dst").mkdir()
    (tmp_path / "secret").write_bytes(b"s" * 5000)
    (tmp_path / "src" / "link").symlink_to(tmp_path / "secret")
    path = builders.external(tmp_path / "src", location=location)
    with pytest.raises(SparseviewError) as caught:
        save(Model.open(path), tmp_path / "dst" / "model.onnx")
    assert caught.value.code == "outside"
    assert contents(tmp_path / "dst") == {}


def test_a_folder_link_in_the_target_is_not_written_through(tmp_path: Path) -> None:
    path = two_files(tmp_path / "src")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "dst").mkdir()
    (tmp_path / "dst" / "data").symlink_to(tmp_path / "elsewhere")
    target = tmp_path / "dst" / "model.onnx"
    save(Model.open(path), target)
    assert contents(tmp_path / "elsewhere") == {}
    read(Model.open(target), Model.open(target).constant("main/a"))


def test_a_download_cache_of_links(tmp_path: Path) -> None:
    """Model and data are links into one store: new data lie beside the name that was opened."""
    blobs, shown = tmp_path / "blobs", tmp_path / "shown"
    blobs.mkdir()
    shown.mkdir()
    path = builders.external(shown)
    for name in ("model.onnx", "weights.bin"):
        os.replace(shown / name, blobs / f"sha-{name}")
        (shown / name).symlink_to(Path("..") / "blobs" / f"sha-{name}")
    blob = (blobs / "sha-weights.bin").read_bytes()
    result = save(edited(Model.open(path), "main/w"), path, overwrite=True)
    assert path.is_symlink()
    assert [p.parent for p in result.data_files] == [shown]
    array = read(Model.open(path), Model.open(path).constant("main/w"))
    assert not array.reshape(-1)[::2].any()
    assert array.any()
    assert (blobs / "sha-weights.bin").read_bytes() == blob


def test_external_values_of_a_sparse_tensor(tmp_path: Path) -> None:
    made = builders.sparse_initializer()
    sparse = made.graph.sparse_initializer[0]
    data = b""
    for tensor in (sparse.values, sparse.indices):
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in {
            "location": "coo.bin", "offset": len(data), "length": len(tensor.raw_data),
        }.items():  # fmt: skip
            tensor.external_data.add(key=key, value=str(value))
        data += tensor.raw_data
        tensor.ClearField("raw_data")
    (tmp_path / "coo.bin").write_bytes(data)
    path = tmp_path / "model.onnx"
    path.write_bytes(made.SerializeToString())
    halve(path, "main/w", tmp_path / "changed.onnx")
    assert (tmp_path / "coo.bin").read_bytes() == data


def test_references_outside_of_graphs_move_along(tmp_path: Path) -> None:
    """A default of a function's attribute, and a list of tensors in a custom operator."""
    (tmp_path / "src").mkdir()
    (tmp_path / "dst").mkdir()
    path = builders.external(tmp_path / "src")
    made = onnx.load(path, load_external_data=False)
    tensor = made.graph.initializer[0]
    custom = made.graph.node.add(op_type="Own", domain="their.domain", output=["z"])
    custom.attribute.append(helper.make_attribute("many", [tensor, tensor]))
    function = made.functions.add(name="F", domain="my.domain")
    function.attribute_proto.append(helper.make_attribute("given", tensor))
    path.write_bytes(made.SerializeToString())
    (tmp_path / "dst" / "weights.bin").write_bytes(b"another")
    save(Model.open(path), tmp_path / "dst" / "model.onnx")
    saved = onnx.load(tmp_path / "dst" / "model.onnx", load_external_data=False)
    moved = [
        saved.graph.initializer[0],
        *saved.graph.node[1].attribute[0].tensors,
        saved.functions[0].attribute_proto[0].t,
    ]
    names = {e.value for t in moved for e in t.external_data if e.key == "location"}
    assert len(moved) == 4
    assert len(names) == 1
    assert nh.to_array(moved[0], str(tmp_path / "dst")).shape == (32, 24)


def test_data_that_change_while_they_are_copied_are_refused(tmp_path: Path) -> None:
    path = two_files(tmp_path / "src")
    (tmp_path / "dst").mkdir()

    def meddle(done: int, total: int, label: str) -> None:
        if label == "Copying two.bin" and done == total:
            with open(path.parent / "two.bin", "ab") as file:
                file.write(b"more")

    with pytest.raises(SparseviewError) as caught:
        save(Model.open(path), tmp_path / "dst" / "model.onnx", progress=Progress(meddle))
    assert caught.value.code == "changed"
    assert contents(tmp_path / "dst") == {}


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failed_save_takes_its_data_files_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = two_files(tmp_path / "src")
    before = contents(path.parent)
    model = edited(Model.open(path), "main/a")
    plain = getattr(os, call)
    calls = 0

    def fail_late(*args: object) -> object:
        nonlocal calls
        calls += 1
        if call == "replace" or calls == 3:  # data file, its folder, then the model
            raise OSError(errno.ENOSPC, "full")
        return plain(*args)

    monkeypatch.setattr(os, call, fail_late)
    with pytest.raises(SparseviewError) as caught:
        save(model, path, overwrite=True)
    assert caught.value.code == "disk-full"
    assert contents(path.parent) == before


def test_an_interruption_after_the_rename_keeps_the_new_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = two_files(tmp_path / "src")
    expected = output_of(edited(Model.open(path), "main/a"), path.parent)
    plain = os.replace

    def interrupted(*args: str) -> None:
        plain(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(edited(Model.open(path), "main/a"), path, overwrite=True)
    assert np.array_equal(output(path), expected)


def test_a_data_file_is_no_target_even_when_the_result_needs_it_no_more(tmp_path: Path) -> None:
    model = Model.open(builders.external(tmp_path))
    (weight,) = model.weights
    array = np.zeros_like(read(model, weight.constant))  # the file's only tensor gets new data
    pruned = model.with_overlay(model.overlay.with_({weight.constant.key: array}))
    before = contents(tmp_path)
    with pytest.raises(SparseviewError, match="holds weights of this model") as caught:
        save(pruned, tmp_path / "weights.bin", overwrite=True)
    assert caught.value.code == "exists"
    assert contents(tmp_path) == before


def test_data_files_that_the_target_needs_no_more_are_told_and_stay(tmp_path: Path) -> None:
    path = two_files(tmp_path)
    session = sv.open(path)
    session.prune("first", sparsity=0.6)
    first = session.save(overwrite=True)
    assert first.unreferenced == () and len(first.data_files) == 1  # `b` still needs one.bin
    session.prune("second", sparsity=0.6)
    session.prune("first", sparsity=0.7)
    second = session.save(overwrite=True)
    assert set(second.unreferenced) == {tmp_path / "data/one.bin", first.data_files[0]}
    assert all(file.exists() for file in second.unreferenced)
    used = {reference for tensor in onnx.load(path, load_external_data=False).graph.initializer
            for entry in tensor.external_data if entry.key == "location"
            for reference in [entry.value]}  # fmt: skip
    assert not used & {file.name for file in second.unreferenced}
    elsewhere = session.save(tmp_path / "new.onnx")
    assert elsewhere.unreferenced == ()  # nothing was there before
