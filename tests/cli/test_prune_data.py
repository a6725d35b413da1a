"""`sparseview prune --data`: what it prints, writes and refuses."""

from __future__ import annotations

import json
import re

import numpy as np
import onnx
import pytest
from cli.command import refused, sparseview
from layers import model_of, saved
from onnx import helper, numpy_helper
from PIL import Image

import sparseview as sv


@pytest.fixture
def files(tmp_path):
    random = np.random.default_rng(3)
    nodes = [
        helper.make_node("Gemm", ["x", "w1", "b1"], ["h"], "fc1", transB=1),
        helper.make_node("Relu", ["h"], ["i"]),
        helper.make_node("Gemm", ["i", "w2", "b2"], ["y"], "fc2", transB=1),
    ]
    shapes = {"w1": (24, 16), "b1": (24,), "w2": (4, 24), "b2": (4,)}
    constants = {n: random.standard_normal(s).astype(np.float32) for n, s in shapes.items()}
    model = saved(model_of(nodes, constants, {"x": ["n", 16]}), tmp_path)
    x = random.standard_normal((50, 16)).astype(np.float32)
    labels = random.integers(0, 4, 50)
    np.savez(tmp_path / "data.npz", x=x, labels=labels)
    return model, tmp_path / "data.npz", tmp_path / "out.onnx"


def test_data_alone_mean_reconstruction_and_tell_what_it_did(files):
    model, data, out = files
    done = sparseview("prune", model, "-o", out, "--sparsity", "60%", "--data", data)
    assert done.returncode == 0, done.stderr
    assert "by Reconstruction" in done.stdout and "Error held out" in done.stdout
    assert "10 samples held out: relative L2" in done.stdout and "same class" in done.stdout
    assert re.search(r"Accuracy on them: \d+\.00 % ± \d+\.\d\d before, \d", done.stdout)
    saved_model = sv.open(out)
    assert saved_model.report().summary.zeros == round(0.6 * 384) + round(0.6 * 96)


def test_a_recipe_of_data_replays_from_the_command_line(files, tmp_path):
    model, data, out = files
    recipe, again = tmp_path / "r.json", tmp_path / "again.onnx"
    wish = ("--method", "wanda", "--format", "2:4", "--param", "order=one-pass")
    sparseview("prune", model, "-o", out, *wish, "--data", data, "--save-recipe", recipe)
    step = json.loads(recipe.read_text())["steps"][0]
    assert (step["method"], step["order"], step["data"]["samples"]) == ("wanda", "one-pass", 50)
    moved = data.rename(tmp_path / "moved.npz")
    missing = sparseview("prune", model, "-o", again, "--recipe", recipe)
    assert missing.returncode == 2 and "--data" in missing.stderr and not again.exists()
    done = sparseview("prune", model, "-o", again, "--recipe", recipe, "--data", moved)
    assert done.returncode == 0, done.stderr
    one, other = (
        {t.name: numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}
        for path in (out, again)
    )
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_made_up_data_are_called_so(files):
    model, _, out = files
    done = sparseview("prune", model, "-o", out, "--format", "2:4", "--data", "synthetic:20")
    assert "4 synthetic samples held out" in done.stdout
    assert "16 synthetic samples to calibrate on" in done.stdout
    assert "Prune 2 layers to 2:4 by Reconstruction on synthetic data" in done.stdout


def test_what_it_takes_is_told_before_it_begins(files):
    model, data, out = files
    done = sparseview("prune", model, "-o", out, "--sparsity", "60%", "--data", data)
    first, second, *_ = done.stdout.splitlines()
    assert first == "Data: data.npz · 40 samples to calibrate on, 10 held out"
    told = re.fullmatch(
        r"It takes (\d+) runs of them through the model, about ([\d.]+ .B) of memory beside the "
        r"model's own, for 2 layers",
        second,
    )
    assert told is not None and told[1] == "2"
    wish = ("--sparsity", "60%", "--data", data, "--calibration", "7", "--param", "order=one-pass")
    done = sparseview("prune", model, "-o", out, *wish, "--provider", "CPU", "--memory", "2G")
    assert done.stdout.startswith("Data: data.npz · 7 samples to calibrate on, 43 held out\n")
    assert "It takes 1 run of them" in done.stdout
    done = sparseview("prune", model, "-o", out, "--sparsity", "60%", "--data", data, "--method",
                      "magnitude")  # fmt: skip
    assert done.stdout.startswith("Prune 2 layers to 60 %")


def test_what_is_said_of_several_layers_is_said_once(files):
    model, _, out = files
    wish = ("--sparsity", "60%", "--data", "synthetic:8")
    done = sparseview("prune", model, "-o", out, *wish)
    assert [line.split(":")[0] for line in done.stdout.splitlines() if line.startswith("!")] == [
        "! fc1 and 1 more layer"
    ]


def test_of_a_single_sample_nothing_judges(files, tmp_path):
    model, _, out = files
    np.savez(tmp_path / "one.npz", x=np.ones((1, 16), np.float32))
    wish = ("--sparsity", "60%", "--data", tmp_path / "one.npz")
    done = sparseview("prune", model, "-o", out, *wish)
    assert done.returncode == 0, done.stderr
    first, second, *_ = done.stdout.splitlines()
    assert first == "Data: one.npz · 1 sample to calibrate on, 0 held out"
    assert "nothing is held out" in second and "Error held out" not in done.stdout


def test_pictures_are_prepared_as_told_and_the_guess_is_shown(tmp_path):
    node = helper.make_node("Conv", ["x", "w"], ["y"], "conv")
    values = np.random.default_rng(1).standard_normal((4, 3, 3, 3)).astype(np.float32)
    model = saved(model_of([node], {"w": values}, {"x": ["n", 3, 8, 8]}), tmp_path)
    folder = tmp_path / "pictures"
    folder.mkdir()
    for i in range(6):
        pixels = np.random.default_rng(i).integers(0, 256, (9, 9, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{i}.png")
    wish = ("prune", model, "-o", tmp_path / "out.onnx", "--sparsity", "50%", "--data", folder)
    guessed = sparseview(*wish)
    assert "pictures: size=8x8 fit=crop layout=NCHW order=RGB" in guessed.stdout, guessed.stderr
    assert "(guessed; --images corrects it)" in guessed.stdout
    told = sparseview(*wish, "--images", "order=BGR scale=1 mean=0 std=1 fit=stretch")
    line = "pictures: size=8x8 fit=stretch layout=NCHW order=BGR scale=1 mean=0 std=1"
    assert line in told.stdout and "guessed" not in told.stdout, told.stderr


def test_a_budget_and_a_limit(files):
    model, data, out = files
    wish = ("--sparsity", "50%", "--budget", "sensitivity", "--method", "magnitude")
    done = sparseview("prune", model, "-o", out, *wish, "--data", data)
    assert done.returncode == 0 and sv.open(out).report().summary.zeros == 240
    assert "First each layer is pruned alone, to 6 levels" in done.stdout
    done = sparseview("prune", model, "-o", out, "--min-cosine", "0.99", "--data", data)
    cosine = float(done.stdout.split("cosine ")[-1].split(",")[0])
    assert done.returncode == 0 and cosine >= 0.99


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--method", "wanda", "--sparsity", "50%"), "none is chosen"),
        (("--data", "nowhere.npz", "--sparsity", "50%"), "nowhere.npz"),
        (("--data", "DATA", "--threshold", "0.1"), "goes by data"),
        (("--data", "DATA", "--sparsity", "50%", "--param", "speed=9"), "no parameter of a method"),
        (("--data", "DATA", "--sparsity", "50%", "--param", "rounds=many"), "no way to prune"),
        (("--data", "DATA", "--sparsity", "50%", "--provider", "abacus"), "It has: CPU"),
        (("--data", "DATA", "--sparsity", "50%", "--memory", "much"), "no amount of memory"),
        (("--data", "DATA", "--sparsity", "50%", "--memory", "1k"), "Layer 'fc1' alone takes"),
        (("--data", "DATA", "--sparsity", "50%", "--images", "order=BGR"), "holds no pictures"),
        (("--data", "DATA", "--sparsity", "50%", "--tokenizer", "t.json"), "holds no text"),
        (("--sparsity", "50%", "--images", "order=BGR"), "--images is about data"),
        (("--sparsity", "50%", "--provider", "cpu"), "--provider is about data"),
    ],
)
def test_what_cannot_be_is_one_line_and_nothing_is_written(files, options, told):
    model, data, out = files
    given = [data if option == "DATA" else option for option in options]
    refused(sparseview("prune", model, "-o", out, *given), told)
    assert not out.exists()
