"""The native window: pywebview around the served page."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import webview
from webview.dom import DOMEventHandler

from sparseview.app.events import AskCloseEvent
from sparseview.app.kinds import FileKind
from sparseview.app.qt import qt_environment
from sparseview.app.server.desk import Desk
from sparseview.app.server.serving import Server
from sparseview.errors import SparseviewError

ON_QT = sys.platform == "linux"
ICON = Path(__file__).resolve().parents[1] / "static" / "assets" / "icon.png"
# A second wish to close within this time means that the page did not ask: then we do.
IMPATIENCE = 3.0  # seconds
PARTING = 2.0  # seconds that threads get to hear that the page is gone


class NativePage:
    """The window's side of a Desk: dialogs, title, dropped files, closing."""

    def __init__(self, desk: Desk, url: str) -> None:
        self._desk = desk
        self._leaving = False
        self._shown = False
        self._asked = -IMPATIENCE
        dark = desk.state().settings.theme == "dark"
        window = webview.create_window(
            "Sparseview",
            url,
            width=1280,
            height=800,
            min_size=(720, 480),
            text_select=True,
            background_color="#16181c" if dark else "#ffffff",
        )
        if window is None:
            raise SparseviewError("The window could not be made.", "Use --browser.", "window")
        self._window = window
        events = window.events
        events.before_show += self._prepare
        events.shown += self._greet
        events.loaded += self._accept_files
        events.closing += self._may_close
        desk.watch(self._retitle)

    def ask_open(self, kind: FileKind) -> str | None:
        folder = os.path.dirname(self._desk.open_path or "")
        return _first(
            self._window.create_file_dialog(
                webview.FileDialog.OPEN, directory=folder, file_types=kind.filters
            )
        )

    def ask_folder(self) -> str | None:
        folder = os.path.dirname(self._desk.open_path or "")
        return _first(self._window.create_file_dialog(webview.FileDialog.FOLDER, directory=folder))

    def ask_save(self, folder: str, name: str, kind: FileKind) -> str | None:
        if ON_QT:
            from sparseview.app.qt_dialog import ask_save

            return ask_save(self._window.native, os.path.join(folder, name), kind.filters)
        return _first(
            self._window.create_file_dialog(
                webview.FileDialog.SAVE,
                directory=folder,
                save_filename=name,
                file_types=kind.filters,
            )
        )

    def toggle_full_screen(self) -> None:
        self._window.toggle_fullscreen()

    @property
    def view(self) -> Any:
        """The toolkit's own window."""
        return self._window.native

    def close(self) -> None:
        self._leaving = True
        self._window.destroy()

    def _prepare(self) -> None:
        # Qt leaves navigator.clipboard pending for ever unless this is set.
        view = getattr(self._window.native, "webview", None)
        if sys.platform == "linux" and view is not None:
            from PySide6.QtWebEngineCore import QWebEngineSettings

            clipboard = QWebEngineSettings.WebAttribute.JavascriptCanAccessClipboard
            view.settings().setAttribute(clipboard, True)

    def _greet(self) -> None:
        self._shown = True
        self._retitle()

    def _retitle(self) -> None:
        # Before the window is shown, pywebview would block this thread until it is.
        if not self._shown:
            return
        path = self._desk.open_path
        name = "Sparseview" if path is None else f"{os.path.basename(path)} – Sparseview"
        self._window.set_title(f"• {name}" if self._desk.dirty else name)

    def _accept_files(self) -> None:
        def ignore(event: dict[str, Any]) -> None:
            """Only its prevent_default matters: without it the page would leave for the file."""

        def drop(event: dict[str, Any]) -> None:
            files = event.get("dataTransfer", {}).get("files", [])
            paths = [file.get("pywebviewFullPath") for file in files]
            if paths and paths[0]:
                self._desk.offer(paths[0])

        try:
            events: Any = self._window.dom.document.events
        except TypeError:  # pywebview's, where the window closes while it asks the page
            if self._window.events.closing.is_set():
                return
            raise
        events.dragenter += DOMEventHandler(ignore, True, True)
        events.dragover += DOMEventHandler(ignore, True, True, debounce=500)
        events.drop += DOMEventHandler(drop, True, True)

    def _may_close(self) -> bool:
        """False keeps the window. Nothing here may run script in the page: it would deadlock."""
        if self._leaving or not self._desk.dirty:
            return True
        now = time.monotonic()
        impatient = now - self._asked < IMPATIENCE
        self._asked = now
        if self._desk.broadcast.pages and not impatient:
            self._desk.broadcast.send(AskCloseEvent())
            return False
        return bool(
            self._window.create_confirmation_dialog(
                "Sparseview", "Close without saving? The edits will be lost."
            )
        )


def show(server: Server) -> None:
    """Show the window until it is closed; KeyboardInterrupt where Ctrl-C ended it."""
    os.environ.update(qt_environment(os.environ))
    desk = server.desk
    page = NativePage(desk, server.url())
    desk.window = page
    with Interrupt(page) as interrupt:
        webview.start(
            gui="qt" if sys.platform == "linux" else None,
            icon=str(ICON) if ICON.exists() else None,
        )
    desk.window = None
    let_go(getattr(page.view, "_js_results", {}))
    if interrupt.heard:
        raise KeyboardInterrupt


class Interrupt:
    """Hears Ctrl-C at once although Qt's loop keeps Python's own handlers from running.

    The C-level handler writes to a socket; a thread reads it and closes the window.
    """

    def __init__(self, page: NativePage) -> None:
        self._page = page
        self.heard = False

    def __enter__(self) -> Interrupt:
        self._read, self._write = socket.socketpair()
        self._write.setblocking(False)
        self._handler = signal.signal(signal.SIGINT, _no_traceback)
        self._old = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        threading.Thread(target=self._listen, name="ctrl-c", daemon=True).start()
        return self

    def _listen(self) -> None:
        while numbers := self._read.recv(16):
            if signal.SIGINT in numbers:
                self.heard = True
                self._page.close()

    def __exit__(self, *error: object) -> None:
        signal.set_wakeup_fd(self._old)
        signal.signal(signal.SIGINT, self._handler)
        self._write.close()


def let_go(pending: Mapping[str, Any]) -> None:
    """Free the threads in which pywebview waits for a page that is gone.

    They wait without end and are no daemons: with one left, the process would never end.

    Parameters
    ----------
    pending : pywebview's open questions to the page, each with the semaphore of its thread.
    """
    end = time.monotonic() + PARTING
    while time.monotonic() < end and any(map(_holds_the_process, threading.enumerate())):
        for waiting in list(pending.values()):
            waiting["semaphore"].release()
        time.sleep(0.01)  # a thread may be about to ask


def _holds_the_process(thread: threading.Thread) -> bool:
    return not thread.daemon and thread is not threading.main_thread()


def _no_traceback(number: int, frame: FrameType | None) -> None:
    """The socket has told it already."""


def _first(chosen: Any) -> str | None:
    """pywebview answers with a tuple, a string or None."""
    if not chosen:
        return None
    return str(chosen if isinstance(chosen, str) else chosen[0])
