"""Pruning against polygraphy and np.partition, and its peak memory, in one run.

    python tests/bench/prune.py [--megabytes 100] [--select 1000] [--weight 300] [--folder DIR]

2:4: CPU time and peak memory of the whole process against `polygraphy surgeon prune` on the same
chain of Conv, Gemm and MatMul, and whether the weights are equal to the bit; polygraphy runs where
SPARSEVIEW_PEERS names the python of an environment that has it. k-th: the exact border of |w|.
Memory: one large weight, pruned by every kind of format; allowed are three times its size plus
250 MB. Needs Linux, for times and memory of processes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from sparseview.sparsity.rank import kth

ROOT = Path(__file__).resolve().parents[2]
PEERS = os.environ.get("SPARSEVIEW_PEERS", "")
RNG = np.random.default_rng(0)


def chain(path: Path, megabytes: float) -> Path:
    """Conv, Gemm and MatMul by turns, random float32."""
    nodes, tensors = [], []
    kinds = [("Conv", (256, 256, 3, 3)), ("Gemm", (1024, 1024)), ("MatMul", (1024, 1024))]
    size = sum(4 * int(np.prod(shape)) for _, shape in kinds)
    for turn in range(max(round(megabytes * 1e6 / size), 1)):
        for op, shape in kinds:
            name = f"{op}{turn}"
            options = {"transB": 1} if op == "Gemm" else {}
            tensors.append(
                numpy_helper.from_array(RNG.standard_normal(shape, dtype=np.float32), f"{name}.w")
            )
            nodes.append(helper.make_node(op, [f"{op}.x", f"{name}.w"], [f"{name}.y"], name,
                                          **options))  # fmt: skip
    shapes = {"Conv": [1, 256, 8, 8], "Gemm": [1, 1024], "MatMul": [1, 1024]}
    inputs = [
        helper.make_tensor_value_info(f"{op}.x", TensorProto.FLOAT, s) for op, s in shapes.items()
    ]
    outputs = [
        helper.make_tensor_value_info(node.output[0], TensorProto.FLOAT, None) for node in nodes
    ]
    graph = helper.make_graph(nodes, "chain", inputs, outputs, tensors)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)
    return path


# A process begins with the peak of the one that it was forked from: so a small one forks.
LAUNCHER = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def measured(command: list[str]) -> tuple[float, float]:
    """(CPU seconds, peak megabytes) of a process that must succeed."""
    launched = [sys.executable, "-S", "-c", LAUNCHER, *command]
    ran = subprocess.run(launched, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"{' '.join(command)}: {ran.stderr[-800:]}")
    seconds, peak = map(float, ran.stdout.split())
    return seconds, peak


def ours(source: Path, target: Path, *options: str) -> tuple[float, float]:
    command = [sys.executable, "-m", "sparseview", "prune", str(source), "-o", str(target)]
    return measured([*command, *options])


def weights(path: Path) -> dict[str, np.ndarray]:
    return {t.name: numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}


def against_polygraphy(folder: Path, megabytes: float) -> None:
    source = chain(folder / "chain.onnx", megabytes)
    size = source.stat().st_size / 1e6
    seconds, peak = min(ours(source, folder / "ours.onnx", "--format", "2:4") for _ in range(3))
    print(f"2:4 of {size:.0f} MB, whole process: {seconds:.2f} CPU s, {peak:.0f} MB")
    if not PEERS:
        print("  polygraphy: SPARSEVIEW_PEERS is not set")
        return
    theirs, peak = measured(
        [str(Path(PEERS).parent / "polygraphy"), "surgeon", "prune", str(source), "-o",
         str(folder / "theirs.onnx")]
    )  # fmt: skip
    print(f"  polygraphy: {theirs:.1f} CPU s, {peak:.0f} MB: {theirs / seconds:.0f} times ours")
    one, other = weights(folder / "ours.onnx"), weights(folder / "theirs.onnx")
    same = sum(np.array_equal(one[name], other[name]) for name in one)
    print(f"  equal to the bit: {same} of {len(one)} weights")


def select(megabytes: float) -> None:
    values = RNG.standard_normal(int(megabytes * 1e6 / 4), dtype=np.float32)
    k = values.size // 2
    start = time.process_time()
    border = kth(values, k, absolute=True)
    fast = time.process_time() - start
    start = time.process_time()
    wanted = np.partition(np.abs(values), k)[k]
    slow = time.process_time() - start
    print(
        f"k-th |w| of {megabytes:.0f} MB: {fast:.2f} CPU s, np.partition {slow:.2f}: "
        f"{slow / fast:.1f} times; {'equal' if border == wanted else 'DIFFERENT'}"
    )


def memory(folder: Path, megabytes: float) -> None:
    side = int((megabytes * 1e6 / 4) ** 0.5) // 32 * 32
    weight = numpy_helper.from_array(RNG.standard_normal((side, side), dtype=np.float32), "w")
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "large")
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, side])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, side])
    graph = helper.make_graph([node], "one", [x], [y], [weight])
    source = folder / "one.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), source)
    size = side * side * 4 / 1e6
    for options in (
        ["--format", "2:4"],
        ["--sparsity", "0.5"],
        ["--sparsity", "0.5", "--scope", "global-rms"],
        ["--format", "bsr:4x4", "--sparsity", "0.5"],
        ["--format", "channel:out", "--sparsity", "0.5"],
    ):
        seconds, peak = ours(source, folder / "pruned.onnx", *options)
        verdict = "within" if peak <= 3 * size + 250 else "BEYOND"
        print(
            f"one weight of {size:.0f} MB, {' '.join(options)}: {seconds:.2f} CPU s, "
            f"{peak:.0f} MB, {verdict} {3 * size + 250:.0f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--megabytes", type=float, default=100, help="of the chain")
    parser.add_argument("--select", type=float, default=1000, help="MB to find the k-th in")
    parser.add_argument("--weight", type=float, default=300, help="MB of the one large weight")
    parser.add_argument("--folder", type=Path, help="where models are put; default: a new one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        select(options.select)
        against_polygraphy(Path(folder), options.megabytes)
        memory(Path(folder), options.weight)


if __name__ == "__main__":
    main()
