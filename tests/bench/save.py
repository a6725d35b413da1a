"""Saving a 1.5 GB model with 90 MatMuls against copying the file, in the same run.

    python tests/bench/save.py [--gigabytes 1.5] [--folder DIR] [--rounds 3]

Each row is a fresh process; the best of the rounds counts. Peak MB: by how much the resident peak
grew after the imports and after opening (needs Linux). Saving makes the file durable (fsync); the
second copy does that too.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from open import status, write_model

ROOT = Path(__file__).resolve().parents[2]
PRUNED = 3  # tensors


def prepare_copy(source: Path, target: Path) -> Callable[[], object]:
    return lambda: shutil.copyfile(source, target)


def prepare_durable_copy(source: Path, target: Path) -> Callable[[], object]:
    def work() -> None:
        shutil.copyfile(source, target)
        with open(target, "rb") as file:
            os.fsync(file.fileno())

    return work


def prepare_save(annotated: bool, pruned: int) -> Callable[[Path, Path], Callable[[], object]]:
    def prepare(source: Path, target: Path) -> Callable[[], object]:
        from sparseview.model.document import Model
        from sparseview.model.inscribe import Annotations
        from sparseview.model.save import save
        from sparseview.model.tensors import read

        model = Model.open(source)
        constants = list(model.constants(0).values())[:pruned]
        changes = {c.key: np.zeros_like(read(model, c)) for c in constants}
        edited = model.with_overlay(model.overlay.with_(changes))
        notes = None
        if annotated:
            notes = Annotations(
                {n.id: (0.5, "unstructured") for n in model.nodes}, {"pkg.sparseview": "{}"}
            )
        return lambda: save(edited, target, notes)

    return prepare


ROWS: dict[str, tuple[str, Callable[[Path, Path], Callable[[], object]]]] = {
    "copy": ("shutil.copyfile", prepare_copy),
    "durable": ("shutil.copyfile + fsync", prepare_durable_copy),
    "plain": ("save, nothing changed", prepare_save(False, 0)),
    "annotated": ("save, 90 claims", prepare_save(True, 0)),
    "pruned": (f"save, 90 claims, {PRUNED} layers", prepare_save(True, PRUNED)),
}


def one(row: str, source: Path, target: Path) -> None:
    """Run one row in this process and print its figures as JSON."""
    work = ROWS[row][1](source, target)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins here, not with the imports
    memory = status("VmRSS")
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    figures = {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "megabytes": (status("VmHWM") - memory) / 1e6,
    }
    print(json.dumps(figures))


def measured(row: str, source: Path, target: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--row", row, "--source", str(source), str(target)]
    path = os.pathsep.join([str(ROOT / "viewer"), str(Path(__file__).parent)])
    environment = {**os.environ, "PYTHONPATH": path}
    answer = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    target.unlink()
    figures: dict[str, float] = json.loads(answer.stdout)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=1.5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="on the disk to measure; default: the system's")
    parser.add_argument("--row", choices=ROWS, help=argparse.SUPPRESS)
    parser.add_argument("--source", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("target", type=Path, nargs="?", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.row:
        one(options.row, options.source, options.target)
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        source, target = Path(folder, "model.onnx"), Path(folder, "saved.onnx")
        write_model(source, options.gigabytes)
        # Round by round, so that all rows meet the same neighbours on a busy machine.
        runs = [{r: measured(r, source, target) for r in ROWS} for _ in range(options.rounds)]
        results = {r: {k: min(run[r][k] for run in runs) for k in runs[0][r]} for r in ROWS}
    base = results["copy"]
    print(f"{'':28}{'wall s':>9}{'':>7}{'CPU s':>9}{'':>7}{'peak MB':>9}")
    for row, (label, _) in ROWS.items():
        now = results[row]
        print(
            f"{label:28}{now['wall']:9.2f}{now['wall'] / base['wall']:6.2f}x"
            f"{now['cpu']:9.2f}{now['cpu'] / base['cpu']:6.2f}x{now['megabytes']:9.1f}"
        )


if __name__ == "__main__":
    main()
