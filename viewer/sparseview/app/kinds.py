"""KINDS: what kinds of files dialogs ask for, with their endings; the one list for them all."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from sparseview.errors import SparseviewError

KindName = Literal["model", "recipe", "masks", "png", "svg", "levels", "data", "tokenizer"]


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file. endings: lower case, the usual one first.

    suggestion : what stands in a new file's name instead of the model's own ending.
    label : letters and blanks only, as the native dialogs ask for.
    """

    name: KindName
    label: str
    endings: tuple[str, ...]
    suggestion: str

    @property
    def filters(self) -> tuple[str, ...]:
        """As pywebview and Qt read them: "ONNX models (*.onnx)"."""
        return f"{self.label} ({';'.join(f'*{e}' for e in self.endings)})", "All files (*.*)"

    def holds(self, name: str) -> bool:
        """Whether a file is of this kind, as far as its name tells."""
        return name.lower().endswith(self.endings)

    def suggested(self, path: str) -> tuple[str, str]:
        """Folder and name of a new file about a model: "m.onnx" -> "m.sparse.onnx"."""
        stem, _ = os.path.splitext(os.path.basename(path))
        return os.path.dirname(path), f"{stem.removesuffix('.sparse')}{self.suggestion}"

    def ended(self, path: str) -> str:
        """The path with the usual ending, where a person left it out."""
        return path if os.path.splitext(path)[1] else path + self.endings[0]


# Files that hold samples; folders may, too.
DATA = (".npz", ".npy", ".txt", ".tsv", ".jsonl")

KINDS: tuple[FileKind, ...] = (
    FileKind("model", "ONNX models", (".onnx",), ".sparse.onnx"),
    FileKind("recipe", "Recipes", (".json", ".onnx"), ".recipe.json"),
    FileKind("masks", "NumPy archives", (".npz",), ".masks.npz"),
    FileKind("levels", "Tables of levels", (".csv", ".json"), ".levels.csv"),
    FileKind("data", "Data", DATA, ".npz"),
    FileKind("tokenizer", "Tokenizers", (".json",), ".json"),
    FileKind("png", "PNG pictures", (".png",), ".png"),
    FileKind("svg", "SVG pictures", (".svg",), ".svg"),
)


def is_data(path: str) -> bool:
    """Whether what lies there is samples for a model, as far as its name tells, and no model."""
    return os.path.isdir(path) or path.lower().endswith(DATA)


def kind(name: str) -> FileKind:
    """The kind of that name; raises SparseviewError where there is none."""
    for one in KINDS:
        if one.name == name:
            return one
    raise SparseviewError(f"There is no kind of file called {name!r}.", "", "request")
