"""Weights that are not stored element by element: packed codes, one repeated value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import ModelProto, NodeProto, TensorProto, helper
from onnx import numpy_helper as nh

import sparseview as sv
from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.model.layouts import Packed
from sparseview.pruning.prune import PruneRequest
from tests.weight_models import opened

MS = "com.microsoft"


def model(nodes: list[NodeProto], constants: dict[str, Any], **more: Any) -> ModelProto:
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, None)],
        [onnx.ValueInfoProto(name=nodes[-1].output[0])],
        [
            v if isinstance(v, TensorProto) else nh.from_array(np.asarray(v), k)
            for k, v in constants.items()
        ],
    )
    imports = [helper.make_opsetid("", 21), helper.make_opsetid(MS, 1)]
    imports += [helper.make_opsetid("own", 1)] * ("functions" in more)
    return helper.make_model(graph, opset_imports=imports, ir_version=10, **more)


def nbits(name: str = "op", *more: str, n: int = 3, k: int = 40, bits: int = 4, block: int = 16,
          w: str = "w") -> NodeProto:  # fmt: skip
    return helper.make_node(
        "MatMulNBits", ["x", w, "s", *more], [f"y {name}"], name, domain=MS,
        N=n, K=k, bits=bits, block_size=block,
    )  # fmt: skip


def bytes_of(n: int = 3, k: int = 40, bits: int = 4, block: int = 16) -> Any:
    shape = (n, -(-k // block), -(-block * bits // 8))
    return np.random.default_rng(bits).integers(0, 256, shape).astype(np.uint8)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    bits=st.integers(2, 8),
    n=st.integers(1, 3),
    k=st.integers(1, 40),
    block=st.sampled_from([3, 8, 16]),
    seed=st.integers(0, 99),
)
def test_codes_one_by_one(bits: int, n: int, k: int, block: int, seed: int) -> None:
    """Any width of codes: read bit by bit, and written without touching what fills up."""
    layout = Packed(n, k, bits, block)
    random = np.random.default_rng(seed)
    stored = random.integers(0, 256, (n, layout.blocks, layout.block_bytes)).astype(np.uint8)

    def spots(row: int, column: int) -> list[int]:
        start = (row * layout.blocks + column // block) * layout.block_bytes * 8
        return [start + column % block * bits + bit for bit in range(bits)]

    flags = np.unpackbits(stored.reshape(-1), bitorder="little")
    wanted = [[sum(int(flags[s]) << b for b, s in enumerate(spots(r, c))) for c in range(k)]
              for r in range(n)]  # fmt: skip
    np.testing.assert_array_equal(layout.decode(stored), wanted)
    other = random.integers(0, 1 << bits, (n, k)).astype(np.uint8)
    for r, c in np.ndindex(n, k):
        for bit, spot in enumerate(spots(r, c)):
            flags[spot] = int(other[r, c]) >> bit & 1
    after = np.packbits(flags, bitorder="little").reshape(stored.shape)
    np.testing.assert_array_equal(layout.encode(other, stored), after)


def only(file: Model) -> Any:
    (weight,) = file.weights
    return weight


def test_the_padding_is_never_counted_nor_touched(tmp_path: Path) -> None:
    """K = 40 in blocks of 16: the last 8 codes of each row are nobody's."""
    w = np.full((3, 3, 8), 0x88, np.uint8)  # every code is the zero point
    w[:, 2, 4:] = 0x31
    w[0, 0, 0] = 0x81  # one code that is none
    path = tmp_path / "m.onnx"
    constants = {"w": w, "s": np.ones((3, 3), np.float32)}
    path.write_bytes(model([nbits()], constants).SerializeToString())
    session = sv.open(path)
    session.measure()
    (row,) = session.weights
    assert (row.shape, row.dtype, row.elements, row.zeros) == ((3, 40), "uint4", 120, 119)
    session.prune(PruneRequest(weights=(row.id,), sparsity=1.0))
    session.save(tmp_path / "out.onnx")
    (after,) = (t for t in onnx.load(tmp_path / "out.onnx").graph.initializer if t.name == "w")
    w[0, 0, 0] = 0x88
    np.testing.assert_array_equal(nh.to_array(after), w)


def test_zero_points_between_codes(tmp_path: Path) -> None:
    """As floats they need not be codes: then nothing is zero there, and nothing can become so."""
    w = bytes_of()
    points = np.array([[8, 7.5, 3], [0, 15, 16], [1, 2, -1]], np.float32)
    constants = {"w": w, "s": np.ones((3, 3), np.float32), "z": points}
    path = tmp_path / "m.onnx"
    path.write_bytes(model([nbits("op", "z")], constants).SerializeToString())
    session = sv.open(path)
    session.measure()
    (row,) = session.weights
    codes = Packed(3, 40, 4, 16).decode(w)
    wanted = sum(codes[r, c] == points[r, c // 16] for r, c in np.ndindex(3, 40))
    assert row.zeros == wanted and row.problem is None
    with pytest.raises(sv.SparseviewError, match="no whole codes"):
        session.prune(PruneRequest(weights=(row.id,), sparsity=0.9))


def test_columns_in_blocks_of_another_order(tmp_path: Path) -> None:
    w, order = bytes_of(), np.arange(40)[::-1] // 16
    points = np.array([[1, 2, 3]] * 3, np.float32)
    constants = {"w": w, "s": np.ones(9, np.float32), "z": points, "g": order.astype(np.int32)}
    weight = only(opened(model([nbits("op", "z", "g")], constants), tmp_path))
    assert weight.zero_point[0].tolist() == [1.0 + block for block in order]


@pytest.mark.parametrize(
    ("shape", "attributes"),
    [((3, 3, 7), {}), ((3, 2, 8), {}), ((3, 3, 8), {"bits": 1}), ((3, 3, 8), {"bits": 9}),
     ((3, 3, 8), {"n": 0}), ((3, 3, 8), {"block": 0})],
)  # fmt: skip
def test_bytes_that_do_not_fit(
    shape: tuple[int, ...], attributes: dict[str, int], tmp_path: Path
) -> None:
    constants = {"w": np.zeros(shape, np.uint8), "s": np.ones(9, np.float32)}
    assert opened(model([nbits("op", **attributes)], constants), tmp_path).weights == ()


@pytest.mark.parametrize("points", [np.zeros(5, np.uint8), np.zeros(8, np.float32)])
def test_zero_points_that_do_not_fit_are_told(points: Any, tmp_path: Path) -> None:
    constants = {"w": bytes_of(), "s": np.ones(9, np.float32), "z": points}
    weight = only(opened(model([nbits("op", "z")], constants), tmp_path))
    assert weight.problem is not None and "zero point" in weight.problem


def test_a_computed_zero_point_is_told(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("ReduceMax", ["v"], ["z"]),
        helper.make_node("MatMulInteger", ["x", "w", "", "z"], ["y"]),
    ]
    constants = {"w": np.ones((4, 4), np.uint8), "v": np.ones(2, np.uint8)}
    weight = only(opened(model(nodes, constants), tmp_path))
    assert weight.problem is not None and "zero point" in weight.problem


def test_floats_that_become_codes(tmp_path: Path) -> None:
    """The file holds floats that a QuantizeLinear makes codes of: their zero is 0.0."""
    nodes = [
        helper.make_node("QuantizeLinear", ["w", "s", "z"], ["q"]),
        helper.make_node("QLinearMatMul", ["x", "s", "z", "q", "s", "z", "s", "z"], ["y"]),
    ]
    w = np.array([[0, 3], [-0.0, 7], [9, 7]], np.float32)
    file = opened(model(nodes, {"w": w, "s": np.float32(1), "z": np.uint8(7)}), tmp_path)
    weight = only(file)
    mask = tensors.nonzero_mask(file, weight.constant, weight.zero_point)
    np.testing.assert_array_equal(mask, w != 0)


def test_float8_codes(tmp_path: Path) -> None:
    kind = TensorProto.FLOAT8E4M3FN
    w = TensorProto(name="w", data_type=kind, dims=[2, 2], raw_data=bytes([0, 0x80, 0x38, 1]))
    z = TensorProto(name="z", data_type=kind, raw_data=bytes([0]))
    nodes = [helper.make_node("QLinearMatMul", ["x", "s", "z", "w", "s", "z", "s", "z"], ["y"])]
    file = opened(model(nodes, {"w": w, "z": z, "s": np.float32(1)}), tmp_path)
    weight = only(file)
    mask = tensors.nonzero_mask(file, weight.constant, weight.zero_point)
    np.testing.assert_array_equal(mask, [[False, False], [True, True]])


def test_one_tensor_that_means_two_things_is_left(tmp_path: Path) -> None:
    """The same bytes as 4-bit and as 8-bit codes, and under two zero points."""
    nodes = [
        nbits("four", n=2, k=32, bits=4, block=16),
        nbits("eight", n=2, k=16, bits=8, block=16),
        nbits("shifted", "z", n=2, k=32, bits=4, block=16, w="v"),
        nbits("default", n=2, k=32, bits=4, block=16, w="v"),
    ]
    rng = np.random.default_rng(1)
    constants = {
        "w": rng.integers(0, 256, (2, 2, 8)).astype(np.uint8),
        "v": rng.integers(0, 256, (2, 2, 8)).astype(np.uint8),
        "s": np.ones(4, np.float32),
        "z": np.full((2, 1), 0x33, np.uint8),
    }
    path = tmp_path / "m.onnx"
    path.write_bytes(model(nodes, constants).SerializeToString())
    session = sv.open(path)
    session.measure()
    rows = {row.layer: row for row in session.weights}
    codes = Packed(2, 32, 4, 16).decode(constants["v"])
    assert rows["default"].zeros == (codes == 8).sum()
    assert rows["shifted"].zeros == (codes == 3).sum()
    with pytest.raises(sv.SparseviewError, match="another value is zero"):
        session.prune(PruneRequest(weights=(rows["default"].id,), sparsity=0.9))
    assert rows["eight"].elements == 32 and rows["four"].elements == 64
    with pytest.raises(sv.SparseviewError, match="mean other numbers"):
        session.prune(PruneRequest(weights=(rows["four"].id,), sparsity=0.9))


@pytest.mark.parametrize("value", [0.0, 1.5, None], ids=["zeros", "ones", "no value"])
def test_one_value_for_all(value: float | None, tmp_path: Path) -> None:
    """Measured exactly, but there is nothing in the file that could be pruned."""
    more = {} if value is None else {"value": nh.from_array(np.array([value], np.float32))}
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["w"], **more),
        helper.make_node("Conv", ["x", "w"], ["y"], "op"),
    ]
    path = tmp_path / "m.onnx"
    proto = model(nodes, {"shape": np.array([8, 4, 3, 3])})
    path.write_bytes(proto.SerializeToString())
    session = sv.open(path)
    session.measure()
    (row,) = session.weights
    assert (row.shape, row.elements, row.tensor) == ((8, 4, 3, 3), 288, "w")
    assert row.zeros == (0 if value else 288) and row.problem is None
    with pytest.raises(sv.SparseviewError, match="one value for all"):
        session.prune(PruneRequest(weights=(row.id,), sparsity=0.5))
    session.save(tmp_path / "out.onnx")
    again = sv.open(tmp_path / "out.onnx")
    again.measure()
    assert again.weights[0].agrees is True


def test_one_value_over_a_terabyte_is_not_made(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["w"]),
        helper.make_node("MatMul", ["x", "w"], ["y"], "op"),
    ]
    path = tmp_path / "m.onnx"
    path.write_bytes(model(nodes, {"shape": np.array([1 << 20, 1 << 18])}).SerializeToString())
    session = sv.open(path)
    session.measure()
    (row,) = session.weights
    assert row.zeros is None and row.problem is not None and "repeated" in row.problem


def test_a_function_called_five_times(tmp_path: Path) -> None:
    """Five uses of one weight, in rows of their own; counted once."""
    body = helper.make_function(
        "own", "F", ["a", "b"], ["c"],
        [helper.make_node("MatMulInteger", ["a", "t", "", "z"], ["m"]),
         helper.make_node("Cast", ["m"], ["c"], to=TensorProto.UINT8)],
        [helper.make_opsetid("", 21)],
    )  # fmt: skip
    body.node.insert(0, helper.make_node("Transpose", ["b"], ["t"]))
    body.node.insert(0, helper.make_node("Constant", [], ["z"], value=nh.from_array(np.uint8(7))))
    names = ["x", *(f"h{i}" for i in range(5))]
    nodes = [
        helper.make_node("F", [names[i], "w"], [names[i + 1]], f"call {i}", domain="own")
        for i in range(5)
    ]
    w = np.array([[7, 1, 7], [0, 7, 2]], np.uint8)
    path = tmp_path / "m.onnx"
    path.write_bytes(model(nodes, {"w": w}, functions=[body]).SerializeToString())
    session = sv.open(path)
    session.measure()
    assert [row.layer for row in session.weights] == [f"call {i}" for i in range(5)]
    assert {(row.zeros, row.axes.out, row.axes.in_) for row in session.weights} == {(3, (0,), (1,))}
    assert (session.summary().weights, session.summary().elements) == (1, 6)
    session.prune(PruneRequest(weights=(0,), sparsity=0.8))
    session.save(tmp_path / "out.onnx")
    (after,) = onnx.load(tmp_path / "out.onnx").graph.initializer
    assert (nh.to_array(after) == 7).sum() == 5


def test_bytes_in_a_file_of_their_own(tmp_path: Path) -> None:
    """External data is read in whole rows, piece by piece."""
    n, k = 700, 4096
    w = bytes_of(n, k, 4, 32)
    proto = model([nbits(n=n, k=k, block=32)], {"w": w, "s": np.ones(n * 128, np.float32)})
    onnx.save(proto, tmp_path / "m.onnx", save_as_external_data=True, location="m.data")
    file = Model.open(tmp_path / "m.onnx")
    constant = only(file).constant
    pieces = [piece.copy() for piece in tensors.chunks(file, constant)]
    assert len(pieces) > 1 and all(piece.size % k == 0 for piece in pieces)
    np.testing.assert_array_equal(
        np.concatenate(pieces).reshape(n, k), Packed(n, k, 4, 32).decode(w)
    )


@pytest.mark.parametrize("packed", [True, False], ids=["nbits", "dequantized"])
def test_zero_points_of_blocks_are_held_once(packed: bool, tmp_path: Path) -> None:
    """What is kept of a model that is open is as small as the file says it."""
    n, k = 8, 4096
    points = np.random.default_rng(1).integers(0, 16, (n, k // 32)).astype(np.uint8)
    if packed:
        z = points[:, 0::2] | points[:, 1::2] << 4
        constants = {"w": bytes_of(n, k, 4, 32), "s": np.ones(n * 128, np.float32), "z": z}
        nodes = [nbits("op", "z", n=n, k=k, block=32)]
    else:
        codes = np.random.default_rng(2).integers(0, 16, (n, k)).astype(np.uint8)
        constants = {"w": codes, "s": np.ones((n, 128), np.float32), "z": points}
        nodes = [
            helper.make_node("DequantizeLinear", ["w", "s", "z"], ["t"], axis=1, block_size=32),
            helper.make_node("Gemm", ["x", "t"], ["y"], transB=1),
        ]
    weight = only(opened(model(nodes, constants), tmp_path))
    np.testing.assert_array_equal(weight.zero.values, points)
    np.testing.assert_array_equal(weight.zero_point, np.repeat(points, 32, 1))
