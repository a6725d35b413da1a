"""The error of one layer on rows held out, 1024 x 1024, correlated heavy-tailed inputs; seeded.

    python tests/bench/layer_error.py [--size 1024] [--rows 8192] [--targets 0.5 2:4 0.7]

Relative squared error |X (W - W_hat)^T|^2 / |X W^T|^2 and CPU time of every method; allowed for
the last one is 0.6 times SparseGPT's.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from synthetic_layers import inputs, relative_error, weight

from sparseview.pruning.methods import get
from sparseview.pruning.problem import Problem
from sparseview.runtime.statistics import Statistics
from sparseview.sparsity import formats

ROWS: tuple[tuple[str, dict[str, object]], ...] = (
    ("magnitude", {}),
    ("wanda", {}),
    ("sparsegpt", {}),
    ("reconstruction", {"rounds": 1, "swaps": 0, "steps": 10}),
    ("reconstruction", {}),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--rows", type=int, default=8192, help="to calibrate on")
    parser.add_argument("--targets", nargs="*", default=["0.5", "2:4", "0.7"])
    options = parser.parse_args()
    size, rows = options.size, options.rows
    x = inputs(size, rows + 4096)
    seen, held_out = x[:rows], x[rows:]
    w = weight(size, size)
    wide = seen.astype(np.float64)
    gram = (seen.T @ seen).astype(np.float64)
    known = Statistics(rows, (wide**2).sum(0)[None], wide.mean(0)[None], gram[None])
    view = w[None, :, None, :]
    for target in options.targets:
        name = target if ":" in target else "unstructured"
        goal = None if ":" in target else float(target)
        found = {}
        for method, params in ROWS:
            row = get(method)
            start = time.process_time()
            if row.solve is None:
                kept = formats.get(name).keep(np.abs(view), goal, squared=False)
                pruned = view * kept
            else:
                given = Problem(view, view != 0, known, formats.get(name), goal)
                solution = row.solve(given, row.params(**params))
                values = view if solution.values is None else solution.values
                pruned = values * solution.kept
            seconds = time.process_time() - start
            error = relative_error(held_out, w, pruned[0, :, 0, :].astype(np.float32))
            label = f"{method} {' '.join(f'{k}={v}' for k, v in params.items())}".strip()
            found[label] = error
            ratio = (
                f", {error / found['sparsegpt']:.2f} of SparseGPT" if "sparsegpt" in found else ""
            )
            print(f"{target} {label}: {error:.2e}, {seconds:.1f} CPU s{ratio}", flush=True)
        verdict = found["reconstruction"] / found["sparsegpt"]
        print(f"{target}: {'within' if verdict <= 0.6 else 'BEYOND'} 0.6 of SparseGPT\n")


if __name__ == "__main__":
    main()
