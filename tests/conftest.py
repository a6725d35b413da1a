"""What holds for every test: Ctrl-C can be tried, the user's own settings are left alone."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

# Started in the background of a script, we inherit an ignored SIGINT, and so would the programs
# that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty settings folder for each test; and none is helped by what another one measured."""
    folder = tmp_path_factory.mktemp("settings")
    monkeypatch.setenv("SPARSEVIEW_CONFIG", str(folder))
    monkeypatch.setenv("SPARSEVIEW_CACHE", "off")
    return folder
