"""The user's folders on each platform, and files that are there whole or as they were."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import pytest

from sparseview.userfiles import folder, put


@pytest.mark.parametrize(
    ("platform", "kind", "variable", "below"),
    [
        ("linux", "config", "XDG_CONFIG_HOME", ".config"),
        ("freebsd14", "cache", "XDG_CACHE_HOME", ".cache"),
        ("win32", "config", "APPDATA", "AppData/Roaming"),
        ("win32", "cache", "LOCALAPPDATA", "AppData/Local"),
        ("darwin", "config", None, "Library/Application Support"),
        ("darwin", "cache", None, "Library/Caches"),
    ],
)
def test_each_platform_has_its_places(
    platform: str,
    kind: Literal["config", "cache"],
    variable: str | None,
    below: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    if variable is not None:
        assert folder(kind) == tmp_path / variable / "sparseview"
        monkeypatch.setenv(variable, "")
    assert folder(kind) == tmp_path / below / "sparseview"

    def nobody() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", nobody)
    assert folder(kind) is None


def test_a_file_is_put_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "deep" / "down" / "some.json"
    assert put(place, b"one") and put(place, b"two") and place.read_bytes() == b"two"

    def full(one: str, other: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert not put(place, b"three") and place.read_bytes() == b"two"
    assert [each.name for each in place.parent.iterdir()] == ["some.json"]
    assert not put(place / "below" / "a.json", b"four")
