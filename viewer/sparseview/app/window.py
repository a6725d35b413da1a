"""Opens the app: in a native window where there can be one, else in a browser, else by its URL."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import threading
import webbrowser
from pathlib import Path
from typing import Literal

from sparseview.app.qt import Probe, has_screen, qt_environment
from sparseview.app.server.desk import Desk
from sparseview.app.server.serving import Server

Mode = Literal["window", "browser", "serve"]
PATIENCE = 5.0  # seconds; a page that shows the graph ends it earlier


def launch(path: Path | str | None, mode: Mode = "window", port: int | None = None) -> None:
    """Serve the page and show it until the user leaves.

    Parameters
    ----------
    path : model to open, None for the start page.
    mode : window, browser, or serve (prints the URL only).
    port : where to listen on 127.0.0.1; None takes a free port.

    Raises KeyboardInterrupt where Ctrl-C ended a window; ends calmly where it is the way to stop
    a server. Raises SparseviewError where the port is taken.
    """
    probe = Probe() if mode == "window" else None
    desk = Desk(patience=PATIENCE)
    with Server(desk, port or 0) as server:
        if path is not None:
            desk.open(os.fspath(path))
        if probe is not None:
            warm_up()
            trouble = probe.trouble()
            if trouble is None:
                from sparseview.app.native import show

                show(server)
                return
            print(f"sparseview: {trouble}", file=sys.stderr, flush=True)
        try:
            tell(server.url(), mode != "serve")
            wait()
        except KeyboardInterrupt:
            print(file=sys.stderr)


def warm_up() -> None:
    """Import Qt while the probe tries it: the window will need it, and its absence is no harm."""
    os.environ.update(qt_environment(os.environ))
    with contextlib.suppress(ImportError):
        for name in ("PySide6.QtWebEngineWidgets", "webview"):
            importlib.import_module(name)


def can_browse() -> bool:
    """Whether a graphical browser may be there; a text browser cannot show the page."""
    return (
        sys.platform != "linux"
        or bool(os.environ.get("BROWSER"))
        or has_screen({name: os.environ.get(name, "") for name in ("DISPLAY", "WAYLAND_DISPLAY")})
    )


def tell(url: str, browse: bool) -> None:
    """Open the browser if wanted and possible; print the address in any case."""
    opened = browse and can_browse() and webbrowser.open(url)
    what = "Opened in the browser" if opened else "Open this address in a browser"
    print(f"{what}; Ctrl-C ends it. {url}", flush=True)


def wait() -> None:
    """For ever, or until Ctrl-C raises KeyboardInterrupt."""
    forever = threading.Event()
    while True:
        # Not longer: a signal that comes just before the wait is only seen after it.
        forever.wait(0.5)
