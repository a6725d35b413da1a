"""QLinearConv and ConvInteger: a Conv over codes, with a zero point per output channel at most."""

from __future__ import annotations

from msgspec.structs import replace

from sparseview.model.operators.conv import conv
from sparseview.model.operators.row import CODES, Row
from sparseview.model.operators.zeros import per_channel

QLINEAR_CONV = Row(
    "", "QLinearConv", (3,), conv, CODES, per_channel({3: (5, 0)}), per_channel({3: (4, 0)})
)
# ONNX Runtime's, which can have the channels of its images last; W is the same.
QLINEAR_CONV_NHWC = replace(QLINEAR_CONV, domain="com.microsoft")
CONV_INTEGER = Row("", "ConvInteger", (1,), conv, CODES, per_channel({1: (3, 0)}))
