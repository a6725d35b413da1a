"""Saving: where it may write, what it refuses, how claims are written and migrated."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any

import builders
import numpy as np
import onnx
import pytest
import wire
from onnx import AttributeProto, helper

from sparseview.errors import SparseviewError
from sparseview.model import save as saving
from sparseview.model.document import Model
from sparseview.model.inscribe import Annotations
from sparseview.model.save import save
from sparseview.model.tensors import read
from sparseview.progress import Cancelled, Progress


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.onnx"
    path.write_bytes(builders.matmul().SerializeToString())
    return path


def zeroed(model: Model, key: str = "main/large") -> Model:
    """The model with every element of one constant replaced by 0."""
    array = np.zeros_like(read(model, model.constant(key)))
    return model.with_overlay(model.overlay.with_({key: array}))


def refused(code: str, *args: Any, **kwargs: Any) -> SparseviewError:
    with pytest.raises(SparseviewError) as caught:
        save(*args, **kwargs)
    assert caught.value.code == code, caught.value
    return caught.value


# Where it writes


def test_an_existing_file_stays_unless_overwriting_is_allowed(source: Path) -> None:
    before = source.read_bytes()
    model = zeroed(Model.open(source))
    refused("exists", model, source)
    assert source.read_bytes() == before
    result = save(model, source, overwrite=True)
    assert source.read_bytes() != before
    assert (result.path, result.bytes) == (source, source.stat().st_size)
    assert os.listdir(source.parent) == ["source.onnx"]


def test_the_opened_model_reads_on_after_saving_over_it(source: Path) -> None:
    model = Model.open(source)
    original = read(model, model.constant("main/large"))
    first = save(zeroed(model), source, overwrite=True)
    assert np.array_equal(read(model, model.constant("main/large")), original)
    # Once more from the same opened file: undone.
    save(model, source, overwrite=True, previous=first)
    assert np.array_equal(read(Model.open(source), model.constant("main/large")), original)


def test_a_source_replaced_by_someone_else_is_not_overwritten(source: Path) -> None:
    model = zeroed(Model.open(source))
    theirs = source.parent / "theirs"
    theirs.write_bytes(b"precious")
    os.replace(theirs, source)
    refused("changed", model, source, overwrite=True)
    first = save(model, source.parent / "mine.onnx")
    refused("changed", model, source, overwrite=True, previous=first)
    assert source.read_bytes() == b"precious"


def test_a_source_written_into_is_refused(source: Path, tmp_path: Path) -> None:
    model = Model.open(source)
    with open(source, "ab") as file:
        file.write(b"\x00")
    refused("changed", model, tmp_path / "out.onnx")
    refused("changed", model, source, overwrite=True)
    assert sorted(os.listdir(tmp_path)) == ["source.onnx"]


def test_a_source_written_into_meanwhile_is_refused(source: Path, tmp_path: Path) -> None:
    def meddle(done: int, total: int, _: str) -> None:
        if done == total:
            with open(source, "ab") as file:
                file.write(b"\x00")

    model = Model.open(source)
    refused("changed", model, tmp_path / "out.onnx", progress=Progress(meddle))
    assert sorted(os.listdir(tmp_path)) == ["source.onnx"]


def test_a_deleted_source_can_be_saved_again(source: Path) -> None:
    before = source.read_bytes()
    model = Model.open(source)
    source.unlink()
    save(model, source)
    assert source.read_bytes() == before


def test_a_link_is_written_through(source: Path, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    real = tmp_path / "deep" / "real.onnx"
    os.replace(source, real)
    source.symlink_to(Path("deep") / "real.onnx")
    save(zeroed(Model.open(source)), source, overwrite=True)
    assert source.is_symlink()
    assert not read(Model.open(real), Model.open(real).constant("main/large")).any()
    assert os.listdir(real.parent) == ["real.onnx"]


def test_targets_that_are_no_place_for_a_model(source: Path, tmp_path: Path) -> None:
    model = Model.open(source)
    refused("no-folder", model, tmp_path / "nowhere" / "out.onnx")
    refused("no-folder", model, source / "out.onnx")
    (tmp_path / "folder").mkdir()
    refused("not-a-file", model, tmp_path / "folder", overwrite=True)
    assert "out.onnx" in refused("name", model, tmp_path / ("x" * 300 + "out.onnx")).message


@pytest.mark.parametrize("bits", [0o600, 0o644, 0o755, 0o664])
def test_permission_bits_stay(source: Path, bits: int) -> None:
    source.chmod(bits)
    save(zeroed(Model.open(source)), source, overwrite=True)
    assert stat.S_IMODE(source.stat().st_mode) == bits


def test_a_new_file_has_the_permissions_of_any_new_file(source: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    save(Model.open(source), tmp_path / "new.onnx")
    assert (tmp_path / "new.onnx").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_write_protected_target_is_refused(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source.chmod(0o444)
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anything
    refused("denied", Model.open(source), source, overwrite=True)


# What goes wrong


@pytest.mark.parametrize(
    ("call", "code", "said"),
    [
        ("fsync", errno.ENOSPC, "disk-full"),
        ("fsync", errno.EIO, "io"),
        ("replace", errno.EACCES, "denied"),
        ("open", errno.EROFS, "denied"),
        ("open", errno.EACCES, "denied"),
        ("copy_file_range", errno.ENOSPC, "disk-full"),
    ],
)
def test_a_failing_disk_leaves_everything_as_it_was(
    source: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int, said: str
) -> None:
    before = source.read_bytes()
    model = zeroed(Model.open(source))

    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        refused(said, model, source, overwrite=True)
    assert source.read_bytes() == before
    assert os.listdir(source.parent) == ["source.onnx"]
    save(model, source, overwrite=True)


def test_cancelling_leaves_everything_as_it_was(source: Path) -> None:
    before = source.read_bytes()
    stopped = Progress()
    stopped.cancel()
    with pytest.raises(Cancelled):
        save(zeroed(Model.open(source)), source, overwrite=True, progress=stopped)
    assert source.read_bytes() == before
    assert os.listdir(source.parent) == ["source.onnx"]


def test_a_file_that_appears_meanwhile_is_kept(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "new.onnx"
    plain = os.fsync
    monkeypatch.setattr(os, "fsync", lambda f: (target.write_bytes(b"theirs"), plain(f)))
    refused("exists", Model.open(source), target)
    assert target.read_bytes() == b"theirs"
    assert sorted(os.listdir(tmp_path)) == ["new.onnx", "source.onnx"]


def test_folders_without_links_work_too(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", unsupported)
    save(Model.open(source), tmp_path / "new.onnx")
    assert (tmp_path / "new.onnx").read_bytes() == source.read_bytes()
    refused("exists", Model.open(source), tmp_path / "new.onnx")


def test_a_model_may_not_grow_beyond_what_is_parsed(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Model.open(source)
    monkeypatch.setattr(saving, "PROTOBUF_LIMIT", source.stat().st_size)
    refused("too-big", model, tmp_path / "out.onnx", Annotations({0: (0.5, "2:4")}))
    save(model, tmp_path / "out.onnx")


# What it writes about weights


def test_claims_are_written_at_the_end_and_replaced_in_place(source: Path, tmp_path: Path) -> None:
    made = builders.matmul()
    made.metadata_props.add(key="pkg.sparseview", value="old")
    made.metadata_props.add(key="author", value="someone")
    node = made.graph.node[0]
    node.attribute.extend(
        [
            helper.make_attribute("__sparsity_format", "dense"),
            helper.make_attribute("note", "kept"),
            helper.make_attribute("__sparsity", 0.125),
        ]
    )
    node.metadata_props.add(key="pkg.sparseview.format", value="dense")
    node.metadata_props.add(key="other", value="kept")
    source.write_bytes(made.SerializeToString())
    said = Annotations(
        {0: (0.5, "2:4"), 1: (0.25, None)},
        {"pkg.sparseview": "new"},
        {0: {"pkg.sparseview.format": "2:4", "pkg.sparseview.sparsity": "0.5"}},
    )
    save(Model.open(source), tmp_path / "out.onnx", said)
    saved = onnx.load(tmp_path / "out.onnx")
    first, second = saved.graph.node
    assert [(a.name, helper.get_attribute_value(a)) for a in first.attribute] == [
        ("__sparsity_format", b"2:4"),
        ("note", b"kept"),
        ("__sparsity", 0.5),
    ]
    assert [a.type for a in first.attribute] == [
        AttributeProto.STRING, AttributeProto.STRING, AttributeProto.FLOAT,
    ]  # fmt: skip
    assert [(p.key, p.value) for p in first.metadata_props] == [
        ("pkg.sparseview.format", "2:4"),
        ("other", "kept"),
        ("pkg.sparseview.sparsity", "0.5"),
    ]
    assert [(a.name, helper.get_attribute_value(a)) for a in second.attribute] == [
        ("__sparsity", 0.25)
    ]
    assert [(p.key, p.value) for p in saved.metadata_props] == [
        ("pkg.sparseview", "new"),
        ("author", "someone"),
    ]


def test_what_is_not_claimed_anew_stays(source: Path, tmp_path: Path) -> None:
    said = Annotations({0: (0.5, "2:4")}, {"pkg.sparseview": "{}"})
    save(Model.open(source), tmp_path / "one.onnx", said)
    save(Model.open(tmp_path / "one.onnx"), tmp_path / "two.onnx", Annotations({0: (None, None)}))
    assert (tmp_path / "two.onnx").read_bytes() == (tmp_path / "one.onnx").read_bytes()


def test_copies_and_wrong_types_of_a_claim_are_put_right(source: Path, tmp_path: Path) -> None:
    made = builders.matmul()
    made.graph.node[0].attribute.extend(
        [
            helper.make_attribute("__sparsity", "0.5"),
            helper.make_attribute("__sparsity", 0.5),
            helper.make_attribute("__sparsity_format", "2:4"),
            helper.make_attribute("__sparsity_format", "dense"),
        ]
    )
    source.write_bytes(made.SerializeToString())
    save(Model.open(source), tmp_path / "out.onnx", Annotations({0: (0.5, "2:4")}))
    attributes = onnx.load(tmp_path / "out.onnx").graph.node[0].attribute
    assert [(a.name, a.type, a.f, a.s) for a in attributes] == [
        ("__sparsity", AttributeProto.FLOAT, 0.5, b""),
        ("__sparsity_format", AttributeProto.STRING, 0, b"2:4"),
    ]


def test_plain_claims_are_migrated_where_ours_are_written(source: Path, tmp_path: Path) -> None:
    made = builders.matmul()
    for node in made.graph.node:
        node.attribute.extend(
            [
                helper.make_attribute("sparsity", 0.5),
                helper.make_attribute("sparsity %", 50.0),
                helper.make_attribute("sparsity_percent", 50),
                helper.make_attribute("sparsity_format", "2:4"),
            ]
        )
    source.write_bytes(made.SerializeToString())
    save(Model.open(source), tmp_path / "out.onnx", Annotations({0: (0.5, "2:4")}))
    first, second = onnx.load(tmp_path / "out.onnx").graph.node
    assert [a.name for a in first.attribute] == ["__sparsity", "__sparsity_format"]
    assert len(second.attribute) == 4
    save(Model.open(source), tmp_path / "all.onnx", Annotations({0: (0.5, "x"), 1: (0.5, "x")}))
    onnx.checker.check_model(str(tmp_path / "all.onnx"))
    clean = builders.matmul().SerializeToString()
    assert wire.without_annotations((tmp_path / "all.onnx").read_bytes()) == clean


def test_an_operators_own_sparsity_attribute_stays(source: Path, tmp_path: Path) -> None:
    made = builders.function()
    made.functions[0].attribute.append("sparsity")
    for node in made.graph.node:
        node.attribute.append(helper.make_attribute("sparsity", 0.5))
    foreign = made.graph.node.add(op_type="Own", domain="their.domain", output=["z"])
    foreign.attribute.append(helper.make_attribute("sparsity", 0.5))
    source.write_bytes(made.SerializeToString())
    model = Model.open(source)
    said = Annotations({n.id: (0.25, "dense") for n in model.nodes if n.graph == 0})
    save(model, tmp_path / "out.onnx", said)
    for node in onnx.load(tmp_path / "out.onnx").graph.node:
        assert [a.name for a in node.attribute] == ["sparsity", "__sparsity", "__sparsity_format"]


def test_an_attribute_that_a_function_passes_on_is_no_claim(source: Path, tmp_path: Path) -> None:
    made = builders.function()
    made.functions[0].attribute.append("given")
    passed = made.functions[0].node[1].attribute.add(name="sparsity", type=AttributeProto.FLOAT)
    passed.ref_attr_name = "given"
    source.write_bytes(made.SerializeToString())
    model = Model.open(source)
    said = Annotations({n.id: (0.25, "dense") for n in model.nodes})
    save(model, tmp_path / "out.onnx", said)
    node = onnx.load(tmp_path / "out.onnx").functions[0].node[1]
    assert [a.name for a in node.attribute] == ["sparsity", "__sparsity", "__sparsity_format"]


def test_nodes_of_subgraphs_and_functions_get_their_claims(tmp_path: Path) -> None:
    for make, count in ((builders.subgraph_if, 7), (builders.function, 5)):
        source = tmp_path / f"{make.__name__}.onnx"
        source.write_bytes(make().SerializeToString())
        model = Model.open(source)
        assert len(model.nodes) == count
        said = {n.id: (n.id / 16, str(n.id)) for n in model.nodes}
        target = tmp_path / f"{make.__name__}_said.onnx"
        save(model, target, Annotations(said))
        back = Model.open(target)
        for node in back.nodes:
            found = {a.name: (a.f, a.s) for a in node.proto.attribute}
            assert found["__sparsity"] == (node.id / 16, b"")
            assert found["__sparsity_format"] == (0, str(node.id).encode())
