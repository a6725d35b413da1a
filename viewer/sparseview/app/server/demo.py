"""Where the demo model lies: inside an installed package, or in the checkout's assets."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
PLACES = (PACKAGE / "demo.onnx", PACKAGE.parents[1] / "assets" / "demo.onnx")


def demo_model() -> Path | None:
    """The demo model, None in a copy that has none."""
    return next((place for place in PLACES if place.exists()), None)
