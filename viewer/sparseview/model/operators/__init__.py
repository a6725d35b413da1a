"""The operator table: which inputs are weights, with which axes. One family, one file, one row."""

from __future__ import annotations

from sparseview.model.operators.conv import CONV
from sparseview.model.operators.gather import GATHER
from sparseview.model.operators.gemm import GEMM
from sparseview.model.operators.matmul import MATMUL
from sparseview.model.operators.row import Row

OPERATORS: tuple[Row, ...] = (CONV, GEMM, MATMUL, GATHER)
