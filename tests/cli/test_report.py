"""`sparseview report`: its JSON against a schema and brute-force counts, its table, its CSV."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from pathlib import Path
from typing import Any

import builders
import numpy as np
import onnx
import pytest
from cli.command import refused, sparseview
from layers import model_of, saved
from onnx import numpy_helper
from shared_models import ALL_MODELS

import sparseview as sv

NUMBER = (int, float)
# cli.md, written down by hand: key -> type, or types.
MODEL = {
    "name": str, "sha256": str, "bytes": int, "external_bytes": int, "ir_version": int,
    "opsets": dict, "producer": str, "nodes": int,
}  # fmt: skip
SUMMARY = {
    "weights": int, "elements": int, "zeros": int, "sparsity": (*NUMBER, type(None)),
    "by_format": dict, "embeddings": dict, "annotations": dict,
}  # fmt: skip
WEIGHT = {
    "layer": str, "graph": str, "op": str, "input": int, "kind": str, "tensor": str,
    "shape": list, "dtype": str, "axes": dict, "stored_as": str, "elements": int, "zeros": int,
    "sparsity": (*NUMBER, type(None)), "format": str, "satisfies": list, "coverage": dict,
    "bytes": dict, "declared": (dict, type(None)), "agrees": (bool, type(None)), "runtimes": dict,
}  # fmt: skip


STORAGES = ["dense", "bitmask", "coo", "csr", "bsr:4x4", "2:4", "onnx_sparse", "gzip"]
RUNTIMES = ["tensorrt", "cusparselt", "xnnpack", "onnxruntime_cpu"]


def holds(value: dict[str, Any], schema: dict[str, Any], optional: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    assert set(value) - optional == set(schema)
    for key, kind in schema.items():
        assert isinstance(value[key], kind), (key, value[key])
        assert not (isinstance(value[key], float) and not math.isfinite(value[key]))


def check_schema(report: dict[str, Any]) -> None:
    assert set(report) == {"schema", "model", "summary", "weights"}
    assert report["schema"] == "sparseview.report/1"
    holds(report["model"], MODEL)
    assert all(isinstance(version, int) for version in report["model"]["opsets"].values())
    summary = report["summary"]
    holds(summary, SUMMARY)
    for entry in summary["by_format"].values():
        holds(entry, {"weights": int, "elements": int})
    holds(summary["embeddings"], {"weights": int, "elements": int, "zeros": int})
    holds(summary["annotations"], {"declared": int, "agree": int, "disagree": int})
    for row in report["weights"]:
        holds(row, WEIGHT, {"bytes_estimated"})
        assert list(row["bytes"]) == STORAGES
        assert all(size is None or isinstance(size, int) for size in row["bytes"].values())
        assert row.get("bytes_estimated") in (None, ["gzip"])
        assert list(row["runtimes"]) == RUNTIMES
        for found in row["runtimes"].values():
            holds(found, {"eligible": bool, "why": str})
        assert row["kind"] in ("weight", "embedding")
        assert row["stored_as"] in ("dense", "coo")
        assert set(row["axes"]) == {"stack", "out", "kernel", "in"}
        assert {d for dims in row["axes"].values() for d in dims} == set(range(len(row["shape"])))
        assert math.prod(row["shape"]) == row["elements"]
        assert row["sparsity"] == (row["zeros"] / row["elements"] if row["elements"] else None)
        if row["declared"] is not None:
            shape = {
                "sparsity": (*NUMBER, type(None)),
                "format": (str, type(None)),
                "source": str,
            }
            holds(row["declared"], shape, {"invalid"})
            sources = ("attribute", "node_metadata", "model_metadata", "doc_string")
            assert row["declared"]["source"] in sources
        else:
            assert row["agrees"] is None


def as_json(*arguments: str | Path) -> dict[str, Any]:
    ran = sparseview("report", *arguments, "--as", "json")
    assert ran.returncode == 0, ran.stderr
    report: dict[str, Any] = json.loads(ran.stdout)
    check_schema(report)
    return report


def written(folder: Path, model: onnx.ModelProto, name: str = "m.onnx") -> Path:
    path = folder / name
    path.write_bytes(model.SerializeToString())
    return path


def test_json_holds_the_facts(tmp_path: Path) -> None:
    model = builders.network(declared={"conv1": (0.5, "2:4"), "fc": (0.0, "dense")})
    model.producer_name, model.producer_version = "pytorch", "2.1"
    path = written(tmp_path, model)
    report = as_json(path)
    data = path.read_bytes()
    assert report["model"] == {
        "name": "m.onnx", "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data),
        "external_bytes": 0, "ir_version": 10, "opsets": {"ai.onnx": 21},
        "producer": "pytorch 2.1", "nodes": 5,
    }  # fmt: skip
    assert report["summary"] == {
        "weights": 3, "elements": 6400, "zeros": 0, "sparsity": 0.0,
        "by_format": {"dense": {"weights": 3, "elements": 6400}},
        "embeddings": {"weights": 0, "elements": 0, "zeros": 0},
        "annotations": {"declared": 2, "agree": 1, "disagree": 1},
    }  # fmt: skip
    conv = report["weights"][0]
    del conv["coverage"]
    stored = conv.pop("bytes")
    assert 4000 < stored.pop("gzip") < 4700  # a dense Gaussian shrinks a little
    assert stored == {
        "dense": 4608, "bitmask": 4608 + 144, "coo": 1152 * 20, "csr": 1152 * 8 + 4 * 17,
        "bsr:4x4": 72 * 68 + 4 * 5, "2:4": None, "onnx_sparse": 1152 * 12,
    }  # fmt: skip
    assert conv.pop("runtimes") == {
        "tensorrt": {"eligible": False, "why": "no zeros; float32: needs float16 or int8"},
        "cusparselt": {
            "eligible": False,
            "why": "3×3 kernel: takes matrix products only; float32 needs 1:2: no zeros",
        },
        "xnnpack": {
            "eligible": False,
            "why": "3×3 kernel: takes 1×1 only; 0 % zeros: needs more than 2/3",
        },
        "onnxruntime_cpu": {"eligible": False, "why": "runs, no gain from zeros"},
    }
    assert conv == {
        "layer": "conv1", "graph": "main", "op": "Conv", "input": 1, "kind": "weight",
        "tensor": "conv1.weight", "shape": [16, 8, 3, 3], "dtype": "float32",
        "axes": {"stack": [], "out": [0], "kernel": [2, 3], "in": [1]}, "stored_as": "dense",
        "elements": 1152, "zeros": 0, "sparsity": 0.0, "format": "dense", "satisfies": [],
        "declared": {"sparsity": 0.5, "format": "2:4", "source": "attribute"},
        "agrees": False,
    }  # fmt: skip
    assert report["weights"][1]["declared"] is None
    assert report["weights"][2]["agrees"] is True


def test_a_shared_tensor_counts_once_and_has_a_row_per_use(tmp_path: Path) -> None:
    model = builders.shared()
    held = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    report = as_json(written(tmp_path, model))
    assert [row["layer"] for row in report["weights"]] == ["embed", "first", "second"]
    zeros = int(np.sum(held["w"] == 0))
    assert (report["summary"]["weights"], report["summary"]["zeros"]) == (1, zeros)
    assert report["summary"]["embeddings"]["zeros"] == int(np.sum(held["table"] == 0))


def test_an_invalid_claim_says_so(tmp_path: Path) -> None:
    model = builders.network(declared={"conv1": (1.5, "3:7:9")})
    row = as_json(written(tmp_path, model))["weights"][0]
    assert row["agrees"] is False
    assert "1.5" in row["declared"]["invalid"]


@pytest.mark.parametrize("path", ALL_MODELS)
def test_every_shared_model_reports_true_zeros(path: Path) -> None:
    report = json.loads(sv.open(path).report().to_json())
    check_schema(report)
    model = onnx.load(path)
    held = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    compared = 0
    for row in report["weights"]:
        # Float tensors of the main graph: elsewhere a zero may be a zero point, or a bit pattern.
        if row["graph"] == "main" and row["tensor"] in held and row["dtype"].startswith("float"):
            assert row["zeros"] == int(np.sum(held[row["tensor"]] == 0)), row["layer"]
            compared += 1
    unique = {row["tensor"]: row for row in report["weights"] if row["kind"] == "weight"}
    if all(row["graph"] == "main" for row in report["weights"]):
        assert report["summary"]["weights"] == len(unique)
        assert report["summary"]["zeros"] == sum(row["zeros"] for row in unique.values())


def test_layers_narrow_rows_and_summary(tmp_path: Path) -> None:
    path = written(tmp_path, builders.network())
    report = as_json(path, "--layers", "op:Conv")
    assert [row["layer"] for row in report["weights"]] == ["conv1", "conv2"]
    assert report["summary"]["elements"] == 1280
    assert as_json(path, "--layers", "nothing-like-this")["weights"] == []
    refused(sparseview("report", path, "--layers", "sparsity<<2"), "sparsity")


def test_the_table_flags_false_claims_first(tmp_path: Path) -> None:
    model = builders.network(declared={"fc": (0.5, "2:4"), "conv1": (0.0, "dense")})
    ran = sparseview("report", written(tmp_path, model))
    assert ran.returncode == 0 and ran.stderr == ""
    assert "\x1b" not in ran.stdout
    lines = ran.stdout.splitlines()
    assert lines[0].startswith("m.onnx") and "0.00 % sparse" in lines[1]
    heading = next(i for i, line in enumerate(lines) if "Layer" in line)
    names = [line.replace("≠", " ").split()[0] for line in lines[heading + 1 : heading + 4]]
    assert names == ["fc", "conv1", "conv2"]
    assert lines[heading + 1].startswith("≠") and "≠ 2:4 50.00 %" in lines[heading + 1]
    assert lines[heading + 2].endswith("  ✓") and lines[heading + 3].endswith("dense")
    assert any(line.startswith("≠ fc:") and "groups violate" in line for line in lines)


def test_rounding_never_says_dense_or_empty(tmp_path: Path) -> None:
    model = builders.network()
    tensor = next(t for t in model.graph.initializer if t.name == "fc.weight")
    array = np.ones((10, 512 * 512 // 10), np.float32)
    array[0, 0] = 0
    tensor.CopyFrom(numpy_helper.from_array(array, "fc.weight"))
    table = sparseview("report", written(tmp_path, model)).stdout
    assert "< 0.01 %" in next(line for line in table.splitlines() if line.startswith("fc"))


def test_a_hostile_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    model = builders.network()
    model.graph.node[0].name = "evil\x1b[2J\nname\u202e"
    for kind in ("table", "csv"):
        ran = sparseview("report", written(tmp_path, model), "--as", kind)
        assert ran.returncode == 0
        if kind == "table":
            assert "\x1b" not in ran.stdout and "\u202e" not in ran.stdout
            assert "evil\ufffd[2J\ufffdname\ufffd" in ran.stdout


def test_csv_has_a_line_per_use(tmp_path: Path) -> None:
    path = written(tmp_path, builders.network(declared={"conv1": (0.5, "2:4")}))
    ran = sparseview("report", path, "--as", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.stdout)))
    assert [row["layer"] for row in rows] == ["conv1", "conv2", "fc"]
    first = rows[0]
    assert (first["shape"], first["elements"], first["zeros"]) == ("16x8x3x3", "1152", "0")
    assert (first["declared_format"], first["agrees"]) == ("2:4", "false")
    assert rows[1]["declared_format"] == rows[1]["agrees"] == ""
    assert (first["bytes_dense"], first["bytes_bsr:4x4"], first["bytes_2:4"]) == (
        "4608", str(72 * 68 + 4 * 5), ""
    )  # fmt: skip
    assert int(first["bytes_gzip"]) < 4608 and first["bytes_estimated"] == ""
    assert first["tensorrt_eligible"] == "false" and "no zeros" in first["tensorrt_why"]
    assert first["onnxruntime_cpu_why"] == "runs, no gain from zeros"


@pytest.mark.parametrize("kind", ["table", "json", "csv"])
def test_output_goes_to_a_file(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, builders.network())
    out = tmp_path / "report.txt"
    printed = sparseview("report", path, "--as", kind).stdout
    ran = sparseview("report", path, "--as", kind, "-o", out)
    assert (ran.returncode, ran.stdout) == (0, "")
    assert out.read_bytes().replace(b"\r\n", b"\n").decode() == printed.replace("\r\n", "\n")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m.onnx", "report.txt"]


def test_the_report_never_replaces_the_model(tmp_path: Path) -> None:
    path = written(tmp_path, builders.network())
    before = path.read_bytes()
    refused(sparseview("report", path, "--as", "json", "-o", path), "is the model itself")
    assert path.read_bytes() == before
    refused(sparseview("report", path, "-o", tmp_path / "no" / "x.json"), "does not exist")
    refused(sparseview("report", path, "-o", tmp_path), "is a folder")


def test_a_model_without_weights_says_so(tmp_path: Path) -> None:
    relu = onnx.helper.make_node("Relu", ["x"], ["y"])
    path = written(tmp_path, builders.model([relu]))
    assert "No weights found" in sparseview("report", path).stdout
    report = as_json(path)
    assert report["weights"] == [] and report["summary"]["sparsity"] is None


def test_unusable_annotations_are_told(tmp_path: Path) -> None:
    model = builders.network()
    model.metadata_props.add(key="pkg.sparseview", value='{"weights": {')
    model.graph.node[2].attribute.append(onnx.helper.make_attribute("sparsity", "2:4"))
    lines = sparseview("report", written(tmp_path, model)).stdout.splitlines()
    notes = [line for line in lines if line.startswith("note: ")]
    assert any("pkg.sparseview is no valid JSON" in line for line in notes)
    assert any("'sparsity'" in line and "conv2" in line for line in notes)
    out = tmp_path / "out.onnx"
    assert sparseview("annotate", tmp_path / "m.onnx", "-o", out).returncode == 0
    assert "note:" not in sparseview("report", out).stdout
    onnx.checker.check_model(onnx.load(out))


def test_json_is_one_line_per_weight(tmp_path: Path) -> None:
    path = written(tmp_path, builders.network())
    lines = sparseview("report", path, "--as", "json").stdout.splitlines()
    starts = [line.split(",")[0] for line in lines]
    assert starts[-3:] == [f'  {{"layer":"{name}"' for name in ("conv1", "conv2", "fc")]


def test_values_that_are_no_numbers_are_told(tmp_path: Path) -> None:
    model = builders.gemm()
    weight = numpy_helper.to_array(model.graph.initializer[0]).copy()
    weight.reshape(-1)[:3] = [math.nan, math.inf, -math.inf]
    model.graph.initializer[0].CopyFrom(
        numpy_helper.from_array(weight, model.graph.initializer[0].name)
    )
    path = written(tmp_path, model)
    table = sparseview("report", path).stdout
    assert table.splitlines()[-1].endswith(": 1 NaN and 2 infinite values")
    rows = list(csv.DictReader(io.StringIO(sparseview("report", path, "--as", "csv").stdout)))
    assert (rows[0]["nan"], rows[0]["inf"]) == ("1", "2")
    fine = written(tmp_path, builders.gemm())
    assert "NaN" not in sparseview("report", fine).stdout
    rows = list(csv.DictReader(io.StringIO(sparseview("report", fine, "--as", "csv").stdout)))
    assert (rows[0]["nan"], rows[0]["inf"]) == ("0", "0")


def test_one_weight_that_cannot_be_measured_leaves_the_others(tmp_path: Path) -> None:
    node = onnx.helper.make_node
    nodes = [
        node("ReduceMax", ["z"], ["zero"], keepdims=0),
        node("DequantizeLinear", ["w", "s", "zero"], ["t"]),
        node("MatMul", ["x", "t"], ["m"], "bad"),
        node("MatMul", ["m", "v"], ["y"], "good"),
    ]
    constants = {
        "w": np.ones((4, 4), np.uint8), "s": np.float32(1), "z": np.array([1, 2], np.uint8),
        "v": np.eye(4, dtype=np.float32),
    }  # fmt: skip
    path = saved(model_of(nodes, constants), tmp_path)
    facts = json.loads(sparseview("report", path, "--as", "json").stdout)
    bad, good = facts["weights"]
    assert (bad["zeros"], good["zeros"], facts["summary"]["zeros"]) == (None, 12, None)
    assert "zero point" in bad["problem"] and "problem" not in good
    assert "bad: Its zero point" in sparseview("report", path).stdout
    out = tmp_path / "pruned.onnx"
    assert sparseview("prune", path, "-o", out, "--sparsity", "90%").returncode == 0
    assert sv.open(out).model.weights[0].problem is not None
