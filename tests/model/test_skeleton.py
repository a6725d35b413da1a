"""The scan: what is cut, what is not, and that protobuf reads the rest as it would the file."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import builders
import numpy as np
import pytest
from builders import field
from google.protobuf.message import DecodeError, Message
from onnx import ModelProto, TensorProto, helper
from shared_models import ALL_MODELS

from sparseview.errors import SparseviewError
from sparseview.model import skeleton
from sparseview.model.skeleton import Skeleton, scan

BIG = np.arange(1, 601, dtype=np.float32)  # 2400 bytes
RAW = BIG.tobytes()


def tensors(message: Message) -> Iterator[TensorProto]:
    """Every TensorProto in a message, found by reflection."""
    if isinstance(message, TensorProto):
        yield message
    for descriptor, value in message.ListFields():
        if descriptor.message_type is not None:
            for child in [value] if isinstance(value, Message) else value:
                yield from tensors(child)


def restored(index: Skeleton) -> ModelProto:
    """The skeleton's proto with every cut payload put back, from the file's bytes."""
    data = index.path.read_bytes()
    proto = ModelProto.FromString(index.proto.SerializeToString())
    for tensor in tensors(proto):
        cut = index.cut(tensor)
        if cut is not None:
            tensor.ClearField("external_data")
            tensor.ClearField("data_location")
            payload = field(cut.field, data[cut.offset : cut.offset + cut.length])
            tensor.MergeFromString(payload)
    return proto


def cuts(index: Skeleton) -> dict[str, tuple[int, int, int]]:
    return {t.name: tuple(c) for t in tensors(index.proto) if (c := index.cut(t))}


def plain(proto: ModelProto) -> ModelProto:
    """Without explicit data_location = DEFAULT, which a cut overrides."""
    for tensor in tensors(proto):
        if tensor.data_location == TensorProto.DEFAULT:
            tensor.ClearField("data_location")
    return proto


def assert_same(path: Path, data: bytes) -> Skeleton:
    path.write_bytes(data)
    index = scan(path)
    assert plain(restored(index)) == plain(ModelProto.FromString(data))
    return index


def in_graph(*fields: bytes) -> bytes:
    return b"\x08\x0a" + field(7, b"".join(fields))


def tensor(*extra: bytes, name: bytes = b"w", dtype: int = 1) -> bytes:
    return b"\x08\xd8\x04\x10" + bytes([dtype]) + field(8, name) + b"".join(extra)


@pytest.mark.parametrize("path", ALL_MODELS)
def test_real_models_lose_nothing_but_their_payloads(path: Path) -> None:
    index = scan(path)
    assert plain(restored(index)) == plain(ModelProto.FromString(path.read_bytes()))
    # Whatever is left in the skeleton is small, or of a kind that is not cut.
    for proto in tensors(index.proto):
        assert len(proto.raw_data) <= skeleton.THRESHOLD


@pytest.mark.parametrize("build", builders.ALL, ids=lambda b: b.__name__)
def test_made_models_lose_nothing_but_their_payloads(build: object, tmp_path: Path) -> None:
    made: ModelProto = build()  # type: ignore[operator]
    assert_same(tmp_path / "m.onnx", made.SerializeToString())


def test_payload_ranges_are_those_of_the_file(tmp_path: Path) -> None:
    data = builders.matmul().SerializeToString()
    index = assert_same(tmp_path / "m.onnx", data)
    offset, length, number = cuts(index)["large"]
    assert (length, number) == (32 * 24 * 4, 9)
    assert data[offset : offset + length] == builders.weights(32, 24).tobytes()
    assert "small" not in cuts(index)  # 384 bytes
    assert len(index.proto.SerializeToString()) < 1500


def test_function_constants_subgraphs_and_sparse_tensors_are_cut(tmp_path: Path) -> None:
    for build, names in (
        (builders.function, {"own", "w1", "w2"}),
        (builders.subgraph_if, {"then_w", "else_w", "deep_then_w", "deep_else_w"}),
        (builders.sparse_initializer, {"w", "w_indices"}),
        (builders.packed_floats, {"w"}),
    ):
        index = assert_same(tmp_path / "m.onnx", build().SerializeToString())
        assert set(cuts(index)) == names, build.__name__


ENTRY = field(13, field(1, b"location") + field(2, b"x"))


@pytest.mark.parametrize(
    ("inside", "dtype"),
    [
        pytest.param([field(9, RAW[:1024])], 1, id="not over the threshold"),
        pytest.param([field(9, RAW), field(9, RAW)], 1, id="raw_data twice"),
        pytest.param([field(4, RAW), field(4, RAW)], 1, id="chunked float_data"),
        pytest.param([field(9, RAW), field(4, RAW)], 1, id="two data fields"),
        pytest.param([field(9, RAW), field(3, b"\x08\x01")], 1, id="segment"),
        pytest.param([field(9, RAW), ENTRY], 1, id="external entries"),
        pytest.param([field(9, RAW), b"\x70\x01"], 1, id="already external"),
        pytest.param([field(4, RAW)], 10, id="float_data of float16"),
        pytest.param([field(7, b"\x01" * 2000)], 7, id="varints"),
        pytest.param([field(5, b"\x01" * 2000)], 6, id="int32 varints"),
        pytest.param([field(6, b"x" * 2000)], 8, id="strings"),
        pytest.param([b"\x25" + RAW[i : i + 4] for i in range(0, 2400, 4)], 1, id="unpacked"),
    ],
)
def test_what_must_stay_inline_stays(inside: list[bytes], dtype: int, tmp_path: Path) -> None:
    data = in_graph(field(5, tensor(*inside, dtype=dtype)))
    assert not cuts(assert_same(tmp_path / "m.onnx", data))


@pytest.mark.parametrize(
    ("inside", "dtype"),
    [
        pytest.param([field(9, RAW)], 1, id="raw_data"),
        pytest.param([field(4, RAW)], 1, id="packed float_data"),
        pytest.param([field(4, RAW)], 14, id="packed complex64"),
        pytest.param([field(10, RAW)], 11, id="packed double_data"),
        pytest.param([field(9, RAW), b"\x70\x00"], 1, id="explicit DEFAULT after the payload"),
        pytest.param([b"\x70\x00", field(9, RAW)], 1, id="explicit DEFAULT before the payload"),
        pytest.param([b"\x70\x80\x00", field(9, RAW)], 1, id="padded DEFAULT"),
        pytest.param([field(9, RAW), field(99, b"unknown")], 1, id="unknown field"),
    ],
)
def test_what_may_be_cut_is(inside: list[bytes], dtype: int, tmp_path: Path) -> None:
    data = in_graph(field(5, tensor(*inside, dtype=dtype)))
    index = assert_same(tmp_path / "m.onnx", data)
    (proto,) = index.proto.graph.initializer
    cut = index.cut(proto)
    assert cut is not None and data[cut.offset : cut.offset + cut.length] == RAW
    assert proto.data_location == TensorProto.EXTERNAL
    entries = {e.key: e.value for e in proto.external_data}
    assert (entries["location"], entries["offset"]) == ("m.onnx", str(cut.offset))


def test_singular_messages_that_occur_twice_are_left_to_protobuf_to_merge(tmp_path: Path) -> None:
    halves = field(6, field(5, tensor(field(9, RAW)))), field(6, field(2, b"graph's name"))
    whole = field(5, tensor(field(9, RAW), name=b"t"))
    nodes = [
        field(1, field(5, b"".join(halves))),  # attribute.g twice
        field(1, field(5, whole + field(5, field(8, b"renamed")))),  # attribute.t twice
        field(1, field(5, whole)),
    ]
    index = assert_same(tmp_path / "m.onnx", in_graph(*nodes))
    assert set(cuts(index)) == {"t"}
    assert [n.attribute[0].t.name for n in index.proto.graph.node] == ["", "renamed", "t"]
    graph_twice = in_graph(field(5, tensor(field(9, RAW)))) + field(7, field(2, b"name"))
    assert not cuts(assert_same(tmp_path / "m.onnx", graph_twice))


def test_a_forged_marker_is_not_ours(tmp_path: Path) -> None:
    entries = [(b"location", b"m.onnx"), (b"checksum", b"sparseview-0000000000000000:9:0:8")]
    forged = b"".join(field(13, field(1, k) + field(2, v)) for k, v in entries)
    index = assert_same(tmp_path / "m.onnx", in_graph(field(5, tensor(forged, b"\x70\x01"))))
    assert not cuts(index)


def nested(levels: int) -> bytes:
    graph = field(5, tensor(field(9, RAW)))
    for _ in range(levels):
        graph = field(1, field(5, field(6, graph)))
    return b"\x08\x0a" + field(7, graph)


def test_nesting_is_bounded_as_by_protobuf(tmp_path: Path) -> None:
    refused = 0
    for levels in range(28, 40):
        data = nested(levels)
        try:
            ModelProto.FromString(data)
        except DecodeError:
            (tmp_path / "m.onnx").write_bytes(data)
            with pytest.raises(SparseviewError, match="nested deeper"):
                scan(tmp_path / "m.onnx")
            refused += 1
        else:
            assert cuts(assert_same(tmp_path / "m.onnx", data))
    assert 0 < refused < 12
    (tmp_path / "m.onnx").write_bytes(nested(3000))
    with pytest.raises(SparseviewError, match="nested deeper"):
        scan(tmp_path / "m.onnx")


def test_more_fields_than_the_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = builders.matmul().SerializeToString()
    monkeypatch.setattr(skeleton, "FIELD_BUDGET", 5)
    assert not cuts(assert_same(tmp_path / "m.onnx", data))  # parsed whole
    monkeypatch.setattr(skeleton, "WHOLE_LIMIT", 100)
    with pytest.raises(SparseviewError, match="small fields"):
        scan(tmp_path / "m.onnx")


def test_unknown_groups_are_passed_over(tmp_path: Path) -> None:
    group = b"\xab\x06" + field(3, b"x" * 2000) + b"\xac\x06"
    data = group + in_graph(group, field(5, tensor(group, field(9, RAW)))) + group
    assert set(cuts(assert_same(tmp_path / "m.onnx", data))) == {"w"}


def test_padded_lengths_are_read(tmp_path: Path) -> None:
    payload = tensor(b"\x4a\xe0\x92\x80\x00" + RAW)
    assert len(RAW) == 0x12 << 7 | 0x60
    assert set(cuts(assert_same(tmp_path / "m.onnx", in_graph(field(5, payload))))) == {"w"}


@pytest.mark.parametrize("seed", range(40))
def test_damaged_files_are_refused_or_read_as_protobuf_reads_them(
    seed: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    data = bytearray(chance.choice(builders.ALL)().SerializeToString())
    if seed % 2:
        del data[chance.randrange(len(data)) :]
    else:
        for _ in range(3):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path = tmp_path / "m.onnx"
    path.write_bytes(bytes(data))
    try:
        expected = ModelProto.FromString(bytes(data))
    except DecodeError:
        expected = None
    try:
        index = scan(path)
    except SparseviewError as error:
        assert str(path) in error.message and error.hint
        assert expected is None or not (expected.HasField("graph") or expected.functions)
    else:
        assert expected is not None
        assert plain(restored(index)) == plain(expected)


def bad(path: Path) -> SparseviewError:
    with pytest.raises(SparseviewError) as caught:
        scan(path)
    assert caught.value.hint
    return caught.value


def test_missing_empty_and_folders(tmp_path: Path) -> None:
    assert bad(tmp_path / "none.onnx").code == "missing"
    (tmp_path / "empty.onnx").touch()
    assert bad(tmp_path / "empty.onnx").code == "empty"
    error = bad(tmp_path)
    assert error.code == "not-a-file" and str(tmp_path / "empty.onnx") in error.hint


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes, which this system lacks")
def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.onnx")
    assert bad(tmp_path / "pipe.onnx").code == "not-a-file"


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_a_truncated_model_tells_how_much_is_missing(share: float, tmp_path: Path) -> None:
    made = builders.conv()
    data = made.SerializeToString()
    head = len(data) - made.graph.ByteSize()
    assert head < 40
    path = tmp_path / "m.onnx"
    path.write_bytes(data[: int(len(data) * share)])
    error = bad(path)
    assert error.code == "truncated"
    assert f"{int(len(data) * share):,} are there" in error.message
    promised = int(error.message.split("at least ")[1].split(" bytes")[0].replace(",", ""))
    # The graph's own end is known; what follows it (opset imports) is not.
    assert len(data) - 20 < promised <= len(data)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04" + bytes(100), "zip"),
        (b"\x80\x02}q\x00" + bytes(100), "pickle"),
        (b"<!DOCTYPE html><html><body>Not found", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "git-LFS"),
        (b"It was a dark and stormy night.\n" * 9, "text"),
        ("Zwölf Boxkämpfer jagen Viktor\n".encode() * 90, "text"),
        (b'{"model": 1}', "JSON"),
        (bytes(5000), "zero bytes"),
        (b"\x1c\x00\x00\x00TFL3" + bytes(100), "TensorFlow Lite"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "HDF5"),
        (b"\x1f\x8b\x08" + bytes(100), "gzip"),
        (b"\x10\x00\x00\x00\x00\x00\x00\x00" + b'{"w":{}}' + bytes(90), "safetensors"),
    ],
)
def test_other_files_are_named(content: bytes, what: str, tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(content)
    error = bad(tmp_path / "m.onnx")
    assert error.code == "not-onnx" and what in error.message


def test_random_bytes_and_a_model_without_a_graph(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(random.Random(1).randbytes(5000))
    assert bad(tmp_path / "m.onnx").code == "not-onnx"
    (tmp_path / "m.onnx").write_bytes(ModelProto(ir_version=8).SerializeToString())
    assert "no graph" in bad(tmp_path / "m.onnx").message


def test_the_index_of_a_large_file_reads_little_of_it(tmp_path: Path) -> None:
    """A sparse file of 3 GB, beyond protobuf's own limit: reading it whole would fail."""
    size = 3 << 30
    head = b"\x08\x0a"
    proto = helper.make_tensor("w", TensorProto.UINT8, [0], b"", raw=True)
    proto.ClearField("raw_data")
    proto.dims[:] = [size]
    inner = proto.SerializeToString() + b"\x4a" + _length(size)
    message = b"\x2a" + _length(len(inner) + size) + inner
    path = tmp_path / "m.onnx"
    with open(path, "wb") as file:
        file.write(head + b"\x3a" + _length(len(message) + size) + message)
        file.truncate(file.tell() + size)
    index = scan(path)
    (cut,) = cuts(index).values()
    assert cut == (os.path.getsize(path) - size, size, 9)
    assert index.proto.ByteSize() < 500


def _length(n: int) -> bytes:
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    return bytes([*out, n])
