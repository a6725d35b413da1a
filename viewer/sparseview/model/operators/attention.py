"""com.microsoft Attention: one matrix [in, Q + K + V] makes queries, keys and values."""

from __future__ import annotations

from msgspec.structs import replace

from sparseview.model.operators.row import CODES, Row, Use
from sparseview.model.operators.zeros import per_channel
from sparseview.model.proto import NodeProto
from sparseview.model.view import Axes, Shape


def attention(node: NodeProto, index: int, shape: Shape) -> Use | None:
    return Use(Axes(out=(1,), in_=(0,))) if len(shape) == 2 else None


ATTENTION = Row("com.microsoft", "Attention", (1,), attention)
PACKED_ATTENTION = replace(ATTENTION, op_type="PackedAttention")
DECODER_ATTENTION = replace(ATTENTION, op_type="DecoderMaskedSelfAttention")
QATTENTION = Row(
    "com.microsoft", "QAttention", (1,), attention, CODES, per_channel({1: (7, 1)}),
    per_channel({1: (4, 1)}),
)  # fmt: skip
