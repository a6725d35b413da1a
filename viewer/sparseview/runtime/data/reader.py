"""What a reader is: what it can read, and how; and the options that a user can give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from sparseview.model.document import Model
from sparseview.runtime.data.preparation import ImagePreparation
from sparseview.runtime.data.samples import Samples


class Options(msgspec.Struct, frozen=True):
    """How data is read, where the user knows better than the guess.

    images : how pictures become an input, whole, or a text of corrections to the guess as
    `order=BGR scale=1 mean=104,117,124`.  tokenizer : path of a tokenizer.json.  seed : of
    synthetic data.
    """

    images: ImagePreparation | str | None = None
    tokenizer: str | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Reader:
    """One kind of data.

    label : what it reads, for a list of them.
    accepts : whether a path (or word) is its kind; looks at names only.
    read : (model, path, options) -> Samples; raises SparseviewError.
    """

    label: str
    accepts: Callable[[str], bool]
    read: Callable[[Model, str, Options], Samples]
