"""MatMul over codes: MatMulInteger, QLinearMatMul, and what ONNX Runtime fuses them into."""

from __future__ import annotations

from sparseview.model.operators.matmul import matmul
from sparseview.model.operators.row import CODES, Row, Use
from sparseview.model.operators.zeros import per_channel
from sparseview.model.proto import NodeProto
from sparseview.model.view import Shape


def qlinear(node: NodeProto, index: int, shape: Shape) -> Use | None:
    return matmul(node, 0 if index == 0 else 1, shape)


# A zero point per row of the left matrix, per column of the right one.
ROWS_OF, COLUMNS_OF = -2, -1

MATMUL_INTEGER = Row(
    "", "MatMulInteger", (0, 1), matmul, CODES,
    per_channel({0: (2, ROWS_OF), 1: (3, COLUMNS_OF)}),
)  # fmt: skip
QLINEAR_MATMUL = Row(
    "", "QLinearMatMul", (0, 3), qlinear, CODES,
    per_channel({0: (2, ROWS_OF), 3: (5, COLUMNS_OF)}),
    per_channel({0: (1, ROWS_OF), 3: (4, COLUMNS_OF)}),
)  # fmt: skip
MATMUL_INTEGER_TO_FLOAT = Row(
    "com.microsoft", "MatMulIntegerToFloat", (0, 1), matmul, CODES,
    per_channel({0: (4, ROWS_OF), 1: (5, COLUMNS_OF)}),
    per_channel({0: (2, ROWS_OF), 1: (3, COLUMNS_OF)}),
)  # fmt: skip
DYNAMIC_QUANTIZE_MATMUL = Row(
    "com.microsoft", "DynamicQuantizeMatMul", (1,), matmul, CODES,
    per_channel({1: (3, COLUMNS_OF)}),
    per_channel({1: (2, COLUMNS_OF)}),
)  # fmt: skip
