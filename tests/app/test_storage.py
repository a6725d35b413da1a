"""Routes about storage and runtimes: names of what rows tell, gzip estimated and exact."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
from client import Client, Stream, until
from layers import gemm_model, saved


def opened(client: Client, folder: Path) -> np.ndarray:
    """Open one Gemm of 2 MB and wait for its measurement; its weight."""
    weight = np.random.default_rng(0).standard_normal((512, 1024)).astype(np.float32)
    weight[np.abs(weight) < 0.7] = 0
    path = saved(gemm_model(weight), folder)
    assert client.post("/api/open", {"path": str(path)}).status == 200
    until(lambda: client.get("/api/weights")["summary"]["sparsity"] is not None)
    return weight


def test_every_key_of_a_row_has_a_name(client: Client, tmp_path: Path) -> None:
    opened(client, tmp_path)
    known = client.get("/api/catalogue")
    (row,) = client.get("/api/weights")["rows"]
    assert {storage["name"] for storage in known["storages"]} == set(row["bytes"])
    assert [runtime["name"] for runtime in known["runtimes"]] == list(row["runtimes"])
    for entry in known["storages"] + known["runtimes"]:
        assert all(isinstance(text, str) and text for text in entry.values())


def test_gzip_is_estimated_then_counted(client: Client, tmp_path: Path) -> None:
    weight = opened(client, tmp_path)
    true = len(gzip.compress(weight.tobytes(), 6))
    assert client.get("/api/weights")["rows"][0]["bytes"]["gzip"] is None
    estimate = client.get("/api/weight/0/gzip")
    assert estimate["exact"] is False
    assert abs(estimate["bytes"] - true) < 0.05 * true
    assert client.post("/api/weight/0/gzip").json == {"bytes": true, "exact": True}
    assert client.get("/api/weight/0/gzip") == {"bytes": true, "exact": True}
    (row,) = client.get("/api/weights")["rows"]
    assert row["bytes"]["gzip"] == true and row["bytes_estimated"] == []


def test_counting_is_a_job_that_the_page_sees(client: Client, tmp_path: Path) -> None:
    opened(client, tmp_path)
    stream = Stream(client)
    until(lambda: stream.events)
    client.post("/api/weight/0/gzip")
    jobs = until(lambda: [e["job"] for e in stream.of("job")])
    assert jobs[-1] is None or jobs[0]["label"] == "Compressing layer"
    stream.close()


def test_a_weight_that_is_none_is_refused(client: Client, tmp_path: Path) -> None:
    opened(client, tmp_path)
    for answer in (client.ask("GET", "/api/weight/7/gzip"), client.post("/api/weight/7/gzip")):
        assert answer.status == 400 and answer.json["code"] == "no-weight"
