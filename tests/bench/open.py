"""Opening a model of 1.5 GB, and one of 50,000 nodes: Model.open against onnx.load, in one run.

    python tests/bench/open.py [--gigabytes 1.5] [--folder DIR]

Each row is a fresh process: CPU time and growth of peak memory after the imports. "File read" is
how much of the file lies in the page cache after it was emptied and the row's work was done.
Needs Linux, for the last two columns.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import mmap
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

COUNT = 90  # MatMuls
NODES = 50_000
ROOT = Path(__file__).resolve().parents[2]
PAGE = mmap.PAGESIZE


def varint(n: int) -> bytes:
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    return bytes([*out, n])


def field(number: int, payload: bytes, more: int = 0) -> bytes:
    """A length-delimited field; `more` bytes of its payload follow from elsewhere."""
    return varint(number << 3 | 2) + varint(len(payload) + more) + payload


def write_model(path: Path, gigabytes: float) -> None:
    """Stream a chain of COUNT square MatMuls into a file; one weight is in memory at a time."""
    from onnx import TensorProto, helper

    size = int((gigabytes * 1e9 / COUNT / 4) ** 0.5)
    payload = size * size * 4
    nodes = [
        helper.make_node("MatMul", [f"x{i}", f"w{i}"], [f"x{i + 1}"], f"matmul{i}")
        for i in range(COUNT)
    ]
    info = [helper.make_tensor_value_info(n, 1, ["N", size]) for n in ("x0", f"x{COUNT}")]
    rest = helper.make_graph(nodes, "chain", info[:1], info[1:]).SerializeToString()
    heads = []
    for i in range(COUNT):
        tensor = TensorProto(name=f"w{i}", data_type=1, dims=[size, size]).SerializeToString()
        inner = tensor + varint(9 << 3 | 2) + varint(payload)
        heads.append(field(5, inner, payload))
    random = np.random.default_rng(0)
    with open(path, "wb") as file:
        file.write(b"\x08\x0a")
        total = sum(map(len, heads)) + COUNT * payload
        file.write(field(7, rest, total))
        for head in heads:
            file.write(head)
            weight = random.random((size, size), np.float32)
            weight[weight < 0.5] = 0
            file.write(weight.data)
        file.write(field(8, b"\x10\x15"))
        file.flush()
        os.fsync(file.fileno())


def write_nodes(path: Path) -> None:
    """NODES small nodes, a third of them with a small weight: all graph, hardly any weights."""
    from onnx import helper

    nodes, tensors = [], []
    for i in range(NODES):
        if i % 3:
            nodes.append(helper.make_node("Relu", [f"x{i}"], [f"x{i + 1}"], f"layer{i}/relu"))
            continue
        facts = {"kernel_shape": [1, 1], "pads": [0] * 4, "strides": [1, 1], "group": 1}
        names = [f"x{i}", f"w{i}"], [f"x{i + 1}"]
        nodes.append(helper.make_node("Conv", *names, f"layer{i}/conv", **facts))
        tensors.append(helper.make_tensor(f"w{i}", 1, [4, 4, 1, 1], [0.5] * 16))
    info = [helper.make_tensor_value_info(n, 1, None) for n in ("x0", f"x{NODES}")]
    graph = helper.make_graph(nodes, "long", info[:1], info[1:], tensors)
    path.write_bytes(helper.make_model(graph).SerializeToString())
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def cached_bytes(path: Path) -> int:
    """Bytes of the file that lie in the page cache (Linux)."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        pages = -(-len(mapped) // PAGE)
        flags = (ctypes.c_ubyte * pages)()
        start = ctypes.c_char.from_buffer(mapped)
        address = ctypes.c_void_p(ctypes.addressof(start))
        if libc.mincore(address, ctypes.c_size_t(len(mapped)), flags):
            raise OSError(ctypes.get_errno(), "mincore")
        del start
    return sum(flag & 1 for flag in flags) * PAGE


def drop_cache(path: Path) -> None:
    with open(path, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def prepare_load(path: Path) -> Callable[[], object]:
    import onnx

    return lambda: onnx.load(path)


def prepare_open(path: Path) -> Callable[[], object]:
    from sparseview.model.document import Model

    return lambda: Model.open(path)


def prepare_measure(path: Path) -> Callable[[], object]:
    from sparseview.model import tensors
    from sparseview.model.document import Model

    def work() -> int:
        model = Model.open(path)
        constants = model.constants(0).values()
        return sum(int(tensors.nonzero_mask(model, c).sum()) for c in constants)

    return work


ROWS: dict[str, tuple[str, Callable[[Path], Callable[[], object]]]] = {
    "load": ("onnx.load", prepare_load),
    "open": ("Model.open", prepare_open),
    "measure": ("Model.open + count all zeros", prepare_measure),
}


def status(key: str) -> int:
    """A line of /proc/self/status, in bytes (Linux): VmRSS, or VmHWM, its peak."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(key))


def child(name: str, path: Path) -> None:
    """Do one row's work and print its cost as JSON."""
    work = ROWS[name][1](path)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins here, not with the imports
    memory = status("VmRSS")
    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.perf_counter()
    kept = work()
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    memory = status("VmHWM") - memory
    del kept
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps([cpu, wall, memory]))


def measured(name: str, path: Path) -> tuple[float, float, float]:
    command = [sys.executable, __file__, "--child", name, "--path", str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "viewer")}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    cpu, wall, memory = json.loads(done.stdout.splitlines()[-1])
    return cpu, wall, memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=1.5)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--child", choices=ROWS)
    parser.add_argument("--path", type=Path)
    options = parser.parse_args()
    if options.child:
        child(options.child, options.path)
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "chain.onnx"
        write_model(path, options.gigabytes)
        compare(path, f"{path.stat().st_size / 1e9:.2f} GB, {COUNT} MatMuls")
        write_nodes(path)
        compare(path, f"{path.stat().st_size / 1e6:.0f} MB, {NODES:,} nodes")


def compare(path: Path, title: str) -> None:
    """Print one table: every row on this file, and how load and open compare."""
    print(f"{title:30}{'CPU ms':>10}{'wall ms':>10}{'peak +MB':>10}{'file read MB':>14}")
    costs = {}
    for name, (label, _) in ROWS.items():
        drop_cache(path)
        there = cached_bytes(path)
        measured(name, path)
        read = (cached_bytes(path) - there) / 1e6
        runs = [measured(name, path) for _ in range(1 if name == "load" else 3)]
        columns = zip(*runs, strict=True)
        cpu, wall, memory = (sorted(column)[len(runs) // 2] for column in columns)
        costs[name] = (cpu, wall, memory)
        print(f"{label:30}{cpu * 1e3:10.1f}{wall * 1e3:10.1f}{memory / 1e6:10.1f}{read:14.2f}")
    load, opened = costs["load"], costs["open"]
    print(
        f"onnx.load / Model.open: CPU time {load[0] / opened[0]:,.2f}, "
        f"memory {load[2] / max(opened[2], PAGE):,.2f}\n"
    )


if __name__ == "__main__":
    main()
