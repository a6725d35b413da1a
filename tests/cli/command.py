"""Runs the real command in a process of its own, as a shell does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def sparseview(
    *arguments: str | Path, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The finished process, with its text on stdout and stderr."""
    return subprocess.run(
        [sys.executable, "-m", "sparseview", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd=cwd,
        timeout=300,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "viewer"),
            "PYTHONIOENCODING": "utf-8",
            **environment,
        },
    )


def refused(ran: subprocess.CompletedProcess[str], *words: str) -> None:
    """Exit code 2, nothing on stdout, one line on stderr that holds these words."""
    assert ran.returncode == 2, ran
    assert ran.stdout == ""
    assert ran.stderr.count("\n") == 1 and ran.stderr.endswith("\n"), ran.stderr
    assert "Traceback" not in ran.stderr
    for word in words:
        assert word in ran.stderr
