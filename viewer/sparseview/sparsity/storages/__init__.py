"""STORAGES: how a weight's bytes could be laid out; the one list for reports and the page."""

from __future__ import annotations

import re
from functools import lru_cache

from sparseview.sparsity.storages.base import Layout, Storage
from sparseview.sparsity.storages.bitmask import Bitmask
from sparseview.sparsity.storages.bsr import BSR
from sparseview.sparsity.storages.coo import COO
from sparseview.sparsity.storages.csr import CSR
from sparseview.sparsity.storages.dense import Dense
from sparseview.sparsity.storages.nm import PackedNM
from sparseview.sparsity.storages.onnx_sparse import OnnxSparse

__all__ = ["STORAGES", "Layout", "Storage", "own", "sizes"]

STORAGES: tuple[Storage, ...] = (
    Dense(), Bitmask(), COO(), CSR(), BSR(4, 4), PackedNM(2, 4), OnnxSparse()
)  # fmt: skip


@lru_cache(maxsize=256)  # asked for every weight, with few answers
def own(format: str) -> Storage | None:
    """The storage made for a format that STORAGES has no entry for: another block or N:M."""
    if any(storage.name == format for storage in STORAGES):
        return None
    if block := re.fullmatch(r"bsr:(\d+)x(\d+)", format):
        return BSR(int(block[1]), int(block[2]))
    if group := re.fullmatch(r"(\d+):(\d+)", format):
        return PackedNM(int(group[1]), int(group[2]))
    return None


def sizes(layout: Layout, format: str) -> dict[str, int | None]:
    """Bytes by storage name; None where it cannot hold the weight. `format`: the weight's own."""
    suited = own(format)
    every = STORAGES if suited is None else (*STORAGES, suited)
    return {storage.name: storage.bytes(layout) for storage in every}
