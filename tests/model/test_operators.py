"""Quantized, fused, packed and recurrent operators, held against what ONNX Runtime computes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import ModelProto, NodeProto, TensorProto, helper
from onnx import numpy_helper as nh

import sparseview as sv
from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.model.weights import Weight
from sparseview.pruning.prune import PruneRequest
from tests.weight_models import axes, opened

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(4)
F32, U8, I8, I32 = np.float32, np.uint8, np.int8, np.int32
MS = "com.microsoft"


@dataclass(frozen=True)
class Case:
    """An operator that reads `w` at `input`.

    logical : stored w -> value of each element, 0 where it is zero, [stack, out, kernel, in].
    x_of, y_of : slices that belong to an input (output) channel; y_of None: not told apart.
    """

    name: str
    op: str
    inputs: Sequence[str]
    constants: dict[str, Any]
    x: Array
    axes: dict[str, list[int]]
    logical: Callable[[Array], Array]
    x_of: Callable[[Array, int, int], Array]
    y_of: Callable[[Array, int, int], Array] | None
    domain: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    dtype: str = ""

    def model(self, w: Array | None = None) -> ModelProto:
        return graph([self.node()], self.constants | ({} if w is None else {"w": w}), self.x)

    def node(self) -> NodeProto:
        return helper.make_node(
            self.op, list(self.inputs), ["y"], "op", domain=self.domain, **self.attributes
        )


def graph(nodes: Sequence[NodeProto], constants: dict[str, Any], x: Array) -> ModelProto:
    kind = helper.np_dtype_to_tensor_dtype(x.dtype)
    made = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", kind, x.shape)],
        [onnx.ValueInfoProto(name="y")],
        [
            v if isinstance(v, TensorProto) else nh.from_array(np.asarray(v), k)
            for k, v in constants.items()
        ],
    )
    imports = [helper.make_opsetid("", 17), helper.make_opsetid(MS, 1)]
    return helper.make_model(made, opset_imports=imports, ir_version=10)


def computed(model: ModelProto, x: Array) -> Array:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return np.asarray(session.run(None, {"x": x})[0])


def codes(shape: Sequence[int], zero: Any, low: int, high: int, dtype: Any) -> Array:
    """Codes of which a third are at the zero point."""
    zero = np.broadcast_to(zero, shape)
    found = np.where(RANDOM.random(shape) < 0.34, zero, RANDOM.integers(low, high, shape))
    return found.astype(dtype)


def values(shape: Sequence[int]) -> Array:
    return codes(shape, 0, -4, 5, F32) * F32(0.25)


def signals(shape: Sequence[int], dtype: Any = F32) -> Array:
    return RANDOM.integers(1, 6, shape).astype(dtype)


def matrix(w: Array) -> Array:
    """[in, out] as [stack, out, kernel, in]."""
    return w.T[None, :, None]


def rows(y: Array, s: int, o: int) -> Array:
    return y[..., o]


COLUMN = np.array([3, 200, 7, 128, 90, 11], U8)
SIGNED = np.array([3, -20, 7, -128, 90, 0], I8)
ONES = np.ones(6, F32)


def packed(bits: int, n: int, k: int, block: int, zeros: Array, seed: int = 1) -> tuple[Any, Any]:
    """(bytes [n, blocks, bytes], codes [n, k]); the padding at K's end holds the zero point."""
    random = np.random.default_rng(seed)
    blocks = -(-k // block)
    point = np.repeat(np.broadcast_to(zeros, (n, blocks)), block, 1)
    every = np.where(
        random.random(point.shape) < 0.4, point, random.integers(0, 1 << bits, point.shape)
    )
    every[:, k:] = point[:, k:]
    stored = np.zeros((n, blocks, block * bits // 8), U8)
    for row, column in np.ndindex(n, blocks * block):
        bit = column % block * bits
        stored[row, column // block, bit // 8] |= int(every[row, column]) << bit % 8
    return stored, every[:, :k]


def unpacked(stored: Array, bits: int, k: int) -> Array:
    """Codes one by one."""
    n, _, width = stored.shape
    per = width * 8 // bits
    found = np.zeros((n, k), np.int64)
    for row, column in np.ndindex(n, k):
        bit = column % per * bits
        byte = int(stored[row, column // per, bit // 8])
        found[row, column] = byte >> bit % 8 & ((1 << bits) - 1)
    return found


def nbits(name: str, bits: int, k: int, zeros: Any = None, wide: Any = None, **more: Any) -> Case:
    """MatMulNBits of 6 outputs, blocks of 32. zeros: codes [6, blocks]; wide: as floats."""
    blocks = -(-k // 32)
    point = np.full((6, blocks), 1 << (bits - 1)) if zeros is None else zeros
    stored, _ = packed(bits, 6, k, 32, point)
    constants: dict[str, Any] = {"w": stored, "s": np.ones((6, blocks), F32)}
    inputs = ["x", "w", "s"]
    if wide is not None:
        constants["z"] = point.astype(wide)
        inputs.append("z")
    elif zeros is not None:
        width = -(-blocks * bits // 8)
        z = np.zeros((6, width), U8)
        for row, block in np.ndindex(6, blocks):
            bit = block * bits
            z[row, bit // 8] |= int(zeros[row, block]) << bit % 8
        constants["z"] = z
        inputs.append("z")

    def logical(w: Array) -> Array:
        whole = np.repeat(point, 32, 1)[:, :k]
        return (unpacked(w, bits, k) - whole)[None, :, None]

    return Case(
        name, "MatMulNBits", inputs, constants, signals((2, k)), axes(out=[0], in_=[1]), logical,
        lambda x, s, i: x[..., i], rows, MS,
        {"N": 6, "K": k, "bits": bits, "block_size": 32, **more},
        dtype={2: "uint2", 4: "uint4", 8: "uint8"}[bits],
    )  # fmt: skip


def recurrent(op: str, gates: int, input_: int, directions: int, **more: Any) -> Case:
    """Hidden size 3, input size 4; each gate of each direction is a matrix of its own."""
    size = 4 if input_ == 1 else 3
    w = values((directions, gates * 3, size))
    other = values((directions, gates * 3, 3 if input_ == 1 else 4))
    constants = {"w": w, "r": other}
    inputs = ["x", "w", "r"] if input_ == 1 else ["x", "r", "w"]

    def logical(w: Array) -> Array:
        found = np.empty((directions * gates, 3, 1, size), w.dtype)
        for d, g, o, i in np.ndindex(directions, gates, 3, size):
            found[d * gates + g, o, 0, i] = w[d, g * 3 + o, i]
        return found

    return Case(
        f"{op} {'WR'[input_ - 1]} {directions}", op, inputs, constants, signals((5, 2, 4)),
        axes([0, 1] if gates > 1 else [0], [1], [], [2]), logical,
        lambda x, s, i: x[..., i], None, "",
        {"hidden_size": 3, "direction": "bidirectional" if directions == 2 else "forward", **more},
    )  # fmt: skip


W44 = codes((4, 6), 100, 80, 120, U8)
CONV_X = signals((1, 4, 5, 5))
CASES: tuple[Case, ...] = (
    nbits("nbits 4", 4, 64),
    nbits("nbits 4 padded", 4, 72),
    nbits("nbits 4 zero points", 4, 72, RANDOM.integers(0, 16, (6, 3))),
    nbits("nbits 4 one zero point", 4, 40, np.full((6, 2), 5)),
    nbits("nbits 4 float zero points", 4, 64, RANDOM.integers(0, 16, (6, 2)), F32),
    nbits("nbits 8", 8, 72),
    nbits("nbits 8 zero points", 8, 72, RANDOM.integers(0, 256, (6, 3))),
    nbits("nbits 2", 2, 64),
    nbits("nbits 2 zero points", 2, 96, RANDOM.integers(0, 4, (6, 3))),
    recurrent("LSTM", 4, 1, 1), recurrent("LSTM", 4, 1, 2), recurrent("LSTM", 4, 2, 2),
    recurrent("GRU", 3, 1, 2), recurrent("GRU", 3, 2, 1, linear_before_reset=1),
    recurrent("RNN", 1, 1, 2), recurrent("RNN", 1, 2, 1),
    Case("MatMulInteger", "MatMulInteger", ["x", "w", "", "z"],
         {"w": codes((4, 6), 100, 80, 120, U8), "z": U8(100)}, signals((3, 4), U8),
         axes(out=[1], in_=[0]), lambda w: matrix(w.astype(int) - 100),
         lambda x, s, i: x[:, i], rows),
    Case("MatMulInteger columns", "MatMulInteger", ["x", "w", "", "z"],
         {"w": codes((4, 6), SIGNED, -9, 9, I8), "z": SIGNED}, signals((3, 4), U8),
         axes(out=[1], in_=[0]), lambda w: matrix(w.astype(int) - SIGNED),
         lambda x, s, i: x[:, i], rows),
    Case("MatMulInteger left", "MatMulInteger", ["w", "x", "z"],
         {"w": codes((6, 4), 7, 0, 9, U8), "z": U8(7)}, signals((4, 3), U8),
         axes(out=[0], in_=[1]), lambda w: (w.astype(int) - 7)[None, :, None],
         lambda x, s, i: x[i], lambda y, s, o: y[o]),
    Case("MatMulInteger without", "MatMulInteger", ["x", "w"],
         {"w": codes((4, 6), 0, -9, 9, I8)}, signals((3, 4), U8),
         axes(out=[1], in_=[0]), matrix, lambda x, s, i: x[:, i], rows),
    Case("QLinearMatMul", "QLinearMatMul", ["x", "s", "xz", "w", "s6", "z", "s", "yz"],
         {"w": codes((4, 6), SIGNED, -9, 9, I8), "z": SIGNED, "s": F32(1), "s6": ONES,
          "xz": U8(0), "yz": U8(128)}, signals((3, 4), U8),
         axes(out=[1], in_=[0]), lambda w: matrix(w.astype(int) - SIGNED),
         lambda x, s, i: x[:, i], rows),
    Case("MatMulIntegerToFloat", "MatMulIntegerToFloat", ["x", "w", "s", "s", "", "z"],
         {"w": codes((4, 6), 100, 80, 120, U8), "z": U8(100), "s": F32(1)}, signals((3, 4), U8),
         axes(out=[1], in_=[0]), lambda w: matrix(w.astype(int) - 100),
         lambda x, s, i: x[:, i], rows, MS),
    Case("DynamicQuantizeMatMul", "DynamicQuantizeMatMul", ["x", "w", "s6", "z"],
         {"w": codes((4, 6), COLUMN, 0, 255, U8), "z": COLUMN, "s6": ONES}, signals((3, 4)),
         axes(out=[1], in_=[0]), lambda w: matrix(w.astype(int) - COLUMN),
         lambda x, s, i: x[:, i], rows, MS),
    *(Case(f"QGemm {name}", "QGemm", ["x", "s", "xz", "w", scale, "z"],
           {"w": w, "z": z, "s": F32(1), "s6": ONES, "xz": U8(0)}, signals((3, 4), U8), ax, logical,
           lambda x, s, i: x[:, i], rows, MS, {"transB": trans})
      for name, w, z, scale, trans, ax, logical in (
          ("", codes((4, 6), 100, 80, 120, U8), U8(100), "s", 0, axes(out=[1], in_=[0]),
           lambda w: matrix(w.astype(int) - 100)),
          ("columns", codes((4, 6), SIGNED, -9, 9, I8), SIGNED, "s6", 0, axes(out=[1], in_=[0]),
           lambda w: matrix(w.astype(int) - SIGNED)),
          ("transposed", codes((6, 4), SIGNED[:, None], -9, 9, I8), SIGNED, "s6", 1,
           axes(out=[0], in_=[1]),
           lambda w: (w.astype(int) - SIGNED[:, None])[None, :, None]),
      )),
    Case("QLinearConv", "QLinearConv", ["x", "s", "xz", "w", "s6", "z", "s", "yz"],
         {"w": codes((6, 4, 3, 3), 0, -9, 9, I8), "z": np.zeros(6, I8), "s": F32(1), "s6": ONES,
          "xz": U8(0), "yz": U8(128)}, signals((1, 4, 3, 3), U8), axes([], [0], [2, 3], [1]),
         lambda w: w.reshape(1, 6, 4, 9).swapaxes(2, 3), lambda x, s, i: x[:, i],
         lambda y, s, o: y[:, o]),
    Case("QLinearConv grouped", "QLinearConv", ["x", "s", "xz", "w", "s", "z", "ys", "yz"],
         {"w": codes((6, 2, 3, 3), 128, 122, 135, U8), "z": U8(128), "s": F32(1),
          "ys": F32(2), "xz": U8(0), "yz": U8(128)},
         signals((1, 4, 3, 3), U8), axes([0], [0], [2, 3], [1]),
         lambda w: w.reshape(2, 3, 2, 9).swapaxes(2, 3).astype(int) - 128,
         lambda x, s, i: x[:, 2 * s + i], lambda y, s, o: y[:, 3 * s + o], "", {"group": 2}),
    Case("ConvInteger", "ConvInteger", ["x", "w", "xz", "z"],
         {"w": codes((6, 4, 3, 3), 100, 80, 120, U8), "z": U8(100), "xz": U8(0)},
         signals((1, 4, 5, 5), U8), axes([], [0], [2, 3], [1]),
         lambda w: w.reshape(1, 6, 4, 9).swapaxes(2, 3).astype(int) - 100,
         lambda x, s, i: x[:, i], lambda y, s, o: y[:, o]),
    Case("FusedConv", "FusedConv", ["x", "w"], {"w": values((6, 2, 3, 3))}, CONV_X,
         axes([0], [0], [2, 3], [1]), lambda w: w.reshape(2, 3, 2, 9).swapaxes(2, 3),
         lambda x, s, i: x[:, 2 * s + i], lambda y, s, o: y[:, 3 * s + o], MS,
         {"group": 2, "activation": "LeakyRelu", "activation_params": [0.5]}),
    Case("FusedGemm", "FusedGemm", ["x", "w"], {"w": values((6, 4))}, signals((3, 4)),
         axes(out=[0], in_=[1]), lambda w: w[None, :, None], lambda x, s, i: x[:, i], rows, MS,
         {"transB": 1, "activation": "LeakyRelu", "activation_alpha": 0.5}),
    Case("FusedMatMul", "FusedMatMul", ["x", "w"], {"w": values((6, 4))}, signals((3, 4)),
         axes(out=[0], in_=[1]), lambda w: w[None, :, None], lambda x, s, i: x[:, i], rows, MS,
         {"transB": 1, "alpha": 2.0}),
    Case("FusedMatMul left", "FusedMatMul", ["w", "x"], {"w": values((4, 6))}, signals((4, 3)),
         axes(out=[1], in_=[0]), matrix, lambda x, s, i: x[i], lambda y, s, o: y[o], MS,
         {"transA": 1}),
    Case("FusedMatMul batch right", "FusedMatMul", ["x", "w"], {"w": values((4, 2, 6))},
         signals((2, 3, 4)), axes([1], [2], [], [0]),
         lambda w: np.transpose(w, (1, 2, 0))[:, :, None],
         lambda x, s, i: x[s, :, i], lambda y, s, o: y[s, :, o], MS, {"transBatchB": 1}),
    Case("FusedMatMul batch right both", "FusedMatMul", ["x", "w"], {"w": values((6, 2, 4))},
         signals((2, 3, 4)), axes([1], [0], [], [2]),
         lambda w: np.transpose(w, (1, 0, 2))[:, :, None],
         lambda x, s, i: x[s, :, i], lambda y, s, o: y[s, :, o], MS,
         {"transBatchB": 1, "transB": 1}),
    Case("FusedMatMul batch left", "FusedMatMul", ["w", "x"], {"w": values((6, 2, 4))},
         signals((2, 4, 3)), axes([1], [0], [], [2]),
         lambda w: np.transpose(w, (1, 0, 2))[:, :, None],
         lambda x, s, i: x[s, i], lambda y, s, o: y[s, o], MS, {"transBatchA": 1}),
    Case("Attention", "Attention", ["x", "w", "b"], {"w": values((4, 24)), "b": np.zeros(24, F32)},
         signals((1, 3, 4)), axes(out=[1], in_=[0]), matrix, lambda x, s, i: x[..., i], None, MS,
         {"num_heads": 2}),
    Case("QAttention", "QAttention", ["x", "w", "b", "s", "s", "", "xz", "z"],
         {"w": codes((4, 24), 120, 110, 130, U8), "b": np.zeros(24, F32), "s": F32(0.1),
          "xz": U8(0), "z": U8(120)}, signals((1, 3, 4), U8), axes(out=[1], in_=[0]),
         lambda w: matrix(w.astype(int) - 120), lambda x, s, i: x[..., i], None, MS,
         {"num_heads": 2}),
    Case("DynamicQuantizeLSTM", "DynamicQuantizeLSTM",
         ["x", "w", "r", "", "", "", "", "", "s", "z", "s", "z"],
         {"w": codes((1, 4, 12), 120, 110, 130, U8), "r": codes((1, 3, 12), 120, 110, 130, U8),
          "s": np.array([0.1], F32), "z": np.array([120], U8)}, signals((5, 2, 4)),
         axes([0, 2], [2], [], [1]),
         lambda w: np.stack([w[0, :, 3 * g : 3 * g + 3].T for g in range(4)])[:, :, None]
         .astype(int) - 120, lambda x, s, i: x[..., i], None, MS, {"hidden_size": 3}),
)  # fmt: skip
IDS = [case.name for case in CASES]


def weight_w(file: Model) -> Weight:
    (weight,) = (w for w in file.weights if w.constant.name == "w")
    return weight


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_zeros_and_axes(case: Case, tmp_path: Path) -> None:
    """The mask of non-zeros in logical axes is that of the values by hand."""
    file = opened(case.model(), tmp_path)
    weight = weight_w(file)
    assert weight.problem is None and weight.fixed is None
    assert weight.input == case.inputs.index("w")
    ax = weight.view.axes
    assert case.axes == {
        "stack": [*ax.stack], "out": [*ax.out], "kernel": [*ax.kernel], "in": [*ax.in_]
    }  # fmt: skip
    wanted = case.logical(case.constants["w"]) != 0
    assert 0 < np.count_nonzero(wanted) < wanted.size
    mask = tensors.nonzero_mask(file, weight.constant, weight.zero_point)
    np.testing.assert_array_equal(weight.view.logical(mask), wanted)
    pieces = [piece.copy() for piece in tensors.chunks(file, weight.constant)]
    whole = tensors.read(file, weight.constant)
    np.testing.assert_array_equal(np.concatenate(pieces), whole.reshape(-1))
    if case.dtype:
        assert tensors.dtype_name(weight.constant.dtype) == case.dtype


def with_zeros(file: Model, weight: Weight, where: Array, case: Case) -> ModelProto:
    """The model in which elements where a logical mask says so are zero, as pruning writes them."""
    elements = tensors.read(file, weight.constant).copy()
    zero = tensors.zero_value(weight.constant.dtype, weight.zero_point)
    np.copyto(elements, zero, where=weight.view.stored(where))
    return case.model(tensors.restored(file, weight.constant, elements))


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_an_input_channel_of_zeros_is_not_read(case: Case, tmp_path: Path) -> None:
    """Only that one: zeros in `in` take away what this input channel adds, and nothing else."""
    if case.op in ("LSTM", "GRU", "RNN") and case.inputs.index("w") == 2:
        pytest.skip("R reads what the cell said before")
    file = opened(case.model(), tmp_path)
    weight = weight_w(file)
    stacks, _, _, ins = weight.view.logical_shape
    parts = [slice(None)] if case.y_of is None else [slice(s, s + 1) for s in range(stacks)]
    for part, i in itertools.product(parts, range(0, ins, max(1, ins // 5))):
        where = np.zeros(weight.view.logical_shape, np.bool_)
        where[part, :, :, i] = True
        pruned = with_zeros(file, weight, where, case)
        before, changed = computed(pruned, case.x), case.x.copy()
        case.x_of(changed, part.start or 0, i)[...] += 3
        if "Dynamic" in case.op:  # quantizes x by its range, which therefore has to stay
            changed = np.minimum(changed, case.x.max())
        np.testing.assert_array_equal(computed(pruned, changed), before)
        if np.any(changed != case.x) and np.any(case.logical(case.constants["w"])[part, :, :, i]):
            dense = case.model()
            assert np.any(computed(dense, changed) != computed(dense, case.x))


@pytest.mark.parametrize("case", [c for c in CASES if c.y_of], ids=lambda c: c.name)
def test_an_output_channel_of_zeros_gives_zeros(case: Case, tmp_path: Path) -> None:
    file = opened(case.model(), tmp_path)
    weight = weight_w(file)
    dense = computed(case.model(), case.x)
    nothing = 128 if case.op.startswith("QLinear") else 0
    stacks, outs = weight.view.logical_shape[:2]
    assert case.y_of is not None
    for s, o in itertools.product(range(stacks), range(outs)):
        where = np.zeros(weight.view.logical_shape, np.bool_)
        where[s, o] = True
        y = computed(with_zeros(file, weight, where, case), case.x)
        assert np.all(case.y_of(y, s, o) == nothing)
        for other in itertools.product(range(stacks), range(outs)):
            if other != (s, o):
                np.testing.assert_allclose(
                    case.y_of(y, *other), case.y_of(dense, *other), rtol=1e-6
                )


@pytest.mark.parametrize("wish", [{"sparsity": 0.75}, {"format": "2:4"}], ids=["75 %", "2:4"])
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_pruned_saved_and_opened_again(case: Case, wish: dict[str, Any], tmp_path: Path) -> None:
    """The saved file holds, by hand: zeros where asked for, everything else as it was; its
    annotation is true; ONNX Runtime computes what it computes of the masked values."""
    path = tmp_path / "m.onnx"
    path.write_bytes(case.model().SerializeToString())
    session = sv.open(path)
    (row,) = (row for row in session.weights if row.tensor == "w")
    before = case.logical(case.constants["w"])
    if wish.get("format") and before.shape[3] % 4:
        with pytest.raises(sv.SparseviewError):
            session.prune(PruneRequest(weights=(row.id,), **wish))
        return
    session.prune(PruneRequest(weights=(row.id,), **wish))
    session.save(tmp_path / "out.onnx")

    saved = onnx.load(tmp_path / "out.onnx")
    (stored,) = (nh.to_array(t) for t in saved.graph.initializer if t.name == "w")
    after = case.logical(stored)
    assert np.array_equal(after[after != 0], before[after != 0])
    if "format" in wish:
        groups = (after != 0).reshape(*after.shape[:3], -1, 4).sum(-1)
        assert groups.max() <= 2
    else:
        assert np.count_nonzero(after == 0) == round(0.75 * after.size)
    again = sv.open(tmp_path / "out.onnx")
    again.measure()
    (row,) = (row for row in again.weights if row.tensor == "w")
    assert (row.zeros, row.elements) == (np.count_nonzero(after == 0), after.size)
    assert row.agrees is True and row.declared is not None
    assert row.declared.format == row.format or len(again.weights) > 1
    by_hand = case.model(stored)
    np.testing.assert_array_equal(computed(saved, case.x), computed(by_hand, case.x))
