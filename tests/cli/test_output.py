"""Where results go: links are written through, pipes and devices are written to, never replaced."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import builders
import onnx
import pytest
from cli.command import ROOT, refused, sparseview

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "m.onnx"
    onnx.save(builders.network(), found)
    return found


def test_a_pipe_is_written_to_and_stays_one(path: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        ran = sparseview("report", path, "--as", "json", "-o", pipe)
        text = reader.communicate(timeout=120)[0]
    assert ran.returncode == 0 and ran.stderr == ""
    assert json.loads(text)["schema"] == "sparseview.report/1"
    assert pipe.is_fifo()


@pytest.mark.parametrize("kind", ["table", "json", "csv"])
def test_standard_output_by_its_name(path: Path, kind: str) -> None:
    plain = sparseview("report", path, "--as", kind)
    named = sparseview("report", path, "--as", kind, "-o", "/dev/stdout")
    assert (named.returncode, named.stdout, named.stderr) == (0, plain.stdout, "")


def test_a_log_that_standard_output_goes_to_is_kept(path: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    with log.open("a") as out:
        subprocess.run(
            [sys.executable, "-m", "sparseview", "report", path, "-o", "/dev/stdout"],
            stdout=out,
            check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / "viewer")},
        )
    assert log.read_text().startswith("before\nm.onnx")


def test_a_link_is_written_through(path: Path, tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("old")
    link.symlink_to(real)
    assert sparseview("report", path, "--as", "json", "-o", link).returncode == 0
    assert link.is_symlink() and json.loads(real.read_text())["summary"]


def test_a_name_as_long_as_names_can_be(path: Path, tmp_path: Path) -> None:
    target = tmp_path / ("n" * 255)
    assert sparseview("report", path, "-o", target).returncode == 0
    assert target.read_text().startswith("m.onnx")


@pytest.mark.parametrize("command", [["annotate"], ["prune", "--sparsity", "0.5"]])
def test_a_model_is_saved_to_files_only(path: Path, tmp_path: Path, command: list[str]) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for target in (pipe, Path("/dev/stdout")):
        ran = sparseview(command[0], path, *command[1:], "-o", target)
        refused(ran, "not a file", "nothing can be saved there")
    assert pipe.is_fifo()


@pytest.mark.parametrize("option", ["--masks", "--save-recipe"])
def test_what_goes_beside_a_model_is_a_file_too(path: Path, tmp_path: Path, option: str) -> None:
    pipe, link, real = tmp_path / "pipe", tmp_path / "link", tmp_path / "real"
    os.mkfifo(pipe)
    link.symlink_to(real)
    out = tmp_path / "out.onnx"
    prune = ["prune", path, "--sparsity", "0.5", "-o", out]
    for target in (pipe, Path("/dev/stdout")):
        refused(sparseview(*prune, option, target), "not a file")
    assert pipe.is_fifo() and not out.exists()
    assert sparseview(*prune, option, link).returncode == 0
    assert link.is_symlink() and real.stat().st_size > 0


def test_a_models_data_file_is_never_written_to(tmp_path: Path) -> None:
    path = builders.external(tmp_path)
    (data,) = [file for file in tmp_path.iterdir() if file != path]
    before = data.read_bytes()
    told = "holds weights of this model"
    refused(sparseview("report", path, "-o", data), told)
    refused(sparseview("annotate", path, "-o", data), told)
    prune = ["prune", path, "--sparsity", "0.9"]
    refused(sparseview(*prune, "-o", data), told)
    for option in ("--masks", "--save-recipe"):
        refused(sparseview(*prune, "-o", tmp_path / "o.onnx", option, data), told)
    assert data.read_bytes() == before
    assert {*tmp_path.iterdir()} == {path, data}


def test_two_results_need_two_files(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.onnx"
    prune = ["prune", path, "--sparsity", "0.5", "-o", out]
    refused(sparseview(*prune, "--save-recipe", out), "named for two results")
    refused(sparseview(*prune, "--masks", tmp_path / "." / "out.onnx"), "named for two results")
    assert not out.exists()
