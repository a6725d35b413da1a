"""A zero point per block, kept as small as the file has it until somebody needs it whole."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

Array = NDArray[Any]


class Repeated(msgspec.Struct, frozen=True, eq=False):
    """Along `axis`, element i is values' index[i]: one zero point serves a block of elements.

    values : as many along `axis` as there are blocks.  index : 1-D, as long as the weight there.
    """

    values: Array
    index: NDArray[np.int64]
    axis: int

    def whole(self) -> Array:
        """One for each element; takes as much memory as they do."""
        return np.asarray(np.take(self.values, self.index, self.axis))

    def astype(self, dtype: np.dtype[Any]) -> Repeated:
        return replace(self, values=self.values.astype(dtype))


def repeated(values: Array, axis: int, block: int, size: int) -> Repeated:
    """Blocks of `block` along an axis of `size`, the last one cut short where need be."""
    return Repeated(values, np.arange(size) // block, axis)


def whole(zeros: Array | Repeated | None) -> Array | None:
    """A zero point that broadcasts against its weight."""
    return zeros.whole() if isinstance(zeros, Repeated) else zeros
