"""Makes assets/demo.onnx: trains a small network, prunes it layer by layer, fine-tunes, annotates.

    python assets/make_demo.py

About a minute on one core, from one seed. Every sparse layer carries the annotation of
annotation.md; that of WRONG claims 2:4 although a few of its groups hold three values.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from demo.glyphs import CLASSES, SIZE, draw
from demo.net import (
    AveragePool,
    Conv,
    Depthwise,
    Flatten,
    Layer,
    Linear,
    Relu,
    Residual,
    Weighted,
    Writer,
    weighted,
)  # fmt: skip
from onnx import TensorProto, helper

from sparseview.sparsity.formats import get

SEED = 2026
TRAIN, TEST, BATCH = 6000, 2000, 50
DENSE_EPOCHS, TUNE_EPOCHS = 5, 3
# Layer -> format and fraction of zeros; the others stay dense.
PRUNED: dict[str, tuple[str, float | None]] = {
    "/block1/conv1": ("unstructured", 0.50),
    "/block1/conv2": ("2:4", None),
    "/block2/down": ("unstructured", 0.30),
    "/block2/conv1": ("2:4", None),
    "/block2/conv2": ("bsr:4x4", 0.60),
    "/block3/expand": ("bsr:8x8", 0.50),
    "/block3/project": ("2:4", None),
    "/head/fc1": ("channel:out", 0.50),
    "/head/fc2": ("unstructured", 0.95),
    "/head/fc3": ("unstructured", 0.80),
}
WRONG, VIOLATIONS = "/block3/project", 12


def build(rng: np.random.Generator) -> list[Layer]:
    """The network, with He's initialisation."""

    def noise(*shape: int) -> np.ndarray:
        spread = np.sqrt(2 / np.prod(shape[1:]))
        return np.asarray(rng.standard_normal(shape) * spread, np.float32)

    return [
        Conv("/stem/conv", noise(32, 1, 3, 3)),
        Relu("/stem/relu"),
        AveragePool("/stem/pool"),
        Residual(
            "/block1",
            [
                Conv("/block1/conv1", noise(32, 32, 3, 3)),
                Relu("/block1/relu1"),
                Conv("/block1/conv2", noise(32, 32, 3, 3) * np.float32(0.5)),
            ],
        ),
        Relu("/block1/relu2"),
        Conv("/block2/down", noise(64, 32, 3, 3), stride=2),
        Relu("/block2/relu1"),
        Residual(
            "/block2",
            [
                Conv("/block2/conv1", noise(64, 64, 3, 3)),
                Relu("/block2/relu2"),
                Conv("/block2/conv2", noise(64, 64, 3, 3) * np.float32(0.5)),
            ],
        ),
        Relu("/block2/relu3"),
        Residual(
            "/block3",
            [
                Conv("/block3/expand", noise(128, 64, 1, 1)),
                Relu("/block3/relu1"),
                Depthwise("/block3/depthwise", noise(128, 1, 3, 3)),
                Relu("/block3/relu2"),
                Conv("/block3/project", noise(64, 128, 1, 1) * np.float32(0.5)),
            ],
        ),
        AveragePool("/neck/pool"),
        Flatten("/neck/flatten"),
        Linear("/head/fc1", noise(192, 256)),
        Relu("/head/relu1"),
        Linear("/head/fc2", noise(128, 192), gemm=False),
        Relu("/head/relu2"),
        Linear("/head/fc3", noise(64, 128)),
        Relu("/head/relu3"),
        Linear("/head/out", noise(CLASSES, 64), gemm=False),
    ]


def run(layers: list[Layer], x: np.ndarray) -> np.ndarray:
    for layer in layers:
        x = layer.forward(x)
    return x


class Adam:
    """arXiv 1412.6980, without weight decay; masked weights stay zero."""

    def __init__(self, layers: list[Layer]) -> None:
        self.layers = list(weighted(layers))
        self.moments = [
            [np.zeros((2, *s.shape), np.float32) for s in w.slopes] for w in self.layers
        ]
        self.steps = 0

    def step(self, rate: float) -> None:
        self.steps += 1
        for layer, moments in zip(self.layers, self.moments, strict=True):
            for value, slope, moment in zip(
                (layer.weight, layer.bias), layer.slopes, moments, strict=True
            ):
                moment[0] += 0.1 * (slope - moment[0])
                moment[1] += 0.001 * (slope**2 - moment[1])
                first = moment[0] / (1 - 0.9**self.steps)
                second = moment[1] / (1 - 0.999**self.steps)
                value -= np.float32(rate) * first / (np.sqrt(second) + 1e-8)
            layer.apply_mask()


def train(
    layers: list[Layer], x: np.ndarray, y: np.ndarray, epochs: int, rate: float, seed: int
) -> None:
    """Cross entropy, Adam, a rate that falls to zero as a cosine."""
    rng, adam = np.random.default_rng(seed), Adam(layers)
    batches = len(x) // BATCH
    for epoch in range(epochs):
        order, loss = rng.permutation(len(x)), 0.0
        for batch in range(batches):
            chosen = order[batch * BATCH : (batch + 1) * BATCH]
            logits = run(layers, x[chosen])
            shifted = np.exp(logits - logits.max(1, keepdims=True))
            slope = shifted / shifted.sum(1, keepdims=True)
            loss -= float(np.log(slope[np.arange(BATCH), y[chosen]] + 1e-12).mean())
            slope[np.arange(BATCH), y[chosen]] -= 1
            slope = (slope / BATCH).astype(np.float32)
            for layer in reversed(layers):
                slope = layer.backward(slope)
            done = (epoch * batches + batch) / (epochs * batches)
            adam.step(rate * 0.5 * (1 + np.cos(np.pi * done)))
        print(f"  epoch {epoch + 1}/{epochs}: loss {loss / batches:.4f}", flush=True)


def accuracy(layers: list[Layer], x: np.ndarray, y: np.ndarray) -> float:
    right = [
        (run(layers, x[i : i + 500]).argmax(1) == y[i : i + 500]).sum()
        for i in range(0, len(x), 500)
    ]
    return float(sum(right) / len(x))


def logical(weight: np.ndarray) -> np.ndarray:
    """[stack, out, kernel, in] of a Conv or Linear weight."""
    flat = weight.reshape(*weight.shape[:2], -1)
    return np.asarray(flat.transpose(0, 2, 1)[None])


def prune(layer: Weighted, name: str, sparsity: float | None) -> None:
    """Set the masks of one layer and name the claim."""
    view = logical(layer.weight).astype(np.float64)
    kept = get(name).keep(view**2, sparsity)
    if layer.path == WRONG:
        groups = kept.reshape(-1, 4)
        for group in np.linspace(3, len(groups) - 5, VIOLATIONS).astype(int):
            groups[group, np.flatnonzero(~groups[group])[0]] = True
    layer.mask = kept[0].transpose(0, 2, 1).reshape(layer.weight.shape)
    if name == "channel:out":
        layer.bias_mask = kept[0].any((1, 2))
    layer.attributes["__sparsity_format"] = name
    layer.apply_mask()


def main() -> None:
    x, y = draw(TRAIN, SEED)
    x_test, y_test = draw(TEST, SEED + 1)
    x, x_test = x.transpose(0, 2, 3, 1), x_test.transpose(0, 2, 3, 1)
    layers = build(np.random.default_rng(SEED))
    train(layers, x, y, DENSE_EPOCHS, 2e-3, SEED)
    dense = accuracy(layers, x_test, y_test)
    for layer in weighted(layers):
        if layer.path in PRUNED:
            prune(layer, *PRUNED[layer.path])
    pruned = accuracy(layers, x_test, y_test)
    train(layers, x, y, TUNE_EPOCHS, 1e-3, SEED + 2)
    tuned = accuracy(layers, x_test, y_test)
    print(f"accuracy: dense {dense:.2%}, pruned {pruned:.2%}, fine-tuned {tuned:.2%}")
    for layer in weighted(layers):
        if layer.path in PRUNED:
            zeros = float((layer.weight == 0).mean())
            layer.attributes["__sparsity"] = 0.5 if layer.path == WRONG else zeros
    write(layers, dense, tuned, Path(__file__).with_name("demo.onnx"))


def write(layers: list[Layer], dense: float, tuned: float, path: Path) -> None:
    """The ONNX file, with the accuracy in its description and its metadata."""
    writer, x = Writer(), "image"
    for layer in layers:
        x = layer.emit(writer, x)
    writer.nodes[-1].output[0] = "logits"
    graph = helper.make_graph(
        writer.nodes,
        "demo",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 1, SIZE, SIZE])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", CLASSES])],
        writer.tensors,
        doc_string="Recognises handwritten digits, drawn by assets/demo/glyphs.py.",
    )
    model = helper.make_model(
        graph,
        ir_version=10,
        opset_imports=[helper.make_opsetid("", 17)],
        producer_name="sparseview make_demo.py",
        doc_string=(
            "Sparseview's demo: a small residual network with layers of every format. "
            f"Accuracy on {TEST} test digits: dense {dense:.2%}, pruned {tuned:.2%}. "
            f"The annotation of {WRONG}/Conv is wrong on purpose."
        ),
    )
    facts = {"accuracy_dense": f"{dense:.4f}", "accuracy": f"{tuned:.4f}", "seed": str(SEED)}
    helper.set_model_props(model, facts)
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())
    print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
