"""Walks the package and writes the list in viewer/README.md: `python tests/house.py`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "viewer" / "sparseview"
README = ROOT / "viewer" / "README.md"
SKIPPED = {"node_modules", "__pycache__", "static", "dist", ".venv"}
BEGIN, END = "<!-- list -->", "<!-- end of list -->"
# Files that cannot say themselves what they are for.
OTHERS = {
    "annotation.md": "The annotation: what `sparseview help annotation` and the in-app help show.",
    "py.typed": "Says to type checkers that this package is typed.",
    "app/qt_libraries.txt": "The Debian packages that the window needs on a bare Linux.",
}
# Lowest floor first, as the house is built; what is not named here follows by name.
FLOORS = (
    "errors.py", "progress.py", "shares.py", "userfiles.py", "version.py", "amounts.py", "model/",
    "sparsity/", "runtime/", "pruning/", "review/", "query.py", "reading.py", "editing.py",
    "session.py", "jobs.py", "app/", "cli/", "__init__.py", "__main__.py",
)  # fmt: skip


def job(path: Path) -> str:
    """What a file or folder says about itself: its docstring's first paragraph, on one line."""
    name = path.relative_to(PACKAGE).as_posix()
    if name in OTHERS:
        return OTHERS[name]
    source = path / "__init__.py" if path.is_dir() else path
    if source.suffix != ".py" or not source.exists():
        return ""
    told = ast.get_docstring(ast.parse(source.read_text("utf-8"))) or ""
    return re.sub(r"\s+", " ", told.split("\n\n")[0]).strip()


def entries(folder: Path = PACKAGE, depth: int = 0) -> Iterator[str]:
    """One line of the list for each folder and file, folders before what is in them."""

    def order(path: Path) -> tuple[int, str]:
        name = path.name + "/" * path.is_dir()
        return (FLOORS.index(name) if depth == 0 and name in FLOORS else len(FLOORS), name)

    for path in sorted(folder.iterdir(), key=order):
        if path.name in SKIPPED or path.name.startswith(".") or path.suffix == ".pyc":
            continue
        if path.name == "__init__.py" and depth:
            continue  # the folder's own line
        if path.is_dir() and not any(path.rglob("*.py")):
            continue
        yield f"{'  ' * depth}- `{path.name}{'/' * path.is_dir()}`: {job(path)}"
        if path.is_dir():
            yield from entries(path, depth + 1)


def listed() -> list[str]:
    """The lines that stand in the README now."""
    text = README.read_text("utf-8")
    return text.partition(BEGIN)[2].partition(END)[0].strip("\n").splitlines()


def main() -> None:
    """Put the list into the README."""
    head, _, rest = README.read_text("utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    README.write_text(head + "\n".join([BEGIN, *entries(), END]) + tail, "utf-8")


if __name__ == "__main__":
    main()
