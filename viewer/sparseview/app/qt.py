"""Finds out whether Qt can show a window here, and says in one line what is missing.

Without a screen, or without one of its system libraries, Qt ends the process with SIGABRT, which
Python cannot catch. So a child process tries it first, while the model is being opened.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

LIBRARIES = Path(__file__).with_name("qt_libraries.txt")
PATIENCE = 30.0  # seconds; a cold start from a slow disk takes a few
TRIAL = (
    "from PySide6.QtWebEngineWidgets import QWebEngineView\n"
    "from PySide6.QtWidgets import QApplication\n"
    "QApplication([])\n"
)


class Probe:
    """Starts the trial at once; `trouble` waits for its end. Only Linux needs one."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        if sys.platform == "linux" and has_screen(os.environ):
            self._child = subprocess.Popen(
                [sys.executable, "-c", TRIAL],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=qt_environment(os.environ, quiet=False),
            )

    def trouble(self) -> str | None:
        """Why there can be no window and how to get one, in one line; None if there can."""
        if sys.platform != "linux":
            return None
        if self._child is None:
            return "there is no screen here (DISPLAY is not set); try `xvfb-run -a sparseview …`."
        try:
            _, said = self._child.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self._child.kill()
            return f"Qt did not start within {PATIENCE:.0f} seconds."
        if self._child.returncode == 0:
            return None
        return explain(said.decode("utf-8", "replace"), missing_packages(), bool(apt_get()))


def has_screen(environment: Mapping[str, str]) -> bool:
    """Whether the environment names a display, or a Qt platform that needs none."""
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def qt_environment(environment: Mapping[str, str], quiet: bool = True) -> dict[str, str]:
    """What Qt's processes need: Chromium's sandbox refuses to run as root.

    quiet : keep Qt and Chromium from talking about graphics drivers; SPARSEVIEW_DEBUG lets them.
    """
    changed = dict(environment)
    changed["QT_API"] = "pyside6"
    if quiet and not environment.get("SPARSEVIEW_DEBUG"):
        changed.setdefault("QT_LOGGING_RULES", "*.info=false;*.warning=false;*.critical=false")
        changed.setdefault("QTWEBENGINE_CHROMIUM_FLAGS", "--log-level=3")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        changed.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")
    return changed


def apt_get() -> str | None:
    return shutil.which("apt-get")


def missing_packages() -> list[str]:
    """Debian packages of those libraries that cannot be loaded here."""
    missing = []
    for line in LIBRARIES.read_text("ascii").splitlines():
        library, package = line.split()
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


def explain(said: str, packages: list[str], debian: bool) -> str:
    """One line from what the trial wrote and from the packages that are missing."""
    if packages and debian:
        sudo = "" if hasattr(os, "geteuid") and os.geteuid() == 0 else "sudo "
        return (
            "the window needs system libraries; install them with: "
            f"{sudo}apt-get install -y {' '.join(packages)}"
        )
    if packages:
        return f"the window needs system libraries (Debian's names): {' '.join(packages)}"
    if "No module named" in said:
        return "the window needs PySide6; install it with: pip install PySide6"
    if "could not connect to display" in said:
        return f"the screen {os.environ.get('DISPLAY', '')} does not answer."
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return f"Qt cannot start here: {lines[-1] if lines else 'it gave no reason.'}"
