"""`sparseview eval`, as a shell runs it."""

from __future__ import annotations

import json
from pathlib import Path

import builders
import numpy as np
import pytest
from cli.command import refused, sparseview


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A folder with a dense model, a pruned one, labelled data."""
    (tmp_path / "dense.onnx").write_bytes(builders.matmul().SerializeToString())
    pruned = sparseview(
        "prune", "dense.onnx", "-o", "pruned.onnx", "--sparsity", "70%", cwd=tmp_path
    )
    assert pruned.returncode == 0, pruned.stderr
    x = np.random.default_rng(0).standard_normal((40, 32)).astype(np.float32)
    np.savez(tmp_path / "data.npz", x=x, y=np.arange(40) % 4)
    np.savez(tmp_path / "plain.npz", x=x)
    return tmp_path


def test_json_tells_accuracy_drift_and_layers(made: Path) -> None:
    ran = sparseview(
        "eval", "pruned.onnx", "--data", "data.npz", "--baseline", "dense.onnx", "--as", "json",
        cwd=made,
    )  # fmt: skip
    assert ran.returncode == 0 and ran.stderr == "", ran.stderr
    facts = json.loads(ran.stdout)
    assert facts["schema"] == "sparseview.eval/1" and facts["model"] == "pruned.onnx"
    assert facts["data"] == {
        "source": "data.npz", "samples": 40, "synthetic": False, "labelled": True, "notes": [],
    }  # fmt: skip
    baseline = facts["baseline"]
    assert 0 < baseline["drift"]["relative_l2"] < 1 and baseline["drift"]["samples"] == 40
    assert 0 <= facts["accuracy"]["top1"] <= 1 and baseline["accuracy"]["samples"] == 40
    assert [row["layer"] for row in baseline["layers"]] == ["first", "second"]
    assert all(0 < row["error"] < 1 and row["why"] is None for row in baseline["layers"])


def test_the_table_says_it_in_words_and_synthetic_is_shouted(made: Path) -> None:
    ran = sparseview("eval", "pruned.onnx", "--data", "data.npz", cwd=made)
    assert ran.returncode == 0 and "accuracy" in ran.stdout and "drift" not in ran.stdout
    ran = sparseview(
        "eval", "pruned.onnx", "--data", "synthetic:6", "--baseline", "dense.onnx", cwd=made
    )
    assert ran.returncode == 0, ran.stderr
    assert "SYNTHETIC" in ran.stdout and "relative L2" in ran.stdout and "second" in ran.stdout


def test_samples_that_calibrated_the_model_judge_nothing(made: Path) -> None:
    wish = ("--data", "data.npz", "--sparsity", "50%", "--method", "wanda", "--calibration", "30")
    ran = sparseview("prune", "dense.onnx", "-o", "by_data.onnx", *wish, cwd=made)
    assert ran.returncode == 0, ran.stderr
    judge = ("--data", "data.npz", "--baseline", "dense.onnx")
    ran = sparseview("eval", "by_data.onnx", *judge, "--as", "json", cwd=made)
    facts = json.loads(ran.stdout)
    assert facts["data"]["samples"] == facts["baseline"]["drift"]["samples"] == 10
    assert facts["data"]["notes"][-1].startswith("left out: 30 of 40 samples")
    ran = sparseview("eval", "by_data.onnx", *judge, cwd=made)
    assert "left out: 30 of 40 samples, which calibrated the model" in ran.stdout


def test_a_model_beside_itself_has_not_moved(made: Path) -> None:
    ran = sparseview(
        "eval", "dense.onnx", "--data", "plain.npz", "--baseline", "dense.onnx", "-o", "out.txt",
        cwd=made,
    )  # fmt: skip
    assert ran.returncode == 0 and ran.stdout == ""
    text = (made / "out.txt").read_text("utf-8")
    assert "0 relative L2" in text and "No weight differs" in text


def test_what_makes_no_sense_is_refused_in_one_line(made: Path) -> None:
    refused(
        sparseview("eval", "dense.onnx", "--data", "plain.npz", cwd=made),
        "has no labels",
        "--baseline",
    )
    refused(
        sparseview("eval", "dense.onnx", "--data", "nowhere", cwd=made), "does not exist", "wants x"
    )
    refused(sparseview("eval", "dense.onnx", cwd=made), "--data")
    refused(
        sparseview("eval", "dense.onnx", "--data", "data.npz", "--provider", "abacus", cwd=made),
        "no execution provider 'abacus'",
    )
    (made / "other.onnx").write_bytes(builders.int4().SerializeToString())
    ran = sparseview(
        "eval", "dense.onnx", "--data", "plain.npz", "--baseline", "other.onnx", cwd=made
    )
    assert ran.returncode == 2 and ran.stderr.count("\n") == 1, ran.stderr
