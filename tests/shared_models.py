"""Finds the real models that lie beside the checkout; tests skip where they are absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(
    os.environ.get("SPARSEVIEW_SHARED", Path(__file__).resolve().parents[2] / "shared" / "models")
)


def all_models() -> list[Path]:
    """Every .onnx file in the folder, sorted; empty where the folder is absent."""
    return sorted(FOLDER.rglob("*.onnx"))


def shared_model(name: str) -> Path:
    """The path of one model; skips the calling test where it is absent."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"needs the shared model {name}, which is not beside this checkout")
    return path


# For parametrisation: one entry that skips, and says so, where the folder is absent.
_ABSENT = pytest.mark.skip(reason=f"no shared models in {FOLDER}")
ALL_MODELS = [pytest.param(p, id=str(p.relative_to(FOLDER))) for p in all_models()] or [
    pytest.param(FOLDER, marks=_ABSENT, id="no-shared-models")
]
