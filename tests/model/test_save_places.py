"""A changed tensor is saved wherever and however it is stored, and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import builders
import numpy as np
import onnx
import onnxruntime
import protos
import pytest
import wire
from onnx import ModelProto, TensorProto, helper
from saving import halve

from sparseview.model.document import Model
from sparseview.model.dtypes import STORAGE
from sparseview.model.inscribe import Annotations
from sparseview.model.save import save
from sparseview.model.tensors import read

BUILDERS = [pytest.param(make, id=make.__name__) for make in builders.ALL]
VALID = [make for make in BUILDERS if make.id != "invalid"]  # its claim would be migrated
DTYPES = [pytest.param(n, id=row.name) for n, row in STORAGE.items() if row.name != "float8e8m0"]


def written(data: bytes | ModelProto, folder: Path) -> Path:
    path = folder / "source.onnx"
    path.write_bytes(data if isinstance(data, bytes) else data.SerializeToString())
    return path


def change_everything(path: Path, folder: Path) -> int:
    """Change each constant of a model for itself; returns how many there were."""
    model = Model.open(path)
    keys = [c.key for graph in model.graphs for c in model.constants(graph.id).values()]
    for k, key in enumerate(keys):
        halve(path, key, folder / f"saved{k}.onnx")
    return len(keys)


@pytest.mark.parametrize("make", BUILDERS)
def test_each_constant_of_tiny_models(make: Callable[[], ModelProto], tmp_path: Path) -> None:
    change_everything(written(make(), tmp_path), tmp_path)


@pytest.mark.parametrize("make", VALID)
def test_strange_bytes_stay(make: Callable[[], ModelProto], tmp_path: Path) -> None:
    plain = make().SerializeToString()
    path = written(wire.strange(plain), tmp_path)
    change_everything(path, tmp_path)
    model = Model.open(path)
    claims = {n.id: (0.5, "2:4") for n in model.nodes}
    save(model, tmp_path / "said.onnx", Annotations(claims, {"pkg.sparseview": "{}"}))
    said, source = (tmp_path / "said.onnx").read_bytes(), path.read_bytes()
    assert wire.without_annotations(said) == wire.without_annotations(source)
    assert len(said) == len(source) + sum(
        len(wire.written(len(field)) + field) + 1
        for node in protos.nodes(onnx.load(tmp_path / "said.onnx"))
        for field in (a.SerializeToString() for a in node.attribute if a.name in protos.OURS)
    ) + len(builders.field(14, builders.field(1, b"pkg.sparseview") + builders.field(2, b"{}")))


@pytest.mark.parametrize(
    ("make", "path"),
    [
        pytest.param(builders.matmul, (7,), id="graph"),
        pytest.param(builders.subgraph_if, (7,), id="graph-with-subgraphs"),
        pytest.param(builders.constant_node, (7, 1, 5, 5), id="tensor"),
        pytest.param(builders.sparse_initializer, (7, 15, 1), id="sparse-values"),
        pytest.param(builders.sparse_initializer, (7, 15, 2), id="sparse-indices"),
    ],
)
def test_messages_that_occur_twice(
    make: Callable[[], ModelProto], path: tuple[int, ...], tmp_path: Path
) -> None:
    plain = make().SerializeToString()
    doubled = wire.twice(plain, path)
    assert doubled != plain
    assert onnx.load_from_string(doubled) == onnx.load_from_string(plain)
    source = written(doubled, tmp_path)
    assert change_everything(source, tmp_path) > 0
    model = Model.open(source)
    said = Annotations({n.id: (0.5, "2:4") for n in model.nodes})
    save(model, tmp_path / "said.onnx", said)
    assert wire.without_annotations((tmp_path / "said.onnx").read_bytes()) == doubled


def test_a_subgraph_that_occurs_twice(tmp_path: Path) -> None:
    made = builders.subgraph_if()
    # The If is the second node: leave the first one out of the way.
    condition = made.graph.node[0]
    made.graph.node.remove(condition)
    made.graph.initializer.append(condition.attribute[0].t)
    made.graph.initializer[-1].name = "condition"
    plain = made.SerializeToString()
    node = wire.twice(plain, (7, 1, 5, 6))
    assert onnx.load_from_string(node) == onnx.load_from_string(plain)
    source = written(node, tmp_path)
    assert change_everything(source, tmp_path) == 5
    model = Model.open(source)
    save(model, tmp_path / "said.onnx", Annotations({n.id: (0.5, "x") for n in model.nodes}))
    assert wire.without_annotations((tmp_path / "said.onnx").read_bytes()) == node


def with_tensor(tensor: bytes, where: str) -> bytes:
    """A model whose only tensor is given by its bytes: as initializer or Constant attribute."""
    if where == "initializer":
        graph = builders.field(5, tensor)
    else:
        attribute = builders.field(1, b"value") + builders.field(5, tensor) + b"\xa0\x01\x04"
        node = builders.field(2, b"w") + builders.field(4, b"Constant")
        graph = builders.field(1, node + builders.field(5, attribute))
    return b"\x08\x0a" + builders.field(7, graph + builders.field(2, b"graph"))


@pytest.mark.parametrize("raw", [True, False], ids=["raw", "numbers"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_type(dtype: int, raw: bool, tmp_path: Path) -> None:
    row = STORAGE[dtype]
    random = np.random.default_rng(dtype)
    count = 2051  # odd: packed types end in the middle of a byte
    numpy_type = helper.tensor_dtype_to_np_dtype(dtype)
    if row.dtype.kind in "iub" and row.bits >= 8:
        array = np.frombuffer(random.bytes(count * row.dtype.itemsize), row.dtype)
        array = array if row.dtype != np.bool_ else random.random(count) < 0.5
        if row.meaning is not None:  # no NaN: onnx's helper would make it another one
            array = random.integers(-2, 3, count)
    else:
        array = random.integers(-2, 3, count).astype(np.int8).astype(numpy_type)
    tensor = onnx.numpy_helper.from_array(array.astype(numpy_type), "w")
    if not raw:
        values = array if row.meaning is None else array.astype("f4")
        tensor = helper.make_tensor("w", dtype, [count], values)
        assert not tensor.HasField("raw_data")
    path = written(with_tensor(tensor.SerializeToString(), "initializer"), tmp_path)
    halve(path, "main/w", tmp_path / "saved.onnx")
    saved = onnx.load(tmp_path / "saved.onnx").graph.initializer[0]
    assert saved.HasField("raw_data") == raw
    if raw:
        assert (tmp_path / "saved.onnx").stat().st_size == path.stat().st_size


FLOATS = np.arange(1, 401, dtype="<f4")
LONGS = np.arange(-200, 200, dtype="<i8") * 10**15


def tensor_bytes(dtype: int, *data: bytes) -> bytes:
    return b"\x08\x90\x03\x10" + bytes([dtype]) + builders.field(8, b"w") + b"".join(data)


ODD = {
    "chunked floats": tensor_bytes(
        1, builders.field(4, FLOATS[:150].tobytes()), builders.field(4, FLOATS[150:].tobytes())
    ),
    "single floats": tensor_bytes(1, *(b"\x25" + f.tobytes() for f in FLOATS)),
    "single then chunk": tensor_bytes(
        1,
        *(b"\x25" + f.tobytes() for f in FLOATS[:9]),
        b"\x62\x03doc",
        builders.field(4, FLOATS[9:].tobytes()),
    ),
    "raw twice": tensor_bytes(
        1, builders.field(9, b"\xff" * 1600), builders.field(9, FLOATS.tobytes())
    ),
    "data before type": (
        builders.field(9, FLOATS.tobytes()) + tensor_bytes(1) + builders.field(12, b"doc")
    ),
    "explicit default": tensor_bytes(1, builders.field(9, FLOATS.tobytes()), b"\x70\x00"),
    "external taken back": tensor_bytes(
        1, b"\x70\x01", builders.field(9, FLOATS.tobytes()), b"\x70\x00"
    ),
    "single longs": tensor_bytes(
        7, *(b"\x38" + wire.written(int(n) % 2**64) for n in LONGS)
    ),
    "chunked longs": tensor_bytes(
        7,
        builders.field(7, b"".join(wire.written(int(n) % 2**64) for n in LONGS[:7])),
        builders.field(7, b"".join(wire.written(int(n) % 2**64) for n in LONGS[7:])),
    ),
    "empty chunk": tensor_bytes(
        1, builders.field(4, b""), builders.field(4, FLOATS.tobytes())
    ),
}  # fmt: skip


@pytest.mark.parametrize("where", ["initializer", "attribute"])
@pytest.mark.parametrize("name", ODD)
def test_odd_encodings(name: str, where: str, tmp_path: Path) -> None:
    path = written(with_tensor(ODD[name], where), tmp_path)
    key = "main/w" if where == "initializer" else "main#0:value"
    halve(path, key, tmp_path / "saved.onnx")
    halve(path, key, tmp_path / "again.onnx")
    assert (tmp_path / "saved.onnx").read_bytes() == (tmp_path / "again.onnx").read_bytes()


def test_only_the_payload_is_rewritten(tmp_path: Path) -> None:
    path = written(wire.strange(with_tensor(ODD["data before type"], "initializer")), tmp_path)
    halve(path, "main/w", tmp_path / "saved.onnx")
    changed = FLOATS.copy()
    changed[::2] = 0
    expected = path.read_bytes().replace(FLOATS.tobytes(), changed.tobytes())
    assert (tmp_path / "saved.onnx").read_bytes() == expected


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("value_float", False),
        ("value_int", False),
        *((name, packed) for name in ("value_floats", "value_ints") for packed in (True, False)),
    ],
)
def test_numbers_of_constants(name: str, packed: bool, tmp_path: Path) -> None:
    plural = name.endswith("s")
    if "float" in name:
        numbers, number, wire_type = FLOATS, 7 if plural else 2, 5
        encoded = [f.tobytes() for f in FLOATS]
    else:
        numbers, number, wire_type = LONGS, 8 if plural else 3, 0
        encoded = [wire.written(int(n) % 2**64) for n in LONGS]
    if packed:
        data = builders.field(number, b"".join(encoded))
    else:
        encoded = encoded if plural else encoded[:2]  # the second of two wins
        data = b"".join(bytes([number << 3 | wire_type]) + one for one in encoded)
    kind = {"value_float": 1, "value_int": 2, "value_floats": 6, "value_ints": 7}[name]
    attribute = builders.field(1, name.encode()) + data + b"\xa0\x01" + bytes([kind])
    node = builders.field(2, b"w") + builders.field(4, b"Constant") + builders.field(5, attribute)
    model = b"\x08\x0a" + builders.field(7, builders.field(1, node) + builders.field(2, b"g"))
    path = written(model, tmp_path)
    assert read(Model.open(path), Model.open(path).constant(f"main#0:{name}")).tolist() == (
        numbers.tolist() if plural else numbers[1].tolist()
    )
    halve(path, f"main#0:{name}", tmp_path / "saved.onnx")


def test_the_second_of_two_functions(tmp_path: Path) -> None:
    made = builders.function()
    made.functions.add().CopyFrom(made.functions[0])
    made.functions[1].name = "G"
    # What a call passes on comes first and stores nothing; the second value is the node's own.
    constant = made.functions[1].node.add(op_type="Constant", output=["number"])
    constant.attribute.add(name="value_float", type=1, ref_attr_name="given")
    constant.attribute.append(helper.make_attribute("value_float", 3.5))
    path = written(made, tmp_path)
    halve(path, "my.domain::G#0:value", tmp_path / "tensor.onnx")
    assert onnx.load(tmp_path / "tensor.onnx").functions[0] == made.functions[0]
    halve(path, "my.domain::G#3:value_float", tmp_path / "number.onnx")
    saved = onnx.load(tmp_path / "number.onnx").functions[1].node[3].attribute
    assert [a.ref_attr_name for a in saved] == ["given", ""]
    assert [a.f for a in saved] == [0, 0]


@pytest.mark.parametrize("linear", [True, False])
@pytest.mark.parametrize("numbers", [True, False], ids=["numbers", "raw"])
def test_sparse_tensors_lose_the_new_zeros(linear: bool, numbers: bool, tmp_path: Path) -> None:
    made = builders.sparse_initializer(linear=linear)
    sparse = made.graph.sparse_initializer[0]
    if numbers:
        values = onnx.numpy_helper.to_array(sparse.values)
        sparse.values.ClearField("raw_data")
        sparse.values.float_data.extend(values.tolist())
        indices = onnx.numpy_helper.to_array(sparse.indices)
        sparse.indices.ClearField("raw_data")
        sparse.indices.int64_data.extend(indices.reshape(-1).tolist())
    path = written(made, tmp_path)
    halve(path, "main/w", tmp_path / "saved.onnx")
    saved = onnx.load(tmp_path / "saved.onnx").graph.sparse_initializer[0]
    expected = protos.dense(sparse)
    expected.reshape(-1)[::2] = 0
    assert saved.values.dims == [np.count_nonzero(expected)]
    assert len(saved.indices.dims) == (1 if linear else 2)
    onnx.checker.check_model(str(tmp_path / "saved.onnx"))


@pytest.mark.parametrize("linear", [True, False])
def test_a_sparse_tensor_may_lose_everything(linear: bool, tmp_path: Path) -> None:
    path = written(builders.sparse_initializer(linear=linear), tmp_path)
    model = Model.open(path)
    zeros = np.zeros((32, 48), np.float32)
    save(model.with_overlay(model.overlay.with_({"main/w": zeros})), tmp_path / "saved.onnx")
    back = Model.open(tmp_path / "saved.onnx")
    assert not read(back, back.constant("main/w")).any()
    onnx.checker.check_model(str(tmp_path / "saved.onnx"))
    session = onnxruntime.InferenceSession(str(tmp_path / "saved.onnx"))
    assert not session.run(None, {"x": np.ones((2, 32), np.float32)})[0].any()


def test_an_entry_that_is_new_in_a_sparse_tensor(tmp_path: Path) -> None:
    path = written(builders.sparse_initializer(), tmp_path)
    model = Model.open(path)
    full = np.arange(32 * 48, dtype=np.float32).reshape(32, 48)
    save(model.with_overlay(model.overlay.with_({"main/w": full})), tmp_path / "saved.onnx")
    saved = onnx.load(tmp_path / "saved.onnx").graph.sparse_initializer[0]
    assert np.array_equal(protos.dense(saved), full)
    assert saved.values.data_type == TensorProto.FLOAT
