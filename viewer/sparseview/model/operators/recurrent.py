"""LSTM, GRU, RNN: W and R [directions, gates * hidden, in]; each direction's gates stack."""

from __future__ import annotations

from collections.abc import Callable

from sparseview.model.operators.row import Row, Use
from sparseview.model.proto import NodeProto
from sparseview.model.view import Axes, Shape


def gated(gates: int) -> Callable[[NodeProto, int, Shape], Use | None]:
    """The reading of an operator with so many gates; biases and peepholes are no weights."""

    def recurrent(node: NodeProto, index: int, shape: Shape) -> Use | None:
        if len(shape) != 3 or shape[1] % gates:
            return None
        return Use(Axes((0, 1) if gates > 1 else (0,), (1,), (), (2,)), gates)

    return recurrent


LSTM = Row("", "LSTM", (1, 2), gated(4))
GRU = Row("", "GRU", (1, 2), gated(3))
RNN = Row("", "RNN", (1, 2), gated(1))
