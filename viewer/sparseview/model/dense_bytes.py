"""The bytes a constant tensor has, or would have, as dense raw_data: any range, without the rest.

Compression is measured on them.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from sparseview.model.dtypes import byte_count, pack, storage
from sparseview.model.layouts import Filled
from sparseview.model.proto import TensorProto
from sparseview.model.stored import stored_range
from sparseview.model.tensors import read

if TYPE_CHECKING:
    from sparseview.model.constants import Constant
    from sparseview.model.document import Model

Read = Callable[[int, int], bytes]


def dense_bytes(model: Model, constant: Constant) -> tuple[int, Read]:
    """How many bytes there are, and `read(start, count)`, which gives some of them.

    What lies in a file is read by position; what is replaced, inline or sparse is in memory once.
    Raises SparseviewError if the payload is not there or does not fit the shape; so does `read`.
    """
    proto = constant.proto
    # Packed codes are read as they are packed; one value that is repeated is not what it would be.
    straight = constant.key not in model.overlay and not isinstance(constant.layout, Filled)
    if straight and isinstance(proto, TensorProto):
        payload = stored_range(model, proto)
        if payload is not None:
            source, offset = payload
            size = byte_count(proto.data_type, prod(proto.dims))
            return size, lambda start, count: source.read(offset + start, count)
    array = read(model, constant)
    if storage(constant.dtype).bits < 8:
        data = memoryview(pack(array, constant.dtype))
    else:
        data = memoryview(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return len(data), lambda start, count: bytes(data[start : start + count])
