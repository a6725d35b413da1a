"""SparseGPT on one layer, 4096 x 4096, against a plain PyTorch implementation, on the CPU.

    python tests/bench/sparsegpt_speed.py [--size 4096] [--rounds 2] [--target 2:4] [--double]

PyTorch runs where SPARSEVIEW_TORCH names the python of an environment that has it; both get the
same matrix and the same X^T X, take turns, and print wall and CPU time of the fastest round, and
how much of their masks is the same. PyTorch computes in float32, as published; with --double once
more in float64, whose mask is the one that rounding has no part in.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from itertools import combinations
from pathlib import Path

import numpy as np

TORCH = os.environ.get("SPARSEVIEW_TORCH", "")
ROOT = Path(__file__).resolve().parents[2]

# The published algorithm, written down plainly; runs in the other environment.
PLAIN = """
import json, sys, time
import torch
import numpy as np
data = np.load(sys.argv[1])
n, m, sparsity = int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
kind = getattr(torch, sys.argv[6])
W = torch.from_numpy(data["w"]).to(kind, copy=True)
H = torch.from_numpy(data["h"]).to(kind, copy=True)
wall, cpu = time.perf_counter(), time.process_time()
columns = W.shape[1]
dead = torch.diag(H) == 0
H[dead, dead] = 1
W[:, dead] = 0
at = torch.arange(columns)
H[at, at] += 0.01 * torch.mean(torch.diag(H))
H = torch.linalg.cholesky(H)
H = torch.cholesky_inverse(H)
U = torch.linalg.cholesky(H, upper=True)
for i1 in range(0, columns, 128):
    i2 = min(i1 + 128, columns)
    W1 = W[:, i1:i2].clone()
    Q1, Err = torch.zeros_like(W1), torch.zeros_like(W1)
    U1 = U[i1:i2, i1:i2]
    if m == 0:
        scores = W1**2 / torch.diag(U1).reshape(1, -1) ** 2
        border = torch.sort(scores.flatten())[0][int(scores.numel() * sparsity)]
        mask = scores <= border
    else:
        mask = torch.zeros_like(W1) == 1
    for i in range(i2 - i1):
        w, d = W1[:, i], U1[i, i]
        if m and i % m == 0:
            scores = W1[:, i:i + m] ** 2 / torch.diag(U1)[i:i + m].reshape(1, -1) ** 2
            mask.scatter_(1, i + torch.topk(scores, m - n, dim=1, largest=False)[1], True)
        q = w.clone()
        q[mask[:, i]] = 0
        Q1[:, i] = q
        err = (w - q) / d
        W1[:, i:] -= err.unsqueeze(1).matmul(U1[i, i:].unsqueeze(0))
        Err[:, i] = err
    W[:, i1:i2] = Q1
    W[:, i2:] -= Err.matmul(U[i1:i2, i2:])
times = time.perf_counter() - wall, time.process_time() - cpu
np.save(sys.argv[5], (W == 0).numpy())
print(json.dumps(times))
"""

OURS = """
import json, sys, time
import numpy as np
from sparseview.pruning.methods import sparsegpt
from sparseview.pruning.problem import Problem
from sparseview.runtime.statistics import Statistics
from sparseview.sparsity import formats
data = np.load(sys.argv[1])
n, m, sparsity = int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
w, h = data["w"], data["h"]
view = w[None, :, None, :]
known = Statistics(2, np.diagonal(h)[None], np.zeros((1, len(h))), h[None])
given = Problem(view, view != 0, known, formats.get(f"{n}:{m}" if m else "unstructured"),
                None if m else sparsity)
wall, cpu = time.perf_counter(), time.process_time()
found = sparsegpt.run(given, 0.01)
times = time.perf_counter() - wall, time.process_time() - cpu
np.save(sys.argv[5], found.values[0, :, 0, :] == 0)
print(json.dumps(times))
"""


def timed(python: str, program: str, *arguments: str) -> tuple[float, float]:
    """(wall, CPU) seconds that a program says it took."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "viewer")}
    ran = subprocess.run(
        [python, "-c", program, *arguments], capture_output=True, text=True, env=environment
    )
    if ran.returncode:
        raise SystemExit(ran.stderr[-2000:])
    wall, cpu = json.loads(ran.stdout.strip().split("\n")[-1])
    return wall, cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--target", default="0.5", help="0.5, or 2:4")
    parser.add_argument("--double", action="store_true")
    options = parser.parse_args()
    n, m, sparsity = 0, 0, 0.0
    if ":" in options.target:
        n, m = map(int, options.target.split(":"))
    else:
        sparsity = float(options.target)
    random = np.random.default_rng(0)
    size = options.size
    x = random.standard_normal((2 * size, size), np.float32)
    x = x @ (random.standard_normal((size, size), np.float32) / np.float32(size**0.5)) + x
    with tempfile.TemporaryDirectory() as folder:
        data = str(Path(folder) / "layer.npz")
        h = (2 / len(x)) * (x.T @ x)
        np.savez(data, w=random.standard_normal((size, size), np.float32), h=h)
        names = {"ours": (sys.executable, OURS)} | ({"torch": (TORCH, PLAIN)} if TORCH else {})
        best: dict[str, tuple[float, float]] = {}

        def turn(name: str, kind: str) -> tuple[float, float]:
            python, program = names[name.partition(" ")[0]]
            wish = (str(n), str(m), str(sparsity), str(Path(folder) / f"{name}.npy"), kind)
            return timed(python, program, data, *wish)

        for _ in range(options.rounds):
            for name in names:
                took = turn(name, "float32")
                best[name] = min(best.get(name, took), took, key=lambda t: t[1])
        if options.double and TORCH:
            best["torch double"] = turn("torch double", "float64")
        for name, (wall, cpu) in best.items():
            print(f"{name}: {wall:.1f} s, {cpu:.1f} CPU s")
        if "torch" in best:
            print(f"  ours takes {best['ours'][0] / best['torch'][0]:.2f} of the time, "
                  f"{best['ours'][1] / best['torch'][1]:.2f} of the CPU time")  # fmt: skip
            masks = {name: np.load(Path(folder) / f"{name}.npy") for name in best}
            for one, other in combinations(best, 2):
                same = (masks[one] == masks[other]).mean()
                print(f"  masks of {one} and {other} agree in {same:.4%}")
        else:
            print("torch: skipped, SPARSEVIEW_TORCH names no python")


if __name__ == "__main__":
    main()
