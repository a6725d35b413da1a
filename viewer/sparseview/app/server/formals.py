"""What ONNX calls the inputs and outputs of an operator, in the version that its graph imports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import onnx
from onnx import FunctionProto

from sparseview.model.document import Model, Node


def schema_of(model: Model, node: Node) -> onnx.defs.OpSchema | None:
    """ONNX's definition of this operator; None for another domain's or an unknown one."""
    proto = model.graphs[node.graph].proto
    imports = proto.opset_import if isinstance(proto, FunctionProto) else model.proto.opset_import
    domain = "" if node.proto.domain == "ai.onnx" else node.proto.domain
    for entry in imports:
        if (entry.domain if entry.domain != "ai.onnx" else "") == domain:
            try:
                return onnx.defs.get_schema(node.proto.op_type, entry.version, domain)
            except onnx.defs.SchemaError:
                return None
    return None


def formal_name(formals: Iterable[Any], index: int) -> str:
    """The formal name of a port, "" where none is known; a variadic operator's last one goes on."""
    listed = list(formals)
    if index < len(listed):
        return str(listed[index].name)
    variadic = onnx.defs.OpSchema.FormalParameterOption.Variadic
    if listed and listed[-1].option == variadic:
        return str(listed[-1].name)
    return ""
