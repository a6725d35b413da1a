"""Small models over weights that a test gives, for tests of what happens to those weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper


def tensor(name: str, array: Any, dtype: int | None = None) -> TensorProto:
    """A tensor in raw_data; `dtype` for arrays that hold bits (bfloat16 as uint16, ...)."""
    if dtype is None:
        return numpy_helper.from_array(np.ascontiguousarray(array), name)
    made = TensorProto(name=name, data_type=dtype, dims=array.shape)
    made.raw_data = np.ascontiguousarray(array).tobytes()
    return made


def model_of(
    nodes: Sequence[NodeProto],
    constants: Mapping[str, Any] | Sequence[TensorProto] = (),
    inputs: Mapping[str, Sequence[int | str]] | None = None,
    outputs: Sequence[str] | None = None,
    opset: int = 21,
) -> ModelProto:
    """A float32 model; constants as arrays by name or as tensors; outputs: the last node's."""
    if isinstance(constants, Mapping):
        constants = [tensor(name, array) for name, array in constants.items()]
    graph = helper.make_graph(
        list(nodes),
        "main",
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in (inputs or {"x": ["n", "k"]}).items()
        ],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
            for name in (outputs or nodes[-1].output)
        ],
        list(constants),
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


def gemm_model(weight: Any, trans_b: int = 1) -> ModelProto:
    """One Gemm called `layer` over a weight called `w`: [out, in], or [in, out] without transB."""
    node = helper.make_node("Gemm", ["x", "w"], ["y"], name="layer", transB=trans_b)
    return model_of([node], {"w": weight})


def saved(model: ModelProto, folder: Path, name: str = "model.onnx") -> Path:
    """Write a model and give its path."""
    path = folder / name
    onnx.save(model, path)
    return path
