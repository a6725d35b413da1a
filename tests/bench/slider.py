"""How fast the numbers of a prune follow a slider: outlooks against whole previews, as a ratio.

python tests/bench/slider.py MODEL.onnx
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import sparseview as sv

STEPS = 20
WISHES: tuple[dict[str, Any], ...] = (
    {},
    {"scope": "global"},
    {"scope": "global-rms"},
    {"format": "2:4"},
    {"format": "bsr:4x4"},
    {"format": "channel:out"},
)


def median(ask: Callable[[float], object], steps: int) -> float:
    """CPU milliseconds of one question, the first one (which reads the weights) left out."""
    taken = []
    for step in range(steps + 1):
        start = time.process_time()
        ask(0.55 + 0.4 * step / (steps + 1))
        taken.append(time.process_time() - start)
    return 1000 * statistics.median(taken[1:])


def main() -> None:
    session = sv.open(sys.argv[1])
    session.measure()
    targets = session.targets()
    print(f"{session.path.name}: {len(targets)} weights; CPU ms of one step of the slider")
    for wish in WISHES:
        first = time.process_time()
        session.outlook(targets, sparsity=0.54, **wish)
        first = 1000 * (time.process_time() - first)
        quick = median(lambda s, w=wish: session.outlook(targets, sparsity=s, **w), STEPS)
        whole = median(lambda s, w=wish: session.preview(targets, sparsity=s, **w), 3)
        told = ", ".join(str(value) for value in wish.values()) or "unstructured, each alike"
        print(
            f"{told:26} outlook {quick:7.2f}  preview {whole:8.1f}  {whole / quick:6.0f}x"
            f"  (first outlook {first:.0f})"
        )


if __name__ == "__main__":
    main()
