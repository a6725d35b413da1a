"""Starts the real app in an offscreen Qt window and drives its page through Playwright."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import builders
import onnx
import pytest
from client import until

from sparseview.app.qt import TRIAL, explain, missing_packages, qt_environment
from sparseview.app.server.page import STATIC

playwright_api = pytest.importorskip("playwright.sync_api")
SIZE = (1280, 800)
PATIENCE = 120.0  # seconds; Qt's first start on a busy machine
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# The app, and a thread that obeys stdin in what a page cannot do: a click on the window's own close
# button, reading its title, choosing a file in the system's dialog. No signals: Python's handlers
# wait until Qt's loop calls Python, which a window at rest never does.
START = """
import sys, threading, time
from sparseview.__main__ import main
def say(word, text):
    print(f"{word}: {text}", file=sys.stderr, flush=True)
def choose(path):
    from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit
    from sparseview.app.qt_dialog import in_window_thread
    found = []
    def look():
        for one in QApplication.topLevelWidgets():
            if isinstance(one, QFileDialog) and one.isVisible() and not found:
                found.append(one.nameFilters()[0])
                one.findChild(QLineEdit, "fileNameEdit").setText(path)
                one.accept()
    for _ in range(100):
        in_window_thread(look)
        time.sleep(0.1)
        if found:
            break
    say("chosen", found[0] if found else "no dialog")
def obey():
    for line in sys.stdin:
        import webview
        word, _, rest = line.strip().partition(" ")
        if word == "close":
            webview.windows[0].destroy()
        elif word == "choose":
            choose(rest)
        elif word == "full":
            say("full", webview.windows[0].native.isFullScreen())
        else:
            say("title", webview.windows[0].native.windowTitle())
threading.Thread(target=obey, daemon=True).start()
main()
"""


class App:
    """One running `sparseview`, with `page` to drive and `errors` that the page logged."""

    def __init__(self, playwright: Any, config: Path, arguments: tuple[str, ...]) -> None:
        port = free_port()
        environment = {
            **os.environ,
            **OFFSCREEN,
            "QTWEBENGINE_REMOTE_DEBUGGING": f"127.0.0.1:{port}",
            "SPARSEVIEW_CONFIG": str(config),
            "PYTHONIOENCODING": "utf-8",
        }
        environment.pop("DISPLAY", None)
        self.log = config / "stderr.txt"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", START, *arguments],
                env=environment,
                stdin=subprocess.PIPE,
                stderr=log,
            )
        with ExitStack() as failed:
            failed.callback(self.process.kill)
            # Attaching while the page is still being made can hang: first wait until it is there.
            until(lambda: self._shows_page(port), PATIENCE)
            self._browser = attach(playwright, f"http://127.0.0.1:{port}")
            self.page = self._served_page()
            failed.pop_all()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.set_default_timeout(60_000)

    def ready(self) -> Any:
        """The page once every node is laid out and painted."""
        self.page.wait_for_function("() => window.sparseview?.state === 'ready'")
        return self.page

    def analysed(self) -> Any:
        """The page once every weight is measured too."""
        self.ready().wait_for_function("() => window.sparseview.analysed")
        return self.page

    def ask(self, path: str, body: Any = None) -> Any:
        """[status, JSON] of a request that the page makes."""
        return self.page.evaluate(
            """async ([path, body]) => {
                const init = body === null ? {} : {method: 'POST', body: JSON.stringify(body),
                    headers: {'content-type': 'application/json'}}
                const answer = await fetch(path, init)
                return [answer.status, await answer.json()]
            }""",
            [path, body],
        )

    def click_close(self) -> None:
        """Click on the window's close button."""
        self._tell("close")

    def title(self) -> str:
        """What stands in the window's title bar."""
        return self._answer("title", "title")

    def choose(self, path: Path) -> str:
        """Choose a file in the dialog that is open, or about to; gives the kinds it offered."""
        return self._answer(f"choose {path}", "chosen")

    def fills_the_screen(self) -> bool:
        """Whether the window has the whole screen."""
        return self._answer("full", "full") == "True"

    def _answer(self, order: str, word: str) -> str:
        before = self._said(word)
        self._tell(order)
        found: list[str] = until(lambda: self._said(word)[len(before) :])
        return found[0]

    def _tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n".encode())
        self.process.stdin.flush()

    def _said(self, word: str) -> list[str]:
        lines = self.log.read_text("utf-8", "replace").splitlines()
        return [line.removeprefix(f"{word}: ") for line in lines if line.startswith(f"{word}: ")]

    def interrupt(self) -> int:
        """Press Ctrl-C; gives the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self._browser.close()

    def _shows_page(self, port: int) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"sparseview ended: {self.log.read_text('utf-8', 'replace')}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=30) as answer:
                targets = json.load(answer)
        except OSError:
            return False
        return any(is_served(target["url"]) for target in targets if target["type"] == "page")

    def _served_page(self) -> Any:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for context in self._browser.contexts:
                for page in context.pages:
                    if is_served(page.url):
                        page.wait_for_load_state()
                        return page
            time.sleep(0.05)
        raise AssertionError("the window never showed the page")


def is_served(url: str) -> bool:
    """Whether this is the app's page, and no longer its launch link."""
    return url.startswith("http://127.0.0.1:") and "/launch" not in url


def attach(playwright: Any, address: str) -> Any:
    """Connect to the window's Chromium; once in a while it does not answer the first time."""
    for timeout in (5_000, 15_000, 60_000):
        try:
            return playwright.chromium.connect_over_cdp(address, no_defaults=True, timeout=timeout)
        except playwright_api.TimeoutError:
            if timeout == 60_000:
                raise
    return None


def launched(playwright: Any, config: Path, arguments: tuple[str, ...]) -> App:
    """A running app; started anew where the driver could not attach.

    On a busy machine attaching hangs now and then, and takes the window's process with it. Without
    a driver the window starts every time, so this is the driver's fault and no finding.
    """
    for left in (2, 1, 0):
        try:
            return App(playwright, config, arguments)
        except playwright_api.Error:
            if left == 0:
                raise
    raise AssertionError("unreachable")


@pytest.fixture(scope="session")
def qt() -> None:
    """Skips where the page is not built or Qt cannot start."""
    if not (STATIC / "index.html").exists():
        pytest.skip("the page is not built; run: sh viewer/setup.sh")
    if sys.platform != "linux":
        pytest.skip("the window's tests drive Qt, which is Linux only")
    trial = subprocess.run(
        [sys.executable, "-c", TRIAL],
        env={**qt_environment(os.environ, quiet=False), **OFFSCREEN},
        capture_output=True,
        text=True,
        timeout=240,
    )
    if trial.returncode:
        pytest.skip(explain(trial.stderr, missing_packages(), True))


@pytest.fixture(scope="session")
def playwright() -> Iterator[Any]:
    with playwright_api.sync_playwright() as started:
        yield started


@pytest.fixture
def launch(qt: None, playwright: Any, tmp_path: Path) -> Iterator[Callable[..., App]]:
    """`launch(model)` starts the app; it is ended after the test."""
    started: list[App] = []

    def start(*arguments: object) -> App:
        config = tmp_path / "config"
        config.mkdir(exist_ok=True)
        app = launched(playwright, config, tuple(map(str, arguments)))
        started.append(app)
        return app

    yield start
    for app in started:
        app.close()


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A model with two Convs and a Gemm; conv1 claims a sparsity that it has not."""
    path = tmp_path / "network.onnx"
    onnx.save(builders.network(declared={"conv1": (0.5, "2:4")}), path)
    return path
