"""Routes about files: dialogs, the folder list of the in-page dialog, saving."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec
from flask import Blueprint, Response, request

from sparseview.app.server.desk import Desk
from sparseview.app.server.replies import body, reply
from sparseview.errors import SparseviewError
from sparseview.model.save import SaveResult
from sparseview.progress import Progress
from sparseview.review.storing import Skipped, skipped_by


class ChosenPath(msgspec.Struct, frozen=True):
    """What a native dialog gave; null if it was cancelled."""

    path: str | None


class Entry(msgspec.Struct, frozen=True):
    """A folder, or an .onnx file of `bytes` bytes."""

    name: str
    path: str
    folder: bool
    bytes: int


class Listing(msgspec.Struct, frozen=True):
    """A folder's content: folders first, then models; parent null at the root."""

    dir: str
    parent: str | None
    entries: tuple[Entry, ...]


class SaveRequest(msgspec.Struct, frozen=True):
    """path null: over the file that the session stands for. overwrite: the user agreed.

    store null: every weight as it is stored. force: store sparse also what grows.
    """

    path: str | None = None
    overwrite: bool = False
    store: Literal["dense", "onnx-sparse"] | None = None
    force: bool = False


class Saved(msgspec.Struct, frozen=True):
    """What was written; bytes of the .onnx file. `sparse`: weights that are stored otherwise now,
    `left`: those that are not, and why."""

    path: str
    bytes: int
    sparse: int
    left: tuple[Skipped, ...]


def listing(folder: Path) -> Listing:
    """Folders and models of `folder`, hidden ones left out; SparseviewError if unreadable."""
    found: list[Entry] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    is_folder = entry.is_dir()
                    size = 0 if is_folder else entry.stat().st_size
                except OSError:
                    continue  # a broken link, or gone since
                if entry.name.startswith("."):
                    continue
                if is_folder or entry.name.lower().endswith(".onnx"):
                    found.append(Entry(entry.name, entry.path, is_folder, size))
    except OSError as error:
        raise SparseviewError(
            f"{folder} cannot be listed: {error.strerror}.", "Choose another folder.", "missing"
        ) from error
    found.sort(key=lambda e: (not e.folder, e.name.casefold()))
    parent = None if folder.parent == folder else str(folder.parent)
    return Listing(str(folder), parent, tuple(found))


def suggested(path: str) -> tuple[str, str]:
    """Folder and name for a copy: "m.onnx" -> "m.sparse.onnx"."""
    stem, extension = os.path.splitext(os.path.basename(path))
    return os.path.dirname(path), f"{stem.removesuffix('.sparse')}.sparse{extension}"


def routes(desk: Desk) -> Blueprint:
    """Open dialog, save dialog, folder list, save."""
    pages = Blueprint("files", __name__)

    @pages.post("/api/open-dialog")
    def open_dialog() -> Response:
        if desk.window is None:
            raise SparseviewError("There is no window to show a dialog.", "", "no-dialog")
        return reply(ChosenPath(desk.window.ask_open()))

    @pages.post("/api/save-dialog")
    def save_dialog() -> Response:
        if desk.window is None:
            raise SparseviewError("There is no window to show a dialog.", "", "no-dialog")
        folder, name = suggested(str(desk.session.path))
        return reply(ChosenPath(desk.window.ask_save(folder, name)))

    @pages.get("/api/files")
    def files() -> Response:
        asked = request.args.get("dir") or os.path.dirname(desk.open_path or "") or os.getcwd()
        return reply(listing(Path(os.path.abspath(os.path.expanduser(asked)))))

    @pages.post("/api/save")
    def save() -> Response:
        asked = body(SaveRequest)
        session = desk.session
        target = None if asked.path is None else os.path.abspath(os.path.expanduser(asked.path))
        done: list[SaveResult] = []

        def work(progress: Progress) -> None:
            saved = session.save(
                target, asked.overwrite, progress, store=asked.store, force=asked.force
            )
            done.append(saved)
            desk.saved(session)

        desk.run("Saving", work)
        stored = done[0].storing
        left = skipped_by(session.model, stored.left) if stored else ()
        count = len(stored.changes) if stored else 0
        return reply(Saved(str(done[0].path), done[0].bytes, count, left))

    return pages
