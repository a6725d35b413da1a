"""What is said where there can be no window: one line, with what to install."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sparseview.app import qt

LIBRARIES = [line.split() for line in qt.LIBRARIES.read_text("ascii").splitlines()]


def test_missing_packages_are_named_with_the_command_in_one_line() -> None:
    said = qt.explain("", ["libegl1", "libxcb-cursor0"], debian=True)
    assert said.endswith("apt-get install -y libegl1 libxcb-cursor0")
    assert "\n" not in said
    assert said.count("sudo") == (os.geteuid() != 0)


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("ModuleNotFoundError: No module named 'PySide6'", "pip install PySide6"),
        ("qt.qpa.xcb: could not connect to display :9\n", "does not answer"),
        ("first\nlast words\n", "last words"),
        ("", "no reason"),
    ],
)
def test_other_troubles_are_one_line_too(said: str, word: str) -> None:
    line = qt.explain(said, [], debian=True)
    assert word in line
    assert "\n" not in line


def test_every_library_has_a_package() -> None:
    assert all(re.fullmatch(r"lib[\w.+-]+\.so(\.\d+)?", library) for library, _ in LIBRARIES)
    assert all(re.fullmatch(r"lib[a-z0-9.+-]+", package) for _, package in LIBRARIES)


def test_a_library_that_cannot_be_loaded_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("libc.so.6 libc6\nlibnothere.so.9 libnothere9\n")
    monkeypatch.setattr(qt, "LIBRARIES", listed)
    assert qt.missing_packages() == ["libnothere9"]


def test_root_runs_without_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert qt.qt_environment({})["QTWEBENGINE_DISABLE_SANDBOX"] == "1"
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "QTWEBENGINE_DISABLE_SANDBOX" not in qt.qt_environment({})


@pytest.fixture
def screenless(tmp_path: Path) -> dict[str, str]:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "BROWSER", "SPARSEVIEW_TOKEN")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return {**kept, "SPARSEVIEW_CONFIG": str(tmp_path), "PYTHONUNBUFFERED": "1"}


def start(environment: dict[str, str], *arguments: str) -> tuple[subprocess.Popen[str], str]:
    """Run sparseview and wait for its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sparseview", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+/launch\?t=\S+", line)
    assert found, line
    return process, found[0]


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    process.send_signal(2)
    _, said = process.communicate(timeout=60)
    return process.returncode, said


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux may lack a screen")
def test_without_a_screen_the_page_is_served(screenless: dict[str, str], network: Path) -> None:
    from client import Client, until

    process, url = start(screenless, str(network))
    try:
        client = Client(url)
        until(lambda: client.get("/api/state")["model"] is not None)
    finally:
        code, said = end(process)
    assert code == 0
    assert len(re.findall(r"^sparseview: .*screen.*$", said, re.MULTILINE)) == 1
    assert "Traceback" not in said


def test_serve_prints_its_address_and_keeps_the_given_secret(
    screenless: dict[str, str], network: Path
) -> None:
    process, url = start({**screenless, "SPARSEVIEW_TOKEN": "given"}, "--serve", str(network))
    code, said = end(process)
    assert url.endswith("/launch?t=given")
    assert (code, said.strip()) == (0, "")
