"""Pruned models on data that nobody calibrated on: dense, magnitude, Wanda, SparseGPT, ours.

    python tests/bench/end_to_end.py DATA MODELS [--only NAME ...] [--targets 0.5 0.7 2:4]
        [--methods magnitude wanda sparsegpt reconstruction:rounds=1 ...]

For each model and target: the error of each method (lower is better), and for ours the difference
to SparseGPT in standard errors, by a paired bootstrap over the samples. Last the geometric mean of
ours over SparseGPT's. DATA and MODELS are folders; what is absent is skipped.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from tasks import TASKS, Task, task

import sparseview as sv
from sparseview.errors import SparseviewError

METHODS = ("magnitude", "wanda", "sparsegpt", "reconstruction")


def wish(target: str, method: str) -> dict[str, object]:
    """`reconstruction:rounds=1,damp=0.01` to 0.5 or 2:4, as session.prune takes it."""
    name, _, options = method.partition(":")
    found: dict[str, object] = {"method": name}
    for pair in filter(None, options.split(",")):
        key, _, text = pair.partition("=")
        found[key] = float(text) if "." in text else int(text) if text.isdigit() else text
    return found | ({"format": target} if ":" in target else {"sparsity": float(target)})


def judged(given: Task, target: str, method: str, data: Path) -> tuple[np.ndarray, float, int]:
    """(outputs, seconds, layers left as they were)."""
    session = sv.open(given.model)
    try:
        session.use_data(data, calibration=1_000_000)
        start = time.perf_counter()
        edit = session.prune(None, **wish(target, method))
        seconds = time.perf_counter() - start
        return given.outputs(session.model), seconds, len(edit.step["skipped"])
    finally:
        session.close()


def spread(given: Task, one: np.ndarray, other: np.ndarray) -> float:
    """The standard error of score(one) - score(other)."""
    random, count = np.random.default_rng(0), len(one)
    picks = (random.integers(0, count, count) for _ in range(400))
    return float(np.std([given.score(one, at) - given.score(other, at) for at in picks]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("--only", nargs="*", default=list(TASKS))
    parser.add_argument("--targets", nargs="*", default=["0.5", "0.7", "2:4"])
    parser.add_argument("--methods", nargs="*", default=list(METHODS))
    options = parser.parse_args()
    best = options.methods[-1]
    ratios: list[float] = []
    print(f"| model | target | dense | {' | '.join(options.methods)} | vs SparseGPT |")
    print("|---" * (len(options.methods) + 4) + "|")
    for name in options.only:
        given = task(name, options.models, options.data)
        if given is None:
            continue
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "calibration.npz"
            np.savez(data, **given.feeds)
            dense = given.outputs(sv.open(given.model).model)
            everyone = np.arange(len(dense))
            for target in options.targets:
                row, outputs = [], {}
                for method in options.methods:
                    try:
                        outputs[method], seconds, left = judged(given, target, method, data)
                    except SparseviewError as error:
                        row.append(str(error))
                        continue
                    error = given.score(outputs[method], everyone)
                    row.append(f"{error:.4f} ({seconds:.0f} s{f', {left} left' * bool(left)})")
                verdict = ""
                if best in outputs and "sparsegpt" in outputs:
                    ours = given.score(outputs[best], everyone)
                    theirs = given.score(outputs["sparsegpt"], everyone)
                    error = spread(given, outputs[best], outputs["sparsegpt"])
                    ratios.append(ours / theirs)
                    verdict = f"{ours / theirs:.3f}, {(ours - theirs) / (error or 1):+.1f} SE"
                first = given.score(dense, everyone)
                print(f"| {name} ({given.metric}) | {target} | {first:.4f} | {' | '.join(row)} | "
                      f"{verdict} |", flush=True)  # fmt: skip
    if ratios:
        print(f"geometric mean of {best} over SparseGPT: {np.exp(np.mean(np.log(ratios))):.3f}")


if __name__ == "__main__":
    main()
