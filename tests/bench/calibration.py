"""How fast calibration adds X^T X up: beside one plain product of the same rows, in CPU time.

    python tests/bench/calibration.py [--columns 384 1536 4096]

Ratio 1 is the speed of BLAS (numpy's x.T @ x, one thread); sums of squares and means are included.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from sparseview.runtime.statistics import Sums
from sparseview.runtime.taps.base import slice_rows

SLICES, ROUNDS = 6, 5


def seconds(work: Callable[[], object]) -> float:
    """The least CPU time of some rounds."""
    found = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--columns", type=int, nargs="+", default=[384, 1536, 4096])
    for columns in parser.parse_args().columns:
        rows = slice_rows(columns)
        x = np.random.default_rng(0).standard_normal((SLICES * rows, columns)).astype(np.float32)

        def sums(x: np.ndarray = x, rows: int = rows) -> None:
            made = Sums(gram=True)
            for start in range(0, len(x), rows):
                made.add(x[None, start : start + rows])

        with threadpool_limits(1, user_api="blas"):
            plain, ours = seconds(lambda x=x: x.T @ x), seconds(sums)
        speed = len(x) * columns**2 / ours / 1e9
        print(
            f"{columns:5} columns, {len(x):6} rows: {ours:.3f} s, plain {plain:.3f} s, "
            f"ratio {ours / plain:.2f}, {speed:.0f} GFLOP/s"
        )


if __name__ == "__main__":
    main()
