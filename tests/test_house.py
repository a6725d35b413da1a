"""Holds the house rules: a first line that tells each file's job, short files, a true README."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import builders
import house
import pytest
from house import ROOT, SKIPPED

import sparseview

LIMIT = 500  # lines


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
    text = path.read_text("utf-8")
    assert text.startswith("// Generated") or len(text.splitlines()) <= LIMIT


def test_half_the_files_are_shorter_than_150_lines() -> None:
    lengths = sorted(len(path.read_text("utf-8").splitlines()) for path in sources("viewer"))
    assert lengths[len(lengths) // 2] < 150


def test_no_folder_is_a_drawer_for_everything() -> None:
    assert [name for name in NAMES if "utils" in Path(name).stem.casefold()] == []


def test_the_readme_lists_every_folder_and_file() -> None:
    wanted = list(house.entries())
    assert [line for line in wanted if line.endswith(": ")] == [], "says nothing of its job"
    assert house.listed() == wanted, "run: python tests/house.py"
    names = {path.name for path in house.PACKAGE.rglob("*.py") if "__pycache__" not in path.parts}
    assert all(any(f"`{name}`" in line for line in wanted) for name in names)


def test_the_version_is_the_same_everywhere() -> None:
    wanted = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.M)
    assert wanted is not None and sparseview.__version__ == wanted.group(1)


def test_the_readmes_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "viewer" / "README.md").read_text("utf-8")
    example = text.split("```python")[1].split("```")[0]
    (tmp_path / "model.onnx").write_bytes(builders.network().SerializeToString())
    monkeypatch.chdir(tmp_path)
    exec(compile(example.replace("params>10k", "params>1k"), "README", "exec"), {})
    reopened = sparseview.open("pruned.onnx")
    reopened.measure()
    assert reopened.row(0).format == "2:4" and reopened.row(0).agrees
