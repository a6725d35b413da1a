"""Measuring weights against reading the same bytes, and against other tools, in one run.

    python tests/bench/analysis.py [--megabytes 256] [--rounds 5] [--folder DIR] [--only PART]

Scan: CPU time of one thread over models of one kind of layer, half of their weights zero, in the
page cache; the floor is pread of the file into one reused buffer. `%`: how many zeros. `2:4`: also
how many groups break it. `all`: everything that a row tells. Threads: wall-clock time of
`Session.measure` with one thread and with two on 1.5 GB, where a process counts for the second;
"possible now" is the gain of two threads that only hash, since a busy machine has no second core.

Whole process: CPU time and peak memory from start to end, start-up told apart. The other tools run
where SPARSEVIEW_PEERS names the python of an environment that has polygraphy and onnx-tool.
Needs Linux, for times and memory of processes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import ml_dtypes
import numpy as np
from onnx import TensorProto, helper
from open import field, varint

from sparseview.model.document import Model
from sparseview.model.masks import zeros
from sparseview.review.measuring import Measurer, count
from sparseview.session import Session

ROOT = Path(__file__).resolve().parents[2]
PEERS = os.environ.get("SPARSEVIEW_PEERS", "")
CACHE = os.path.join(tempfile.gettempdir(), "sparseview-bench")
PIECE = 1 << 20
THREADED = 1500  # megabytes: a process is started where there is that much to read
MATRIX, CONV = (2048, 2048), (512, 512, 3, 3)
# label: (operator, shape, onnx type, numpy type)
KINDS = {
    "Gemm float32": ("Gemm", MATRIX, TensorProto.FLOAT, np.dtype(np.float32)),
    "MatMul float32": ("MatMul", MATRIX, TensorProto.FLOAT, np.dtype(np.float32)),
    "Conv 3x3 float32": ("Conv", CONV, TensorProto.FLOAT, np.dtype(np.float32)),
    "MatMul float16": ("MatMul", MATRIX, TensorProto.FLOAT16, np.dtype(np.float16)),
    "MatMul bfloat16": ("MatMul", MATRIX, TensorProto.BFLOAT16, np.dtype(ml_dtypes.bfloat16)),
    "MatMul int8": ("MatMulInteger", MATRIX, TensorProto.INT8, np.dtype(np.int8)),
}


def write(path: Path, kind: str, megabytes: float, two_of_four: bool = False) -> Path:
    """A chain of layers, streamed into a file: one weight is in memory at a time."""
    op, shape, onnx_type, dtype = KINDS[kind]
    options = {"transB": 1} if op == "Gemm" else {}
    payload = int(np.prod(shape)) * dtype.itemsize
    layers = max(round(megabytes * 1e6 / payload), 1)
    nodes = [
        helper.make_node(op, [f"x{i}", f"w{i}"], [f"x{i + 1}"], f"layer{i}", **options)
        for i in range(layers)
    ]
    info = [helper.make_tensor_value_info(n, 1, None) for n in ("x0", f"x{layers}")]
    rest = helper.make_graph(nodes, "chain", info[:1], info[1:]).SerializeToString()
    heads = []
    for i in range(layers):
        tensor = TensorProto(name=f"w{i}", data_type=onnx_type, dims=shape).SerializeToString()
        heads.append(field(5, tensor + varint(9 << 3 | 2) + varint(payload), payload))
    random = np.random.default_rng(0)
    with open(path, "wb") as file:
        file.write(b"\x08\x0a" + field(7, rest, sum(map(len, heads)) + layers * payload))
        for head in heads:
            weight = (random.random(shape, np.float32) - 0.5) * 250
            if two_of_four:
                order = random.random((weight.size // 4, 4), np.float32).argsort(axis=1)
                weight.reshape(-1, 4)[order < 2] = 0
            else:
                weight[weight < 0] = 0
            file.write(head)
            file.write(weight.astype(dtype).tobytes())
        file.write(field(8, b"\x10\x15"))
    return path


def read(path: Path) -> None:
    buffer = memoryview(bytearray(PIECE))
    file, at = os.open(path, os.O_RDONLY), 0
    try:
        while got := os.preadv(file, [buffer], at):
            at += got
    finally:
        os.close(file)


def best(
    works: dict[str, Callable[[], object]], rounds: int, clock: Callable[[], float]
) -> dict[str, float]:
    """Seconds of each by that clock: in turns, the least of all rounds."""
    times = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            start = clock()
            work()
            times[name] = min(times[name], clock() - start)
    return times


def scan(path: Path, kind: str, rounds: int) -> None:
    """One line: ratios to reading, in CPU time of one thread."""
    model = Model.open(path)

    def everything() -> None:
        measurer = Measurer()
        for weight in model.weights:
            measurer.measure(model, weight)

    times = best(
        {
            "read": lambda: read(path),
            "%": lambda: [zeros(model, weight) for weight in model.weights],
            "2:4": lambda: [count(model, weight, (2, 4)) for weight in model.weights],
            "all": everything,
        },
        rounds,
        time.thread_time,
    )
    floor = times["read"]
    ratios = "".join(f"{times[name] / floor:7.2f}x" for name in ("%", "2:4", "all"))
    size = path.stat().st_size
    print(f"{kind:18}{size / floor / 1e9:6.1f} GB/s{ratios}{size / times['all'] / 1e9:8.1f} GB/s")


def threads(path: Path, kind: str, rounds: int) -> None:
    """One line: wall-clock time of a session that measures with one thread and with two.

    Beside it what two threads gain that share nothing, at the same time on the same machine.
    """

    def measured(number: int) -> Callable[[], None]:
        def work() -> None:
            session = Session.open(path)
            session.measure(threads=number)
            session.close()

        return work

    data = bytes(1 << 20)

    def hashed(number: int) -> Callable[[], None]:
        def share() -> None:
            for _ in range(96 // number):
                hashlib.sha256(data)

        def work() -> None:
            workers = [threading.Thread(target=share) for _ in range(number)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()

        return work

    works = {"1": measured(1), "2": measured(2), "hash 1": hashed(1), "hash 2": hashed(2)}
    times = best(works, rounds, time.perf_counter)
    gain, possible = times["1"] / times["2"], times["hash 1"] / times["hash 2"]
    print(f"{kind:18}{times['1']:8.3f} s{times['2']:8.3f} s{gain:8.2f}x{possible:16.2f}x")


def process(command: list[str]) -> tuple[float, float]:
    """(CPU seconds, peak MB) of a process and its children; ends the run where it fails."""
    script = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
        "use = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(use.ru_utime + use.ru_stime, use.ru_maxrss / 1024)\n"
        "sys.exit(done.returncode)\n"
    )
    # Everybody's modules are compiled, as they are where they are installed.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    paths = os.pathsep.join([str(ROOT / "viewer"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-S", "-c", script, *command],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**environment, "PYTHONPATH": paths, "PYTHONPYCACHEPREFIX": CACHE},
    )
    cpu, memory = map(float, done.stdout.split())
    return cpu, memory


MEASURE = "import sys, sparseview as sv; s = sv.open(sys.argv[1]); s.measure(); s.summary()"
POLYGRAPHY = "from polygraphy.tools import main; main()"
# onnx-tool looks for sparsity when it loads a tensor, and tells it in its profile.
ONNX_TOOL = (
    "import sys, numpy, onnx_tool; "
    "onnx_tool.model_profile(sys.argv[1], {'x0': numpy.zeros((1, 2048), numpy.float32)})"
)


def against(path: Path, what: str, peer: list[str], rounds: int) -> None:
    """Lines of a comparison of whole processes."""
    print(f"\nWhole process, {what}: CPU seconds, peak memory")
    start, _ = min(process([sys.executable, "-c", "import sparseview.session"]) for _ in range(2))
    ours, memory = min(process([sys.executable, "-c", MEASURE, str(path)]) for _ in range(rounds))
    command = [sys.executable, "-m", "sparseview", "report", str(path)]
    report, peak = min(process(command) for _ in range(rounds))
    print(f"  session    {ours:8.2f} s  {memory:6.0f} MB   (of that, start-up {start:.2f} s)")
    print(f"  report     {report:8.2f} s  {peak:6.0f} MB   (the command)")
    if not PEERS:
        print(f"  {peer[0]}: skipped, SPARSEVIEW_PEERS names no python")
        return
    cpu, theirs = process([PEERS, *peer[1:], str(path)])
    print(f"  {peer[0]:10} {cpu:8.2f} s  {theirs:6.0f} MB")
    print(f"  to session {cpu / ours:8.1f}x {theirs / memory:6.1f}x")
    print(f"  to report  {cpu / report:8.1f}x {theirs / peak:6.1f}x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only", choices=("scan", "threads", "process"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "model.onnx"
        if options.only in (None, "scan"):
            print(f"{'one thread':18}{'read':>11}{'%':>8}{'2:4':>8}{'all':>8}{'all':>13}")
            for kind in KINDS:
                scan(write(path, kind, options.megabytes), kind, options.rounds)
        if options.only in (None, "threads"):
            print(f"\n{'threads, wall':18}{'one':>10}{'two':>10}{'gain':>9}{'possible now':>17}")
            for kind in KINDS:
                threads(write(path, kind, THREADED), kind, options.rounds)
        if options.only in (None, "process"):
            write(path, "Gemm float32", 100, two_of_four=True)
            polygraphy = ["polygraphy", "-c", POLYGRAPHY, "inspect", "sparsity"]
            against(path, "100 MB of true 2:4", polygraphy, options.rounds)
            write(path, "MatMul float32", 1500)
            onnx_tool = ["onnx-tool", "-c", ONNX_TOOL]
            against(path, "1.5 GB", onnx_tool, options.rounds)


if __name__ == "__main__":
    main()
