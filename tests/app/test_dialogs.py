"""Native dialogs and what they are asked for; the picture that the page paints, as a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from client import Client
from webview.util import parse_file_type

from sparseview.app.kinds import KINDS, FileKind, kind
from sparseview.app.server.serving import Server

PNG = b"\x89PNG\r\n\x1a\n rest"


class Window:
    """Answers as told, and remembers the questions."""

    def __init__(self, answer: str | None) -> None:
        self.answer = answer
        self.asked: list[tuple[str, ...]] = []
        self.toggled = 0

    def ask_open(self, kind: FileKind) -> str | None:
        self.asked.append((kind.name,))
        return self.answer

    def ask_save(self, folder: str, name: str, kind: FileKind) -> str | None:
        self.asked.append((folder, name, kind.name))
        return self.answer

    def toggle_full_screen(self) -> None:
        self.toggled += 1

    def close(self) -> None:
        pass


@pytest.fixture
def page(client: Client, network: Path) -> Client:
    client.post("/api/open", {"path": str(network)})
    return client


@pytest.mark.parametrize("one", KINDS, ids=lambda one: one.name)
def test_the_toolkit_understands_every_kind(one: FileKind) -> None:
    label, endings = parse_file_type(one.filters[0])
    assert (label, endings) == (one.label, ";".join(f"*{e}" for e in one.endings))
    assert kind(one.name) is one and one.holds(f"A{one.endings[-1].upper()}")
    assert one.suggestion.endswith(one.endings)


@pytest.mark.parametrize(
    ("name", "file"),
    [("model", "network.sparse.onnx"), ("recipe", "network.recipe.json"),
     ("masks", "network.masks.npz"), ("png", "network.png"), ("svg", "network.svg")],
)  # fmt: skip
def test_a_save_dialog_suggests_a_name_of_its_kind(
    page: Client, server: Server, network: Path, tmp_path: Path, name: str, file: str
) -> None:
    ending = kind(name).endings[0]
    window = Window(str(tmp_path / "typed"))
    server.desk.window = window
    answer = page.post("/api/save-dialog", {"kind": name}).json
    assert window.asked == [(str(network.parent), file, name)]
    assert answer == {"path": f"{tmp_path}/typed{ending}", "replace": True}
    # The user agreed to no replacement of what the name became.
    Path(answer["path"]).touch()
    assert page.post("/api/save-dialog", {"kind": name}).json["replace"] is False
    window.answer = answer["path"]
    assert page.post("/api/save-dialog", {"kind": name}).json["replace"] is True
    window.answer = None
    assert page.post("/api/save-dialog", {"kind": name}).json["path"] is None
    server.desk.window = None


def test_an_open_dialog_and_full_screen(page: Client, server: Server) -> None:
    window = Window("/r.json")
    server.desk.window = window
    assert page.post("/api/open-dialog", {"kind": "recipe"}).json["path"] == "/r.json"
    assert window.asked == [("recipe",)]
    assert page.post("/api/full-screen").status == 200 and window.toggled == 1
    server.desk.window = None
    assert page.post("/api/full-screen").json["code"] == "no-dialog"


def test_the_folder_list_goes_by_the_kind(page: Client, tmp_path: Path) -> None:
    for name in ("a.json", "b.ONNX", "c.npz", "d.txt"):
        (tmp_path / name).touch()

    def names(kind: str) -> list[str]:
        listed = page.get(f"/api/files?dir={tmp_path}&kind={kind}")["entries"]
        return [e["name"] for e in listed if not e["folder"]]

    assert names("recipe") == ["a.json", "b.ONNX", "network.onnx"]
    assert names("masks") == ["c.npz"]
    assert page.ask("GET", f"/api/files?dir={tmp_path}&kind=secrets").status == 400


def send(page: Client, path: Path, data: bytes, kind: str, overwrite: bool = False):
    where = f"/api/picture?path={path}{'&overwrite=1' if overwrite else ''}"
    return page.ask("POST", where, data, Content_Type=kind)


def test_a_picture_is_written_whole(page: Client, tmp_path: Path) -> None:
    target = tmp_path / "g.png"
    answer = send(page, target, PNG, "image/png")
    assert answer.json == {"path": str(target), "bytes": len(PNG)}
    assert target.read_bytes() == PNG
    assert send(page, target, PNG + b"2", "image/png").json["code"] == "exists"
    assert send(page, target, PNG + b"2", "image/png", overwrite=True).status == 200
    assert target.read_bytes() == PNG + b"2"
    large = b"<svg " + b"x" * (20 << 20)
    assert send(page, tmp_path / "g.svg", large, "image/svg+xml").json["bytes"] == len(large)


def test_only_pictures_are_written(page: Client, network: Path, tmp_path: Path) -> None:
    for data, type_ in ((b"#!/bin/sh", "image/png"), (PNG, "text/plain"), (PNG, "image/svg+xml")):
        assert send(page, tmp_path / "x", data, type_).json["code"] == "request"
    assert page.ask("POST", "/api/picture", PNG, Content_Type="image/png").status == 400
    assert not os.path.exists(tmp_path / "x")
    refused = send(page, network, PNG, "image/png", overwrite=True).json
    assert "is the open model" in refused["message"]
