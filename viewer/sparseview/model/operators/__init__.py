"""The operator table: which inputs are weights, with which axes. One family, one small file."""

from __future__ import annotations

from sparseview.model.operators.attention import (
    ATTENTION,
    DECODER_ATTENTION,
    PACKED_ATTENTION,
    QATTENTION,
)
from sparseview.model.operators.conv import CONV, DEFORM_CONV, FUSED_CONV
from sparseview.model.operators.conv_quantized import CONV_INTEGER, QLINEAR_CONV, QLINEAR_CONV_NHWC
from sparseview.model.operators.conv_transpose import CONV_TRANSPOSE
from sparseview.model.operators.einsum import EINSUM
from sparseview.model.operators.embed import EMBED
from sparseview.model.operators.gather import GATHER
from sparseview.model.operators.gemm import FUSED_GEMM, GEMM
from sparseview.model.operators.gemm_quantized import QGEMM
from sparseview.model.operators.matmul import MATMUL
from sparseview.model.operators.matmul_fused import (
    FUSED_MATMUL,
    FUSED_MATMUL_ACTIVATION,
    TRANSPOSE_MATMUL,
)
from sparseview.model.operators.matmul_nbits import MATMUL_NBITS
from sparseview.model.operators.matmul_quantized import (
    DYNAMIC_QUANTIZE_MATMUL,
    MATMUL_INTEGER,
    MATMUL_INTEGER_TO_FLOAT,
    QLINEAR_MATMUL,
)
from sparseview.model.operators.recurrent import GRU, LSTM, RNN
from sparseview.model.operators.recurrent_quantized import DYNAMIC_QUANTIZE_LSTM
from sparseview.model.operators.row import Row

OPERATORS: tuple[Row, ...] = (
    CONV,
    CONV_TRANSPOSE,
    DEFORM_CONV,
    FUSED_CONV,
    QLINEAR_CONV,
    QLINEAR_CONV_NHWC,
    CONV_INTEGER,
    GEMM,
    FUSED_GEMM,
    QGEMM,
    MATMUL,
    FUSED_MATMUL,
    FUSED_MATMUL_ACTIVATION,
    TRANSPOSE_MATMUL,
    MATMUL_INTEGER,
    MATMUL_INTEGER_TO_FLOAT,
    DYNAMIC_QUANTIZE_MATMUL,
    QLINEAR_MATMUL,
    MATMUL_NBITS,
    EINSUM,
    LSTM,
    GRU,
    RNN,
    DYNAMIC_QUANTIZE_LSTM,
    ATTENTION,
    PACKED_ATTENTION,
    DECODER_ATTENTION,
    QATTENTION,
    GATHER,
    EMBED,
)
