"""Measuring weights against reading the same bytes, in the same run.

    python tests/bench/analysis.py [--megabytes 256] [--folder DIR]

A model of MatMuls (in first), Gemms (in last) and 3x3 Convs, half of it zeros, in the page cache.
CPU time of one process, best of three: a plain read of the file in 1 MB pieces, counting zeros
(`nonzero_mask`), and everything that is known about their structure (`measure`).
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.sparsity.analysis import measure

SIDE = 2048
PIECE = 1 << 20


def made(folder: Path, megabytes: int, kind: str) -> Path:
    """A model of one kind of layer over random float32 weights."""
    shapes = {"Gemm": (SIDE, SIDE), "MatMul": (SIDE, SIDE), "Conv": (512, 512, 3, 3)}
    shape = shapes[kind]
    rng = np.random.default_rng(0)
    count = max(megabytes * 1_000_000 // (4 * int(np.prod(shape))), 1)
    stored, nodes = [], []
    for i in range(count):
        w = rng.standard_normal(shape, np.float32)
        w[w < 0] = 0
        stored.append(numpy_helper.from_array(w, f"w{i}"))
        nodes.append(helper.make_node(kind, ["x", f"w{i}"], [f"y{i}"], name=f"layer{i}"))
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("x", "y0")]
    graph = helper.make_graph(nodes, "bench", values[:1], values[1:], stored)
    path = folder / f"{kind}.onnx"
    onnx.save(helper.make_model(graph, ir_version=10), path)
    return path


def best(work: Callable[[], object]) -> float:
    """CPU seconds, best of three."""
    times = []
    for _ in range(3):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def read(path: Path) -> None:
    buffer = memoryview(bytearray(PIECE))
    file = os.open(path, os.O_RDONLY)
    try:
        while os.readv(file, [buffer]):
            pass
    finally:
        os.close(file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        print(f"{'':8}{'read':>9}{'zeros':>9}{'all':>9}   zeros / read   all / read   all GB/s")
        for kind in ("Gemm", "MatMul", "Conv"):
            path = made(Path(folder), options.megabytes, kind)
            model = Model.open(path)
            masks = [tensors.nonzero_mask(model, w.constant) for w in model.weights]
            views = [w.view.logical(m) for w, m in zip(model.weights, masks, strict=True)]
            floor = best(lambda path=path: read(path))
            zeros = best(
                lambda model=model: [tensors.nonzero_mask(model, w.constant) for w in model.weights]
            )
            total = zeros + best(lambda views=views: [measure(view) for view in views])
            print(
                f"{kind:8}{floor:8.3f}s{zeros:8.3f}s{total:8.3f}s{zeros / floor:13.2f}x"
                f"{total / floor:12.2f}x{path.stat().st_size / total / 1e9:11.2f}"
            )


if __name__ == "__main__":
    main()
