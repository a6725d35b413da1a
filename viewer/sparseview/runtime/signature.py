"""What a model wants to be fed: names, element types and shapes of its inputs."""

from __future__ import annotations

from dataclasses import dataclass

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.dtypes import dtype_name
from sparseview.model.shapes import Dim, tensor_type

RECURRENT = frozenset({"LSTM", "GRU", "RNN"})
# Operators, and the inputs of theirs, that leave axes in their places.
PASSING = frozenset({("Identity", 0), ("Cast", 0), ("Dropout", 0), ("Slice", 0), ("Gather", 1)})


@dataclass(frozen=True, slots=True)
class Input:
    """One input. dtype: onnx's number.  dims: sizes, named sizes, or None where unknown; None as a
    whole where not even their number is known.  axis : the one that counts samples; the second of
    sequences and states that go to a recurrent operator, whose first ones are time and direction.
    """

    name: str
    dtype: int
    dims: tuple[Dim, ...] | None
    axis: int = 0

    @property
    def batch(self) -> int | None:
        """The fixed number of samples; None where it is free."""
        size = self.dims[self.axis] if self.dims and len(self.dims) > self.axis else None
        return size if isinstance(size, int) else None

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
        axis = 1 if dims is not None and len(dims) > 1 and _recurs(model, value.name) else 0
        found.append(Input(value.name, value.type.tensor_type.elem_type, dims, axis))
    return tuple(found)


def _recurs(model: Model, name: str) -> bool:
    """Whether an input is a sequence [time, batch, ...] or a state [directions, batch, ...] of an
    LSTM, GRU or RNN of the main graph."""
    waiting, seen = [name], {name}
    while waiting:
        now = waiting.pop()
        for node in model.readers(0, now):
            place = list(node.input).index(now) if now in node.input else -1
            layout = next((a.i for a in node.attribute if a.name in ("layout", "axis")), 0)
            if node.op_type in RECURRENT and place in (0, 5, 6) and not layout:
                return True
            # A table's rows for [time, batch] are [time, batch, columns].
            if (node.op_type, place) in PASSING and not (layout and node.op_type == "Gather"):
                new = {node.output[0]} - seen
                seen |= new
                waiting += new
    return False


def wants(model: Model) -> str:
    """The inputs as a sentence that a refusal ends with."""
    return f"{model.path.name} wants {'; '.join(map(str, inputs(model))) or 'no input'}."
