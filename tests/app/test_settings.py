"""The settings file: kept between launches, and never a reason to fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sparseview.app.settings import RECENT_LIMIT, Settings, SettingsFile, config_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


def test_settings_are_kept(path: Path) -> None:
    SettingsFile(path).change(Settings(theme="dark"))
    assert SettingsFile(path).settings == Settings(theme="dark")


@pytest.mark.parametrize("content", [b"", b"{", b'{"settings": 3}', b"\xff\xfe", b"[]"])
def test_a_corrupt_file_counts_as_empty_and_is_replaced(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    file = SettingsFile(path)
    assert file.settings == Settings()
    file.change(Settings(wheel="zoom"))
    assert json.loads(path.read_bytes())["settings"]["wheel"] == "zoom"


def test_unknown_settings_of_a_newer_version_do_no_harm(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"settings": {"theme": "dark", "font": "big"}, "recent": []}')
    assert SettingsFile(path).settings.theme == "dark"


def test_recent_files_are_newest_first_once_each_and_limited(path: Path, tmp_path: Path) -> None:
    file = SettingsFile(path)
    models = [tmp_path / f"{i}.onnx" for i in range(RECENT_LIMIT + 3)]
    for model in models:
        model.write_bytes(b"")
        file.remember(str(model), 0, None)
    file.remember(str(models[5]), 7, 0.25)
    recent = SettingsFile(path).recent
    assert len(recent) == RECENT_LIMIT
    assert (recent[0].path, recent[0].bytes, recent[0].sparsity) == (str(models[5]), 7, 0.25)
    assert len({entry.path for entry in recent}) == RECENT_LIMIT


def test_models_that_are_gone_are_not_offered(path: Path, tmp_path: Path) -> None:
    file = SettingsFile(path)
    file.remember(str(tmp_path / "gone.onnx"), 1, None)
    assert file.recent == ()


def test_a_folder_that_cannot_be_written_costs_only_the_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    file = SettingsFile(tmp_path / "file" / "settings.json")
    file.change(Settings(theme="light"))
    assert file.settings.theme == "light"


def test_writing_leaves_nothing_beside(path: Path) -> None:
    file = SettingsFile(path)
    file.change(Settings(theme="dark"))
    file.change(Settings(theme="light"))
    assert [entry.name for entry in path.parent.iterdir()] == ["settings.json"]


def test_the_place_follows_xdg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("SPARSEVIEW_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert config_file() == tmp_path / "sparseview" / "settings.json"


def test_where_there_is_no_home_settings_last_until_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As of a service whose user the system does not know."""

    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("SPARSEVIEW_CONFIG", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", nobody)
    assert config_file() is None
    file = SettingsFile()
    file.change(Settings(theme="light"))
    assert file.settings.theme == "light" and SettingsFile().settings == Settings()
