"""Engine: an ONNX Runtime session over skeleton and overlay, with extra outputs; runs batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.dtypes import pack, storage
from sparseview.runtime.bodies import Point
from sparseview.runtime.feed import Replaced, feed
from sparseview.runtime.inline import inlined
from sparseview.runtime.onnx_runtime import (
    COPYING,
    provider_named,
    session_options,
    short_name,
    told,
)
from sparseview.runtime.signature import Input, inputs

Array = NDArray[Any]
CPU, BFLOAT16 = "CPUExecutionProvider", 16


class Engine:
    """Runs a model with its overlay, as ONNX Runtime would run the saved file.

    Parameters
    ----------
    model : its files are mapped, replaced tensors are handed over in memory; nothing is written.
    points : tensors that `run` gives beside the model's outputs. Each that is declared costs
        memory, fetched or not.
    only : compute the points only, and nothing that they do not need.
    provider : an execution provider, `cuda` or its full name; None: the CPU.
    threads : of one operator; None: one for each core.
    lean : load fast and copy no weights, for a model that runs a few times.

    Raises SparseviewError where the Runtime refuses the model.
    """

    def __init__(
        self,
        model: Model,
        points: Sequence[Point] = (),
        *,
        only: bool = False,
        provider: str | None = None,
        threads: int | None = None,
        lean: bool = False,
    ) -> None:
        self._name = model.path.name
        self.inputs: tuple[Input, ...] = inputs(model)
        chosen = provider_named(provider)
        if not points and any(_in_function(model, key) for key in model.overlay):
            model = inlined(model).model
        self._load = partial(self._loaded, model, points, only, chosen, threads)
        self._lean = lean
        self._session, self._names = self._load(lean)
        self.outputs: tuple[str, ...] = tuple(
            value.name for value in model.proto.graph.output if not only
        )
        kinds = {value.name: value.type for value in self._session.get_outputs()}
        self.tensors: tuple[str, ...] = tuple(
            name for name in self.outputs if kinds[name].startswith("tensor")
        )
        self._fed = {value.name for value in self._session.get_inputs()}

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """The model's tensor outputs for one batch, by name."""
        return dict(zip(self.tensors, self._run(list(self.tensors), feeds), strict=True))

    def look(self, feeds: Mapping[str, Array], points: Sequence[Point]) -> dict[Point, Array]:
        """What the points hold for one batch; see `bodies.unstacked` for those inside bodies."""
        names = [self._names[point] for point in points]
        return dict(zip(points, self._run(names, feeds), strict=True))

    def _run(self, names: list[str], feeds: Mapping[str, Array]) -> list[Array]:
        if not names:  # the Runtime would give everything
            return []
        given = {name: self._fit(name, array) for name, array in feeds.items() if name in self._fed}
        try:
            return self._computed(names, given)
        except SparseviewError:
            if not self._lean:
                raise
        # Some run only where constants are folded: they hold what nothing could compute.
        self._lean = False
        self._session, self._names = self._load(False)
        return self._computed(names, given)

    def _computed(self, names: list[str], given: Mapping[str, Any]) -> list[Array]:
        with told(f"ONNX Runtime cannot run {self._name} on this data"):
            return [np.asarray(value) for value in self._session.run(names, given)]

    def _loaded(
        self,
        model: Model,
        points: Sequence[Point],
        only: bool,
        provider: str,
        threads: int | None,
        lean: bool,
    ) -> tuple[Any, Mapping[Point, str]]:
        """(the session, the name of the output that shows each point)."""
        made = feed(model, points, only)
        options = session_options(threads, lean)
        options.add_session_config_entry(
            "session.model_external_initializers_file_folder_path", made.folder
        )
        # The options borrow what is handed over until the session has copied it.
        handed = {name: _value(tensor) for name, tensor in made.tensors.items()}
        if handed:
            options.add_external_initializers(list(handed), list(handed.values()))
        with told(f"ONNX Runtime cannot run {self._name}", "It runs on what ONNX Runtime runs."):
            session = onnxruntime.InferenceSession(
                made.model,
                options,
                providers=list(dict.fromkeys((provider, CPU))),
                disabled_optimizers=list(COPYING) if lean else None,
            )
        if provider not in session.get_providers():
            name = short_name(provider)
            raise SparseviewError(
                f"ONNX Runtime has the execution provider {name}, but cannot start it here.",
                "Its libraries or its device may be missing. Leave it out to run on the CPU.",
                "provider",
            )
        return session, made.outputs

    def _fit(self, name: str, array: Array) -> Any:
        wanted = next(each.dtype for each in self.inputs if each.name == name)
        if wanted == BFLOAT16:
            return onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(array, BFLOAT16)
        return array

    def close(self) -> None:
        """Let go of the session, its threads and its memory."""
        del self._session

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _in_function(model: Model, key: str) -> bool:
    graph = model.graphs[model.constant(key).graph]
    while graph.parent is not None:
        graph = model.graphs[model.nodes[graph.parent].graph]
    return graph.kind == "function"


def _value(tensor: Replaced) -> Any:
    """A replaced tensor as the Runtime holds it."""
    row, array = storage(tensor.dtype), np.asarray(tensor.values, order="C")
    if row.bits < 8:
        # Packed bytes at the front of an array of the logical shape.
        spread = np.zeros(array.shape, np.uint8)
        packed = np.frombuffer(pack(array, tensor.dtype), np.uint8)
        spread.reshape(-1)[: packed.size] = packed
        array = spread
    if row.bits < 8 or row.meaning is not None:
        make = onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type
        return make(array, tensor.dtype)
    return onnxruntime.OrtValue.ortvalue_from_numpy(array)
