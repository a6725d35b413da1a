"""Points of sensitivity measured so far, by all that they depend on; kept on disk as they come."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from sparseview.errors import SparseviewError
from sparseview.model import fingerprint
from sparseview.model.document import Model
from sparseview.model.kept import Entry
from sparseview.progress import SILENT, Progress
from sparseview.pruning import shelf
from sparseview.pruning.evidence import Evidence
from sparseview.pruning.methods import get
from sparseview.pruning.request import PruneRequest, parameters
from sparseview.pruning.sensitivity import SAMPLES, Point, alone
from sparseview.runtime.onnx_runtime import runtime_version
from sparseview.sparsity import formats
from sparseview.version import VERSION

# Of what a sweep measures: to be raised with whatever makes its numbers others.
FORMAT = 1
KEPT = 8  # sweeps
PERIOD = 1.0  # seconds between two writes, at least
# A sweep compares layers: what a solver adds in its later rounds is much alike for all.
QUICK = {"rounds": 2, "swaps": 0, "steps": 10, "bias": "keep"}


def quickened(request: PruneRequest) -> PruneRequest:
    """As a sweep prunes."""
    fields = get(request.method).params.__struct_fields__
    return msgspec.structs.replace(request, **{k: v for k, v in QUICK.items() if k in fields})


def sweep_key(request: PruneRequest, evidence: Evidence) -> dict[str, Any]:
    """What the points of a sweep depend on besides the model's values, JSON-ready: how each tensor
    is pruned, the defaults of its method included, and on which data. Raises SparseviewError."""
    method = get(request.method)
    params = msgspec.to_builtins(parameters(alone(request, 1.0), method))
    params.pop("sparsity", None)  # the point's own level
    return {
        "method": method.name,
        "format": formats.get(request.format).name,
        "params": params,
        "samples": SAMPLES,
        "data": evidence.identity,
    }


class Points(dict[str, tuple[Point, ...]]):
    """Points by tensor, in the order of levels. They come from one thread, and are read from
    others: what is replaced is whole.

    key : all that they depend on, also in another session; None: they are not kept on disk.
    """

    def __init__(self, key: Mapping[str, Any] | None) -> None:
        super().__init__({} if key is None else shelf.read(key))
        self._key = key
        self._next = 0.0  # of the monotonic clock
        self._new = False

    def add(self, tensor: str, point: Point) -> None:
        """Put a point that was measured beside the others of its tensor."""
        self[tensor] = tuple(sorted((*self.get(tensor, ()), point), key=lambda p: p.level))
        self._new = True
        if time.monotonic() >= self._next:
            self._write()

    @contextmanager
    def measuring(self) -> Iterator[None]:
        """While points are added: what came is kept, also where the work is broken off."""
        try:
            yield
        finally:
            self._write()

    def _write(self) -> None:
        if self._new and self._key is not None:
            shelf.write(self._key, self)
        self._new = False
        self._next = time.monotonic() + PERIOD


@dataclass(slots=True)
class Sweeps:
    """The points of a session's sweeps; safe for threads.

    A sweep that was cancelled goes on where it stopped, in a later session too; and undo brings its
    points back.
    """

    _kept: list[tuple[tuple[Any, ...], Model, Points]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _files: str | None = None  # digest of the model's files

    def of(
        self,
        model: Model,
        request: PruneRequest,
        evidence: Evidence,
        progress: Progress = SILENT,
    ) -> Points:
        """The points for a model as it is, pruned so, on these data, by key; to be added to.

        The first time the model's files are read, all of them, for their digest. Raises Cancelled.
        """
        entries = frozenset((key, id(entry)) for key, entry in model.overlay.items())
        mine = sweep_key(request, evidence)
        what = (entries, mine)
        with self._lock:
            for kept, _, points in self._kept:
                if kept == what:
                    return points
            points = Points(self._lasting(model, mine, progress))
            self._kept.append((what, model, points))  # the model keeps its entries' ids alive
            del self._kept[:-KEPT]
            return points

    def _lasting(
        self, model: Model, mine: Mapping[str, Any], progress: Progress
    ) -> dict[str, Any] | None:
        """The key of points that outlive the session; None where they are not to, or the model's
        files cannot be read."""
        if shelf.folder() is None:
            return None
        overlay: Mapping[str, Entry] = model.overlay
        try:
            self._files = self._files or fingerprint.of_files(model, progress)
            values = fingerprint.of_values(model, overlay)
        except (SparseviewError, OSError):
            return None
        version = f"{FORMAT}, sparseview {VERSION}, ONNX Runtime {runtime_version()}"
        return {"version": version, "model": self._files, "values": values, **mine}
