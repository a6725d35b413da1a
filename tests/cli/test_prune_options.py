"""`sparseview prune`: budgets, protection, recipes, stores and masks, as files and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import builders
import numpy as np
import onnx
import onnxruntime as ort
import pytest
from cli.command import refused, sparseview
from onnx import numpy_helper


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "m.onnx"
    path.write_bytes(builders.network().SerializeToString())
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.onnx"


def zeros(path: Path) -> dict[str, int]:
    found = onnx.load(path).graph.initializer
    return {t.name: int((numpy_helper.to_array(t) == 0).sum()) for t in found}


def outputs(path: Path) -> np.ndarray:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    x = np.random.default_rng(7).standard_normal((2, 8, 8, 8)).astype(np.float32)
    return session.run(None, {"x": x})[0]


SIZES = {"conv1.weight": 1152, "conv2.weight": 128, "fc.weight": 5120}


def test_overall_is_exact_with_what_is_protected(path: Path, out: Path) -> None:
    ran = sparseview(
        "prune", path, "-o", out, "--sparsity", "60%", "--budget", "overall", "--protect", "conv1"
    )
    assert ran.returncode == 0, ran.stderr
    found = zeros(out)
    assert found["conv1.weight"] == 0
    assert sum(found.values()) == round(0.6 * sum(SIZES.values()))
    assert "conv1: protected from pruning" in ran.stdout
    refused(
        sparseview("prune", path, "-o", out, "--sparsity", "95%", "--budget", "overall",
                   "--protect", "conv1"),
        "cannot be reached",
    )  # fmt: skip


def test_what_is_protected_stays_so_in_the_next_run(path: Path, out: Path, tmp_path: Path) -> None:
    ran = sparseview("prune", path, "-o", out, "--sparsity", "20%", "--protect", "conv1")
    assert ran.returncode == 0, ran.stderr
    next_ = tmp_path / "next.onnx"
    ran = sparseview("prune", out, "-o", next_, "--sparsity", "50%")
    assert ran.returncode == 0, ran.stderr
    assert zeros(next_) == {"conv1.weight": 0, "conv2.weight": 64, "fc.weight": 2560}
    assert "conv1: protected from pruning" in ran.stdout
    ran = sparseview("prune", out, "-o", next_, "--sparsity", "50%", "--unprotect", "conv1")
    assert ran.returncode == 0, ran.stderr
    assert zeros(next_)["conv1.weight"] == 576


def test_ends_stay(path: Path, out: Path) -> None:
    ran = sparseview("prune", path, "-o", out, "--sparsity", "50%", "--keep-ends")
    assert ran.returncode == 0, ran.stderr
    assert zeros(out) == {"conv1.weight": 0, "conv2.weight": 64, "fc.weight": 0}
    assert "first layer, kept" in ran.stdout and "last layer, kept" in ran.stdout


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("b.json", '{"conv1": 0.25, "fc": "75%"}'),
        ("b.csv", "layer,sparsity\nconv1,25%\nfc,0.75\n"),
        ("c.csv", "conv1,0.25\nfc,0.75\n"),
    ],
)
def test_a_table_of_levels(path: Path, out: Path, tmp_path: Path, name: str, text: str) -> None:
    table = tmp_path / name
    table.write_text(text)
    ran = sparseview("prune", path, "-o", out, "--budget", table)
    assert ran.returncode == 0, ran.stderr
    assert zeros(out) == {"conv1.weight": 288, "conv2.weight": 0, "fc.weight": 3840}
    ran = sparseview("prune", path, "-o", out, "--budget", table, "--sparsity", "0.5")
    assert zeros(out)["conv2.weight"] == 64


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"conv9": 0.5}', "conv9"),
        ('{"conv1": 50}', "conv1"),
        ('{"conv1": 0.5, "conv1": 0.6}', "twice"),
        ('{"conv1": [1]}', "layers and levels"),
        ("{", "JSON"),
        ("{}", "no layer"),
    ],
)
def test_a_table_that_cannot_be_used(
    path: Path, out: Path, tmp_path: Path, text: str, told: str
) -> None:
    table = tmp_path / "b.json"
    table.write_text(text)
    refused(sparseview("prune", path, "-o", out, "--budget", table), told)
    assert not out.exists()


def test_a_recipe_gives_the_same_file_to_the_byte(path: Path, out: Path, tmp_path: Path) -> None:
    recipe, again, third = tmp_path / "r.json", tmp_path / "again.onnx", tmp_path / "third.onnx"
    ran = sparseview(
        "prune", path, "-o", out, "--sparsity", "70%", "--scope", "global-rms", "--protect",
        "conv2", "--save-recipe", recipe,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    told = json.loads(recipe.read_text())
    assert told["source"]["name"] == "m.onnx" and told["protected"] == ["main/2/1"]
    ran = sparseview("prune", path, "-o", again, "--recipe", recipe)
    assert ran.returncode == 0 and "70 %" in ran.stdout, ran.stderr
    assert again.read_bytes() == out.read_bytes()
    assert sparseview("prune", path, "-o", third, "--recipe", out).returncode == 0
    assert third.read_bytes() == out.read_bytes()
    refused(sparseview("prune", path, "-o", third, "--recipe", recipe, "--sparsity", "0.5"),
            "--recipe excludes --sparsity")  # fmt: skip
    refused(sparseview("prune", out, "-o", third, "--recipe", recipe), "another file", "--force")
    ran = sparseview("prune", out, "-o", third, "--recipe", tmp_path / "none.json")
    refused(ran, "none.json")


def test_a_recipe_on_another_file_when_forced(path: Path, out: Path, tmp_path: Path) -> None:
    recipe, other = tmp_path / "r.json", tmp_path / "other.onnx"
    sparseview("prune", path, "-o", out, "--sparsity", "70%", "--save-recipe", recipe)
    model = builders.network()
    for tensor in model.graph.initializer:
        changed = numpy_helper.to_array(tensor) * np.float32(-2)
        tensor.CopyFrom(numpy_helper.from_array(changed, tensor.name))
    other.write_bytes(model.SerializeToString())
    ran = sparseview("prune", other, "-o", tmp_path / "o.onnx", "--recipe", recipe, "--force")
    assert ran.returncode == 0, ran.stderr
    assert zeros(tmp_path / "o.onnx") == zeros(out)


def test_sparse_tensors_are_refused_where_they_grow(path: Path, out: Path, tmp_path: Path) -> None:
    wish = ("prune", path, "-o", out, "--store", "onnx-sparse", "--sparsity")
    refused(sparseview(*wish, "50%"), "would grow", "--force")
    assert not out.exists()
    assert sparseview(*wish, "50%", "--force").returncode == 0
    assert out.stat().st_size > path.stat().st_size
    ran = sparseview(*wish, "90%")
    assert ran.returncode == 0 and "3 weights as ONNX sparse tensors" in ran.stdout, ran.stderr
    assert out.stat().st_size < path.stat().st_size / 2
    assert len(onnx.load(out).graph.sparse_initializer) == 3
    dense = tmp_path / "dense.onnx"
    assert sparseview("prune", path, "-o", dense, "--sparsity", "90%").returncode == 0
    assert np.array_equal(outputs(out), outputs(dense))
    back = tmp_path / "back.onnx"
    wish = ("prune", out, "-o", back, "--store", "dense", "--sparsity", "95%", "--layers", "fc")
    assert sparseview(*wish).returncode == 0
    assert not onnx.load(back).graph.sparse_initializer
    assert zeros(back)["conv1.weight"] == zeros(dense)["conv1.weight"]


def test_masks_are_written(path: Path, out: Path, tmp_path: Path) -> None:
    masks = tmp_path / "masks.npz"
    ran = sparseview("prune", path, "-o", out, "--format", "2:4", "--masks", masks)
    assert ran.returncode == 0 and "masks.npz" in ran.stdout, ran.stderr
    held = {t.name: numpy_helper.to_array(t) for t in onnx.load(out).graph.initializer}
    with np.load(masks) as found:
        assert {name: found[name].shape for name in found.files} == {
            "conv1.weight": (16, 8, 3, 3), "conv2.weight": (8, 16, 1, 1), "fc.weight": (10, 512),
        }  # fmt: skip
        assert all(np.array_equal(found[name], held[name] != 0) for name in found.files)
