"""com.microsoft EmbedLayerNormalization: tables of words, positions and segments."""

from __future__ import annotations

from sparseview.model.operators.row import FLOATS, Row, Use
from sparseview.model.proto import NodeProto
from sparseview.model.view import Axes, Shape


def table(node: NodeProto, index: int, shape: Shape) -> Use | None:
    return Use(Axes(out=(0,), in_=(1,)), kind="embedding") if len(shape) == 2 else None


EMBED = Row("com.microsoft", "EmbedLayerNormalization", (2, 3, 4), table, FLOATS)
