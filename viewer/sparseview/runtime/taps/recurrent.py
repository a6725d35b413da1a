"""LSTM, GRU, RNN: W meets the input of every step, R the hidden state of the step before.

The states are the operator's own output Y [steps, directions, batch, hidden]; where nobody asked
for it, it is named. In a GRU with linear_before_reset = 0, R's third gate meets r * h instead, with
r = sigmoid(x W_r^T + h R_r^T + b_r): that is computed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from onnx import NodeProto

from sparseview.model.operators.row import integer
from sparseview.model.weights import Weight
from sparseview.runtime.bodies import OUTPUT
from sparseview.runtime.statistics import Unreachable
from sparseview.runtime.taps.base import Array, Misfit, Operator, Tap, sliced
from sparseview.runtime.taps.conv import text

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1, "DynamicQuantizeLSTM": 4}
X, W, R, B, LENGTHS, STATE = 0, 1, 2, 3, 4, 5


def recurrent(node: NodeProto, weight: Weight) -> Tap | Unreachable:
    if integer(node, "layout", 0):
        return Unreachable("it has the batch first (layout 1), which ONNX Runtime does not run")
    lengths = _input(node, LENGTHS)
    if weight.input == W:
        tensors = (node.input[X], *([lengths] if lengths else []))

        def steps(values: Sequence[Array]) -> Iterator[Array]:
            x = values[0]
            inside = _inside(x, values[1]) if lengths else None
            yield from sliced(x.reshape(-1, x.shape[-1]) if inside is None else x[inside])

        return Tap(tensors, ("steps", bool(lengths)), steps, alike=True)
    return _states(node, lengths, _input(node, STATE))


def _states(node: NodeProto, lengths: str, initial: str) -> Tap | Unreachable:
    gates, direction = GATES[node.op_type], text(node, "direction", "forward")
    reset = node.op_type == "GRU" and not integer(node, "linear_before_reset", 0)
    if reset and any(a.name in ("activations", "clip") for a in node.attribute):
        return Unreachable("its reset gate has an activation of its own")
    bias = _input(node, B) if reset else ""
    more = [node.input[X], node.input[W], node.input[R]] if reset else []
    optional = [name for name in (lengths, initial, bias) if name]
    produced = node.output[0] if node.output and node.output[0] else f"{OUTPUT}0"

    def rows(values: Sequence[Array]) -> Iterator[Array]:
        y, *left = values
        parts = [left.pop(0) for _ in more]
        ends = left.pop(0) if lengths else None
        start = left.pop(0) if initial else None
        b = left.pop(0) if bias else None
        if y.ndim != 4:
            raise Misfit(f"its states are {list(y.shape)}")
        before = _before(y, ends, start, direction)
        found = np.repeat(np.moveaxis(before, 1, 0), gates, axis=0)  # [dirs * gates, s, b, hidden]
        if reset:
            x, w, r = parts
            for d in range(y.shape[1]):
                found[3 * d + 2] *= _reset(x, w[d], r[d], None if b is None else b[d], before[:, d])
        if ends is None:
            yield from sliced(found.reshape(len(found), -1, y.shape[-1]))
        else:
            yield from sliced(found[:, _inside(y, ends)])

    geometry = ("states", gates, direction, bool(lengths), bool(initial), bool(bias), reset)
    return Tap((produced, *more, *optional), geometry, rows)


def _before(y: Array, ends: Array | None, start: Array | None, direction: str) -> Array:
    """The state before each step: [steps, directions, batch, hidden]."""
    before = np.zeros_like(y)
    for d in range(y.shape[1]):
        first = 0 if start is None else start[d]
        if direction == "reverse" or d == 1:
            before[:-1, d] = y[1:, d]
            last = np.full(y.shape[2], len(y)) if ends is None else ends
            for sample, end in enumerate(last):
                if end > 0:
                    before[end - 1, d, sample] = 0 if start is None else start[d, sample]
        else:
            before[1:, d] = y[:-1, d]
            before[0, d] = first
    return before


def _reset(x: Array, w: Array, r: Array, b: Array | None, before: Array) -> Array:
    """A GRU's reset gate at every step: [steps, batch, hidden]; gates come as z, r, h."""
    hidden = before.shape[-1]
    at = slice(hidden, 2 * hidden)
    total = x @ w[at].T + before @ r[at].T
    if b is not None:
        total += b[at] + b[3 * hidden + hidden : 3 * hidden + 2 * hidden]
    return np.asarray(1 / (1 + np.exp(-total)))


def _inside(steps: Array, ends: Array) -> Array:
    """Which of [steps, batch] count: a shorter sequence ends before."""
    batch = steps.shape[-2]
    return np.arange(len(steps))[:, None] < np.asarray(ends).reshape(1, batch)


def _input(node: NodeProto, place: int) -> str:
    return node.input[place] if place < len(node.input) else ""


RECURRENT = Operator(("LSTM", "GRU", "RNN"), recurrent)
QUANTIZED_LSTM = Operator(("DynamicQuantizeLSTM",), recurrent, "com.microsoft")
