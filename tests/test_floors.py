"""Holds the floors: every import in the package goes down, or stays inside its folder."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / "viewer" / "sparseview"

# The floor of a module is that of the longest prefix that is listed.
FLOORS = {
    "amounts": 1,
    "errors": 0,
    "progress": 0,
    "shares": 0,
    "userfiles": 0,
    "version": 0,
    "model": 1,
    "sparsity": 2,
    "runtime": 3,
    "pruning": 4,
    "review": 5,
    "query": 5,
    "reading": 6,
    "editing": 6,
    "session": 6,
    "jobs": 6,
    "app": 7,
    "cli": 7,
    "__main__": 7,
    "": 8,
}
# Libraries that only one floor may know.
ONLY = {
    # The app describes nodes and attributes as they are; the runtime is handed a graph of its own.
    "onnx": {"model", "runtime", "app"},
    "onnxruntime": {"runtime"},
    "flask": {"app"},
    "waitress": {"app"},
    "webview": {"app"},
    "PySide6": {"app"},
    "qtpy": {"app"},
    "click": {"cli"},
    "rich": {"cli"},
}
HEAVY = ("numpy", "onnx", "onnxruntime", "flask", "waitress", "rich", "webview", "msgspec")


def module_name(path: Path) -> str:
    """`cli/main.py` as `cli.main`; the package's own file as ``."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)


def modules() -> dict[str, Path]:
    return {module_name(path): path for path in sorted(ROOT.rglob("*.py"))}


def place(module: str) -> str:
    """The listed entry that a module belongs to; '' for the package itself."""
    first = module.split(".")[0]
    return first if first in FLOORS else ""


def typing_only(tree: ast.AST) -> set[ast.AST]:
    """Nodes under `if TYPE_CHECKING:`: they never run."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for child in node.body:
                found.update(ast.walk(child))
    return found


def imports(path: Path, known: set[str]) -> Iterator[tuple[str, ast.stmt]]:
    """Dotted names that a file imports, also inside functions; ours without `sparseview.`."""
    tree = ast.parse(path.read_text("utf-8"))
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = ["sparseview", *package]
                stem = ".".join(parts[: len(parts) - node.level + 1])
                base = f"{stem}.{base}" if base else stem
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                own = whole.removeprefix("sparseview.") in known
                yield whole if own else base, node


def own(name: str) -> str | None:
    """The module's name inside the package, or None for a library."""
    if name == "sparseview":
        return ""
    return name.removeprefix("sparseview.") if name.startswith("sparseview.") else None


FOUND = modules()


def test_every_module_has_a_floor() -> None:
    assert FOUND, ROOT
    lost = [name for name in FOUND if name and place(name) == ""]
    assert lost == []


@pytest.mark.parametrize("name", FOUND)
def test_imports_go_down_or_stay_inside(name: str) -> None:
    here = place(name)
    wrong = []
    for imported, node in imports(FOUND[name], set(FOUND)):
        target = own(imported)
        if target is None:
            continue
        there = place(target)
        # `__init__` of a folder counts as the folder, and the package's own as the roof.
        if there != here and FLOORS[there] >= FLOORS[here]:
            allowed = here == "__main__" and there == "cli"
            # The window is what the first command opens: the two share a floor.
            allowed |= name == "cli.open" and target == "app.window"
            allowed |= (here, there) in {
                ("reading", "jobs"),
                ("editing", "reading"),
                ("session", "editing"),
            }
            if not allowed:
                wrong.append(f"line {node.lineno}: {imported}")
    assert wrong == [], f"{name} (floor {FLOORS[here]}) imports from its own height or above"


@pytest.mark.parametrize("name", FOUND)
def test_libraries_stay_on_their_floor(name: str) -> None:
    wrong = [
        f"line {node.lineno}: {imported}"
        for imported, node in imports(FOUND[name], set(FOUND))
        if imported.split(".")[0] in ONLY and place(name) not in ONLY[imported.split(".")[0]]
    ]
    assert wrong == []


@pytest.mark.parametrize("name", [name for name in FOUND if place(name) == "sparsity"])
def test_sparsity_knows_no_files_and_no_model(name: str) -> None:
    wrong = [
        imported
        for imported, _ in imports(FOUND[name], set(FOUND))
        if imported.split(".")[0] in ("os", "io", "pathlib", "mmap", "onnx")
        or place(own(imported) or "errors") == "model"
    ]
    assert wrong == []


# What may be loaded before a command has been chosen.
LIGHT = (
    "cli.main",
    "cli.open",
    "cli.report",
    "cli.prune",
    "cli.annotate",
    "cli.help",
    "",
    "version",
)


@pytest.mark.parametrize("name", [name for name in LIGHT if name in FOUND])
def test_what_help_loads_imports_heavy_things_inside_functions_only(name: str) -> None:
    tree = ast.parse(FOUND[name].read_text("utf-8"))
    unrun = typing_only(tree)
    top = {id(node) for node in tree.body}
    wrong = []
    for imported, node in imports(FOUND[name], set(FOUND)):
        # `imports` parses anew: compare by place in the text.
        same = next(n for n in ast.walk(tree) if isinstance(n, type(node)) and _at(n) == _at(node))
        if same in unrun or id(same) not in top:
            continue
        target = own(imported)
        heavy = imported.split(".")[0] in HEAVY
        heavy |= target is not None and FLOORS[place(target)] in (1, 2, 3, 4, 5, 6)
        if heavy:
            wrong.append(f"line {node.lineno}: {imported}")
    assert wrong == []


def _at(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", -1), getattr(node, "col_offset", -1)


@pytest.mark.parametrize(
    "arguments",
    [
        ["-c", "import sparseview"],
        ["-m", "sparseview", "--help"],
        ["-m", "sparseview", "--version"],
    ],
    ids=["import", "help", "version"],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(arguments: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT.parent)},
    )
    loaded = {line.rsplit("|", 1)[1].strip() for line in ran.stderr.splitlines() if "|" in line}
    assert "sparseview" in loaded
    assert sorted(name for name in loaded if name.split(".")[0] in HEAVY) == []
