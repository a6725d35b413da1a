"""Compresses a weight's dense bytes with gzip: a sample of them, or all."""

from __future__ import annotations

from sparseview.model.dense_bytes import dense_bytes
from sparseview.model.document import Model
from sparseview.model.weights import Weight
from sparseview.progress import SILENT, Progress
from sparseview.sparsity.storages import gzip


def compress(
    model: Model, weight: Weight, *, exact: bool, progress: Progress = SILENT
) -> gzip.Gzip:
    """Bytes in gzip; raises SparseviewError where the weight cannot be read.

    A sample costs some milliseconds whatever the weight's size, all of it a second per 30 MB or so.
    """
    size, read = dense_bytes(model, weight.constant)
    return gzip.exact(size, read, progress) if exact else gzip.estimate(size, read)
