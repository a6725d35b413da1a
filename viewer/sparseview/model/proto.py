"""ONNX's message classes, without the rest of the onnx package.

`import onnx` brings its checker, its helpers and ml_dtypes along, which takes longer than anything
else that a command starts with. So the one generated module is loaded by itself, under its own
name: whoever imports onnx later gets the same classes.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from typing import TYPE_CHECKING

__all__ = [
    "AttributeProto",
    "FunctionProto",
    "GraphProto",
    "ModelProto",
    "NodeProto",
    "SparseTensorProto",
    "StringStringEntryProto",
    "TensorProto",
    "TypeProto",
    "ValueInfoProto",
]

_NAME = "onnx.onnx_ml_pb2"


def _load_alone() -> None:
    """Import onnx's generated module without its package; leaves it to onnx where that fails."""
    if "onnx" in sys.modules or _NAME in sys.modules:
        return
    package = PathFinder.find_spec("onnx")
    if package is None or package.submodule_search_locations is None:
        return
    spec = PathFinder.find_spec(_NAME, package.submodule_search_locations)
    if spec is None or spec.loader is None:
        return
    module = module_from_spec(spec)
    sys.modules[_NAME] = module
    try:
        spec.loader.exec_module(module)
    except ImportError:
        del sys.modules[_NAME]


if TYPE_CHECKING:
    from onnx import (
        AttributeProto,
        FunctionProto,
        GraphProto,
        ModelProto,
        NodeProto,
        SparseTensorProto,
        StringStringEntryProto,
        TensorProto,
        TypeProto,
        ValueInfoProto,
    )
else:
    _load_alone()
    _classes = sys.modules.get(_NAME)
    if _classes is None:
        import onnx as _classes
    AttributeProto = _classes.AttributeProto
    FunctionProto = _classes.FunctionProto
    GraphProto = _classes.GraphProto
    ModelProto = _classes.ModelProto
    NodeProto = _classes.NodeProto
    SparseTensorProto = _classes.SparseTensorProto
    StringStringEntryProto = _classes.StringStringEntryProto
    TensorProto = _classes.TensorProto
    TypeProto = _classes.TypeProto
    ValueInfoProto = _classes.ValueInfoProto
