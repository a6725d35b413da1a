"""Routes through the real server: opening, weights, nodes, pruning, saving, bad requests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import builders
import numpy as np
import onnx
import pytest
from client import Client, until
from onnx import numpy_helper

from sparseview.app.server import edit
from sparseview.app.server import graph as graph_routes
from sparseview.app.server.serving import Server


def opened(client: Client, path: Path) -> Any:
    """The state after opening, once everything is measured."""
    answer = client.post("/api/open", {"path": str(path)})
    assert answer.status == 200, answer.body
    until(lambda: client.get("/api/weights")["summary"]["sparsity"] is not None)
    return answer.json


def test_the_start_page_has_no_model(client: Client) -> None:
    state = client.get("/api/state")
    assert state["model"] is None
    assert state["history"] == {"edits": [], "position": 0, "saved": 0}
    assert client.ask("GET", "/api/weights").status == 409
    assert client.ask("GET", "/api/graph").json["code"] == "no-model"


def test_opening_tells_what_the_file_says(client: Client, network: Path) -> None:
    model = opened(client, network)["model"]
    assert model["name"] == "network.onnx"
    assert model["bytes"] == network.stat().st_size
    assert model["nodes"] == 5
    assert [g["path"] for g in model["graphs"]] == ["main"]
    assert model["inputs"] == [{"name": "x", "dtype": "float32", "shape": "N×8×8×8"}]
    assert model["outputs"] == [{"name": "y", "dtype": "float32", "shape": "N×10"}]


def test_weights_are_measured_exactly(client: Client, network: Path) -> None:
    opened(client, network)
    weights = client.get("/api/weights")
    stored = {t.name: numpy_helper.to_array(t) for t in onnx.load(network).graph.initializer}
    assert {row["tensor"] for row in weights["rows"]} == set(stored)
    for row in weights["rows"]:
        assert row["zeros"] == int(np.sum(stored[row["tensor"]] == 0))


@pytest.mark.parametrize("content", [b"", b"# not a model\n", b"\x08\x08\xff\xff\xff\xff\x0f"])
def test_a_bad_file_keeps_the_open_model(
    client: Client, network: Path, tmp_path: Path, content: bytes
) -> None:
    opened(client, network)
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(content)
    answer = client.post("/api/open", {"path": str(bad)})
    assert answer.status in (400, 404)
    assert answer.json["message"]
    assert "Traceback" not in answer.json["message"]
    state = client.get("/api/state")
    assert state["model"]["name"] == "network.onnx"
    assert state["problem"] == answer.json
    assert len(client.get("/api/weights")["rows"]) == 3


def test_a_good_open_clears_the_problem(client: Client, network: Path, tmp_path: Path) -> None:
    assert client.post("/api/open", {"path": str(tmp_path / "none.onnx")}).status >= 400
    assert client.get("/api/state")["problem"] is not None
    assert opened(client, network)["problem"] is None


def test_recent_files_remember_the_measured_sparsity(client: Client, network: Path) -> None:
    opened(client, network)
    sparsity = client.get("/api/weights")["summary"]["sparsity"]
    recent = until(
        lambda: [r for r in client.get("/api/state")["recent"] if r["sparsity"] is not None]
    )
    assert recent[0]["path"] == str(network)
    assert recent[0]["sparsity"] == sparsity


def test_a_node_tells_attributes_ports_and_weights(client: Client, network: Path) -> None:
    opened(client, network)
    node = client.get("/api/node/0")
    assert (node["op"], node["layer"], node["domain"]) == ("Conv", "conv1", "ai.onnx")
    attributes = {a["name"]: (a["type"], a["value"]) for a in node["attributes"]}
    assert attributes["pads"] == ("ints", "1, 1, 1, 1")
    assert [(p["name"], p["tensor"], p["constant"]) for p in node["inputs"]] == [
        ("X", "x", False),
        ("W", "conv1.weight", True),
    ]
    assert node["inputs"][1]["shape"] == "16×8×3×3"
    assert node["inputs"][1]["weight"] == node["weights"][0]
    assert client.ask("GET", "/api/node/99").status == 404


def test_a_node_with_subgraphs_names_them(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "if.onnx"
    onnx.save(builders.subgraph_if(), path)
    state = opened(client, path)
    paths = {g["path"] for g in state["model"]["graphs"]}
    holder = next(g["parent"] for g in state["model"]["graphs"] if g["parent"] is not None)
    held = {a["graph"] for a in client.get(f"/api/node/{holder}")["attributes"] if a["graph"]}
    assert held
    assert held <= paths


def test_each_model_has_its_own_picture(client: Client, network: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.onnx"
    onnx.save(builders.gemm(), other)
    opened(client, network)
    first = client.ask("GET", "/api/graph").body
    opened(client, other)
    second = client.ask("GET", "/api/graph?path=main").body
    assert b"conv1" in first
    assert b"conv1" not in second
    answer = client.ask("GET", "/api/graph?path=nowhere")
    assert (answer.status, answer.json["code"]) == (404, "not-found")


def test_labels_come_once_inference_has_finished(client: Client, network: Path) -> None:
    opened(client, network)
    ready = until(lambda: (a := client.get("/api/labels?path=main"))["ready"] and a)
    assert ready["labels"]["a"] == "N×16×8×8"
    assert ready["labels"]["d"] == "N×512"


def test_prune_undo_redo_and_save(client: Client, network: Path, tmp_path: Path) -> None:
    opened(client, network)
    rows = client.get("/api/weights")["rows"]
    weight = next(row for row in rows if row["layer"] == "conv1")
    wish = {"weights": [weight["id"]], "format": "2:4"}
    preview = client.post("/api/preview", wish).json
    assert preview["sparsity_after"] == 0.5
    assert client.get("/api/state")["history"]["position"] == 0
    pruned = client.post("/api/prune", wish).json
    assert pruned["rows"][0]["sparsity"] == 0.5
    assert "2:4" in pruned["rows"][0]["satisfies"]
    assert client.post("/api/undo").json["label"] == pruned["label"]
    assert client.get("/api/weights")["rows"][weight["id"]]["zeros"] == weight["zeros"]
    assert client.post("/api/redo").status == 200
    target = tmp_path / "out.onnx"
    saved = client.post("/api/save", {"path": str(target)}).json
    size = target.stat().st_size
    nothing = {"sparse": 0, "left": [], "unreferenced": []}
    assert saved == {"path": str(target), "bytes": size, **nothing}
    state = client.get("/api/state")
    assert state["model"]["path"] == str(target)
    assert state["history"]["saved"] == state["history"]["position"] == 1
    stored = {t.name: numpy_helper.to_array(t) for t in onnx.load(target).graph.initializer}
    assert np.mean(stored["conv1.weight"] == 0) == 0.5


def test_saving_over_a_file_asks_first(client: Client, network: Path, tmp_path: Path) -> None:
    before = network.read_bytes()
    opened(client, network)
    for path in (None, str(network)):
        answer = client.post("/api/save", {"path": path})
        assert (answer.status, answer.json["code"]) == (409, "exists")
    assert network.read_bytes() == before
    assert client.post("/api/save", {"path": None, "overwrite": True}).status == 200
    state = client.get("/api/state")
    assert state["model"]["bytes"] == network.stat().st_size != len(before)
    assert state["recent"][0]["bytes"] == network.stat().st_size


def test_unsaved_edits_are_not_lost_in_silence(client: Client, network: Path) -> None:
    opened(client, network)
    assert client.post("/api/prune", {"weights": [0], "sparsity": 0.5}).status == 200
    for path, body in (("/api/open", {"path": str(network)}), ("/api/close", {})):
        answer = client.post(path, body)
        assert (answer.status, answer.json["code"]) == (409, "unsaved")
        assert client.get("/api/state")["history"]["position"] == 1
    assert client.post("/api/close", {"discard": True}).json["model"] is None


def test_impossible_prunes_are_explained(client: Client, network: Path) -> None:
    opened(client, network)
    for body in (
        {"weights": [0]},
        {"weights": [0], "format": "2:4", "sparsity": 0.1},
        {"weights": []},
    ):
        answer = client.post("/api/prune", body)
        assert answer.status == 400
        assert answer.json["message"]
    assert client.get("/api/state")["history"]["edits"] == []


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"weights": "all"}', b"\xff"])
def test_a_nonsense_body_is_refused(client: Client, network: Path, body: bytes) -> None:
    opened(client, network)
    answer = client.ask("POST", "/api/prune", body, Content_Type="application/json")
    assert (answer.status, answer.json["code"]) == (400, "request")


def test_settings_survive_and_nonsense_is_refused(client: Client) -> None:
    assert client.post("/api/settings", {"theme": "dark"}).json["theme"] == "dark"
    assert client.post("/api/settings", {"wheel": "zoom"}).json["theme"] == "dark"
    assert client.post("/api/settings", {"theme": "pink"}).status == 400
    assert client.post("/api/settings", {"constants": True}).status == 200
    assert client.post("/api/settings", {"constants": "much"}).status == 400
    assert client.get("/api/state")["settings"]["wheel"] == "zoom"
    assert client.get("/api/state")["settings"]["constants"] is True


def test_a_graph_comes_with_the_rows_that_are_asked_for(client: Client, network: Path) -> None:
    opened(client, network)

    def columns(query: str) -> set[str]:
        data = client.ask("GET", f"/api/graph?path=main{query}").body
        header = json.loads(data[4 : 4 + int.from_bytes(data[:4], "little")])
        return {column["name"] for column in header["columns"]}

    assert "rowText" not in columns("")
    assert "rowText" in columns("&rows=names,constants")
    assert "rowText" not in columns("")


def test_the_folder_list_shows_folders_and_models_only(client: Client, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    (folder / "sub").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    (folder / "b.onnx").write_bytes(b"123")
    (folder / "notes.txt").write_bytes(b"")
    (folder / "broken.onnx").symlink_to(folder / "gone")
    listed = client.get(f"/api/files?dir={folder}")
    assert listed["parent"] == str(tmp_path)
    assert [(e["name"], e["folder"], e["bytes"]) for e in listed["entries"]] == [
        ("sub", True, 0),
        ("b.onnx", False, 3),
    ]
    assert client.ask("GET", f"/api/files?dir={folder}/none").status == 404


def test_dialogs_need_a_window(client: Client) -> None:
    assert client.post("/api/open-dialog").json["code"] == "no-dialog"


def test_forms_offer_every_method(client: Client) -> None:
    forms = client.get("/api/methods")
    magnitude = next(m for m in forms["methods"] if m["name"] == "magnitude")
    assert {"unstructured", "2:4", "bsr:4x4", "channel:out"} <= set(magnitude["formats"])
    assert "sparsity" in {p["name"] for p in magnitude["params"]}
    assert next(f for f in forms["formats"] if f["name"] == "2:4")["least"] == 0.5


def test_the_annotation_text_is_there(client: Client) -> None:
    answer = client.ask("GET", "/api/help/annotation")
    assert answer.body.startswith(b"# The sparsity annotation")
    assert client.ask("GET", "/api/help/../session").status == 404


def test_an_unexpected_error_is_calm_for_the_user_and_loud_on_stderr(
    server: Server, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("deep inside")

    monkeypatch.setattr(edit, "forms", broken)
    answer = Client(server.url()).ask("GET", "/api/methods")
    assert (answer.status, answer.json["code"]) == (500, "internal")
    assert "deep inside" not in answer.body.decode()
    assert "deep inside" in capfd.readouterr().err


def test_rows_come_in_slices(
    client: Client, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph_routes, "SLICE", 2)
    opened(client, network)
    whole = client.get("/api/weights")
    assert whole["next"] is None
    first = client.get("/api/weights?from=0")
    rest = client.get("/api/weights?from=2")
    assert (first["next"], rest["next"]) == (2, None)
    assert [row["id"] for row in first["rows"] + rest["rows"]] == [r["id"] for r in whole["rows"]]
