"""A weight to count as a process of its own can do it: where its bytes lie, and what they mean.

Such a process imports little: neither the model nor what is concluded from the counts.
"""

from __future__ import annotations

import pickle
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.model.layouts import Filled, Layout
from sparseview.model.masks import cut
from sparseview.model.proto import TensorProto
from sparseview.model.repeated import Repeated
from sparseview.model.source import Source
from sparseview.model.stored import stored_range
from sparseview.model.tensors import streamed
from sparseview.model.view import View
from sparseview.review.giving_way import give_way
from sparseview.sparsity.tally import PIECE, UNIT, Tally

if TYPE_CHECKING:
    from sparseview.model.document import Model
    from sparseview.model.weights import Weight

READY = "ready"


class Errand(msgspec.Struct, frozen=True):
    """One weight: its bytes from `offset` of a file on, which is still the one that is meant where
    size, modification time and inode are these."""

    path: Path
    stamp: tuple[int, int, tuple[int, int]]
    offset: int
    name: str
    shape: tuple[int, ...]
    dtype: int
    layout: Layout | None
    view: View
    zero_point: NDArray[Any] | None


def errand(model: Model, weight: Weight) -> Errand | None:
    """None where the bytes are not simply there in a file: replaced, inline, sparse."""
    constant, zero = weight.constant, weight.zero
    unsent = isinstance(constant.layout, Filled) or isinstance(zero, Repeated)
    if constant.key in model.overlay or not isinstance(constant.proto, TensorProto) or unsent:
        return None
    try:
        payload = stored_range(model, constant.proto)
    except SparseviewError:
        return None  # whoever reads it will tell
    if payload is None:
        return None
    source, offset = payload
    return Errand(
        source.path.absolute(),
        _stamp(source),
        offset,
        constant.name,
        constant.shape,
        constant.dtype,
        constant.layout,
        weight.view,
        weight.zero_point,
    )


def run(what: Errand, sources: dict[Path, Source]) -> Tally:
    """Count; raises SparseviewError where it cannot be read, or is not the file that is meant."""
    source = sources.get(what.path) or Source(what.path)
    sources[what.path] = source
    if _stamp(source) != what.stamp:
        raise SparseviewError(f"{what.path.name} is another file by now.", "Open it again.")
    pieces = streamed(source, what.offset, what)
    parts = cut(pieces, what, what.view, what.zero_point, PIECE, UNIT)
    return Tally.gathered(what.view.logical_shape, parts)


def serve(asked: IO[bytes], answers: IO[bytes]) -> None:
    """What the process does: counts what it is asked until that closes.

    An answer is a Tally, or None where the asker has to look for itself.
    """
    give_way()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the asker, who then closes
    sources: dict[Path, Source] = {}
    with suppress(EOFError, BrokenPipeError):
        _put(READY, answers.write)
        answers.flush()
        while True:
            what = pickle.load(asked)
            try:
                found = run(what, sources)
            except (SparseviewError, MemoryError, OSError):
                found = None
            _put(found, answers.write)
            answers.flush()


def _put(answer: object, write: Callable[[bytes], object]) -> None:
    write(pickle.dumps(answer, pickle.HIGHEST_PROTOCOL))


def _stamp(source: Source) -> tuple[int, int, tuple[int, int]]:
    return source.size, source.mtime_ns, source.inode
