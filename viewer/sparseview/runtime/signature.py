"""What a model wants to be fed: names, element types and shapes of its inputs."""

from __future__ import annotations

from dataclasses import dataclass

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.dtypes import dtype_name
from sparseview.model.shapes import Dim, tensor_type


@dataclass(frozen=True, slots=True)
class Input:
    """One input. dtype: onnx's number.  dims: sizes, named sizes, or None where unknown; None as a
    whole where not even their number is known."""

    name: str
    dtype: int
    dims: tuple[Dim, ...] | None

    @property
    def batch(self) -> int | None:
        """The fixed size of the first dim; None where it is free."""
        return self.dims[0] if self.dims and isinstance(self.dims[0], int) else None

    def __str__(self) -> str:
        shape = "?" if self.dims is None else ", ".join(_dim(dim) for dim in self.dims)
        return f"{self.name} {dtype_name(self.dtype)} [{shape}]"


def _dim(dim: Dim) -> str:
    return "?" if dim is None or dim == "" else str(dim)


def inputs(model: Model) -> tuple[Input, ...]:
    """The inputs that must be fed, in order: those without a value in the model.

    Raises SparseviewError where one is no tensor.
    """
    graph = model.proto.graph
    given = {t.name for t in graph.initializer} | {t.values.name for t in graph.sparse_initializer}
    found: list[Input] = []
    for value in graph.input:
        if value.name in given:
            continue
        kind = value.type.WhichOneof("value")
        if kind != "tensor_type":
            raise SparseviewError(
                f"Input {value.name!r} of {model.path.name} is a {(kind or 'thing').split('_')[0]},"
                " and only tensors can be fed.",
                "Export the model with plain tensors as inputs.",
                "signature",
            )
        told = tensor_type(value.type)
        dims = None if told is None else told[1]
        found.append(Input(value.name, value.type.tensor_type.elem_type, dims))
    return tuple(found)


def wants(model: Model) -> str:
    """The inputs as a sentence that a refusal ends with."""
    return f"{model.path.name} wants {'; '.join(map(str, inputs(model))) or 'no input'}."
