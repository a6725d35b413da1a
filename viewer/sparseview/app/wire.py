"""Lists the types that cross between server and page, and writes them as TypeScript.

python -m sparseview.app.wire > frontend/src/api/schema.ts
"""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from sparseview.app.events import Event
from sparseview.app.facts import Problem, State
from sparseview.app.forms import Forms
from sparseview.app.server.columns import Header
from sparseview.app.server.data import DataDialogRequest, DataRequest, DataState
from sparseview.app.server.edit import (
    CompareRequest,
    Protected,
    ProtectRequest,
    Pruned,
    Turned,
)
from sparseview.app.server.evidence import EvaluationRequest
from sparseview.app.server.export import Painted
from sparseview.app.server.files import ChosenPath, DialogRequest, Listing, Saved, SaveRequest
from sparseview.app.server.graph import Labels, Weights
from sparseview.app.server.model import CancelRequest, CloseRequest, DiscardRequest, OpenRequest
from sparseview.app.server.node import NodeFacts
from sparseview.app.server.recipes import Replayed, ReplayRequest, WriteRequest, Written
from sparseview.app.server.sensitivity import LevelsRequest, SweepRequest
from sparseview.app.server.storage import Catalogue
from sparseview.app.server.visible import VisibleRequest
from sparseview.pruning.prune import PruneRequest
from sparseview.review.compare import Comparison
from sparseview.review.evaluation import Evaluation
from sparseview.review.foresight import Foresight
from sparseview.review.masks import Masks
from sparseview.review.outlook import Outlook
from sparseview.review.picture import MaskFacts, Profiles, Violations
from sparseview.review.preview import Preview
from sparseview.review.sensitivities import MadeLevels, Sensitivity
from sparseview.review.storing import StoreOptions
from sparseview.sparsity.histogram import Histogram
from sparseview.sparsity.storages.gzip import Gzip

CROSSING: tuple[Any, ...] = (
    State,
    Problem,
    Event,
    Header,
    Weights,
    Labels,
    NodeFacts,
    Histogram,
    Profiles,
    MaskFacts,
    Violations,
    Catalogue,
    Gzip,
    Forms,
    PruneRequest,
    Preview,
    Outlook,
    CompareRequest,
    Comparison,
    ProtectRequest,
    Protected,
    WriteRequest,
    Written,
    ReplayRequest,
    Replayed,
    Masks,
    StoreOptions,
    Pruned,
    Turned,
    OpenRequest,
    DiscardRequest,
    CloseRequest,
    CancelRequest,
    VisibleRequest,
    DialogRequest,
    ChosenPath,
    Listing,
    SaveRequest,
    Saved,
    Painted,
    DataState,
    DataRequest,
    DataDialogRequest,
    Foresight,
    Evaluation,
    EvaluationRequest,
    SweepRequest,
    LevelsRequest,
    Sensitivity,
    MadeLevels,
)
# Bodies that the page sends: what has a default there may be left out.
SENT = {
    PruneRequest,
    OpenRequest,
    DiscardRequest,
    CloseRequest,
    CancelRequest,
    VisibleRequest,
    SaveRequest,
    DataRequest,
    SweepRequest,
    LevelsRequest,
}
HEAD = """// Generated from the Python types by `python -m sparseview.app.wire`; do not edit.
"""


def typescript() -> str:
    """The text of schema.ts: one type per struct, in alphabetical order."""
    (*_,), components = msgspec.json.schema_components(CROSSING, ref_template="#/$defs/{name}")
    sent = {kind.__name__ for kind in SENT}
    parts = [HEAD]
    events = sorted(name for name in components if name.endswith("Event"))
    for name in sorted(components):
        parts.append(_declaration(name, components[name], name in sent))
    parts.append(f"export type Event = {' | '.join(events)};\n")
    return "\n".join(parts)


def _declaration(name: str, schema: dict[str, Any], sent: bool) -> str:
    lines = [f"/** {_summary(schema['description'])} */"] if schema.get("description") else []
    if schema.get("type") != "object" or "properties" not in schema:
        return "\n".join([*lines, f"export type {name} = {_type(schema)};\n"])
    required = set(schema.get("required", ()))
    lines.append(f"export interface {name} {{")
    for field, kind in schema["properties"].items():
        # The server writes every field, defaults too; only what the page sends may be left out.
        mark = "?" if sent and field not in required else ""
        lines.append(f"  readonly {field}{mark}: {_type(kind)};")
    return "\n".join([*lines, "}\n"])


def _summary(text: str) -> str:
    """The first paragraph of a docstring in one line."""
    return " ".join(text.strip().split("\n\n")[0].split()).replace("*/", "")


def _type(schema: dict[str, Any]) -> str:
    """One JSON Schema as a TypeScript type."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " | ".join(_type(option) for option in schema[union])
    if "enum" in schema:
        return " | ".join(_literal(value) for value in schema["enum"])
    if "const" in schema:
        return _literal(schema["const"])
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(_type({**schema, "type": one}) for one in kind)
    if kind == "array":
        if "prefixItems" in schema:
            return f"readonly [{', '.join(_type(item) for item in schema['prefixItems'])}]"
        item = _type(schema.get("items") or {})
        return f"readonly ({item})[]" if " " in item else f"readonly {item}[]"
    if kind == "object":
        values = schema.get("additionalProperties")
        inner = _type(values) if isinstance(values, dict) else "unknown"
        return f"Readonly<Record<string, {inner}>>"
    names = {"integer": "number", "number": "number", "string": "string", "boolean": "boolean"}
    return "null" if kind == "null" else names.get(str(kind), "unknown")


def _literal(value: object) -> str:
    return msgspec.json.encode(value).decode().replace('"', "'")


if __name__ == "__main__":
    sys.stdout.write(typescript())
