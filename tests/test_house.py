"""Holds the house rules: a first line that tells each file's job, short files, a true README."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "viewer" / "sparseview"
LIMIT = 500  # lines
SKIPPED = {"node_modules", "__pycache__", "static", "dist", ".venv"}


def sources(*folders: str) -> list[Path]:
    """Python and TypeScript files of the project, without what is installed or built."""
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".ts", ".tsx")
        and path.is_file()
        and not SKIPPED & set(path.relative_to(ROOT).parts)
        and not path.name.endswith(".d.ts")
    )


SOURCES = sources("viewer", "frontend", "tests")
NAMES = [str(path.relative_to(ROOT)) for path in SOURCES]


def job(path: Path) -> str:
    """What the first line of a file says about it; empty where it says nothing."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        told = ast.get_docstring(ast.parse(text)) or ""
        starts = text.lstrip().startswith(('"""', "'''", 'r"""', "#!"))
        return told.splitlines()[0].strip() if told and starts else ""
    first = text.lstrip().splitlines()[0] if text.strip() else ""
    found = re.match(r"(?://|/\*\*?)\s*(.*?)\s*(?:\*/)?$", first)
    return found.group(1) if found else ""


@pytest.mark.parametrize("path", SOURCES, ids=NAMES)
def test_the_first_line_tells_the_job(path: Path) -> None:
    assert len(job(path)) >= 15, f"{path}: the first line does not tell what the file is for"


@pytest.mark.parametrize("path", SOURCES, ids=NAMES)
def test_files_stay_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LIMIT


def test_half_the_files_are_shorter_than_150_lines() -> None:
    lengths = sorted(len(path.read_text("utf-8").splitlines()) for path in sources("viewer"))
    assert lengths[len(lengths) // 2] < 150


def test_no_folder_is_a_drawer_for_everything() -> None:
    assert [name for name in NAMES if "utils" in Path(name).stem.casefold()] == []


def listed() -> set[str]:
    """The paths that viewer/README.md names in its tree, folders with a slash at their end."""
    found: set[str] = set()
    stack: list[str] = []
    for line in (ROOT / "viewer" / "README.md").read_text("utf-8").splitlines():
        entry = re.match(r"^( *)- `([^`]+)`: \S", line)
        if entry:
            depth = len(entry.group(1)) // 2
            stack[depth:] = [entry.group(2)]
            found.add("".join(stack[: depth + 1]))
    return found


def test_the_readme_lists_every_folder_and_file() -> None:
    there: set[str] = set()
    for path in PACKAGE.rglob("*"):
        parts = path.relative_to(PACKAGE).parts
        if SKIPPED & set(parts) or path.name.startswith(".") or path.name.endswith(".pyc"):
            continue
        there.add("/".join(parts) + ("/" if path.is_dir() else ""))
    # An empty __init__ says nothing that its folder's line does not say.
    there = {name for name in there if not name.endswith("/__init__.py")}
    told = listed()
    assert there - told == set(), "missing in viewer/README.md"
    assert told - there == set(), "in viewer/README.md, but gone"
