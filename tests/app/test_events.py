"""The event stream: what the page hears, when, and what happens to pages that are gone."""

from __future__ import annotations

from pathlib import Path

import builders
import numpy as np
import onnx
import pytest
from client import Client, Stream, until
from onnx import TensorProto, helper, numpy_helper

from sparseview.app.server.broadcast import MAX_PAGES, Broadcast
from sparseview.app.server.serving import Server


@pytest.fixture
def stream(client: Client) -> Stream:
    return Stream(client)


def test_a_stream_begins_with_the_state(client: Client, stream: Stream) -> None:
    assert stream.response.headers["Content-Type"].startswith("text/event-stream")
    first = until(lambda: stream.events)[0]
    assert first == {"type": "state", "state": client.get("/api/state")}


def test_opening_is_heard_with_its_measurements(
    client: Client, stream: Stream, network: Path
) -> None:
    client.post("/api/open", {"path": str(network)})
    until(lambda: any(e["summary"]["sparsity"] is not None for e in stream.of("measured")))
    until(lambda: stream.of("labels"))
    assert [e["state"]["model"] and e["state"]["model"]["name"] for e in stream.of("state")][
        -1
    ] == "network.onnx"
    seen = {row["id"] for event in stream.of("measured") for row in event["rows"]}
    assert seen == {0, 1, 2}
    last = until(lambda: stream.of("job"))[-1]
    until(lambda: stream.of("job")[-1]["job"] is None)
    assert last is not None


def test_many_measurements_make_few_events(client: Client, stream: Stream, tmp_path: Path) -> None:
    count = 400
    nodes = [helper.make_node("MatMul", [f"t{i}", f"w{i}"], [f"t{i + 1}"]) for i in range(count)]
    tensors = [numpy_helper.from_array(np.eye(4, dtype=np.float32), f"w{i}") for i in range(count)]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "chain",
        [value("t0", TensorProto.FLOAT, [1, 4])],
        [value(f"t{count}", TensorProto.FLOAT, [1, 4])],
        tensors,
    )
    path = tmp_path / "chain.onnx"
    onnx.save(helper.make_model(graph), path)
    client.post("/api/open", {"path": str(path)})
    # The summary is of the moment when an event is sent: it may be ahead of the rows.
    until(lambda: sum(len(e["rows"]) for e in stream.of("measured")) >= count)
    assert stream.of("measured")[-1]["summary"]["measured"] == count
    assert len(stream.of("measured")) < count / 4


def test_an_edit_is_heard_with_its_rows_and_then_the_history(
    client: Client, stream: Stream, network: Path
) -> None:
    client.post("/api/open", {"path": str(network)})
    client.post("/api/prune", {"weights": [1], "sparsity": 0.75})
    changed = until(lambda: stream.of("changed"))[0]
    assert changed["weights"] == [1]
    assert [(r["id"], r["sparsity"], r["edited"]) for r in changed["rows"]] == [(1, 0.75, True)]
    until(lambda: stream.of("state")[-1]["state"]["history"]["position"] == 1)
    order = [e["type"] for e in stream.events]
    assert "state" in order[order.index("changed") :]


def test_a_failed_open_is_heard(client: Client, stream: Stream, tmp_path: Path) -> None:
    client.post("/api/open", {"path": str(tmp_path / "none.onnx")})
    until(lambda: stream.of("state")[-1]["state"]["problem"] is not None)


def test_a_dropped_file_opens_at_once_but_asks_where_edits_would_be_lost(
    server: Server, client: Client, stream: Stream, network: Path
) -> None:
    server.desk.offer(str(network))
    until(lambda: client.get("/api/state")["model"] is not None)
    client.post("/api/prune", {"weights": [0], "sparsity": 0.5})
    server.desk.offer(str(network))
    assert until(lambda: stream.of("ask-open")) == [{"type": "ask-open", "path": str(network)}]
    assert client.get("/api/state")["history"]["position"] == 1


def test_a_page_that_leaves_frees_its_thread(server: Server, client: Client) -> None:
    stream = Stream(client)
    until(lambda: server.desk.broadcast.pages == 1)
    stream.close()
    until(lambda: server.desk.broadcast.pages == 0)


def test_more_pages_than_threads_leave_the_server_usable(server: Server, client: Client) -> None:
    streams = [Stream(client) for _ in range(MAX_PAGES + 4)]
    until(lambda: sum(stream.ended for stream in streams) == 4)
    assert server.desk.broadcast.pages == MAX_PAGES
    assert client.get("/api/state")["model"] is None


def test_closing_the_server_ends_its_streams(client: Client, server: Server) -> None:
    stream = Stream(client)
    until(lambda: stream.events)
    server.close()
    until(lambda: stream.ended)


def test_a_page_that_does_not_read_is_dropped() -> None:
    broadcast = Broadcast()
    stream = broadcast.stream(lambda: {"type": "state"}, lambda: False)
    next(stream)
    for number in range(5000):
        broadcast.send({"type": "job", "number": number})
    assert broadcast.pages == 0
    assert len(list(stream)) < 5000


def test_measurements_of_a_model_left_behind_are_dropped(
    client: Client, stream: Stream, network: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.onnx"
    onnx.save(builders.gemm(), other)
    for path in (network, other) * 3:
        client.post("/api/open", {"path": str(path)})
    until(lambda: stream.of("measured") and stream.of("measured")[-1]["summary"]["measured"] == 1)
    marks = [
        (e["type"], e["state"]["model"]["name"] if e["type"] == "state" else len(e["rows"]))
        for e in stream.events[1:]
        if e["type"] == "measured" or (e["type"] == "state" and e["state"]["model"])
    ]
    model = ""
    for kind, fact in marks:
        if kind == "state":
            model = str(fact)
        elif model == "other.onnx":
            assert fact == 1
