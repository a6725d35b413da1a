"""Reads graph columns as a page does: the binary header, then one list for each column."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

TYPES = {"u8": np.uint8, "u16": np.uint16, "u32": np.uint32, "i32": np.int32, "f32": np.float32}


def decode(data: bytes) -> dict[str, Any]:
    """The columns as a page reads them; texts resolved."""
    size = int.from_bytes(data[:4], "little")
    header = json.loads(data[4 : 4 + size])
    start = 4 + size
    assert start % 8 == 0
    found: dict[str, Any] = {"header": header}
    for column in header["columns"]:
        kind = TYPES[column["type"]]
        assert column["offset"] % 8 == 0
        found[column["name"]] = np.frombuffer(
            data, kind, column["length"], start + column["offset"]
        ).tolist()
    strings = header["strings"]
    for name in ("nodeOp", "nodeName", "nodeNote", "nodeSubgraph", "edgeTensor", "edgeLabel"):
        found[name] = [strings[i] for i in found[name]]
    found["nodeCategory"] = [header["categories"][i] for i in found["nodeCategory"]]
    return found
