"""Routes about files: dialogs, the folder list of the in-page dialog, saving."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec
from flask import Blueprint, Response, request

from sparseview.app.kinds import FileKind, KindName, kind
from sparseview.app.server.desk import Desk, NativeWindow
from sparseview.app.server.replies import absolute, body, reply
from sparseview.errors import SparseviewError
from sparseview.model.save import SaveResult
from sparseview.progress import Progress
from sparseview.review.storing import Skipped, skipped_by


class DialogRequest(msgspec.Struct, frozen=True):
    """Which kind of file a dialog is to ask for."""

    kind: KindName = "model"


class ChosenPath(msgspec.Struct, frozen=True):
    """What a native dialog gave; null if it was cancelled.

    replace : of a save dialog: the user agreed to replace what is there, or nothing is.
    """

    path: str | None
    replace: bool = False


class Entry(msgspec.Struct, frozen=True):
    """A folder, or a file of the kind that is asked for, of `bytes` bytes."""

    name: str
    path: str
    folder: bool
    bytes: int


class Listing(msgspec.Struct, frozen=True):
    """A folder's content: folders first, then files; parent null at the root."""

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
    `left`: those that are not, and why. `unreferenced`: names of data files that the model at
    `path` used before and does not any more; they stay."""

    path: str
    bytes: int
    sparse: int
    left: tuple[Skipped, ...]
    unreferenced: tuple[str, ...] = ()


def listing(folder: Path, kind: FileKind) -> Listing:
    """Folders and files of a kind in `folder`, hidden ones left out; SparseviewError if it cannot
    be read."""
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
                if is_folder or kind.holds(entry.name):
                    found.append(Entry(entry.name, entry.path, is_folder, size))
    except OSError as error:
        raise SparseviewError(
            f"{folder} cannot be listed: {error.strerror}.", "Choose another folder.", "missing"
        ) from error
    found.sort(key=lambda e: (not e.folder, e.name.casefold()))
    parent = None if folder.parent == folder else str(folder.parent)
    return Listing(str(folder), parent, tuple(found))


def routes(desk: Desk) -> Blueprint:
    """Open dialog, save dialog, full screen, folder list, save."""
    pages = Blueprint("files", __name__)

    def window() -> NativeWindow:
        if desk.window is None:
            raise SparseviewError("There is no window to show a dialog.", "", "no-dialog")
        return desk.window

    @pages.post("/api/open-dialog")
    def open_dialog() -> Response:
        return reply(ChosenPath(window().ask_open(kind(body(DialogRequest).kind))))

    @pages.post("/api/save-dialog")
    def save_dialog() -> Response:
        wanted = kind(body(DialogRequest).kind)
        folder, name = wanted.suggested(str(desk.session.path))
        chosen = window().ask_save(folder, name, wanted)
        if chosen is None:
            return reply(ChosenPath(None))
        path = wanted.ended(chosen)
        # The dialog has asked about the name as it was typed.
        return reply(ChosenPath(path, path == chosen or not os.path.exists(path)))

    @pages.post("/api/full-screen")
    def full_screen() -> Response:
        window().toggle_full_screen()
        return reply({})

    @pages.get("/api/files")
    def files() -> Response:
        asked = request.args.get("dir") or os.path.dirname(desk.open_path or "") or os.getcwd()
        wanted = kind(request.args.get("kind", "model"))
        return reply(listing(absolute(asked), wanted))

    @pages.post("/api/save")
    def save() -> Response:
        asked = body(SaveRequest)
        session = desk.session
        target = None if asked.path is None else absolute(asked.path)
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
        unused = tuple(path.name for path in done[0].unreferenced)
        return reply(Saved(str(done[0].path), done[0].bytes, count, left, unused))

    return pages
