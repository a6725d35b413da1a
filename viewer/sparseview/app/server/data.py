"""Routes about data: which samples the open model is pruned and judged by."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response

from sparseview.app.facts import DataFacts, Pictures
from sparseview.app.kinds import kind
from sparseview.app.server.desk import Desk
from sparseview.app.server.files import ChosenPath
from sparseview.app.server.replies import absolute, body, reply
from sparseview.errors import SparseviewError
from sparseview.progress import Progress


class WantedInput(msgspec.Struct, frozen=True):
    """An input that samples must have: "float32 [N, 3, 32, 32]"."""

    name: str
    wants: str


class DataState(msgspec.Struct, frozen=True):
    """The data in use, null: none; what the model wants; the kinds of data that are read.

    providers : of ONNX Runtime, that can run the model here, the CPU last.
    """

    data: DataFacts | None
    wants: tuple[WantedInput, ...]
    kinds: tuple[str, ...]
    providers: tuple[str, ...]


class DataRequest(msgspec.Struct, frozen=True):
    """path: a file, a folder, or `synthetic:N`; null: no data any more.

    calibration : the number of samples to calibrate on; null: four fifths of them.
    pictures : how pictures are prepared, where the guess is wrong.
    tokenizer : path of a tokenizer.json for text, where none lies beside it.
    provider : one of those that can run the model; null: the CPU.
    """

    path: str | None
    calibration: int | None = None
    pictures: Pictures | None = None
    tokenizer: str | None = None
    provider: str | None = None


class DataDialogRequest(msgspec.Struct, frozen=True):
    """folder: ask for a folder, not for a file."""

    folder: bool = False


def routes(desk: Desk) -> Blueprint:
    """The data in use: asked for, chosen, let go."""
    pages = Blueprint("data", __name__)

    def told() -> Response:
        # ONNX Runtime comes with them: nothing that a page without data needs.
        from sparseview.app.server.feeding import wanted
        from sparseview.runtime.data import READERS
        from sparseview.runtime.onnx_runtime import providers, short_name
        from sparseview.runtime.signature import inputs

        wants = tuple(WantedInput(e.name, wanted(e)) for e in inputs(desk.session.model))
        kinds = tuple(reader.label for reader in READERS)
        here = tuple(map(short_name, providers()))
        return reply(DataState(desk.state().data, wants, kinds, here))

    @pages.get("/api/data")
    def data() -> Response:
        return told()

    @pages.post("/api/data")
    def use() -> Response:
        asked = body(DataRequest)
        session = desk.session
        if asked.path is None:
            session.use_data(None)
            desk.fed(session, None)
            return told()
        wanted = asked.path

        def work(progress: Progress) -> None:
            from sparseview.app.server.feeding import data_facts, options
            from sparseview.pruning.evidence import CALIBRATION, load
            from sparseview.runtime.data.synthetic import SYNTHETIC

            path = wanted if SYNTHETIC.accepts(wanted) else str(absolute(wanted))
            how = options(asked.pictures, asked.tokenizer)
            part = asked.calibration or CALIBRATION
            found = load(session.model, path, asked.provider, progress, part, how)
            facts = data_facts(session.model, found)
            progress.check()
            session.use_data(found)
            desk.fed(session, facts)

        desk.run("Reading data", work)
        return told()

    @pages.post("/api/data-dialog")
    def dialog() -> Response:
        window = desk.window
        if window is None:
            raise SparseviewError("There is no window to show a dialog.", "", "no-dialog")
        asked = body(DataDialogRequest)
        chosen = window.ask_folder() if asked.folder else window.ask_open(kind("data"))
        return reply(ChosenPath(chosen))

    return pages
