"""Inputs of W and R in LSTM, GRU and RNN, against the recurrences written out step by step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from builders import model, value
from onnx import ModelProto, TensorProto, helper
from onnx import numpy_helper as nh
from probing import holds, statistics
from test_taps import random

STEPS, BATCH, IN, HIDDEN = 5, 3, 4, 2
LENGTHS = np.array([5, 2, 4], np.int32)
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


def states(
    kind: str,
    x: np.ndarray,
    w: np.ndarray,
    r: np.ndarray,
    b: np.ndarray,
    h: np.ndarray,
    ends: np.ndarray,
    back: bool,
    linear: bool,
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """(x of every step that counts, and for each gate what R meets there), of one direction."""
    seen: list[np.ndarray] = []
    met: list[list[np.ndarray]] = [[] for _ in range(GATES[kind])]
    wb, rb = b[: len(b) // 2], b[len(b) // 2 :]
    for sample in range(BATCH):
        state, cell = h[sample], np.zeros(HIDDEN)
        order = range(ends[sample])
        for t in reversed(order) if back else order:
            seen.append(x[t, sample])
            inner = x[t, sample] @ w.T + wb
            hidden = state @ r.T + rb
            parts = [slice(g * HIDDEN, (g + 1) * HIDDEN) for g in range(GATES[kind])]
            fed = [state] * GATES[kind]
            if kind == "RNN":
                new = np.tanh(inner + hidden)
            elif kind == "LSTM":
                i, o, f, c = (inner[p] + hidden[p] for p in parts)
                cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(c)
                new = sigmoid(o) * np.tanh(cell)
            else:
                z = sigmoid(inner[parts[0]] + hidden[parts[0]])
                reset = sigmoid(inner[parts[1]] + hidden[parts[1]])
                if linear:
                    gate = np.tanh(inner[parts[2]] + reset * hidden[parts[2]])
                else:
                    fed = [state, state, reset * state]
                    gate = np.tanh(inner[parts[2]] + fed[2] @ r[parts[2]].T + rb[parts[2]])
                new = (1 - z) * gate + z * state
            for each, what in zip(met, fed, strict=True):
                each.append(what)
            state = new
    return seen, [np.stack(each) for each in met]


def build(kind: str, direction: str, linear: int, lengths: bool, initial: bool) -> ModelProto:
    directions = 2 if direction == "bidirectional" else 1
    gates = GATES[kind] * HIDDEN
    inputs = ["x", "w", "r", "b", "lengths" if lengths else "", "h" if initial else ""]
    more = {"linear_before_reset": linear} if kind == "GRU" else {}
    node = helper.make_node(
        kind, inputs, ["", "y"], "rnn", hidden_size=HIDDEN, direction=direction, **more
    )
    tensors = [
        nh.from_array(random(directions, gates, IN, seed=1), "w"),
        nh.from_array(random(directions, gates, HIDDEN, seed=2), "r"),
        nh.from_array(random(directions, 2 * gates, seed=3), "b"),
        nh.from_array(random(directions, BATCH, HIDDEN, seed=4), "h"),
        nh.from_array(LENGTHS, "lengths"),
    ]
    proto = model([node], tensors, x=(STEPS, BATCH, IN))
    proto.graph.output[0].CopyFrom(value("y", directions, BATCH, HIDDEN, dtype=TensorProto.FLOAT))
    return proto


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("lengths", [False, True])
@pytest.mark.parametrize(("kind", "linear"), [("LSTM", 0), ("GRU", 0), ("GRU", 1), ("RNN", 0)])
def test_what_w_and_r_meet(
    kind: str, linear: int, lengths: bool, direction: str, tmp_path: Path
) -> None:
    initial = direction != "forward"
    proto = build(kind, direction, linear, lengths, initial)
    w, r, b, h, _ = (nh.to_array(t).astype(np.float64) for t in proto.graph.initializer)
    x = random(2, STEPS, BATCH, IN)
    seen: list[np.ndarray] = []
    met: list[list[np.ndarray]] = []
    for d in range(len(w)):
        back = direction == "reverse" or d == 1
        start = h[d] if initial else np.zeros((BATCH, HIDDEN))
        ends = LENGTHS if lengths else np.full(BATCH, STEPS)
        runs = [
            states(kind, each.astype(np.float64), w[d], r[d], b[d], start, ends, back, bool(linear))
            for each in x
        ]
        seen = [row for run in runs for row in run[0]]
        met += [np.concatenate([run[1][g] for run in runs]) for g in range(GATES[kind])]
    holds(statistics(proto, tmp_path, "w", x=x), [np.stack(seen)] * (GATES[kind] * len(w)))
    holds(statistics(proto, tmp_path, "r", x=x), met)


@pytest.mark.parametrize("direction", ["forward", "bidirectional"])
def test_what_the_codes_of_a_dynamically_quantized_lstm_meet(
    direction: str, tmp_path: Path
) -> None:
    directions, gates = 2 if direction == "bidirectional" else 1, 4 * HIDDEN
    codes = np.random.default_rng(5)
    inputs = ["x", "w", "r", "", "", "h", "", "", "s", "z", "s", "z"]
    node = helper.make_node(
        "DynamicQuantizeLSTM", inputs, ["y"], "lstm", domain="com.microsoft",
        hidden_size=HIDDEN, direction=direction,
    )  # fmt: skip
    tensors = [
        nh.from_array(codes.integers(100, 160, (directions, IN, gates)).astype(np.uint8), "w"),
        nh.from_array(codes.integers(100, 160, (directions, HIDDEN, gates)).astype(np.uint8), "r"),
        nh.from_array(random(directions, BATCH, HIDDEN, seed=4), "h"),
        nh.from_array(np.full(directions, 0.02, np.float32), "s"),
        nh.from_array(np.full(directions, 130, np.uint8), "z"),
    ]
    proto = model([node], tensors, x=(STEPS, BATCH, IN), domains=["com.microsoft"])
    proto.graph.output[0].CopyFrom(value("y", STEPS, directions, BATCH, HIDDEN))
    x = random(2, STEPS, BATCH, IN)
    session = onnxruntime.InferenceSession(
        proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    start = nh.to_array(tensors[2])
    met: list[np.ndarray] = []
    for d in range(directions):
        rows = []
        for each in x:
            (y,) = session.run(None, {"x": each})
            steps = range(STEPS)
            before = [y[t - 1, d] if t else start[d] for t in steps]
            if d == 1:
                before = [y[t + 1, d] if t + 1 < STEPS else start[d] for t in steps]
            rows += before
        met += [np.concatenate(rows)] * 4
    holds(statistics(proto, tmp_path, "w", x=x), [x.reshape(-1, IN)] * (4 * directions))
    holds(statistics(proto, tmp_path, "r", x=x), met)
