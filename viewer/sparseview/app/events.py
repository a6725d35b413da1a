"""What the server tells the page as it happens; `type` says which of these it is."""

from __future__ import annotations

import msgspec

from sparseview.app.facts import State
from sparseview.jobs import JobFacts
from sparseview.review.rows import WeightRow
from sparseview.review.summary import Summary


class StateEvent(msgspec.Struct, frozen=True, tag_field="type", tag="state"):
    """The first event of each stream, and one for each change of model, history or problem."""

    state: State


class MeasuredEvent(msgspec.Struct, frozen=True, tag_field="type", tag="measured"):
    """Measurements came in; at most one each 100 ms."""

    revision: int
    rows: tuple[WeightRow, ...]
    summary: Summary


class ChangedEvent(msgspec.Struct, frozen=True, tag_field="type", tag="changed"):
    """Weights were edited, undone, redone or saved; a `state` event follows."""

    revision: int
    weights: tuple[int, ...]
    rows: tuple[WeightRow, ...]
    summary: Summary


class JobEvent(msgspec.Struct, frozen=True, tag_field="type", tag="job"):
    """A job moved; at most one each 100 ms. Null once nothing runs."""

    job: JobFacts | None


class LabelsEvent(msgspec.Struct, frozen=True, tag_field="type", tag="labels"):
    """Shape inference has finished: /api/labels and /api/node know more now."""


class AskOpenEvent(msgspec.Struct, frozen=True, tag_field="type", tag="ask-open"):
    """A file was dropped while edits are unsaved: ask, then POST /api/open with `discard`."""

    path: str


class AskDataEvent(msgspec.Struct, frozen=True, tag_field="type", tag="ask-data"):
    """Data were dropped on the window: POST /api/data with this path."""

    path: str


class AskCloseEvent(msgspec.Struct, frozen=True, tag_field="type", tag="ask-close"):
    """The window is to close with unsaved edits: ask, then POST /api/close with `discard`."""


Event = (
    StateEvent
    | MeasuredEvent
    | ChangedEvent
    | JobEvent
    | LabelsEvent
    | AskOpenEvent
    | AskDataEvent
    | AskCloseEvent
)
