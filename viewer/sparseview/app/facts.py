"""What the page is told about the application: the open model, its history, jobs and problems."""

from __future__ import annotations

from typing import Literal

import msgspec

from sparseview.app.settings import Recent, Settings
from sparseview.jobs import JobFacts
from sparseview.review.history import History


class Problem(msgspec.Struct, frozen=True):
    """Something that went wrong or deserves notice: one sentence, what to do, a word for code."""

    message: str
    hint: str = ""
    code: str = "error"


class GraphFacts(msgspec.Struct, frozen=True):
    """A graph of the model. kind: main, subgraph, function. parent: node that holds a subgraph.

    holder : that node as people find it, by its name, or by its operator and number; "" without.
    """

    path: str
    kind: str
    name: str
    nodes: int
    parent: int | None
    holder: str


class ValueFacts(msgspec.Struct, frozen=True):
    """An input or output of the model. shape: "1×3×224×224", "?" where unknown, "" without one."""

    name: str
    dtype: str
    shape: str


class ModelFacts(msgspec.Struct, frozen=True):
    """The open model. bytes: the .onnx file; external_bytes: its data files.

    serial : counts openings, so that the same file opened again is told apart.
    protected : layers that the file says no prune is to change.
    """

    serial: int
    name: str
    path: str
    folder: str
    bytes: int
    external_bytes: int
    ir_version: int
    opsets: dict[str, int]
    producer: str
    doc: str
    nodes: int
    graphs: tuple[GraphFacts, ...]
    notices: tuple[Problem, ...]
    metadata: tuple[tuple[str, str], ...]
    inputs: tuple[ValueFacts, ...]
    outputs: tuple[ValueFacts, ...]
    saveable: bool
    protected: int


class FedInput(msgspec.Struct, frozen=True):
    """One input of the model: what it wants, and what a sample of the data gives it."""

    name: str
    wants: str
    gives: str


class Pictures(msgspec.Struct, frozen=True):
    """How pictures become an input, as `ImagePreparation`: resized and cut, channels ordered, then
    (value * scale - mean) / std for each channel, and laid out."""

    height: int
    width: int
    layout: Literal["NCHW", "NHWC"]
    order: Literal["RGB", "BGR", "L"]
    scale: float
    mean: tuple[float, ...]
    std: tuple[float, ...]
    fit: Literal["crop", "stretch"]


class DataFacts(msgspec.Struct, frozen=True):
    """The data in use. samples = calibration + held_out; no sample is in both.

    source : where they come from, in words; path : as it was given.  synthetic : made up, not data.
    classes : how many different labels the samples carry; None: no labels.
    notes : what was done to make the data fit.  fixed : the batch that the model insists on.
    pictures : how they were prepared; None: they are no pictures.
    tokenizer : the file that made tokens of text.  provider : what runs the model, as "CUDA".
    """

    path: str
    source: str
    synthetic: bool
    samples: int
    calibration: int
    held_out: int
    classes: int | None
    notes: tuple[str, ...]
    inputs: tuple[FedInput, ...]
    fixed: int | None
    pictures: Pictures | None
    tokenizer: str | None
    provider: str


class State(msgspec.Struct, frozen=True):
    """All that the page needs to draw its frame."""

    revision: int
    version: str
    native_dialogs: bool
    demo: bool
    settings: Settings
    recent: tuple[Recent, ...]
    model: ModelFacts | None
    problem: Problem | None
    history: History
    job: JobFacts | None
    data: DataFacts | None
