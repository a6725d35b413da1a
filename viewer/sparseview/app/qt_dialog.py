"""The system's save dialog with file types: pywebview's own on Qt shows every file."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog


class _Caller(QObject):
    """Lives in the thread of the windows and does there what others ask for."""

    called = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        app = QCoreApplication.instance()
        assert app is not None  # the window is there
        self.moveToThread(app.thread())
        self.called.connect(self.run)

    @Slot(object)
    def run(self, work: Callable[[], None]) -> None:
        work()


@cache
def _caller() -> _Caller:
    """The one that serves all: it lives as long as the windows do."""
    return _Caller()


def in_window_thread(work: Callable[[], None]) -> None:
    """Have work done in the thread of the windows; does not wait for it."""
    _caller().called.emit(work)


def ask_save(parent: Any, suggestion: str, filters: tuple[str, ...]) -> str | None:
    """Ask for a new file's path, beginning at a suggestion; None if it was cancelled.

    Asks itself whether an existing file may be replaced. Not from the thread of the windows.
    """
    answer: list[str] = []
    done = threading.Event()

    def ask() -> None:
        try:
            chosen, _ = QFileDialog.getSaveFileName(
                parent, "", suggestion, ";;".join(f.replace(";", " ") for f in filters)
            )
            answer.append(chosen)
        finally:
            done.set()

    in_window_thread(ask)
    done.wait()
    return answer[0] or None if answer else None
