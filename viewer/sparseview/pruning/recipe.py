"""Recipes: edits as data, written down by one session and done again by another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.kept import Zeroed
from sparseview.pruning.plan import Plan
from sparseview.pruning.request import PARAMS, PruneRequest

SCHEMA = "sparseview.recipe/1"
# What a request says besides its weights; left out of a step where it is the default.
FIELDS = (
    "method", "format", "sparsity", "percentile", "threshold", "scope", "budget", "levels",
    "keep_ends", "max_drift", "min_cosine", *PARAMS,
)  # fmt: skip
ALWAYS = ("method", "format", "scope")


class Source(msgspec.Struct, frozen=True):
    """The .onnx file that a recipe belongs to; external data apart."""

    name: str
    sha256: str
    bytes: int | None = None


class Recipe(msgspec.Struct, frozen=True):
    """What was done to a source, step by step.

    protected : places of weights never to be pruned.  steps : JSON-ready, in their order.
    """

    source: Source
    steps: tuple[dict[str, Any], ...]
    tool: str = ""
    protected: tuple[str, ...] = ()
    schema: str = SCHEMA


def places(model: Model) -> dict[int, str]:
    """Where each weight is used: `<graph path>/<node index>/<input>`; of several parts joined at
    one input all but the first have `/<number>` too."""
    found = {}
    for weight in model.weights:
        node = model.nodes[weight.node]
        place = f"{model.graphs[node.graph].path}/{node.index}/{weight.input}"
        found[weight.id] = f"{place}/{weight.part}" if weight.part else place
    return found


def step(
    model: Model,
    request: PruneRequest,
    made: Plan,
    left: Iterable[int],
    data: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A prune as a step: the wish as it was given, and what it came to.

    left : ids of the weights that were protected.  data : what it went by, if it did. Sums of
    many products depend on the machine in their last bits: the result of such a step is not told.
    """
    where = places(model)
    plain = PruneRequest(weights=())

    def layer(weight_id: int) -> str:
        return model.nodes[model.weights[weight_id].node].layer

    wish = {
        name: value
        for name in FIELDS
        if (value := getattr(request, name)) != getattr(plain, name) or name in ALWAYS
    }
    done = [row for row in made.rows if row.skipped is None]
    stayed = [row for row in made.rows if row.skipped is not None]
    return {
        "action": "prune",
        **wish,
        "weights": [where[row.weight] for row in done],
        "layers": list(dict.fromkeys(layer(row.weight) for row in done)),
        "skipped": [
            {"weight": where[row.weight], "layer": layer(row.weight), "reason": row.skipped}
            for row in stayed
        ],
        "asked": [where[i] for i in dict.fromkeys(request.weights)] if stayed else None,
        "protected": [where[i] for i in sorted(left)],
        **({"result": digest(made)} if data is None else {"data": dict(data)}),
    }


def digest(made: Plan) -> str:
    """SHA-256 over the places of the zeros that a plan makes: equal plans, equal results."""
    found = hashlib.sha256()
    for key in sorted(made.changes.entries):
        entry = made.changes.entries[key]
        data = entry.packed() if isinstance(entry, Zeroed) else np.asarray(made.changes[key])
        found.update(f"{key}\n".encode())
        found.update(np.ascontiguousarray(data).reshape(-1).view(np.uint8).data)
    return found.hexdigest()


def request_of(model: Model, data: Mapping[str, Any]) -> tuple[PruneRequest, tuple[int, ...]]:
    """(the request of a step, the weights that it protects); SparseviewError where it is none."""
    if data.get("action") != "prune":
        raise _unreadable(f"a step of the kind {data.get('action')!r}")
    known = {place: weight for weight, place in places(model).items()}
    skipped = data.get("skipped") or ()
    asked = data.get("asked") or data.get("order")  # earlier recipes called it so
    wanted = (
        asked
        if isinstance(asked, list)
        else [*data.get("weights", ()), *(s.get("weight") for s in skipped)]
    )
    try:
        weights = tuple(_found(known, place) for place in wanted if place is not None)
        left = tuple(_found(known, place) for place in data.get("protected") or ())
        wish = {name: data[name] for name in FIELDS if data.get(name) is not None}
        if isinstance(wish.get("order"), list):
            del wish["order"]
        return msgspec.convert({**wish, "weights": weights}, PruneRequest), left
    except (msgspec.ValidationError, TypeError) as error:
        raise _unreadable(str(error)) from error


def _found(known: Mapping[str, int], place: str) -> int:
    if place not in known:
        raise SparseviewError(
            f"The recipe prunes {place}, and this model has no weight there.",
            "A recipe fits models of one structure.",
            "recipe",
        )
    return known[place]


def read(data: bytes | str) -> Recipe:
    """A recipe from JSON: a file of ours, or the list of steps in a model's metadata."""
    try:
        found = json.loads(data)
    except ValueError as error:
        raise _unreadable(f"no JSON ({error})") from error
    return from_steps(found) if isinstance(found, list) else _checked(found)


def from_steps(steps: Sequence[Any]) -> Recipe:
    """The recipe that a saved model carries: every step names its source; the first one counts."""
    sources = [s.get("source") for s in steps if isinstance(s, dict)]
    if not steps or len(sources) != len(steps) or not isinstance(sources[0], dict):
        raise _unreadable("no steps that name their source")
    return _checked({"schema": SCHEMA, "source": sources[0], "steps": list(steps)})


def _checked(data: Any) -> Recipe:
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise _unreadable(f"not of the schema {SCHEMA}")
    try:
        return msgspec.convert(data, Recipe)
    except msgspec.ValidationError as error:
        raise _unreadable(str(error)) from error


def _unreadable(why: str) -> SparseviewError:
    return SparseviewError(
        f"This is no recipe that can be replayed: {why}.",
        "sparseview prune --save-recipe writes one.",
        "recipe",
    )
