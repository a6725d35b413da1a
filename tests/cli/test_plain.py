"""Plain text holds against rich: what a pipe gets is what rich would write into it."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import builders
import pytest
from rich.console import Console

from sparseview.cli.page import Terminal
from sparseview.cli.plain import UNBOUND, Column, Paper, Words, to_terminal, written

NAMES = ("conv1", "层/权重", "é́", "a" * 300, "–", "")


def draw(paper: Paper) -> None:
    paper.line(Words("Prune", "bold"), " · half")
    paper.line()
    paper.table(
        [
            Column("Layer", [Words(name) for name in NAMES]),
            Column("After", [paper.tile(i / 7) for i in range(len(NAMES))], True, drop=1),
            Column("Format", [Words(name[:5], "dim") for name in NAMES]),
        ],
        shrink="Layer",
    )
    paper.line("x" * 5000)


def by_rich() -> str:
    text = io.StringIO()
    draw(Terminal(Console(file=text, width=UNBOUND, highlight=False, markup=False, emoji=False)))
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


def test_it_is_what_rich_writes() -> None:
    assert written(draw).decode() == by_rich()


def test_colours_that_are_asked_for_need_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert not to_terminal()
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert to_terminal()


def test_a_prune_into_a_pipe_needs_no_rich(tmp_path: Path) -> None:
    model = tmp_path / "m.onnx"
    model.write_bytes(builders.network().SerializeToString())
    script = (
        "import sys; from sparseview.cli.main import run; "
        f"code = run(['prune', {str(model)!r}, '-o', {str(tmp_path / 'o.onnx')!r}, "
        "'--sparsity', '0.7']); "
        "sys.exit(code or any(m == 'rich' for m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "the model goes from" in done.stdout
