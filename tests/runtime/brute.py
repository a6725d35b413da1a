"""The input of a weight, worked out the slow way: what the product's output tells about it.

An operator is linear in its weight. So X, whose rows meet the weight's columns, is what comes out
when the weight is one column of ones at a time. Nothing of this imports the project.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import onnxruntime
from onnx import ModelProto, numpy_helper
from onnx.reference import ReferenceEvaluator


def columns_of(
    proto: ModelProto,
    tensor: str,
    feeds: dict[str, np.ndarray],
    units: Sequence[np.ndarray],
    pick: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """X [rows, columns]: for each unit (a value of the weight that is 1 in one column of one
    output and 0 elsewhere) what `pick` takes of the output."""
    found = []
    for unit in units:
        changed = ModelProto()
        changed.CopyFrom(proto)
        for initializer in changed.graph.initializer:
            if initializer.name == tensor:
                initializer.CopyFrom(numpy_helper.from_array(unit.astype(np.float32), tensor))
            elif initializer.name == "bias":
                zeros = np.zeros(tuple(initializer.dims), np.float32)
                initializer.CopyFrom(numpy_helper.from_array(zeros, "bias"))
        (y, *_) = _run(changed, feeds)
        found.append(pick(np.asarray(y, np.float64)).reshape(-1))
    return np.stack(found, axis=1)


def _run(proto: ModelProto, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
    node = proto.graph.node[0]
    if node.op_type != "ConvTranspose" and not node.domain:
        return list(ReferenceEvaluator(proto).run(None, feeds))
    # The evaluator knows no groups of a ConvTranspose, no output_shape, and only ONNX's operators.
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    content = proto.SerializeToString()
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    return list(session.run(None, feeds))
