"""Models for the benches of layout and viewers: transformers and CNNs from 400 to 50,000 nodes.

    python tests/bench/models.py FOLDER [NAME ...]

Writes NAME.onnx and NAME.columns (the bytes that the page fetches). Weights are tiny: what counts
is the graph. `seq2seq_*` has an encoder, a decoder and masks that every block uses; `decoder_*` is
a chain of blocks; `experts_*` has wide ranks; `cnn_*` has dense, branching and residual blocks.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper, save

WIDTH = 4


class Net:
    """Nodes and initializers as they are added; `count` leaves nothing out."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.stored: dict[str, TensorProto] = {}
        self.random = np.random.default_rng(7)

    @property
    def count(self) -> int:
        return len(self.nodes)

    def op(
        self, scope: str, kind: str, *inputs: str, outputs: int = 1, **attributes: object
    ) -> str:
        name = f"{scope}/{kind}_{self.count}"
        made = [name + "_out"] + [f"{name}_out{i}" for i in range(1, outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), made, name, **attributes))
        return made[0]

    def weight(self, name: str, *shape: int) -> str:
        values = self.random.standard_normal(shape).astype(np.float32)
        values[self.random.random(shape) < 0.5] = 0
        self.stored[name] = numpy_helper.from_array(values, name)
        return name

    def constant(self, value: np.ndarray | float | list[int]) -> str:
        array = np.asarray(value)
        array = array.astype(np.float32) if array.dtype == np.float64 else array
        name = f"c{array.dtype}{array.tolist()}"
        self.stored[name] = numpy_helper.from_array(array, name)
        return name

    def linear(self, scope: str, x: str) -> str:
        y = self.op(scope, "MatMul", x, self.weight(f"{scope}.w{self.count}", WIDTH, WIDTH))
        return self.op(scope, "Add", y, self.weight(f"{scope}.b{self.count}", WIDTH))

    def norm(self, scope: str, x: str) -> str:
        away = self.op(scope, "Sub", x, self.op(scope, "ReduceMean", x, axes=[-1]))
        square = self.op(scope, "Pow", away, self.constant(2.0))
        spread = self.op(scope, "Sqrt", self.op(scope, "ReduceMean", square, axes=[-1]))
        y = self.op(scope, "Div", away, spread)
        return self.op(scope, "Mul", y, self.weight(f"{scope}.g{self.count}", WIDTH))


def size(net: Net, scope: str, x: str, axis: int) -> str:
    one = net.op(scope, "Gather", net.op(scope, "Shape", x), net.constant([axis]), axis=0)
    return net.op(scope, "Unsqueeze", one, net.constant([0]))


def mask(net: Net, scope: str, x: str) -> str:
    length = size(net, scope, x, 1)
    seen = net.op(scope, "LessOrEqual", net.op(scope, "Range", length, length, length), length)
    return net.op(scope, "Where", seen, net.constant(0.0), net.constant(-9.0))


def attention(net: Net, scope: str, x: str, memory: str, hidden: str | None) -> str:
    batch, length = size(net, scope, x, 0), size(net, scope, memory, 1)
    parts = []
    for name, source in (("q", x), ("k", memory), ("v", memory)):
        y = net.linear(f"{scope}/{name}", source)
        shape = net.op(scope, "Concat", batch, length, net.constant([2, 2]), axis=0)
        parts.append(net.op(scope, "Transpose", net.op(scope, "Reshape", y, shape)))
    score = net.op(scope, "MatMul", parts[0], net.op(scope, "Transpose", parts[1]))
    score = net.op(scope, "Div", score, net.constant(1.4))
    if hidden is not None:
        score = net.op(scope, "Add", score, hidden)
    y = net.op(scope, "MatMul", net.op(scope, "Softmax", score), parts[2])
    shape = net.op(scope, "Concat", batch, length, net.constant([WIDTH]), axis=0)
    return net.linear(f"{scope}/o", net.op(scope, "Reshape", net.op(scope, "Transpose", y), shape))


def feed_forward(net: Net, scope: str, x: str) -> str:
    y = net.linear(f"{scope}/up", x)
    gate = net.op(scope, "Add", net.op(scope, "Erf", y), net.constant(1.0))
    return net.linear(f"{scope}/down", net.op(scope, "Mul", y, gate))


def experts(net: Net, scope: str, x: str, many: int) -> str:
    gate = net.op(scope, "Softmax", net.linear(f"{scope}/gate", x))
    total = net.op(scope, "Mul", x, net.constant(0.0))
    for at in range(many):
        inner = f"{scope}/expert{at}"
        chosen = net.op(inner, "NonZero", net.op(inner, "Greater", gate, net.constant(at / many)))
        rows = net.op(inner, "Transpose", chosen)
        y = net.op(inner, "GatherND", x, rows)
        up = net.op(inner, "MatMul", y, net.weight(f"{inner}.up{net.count}", WIDTH, WIDTH))
        y = net.op(inner, "Mul", net.op(inner, "Sigmoid", up), net.linear(f"{inner}/side", y))
        total = net.op(inner, "ScatterND", total, rows, net.linear(f"{inner}/down", y))
    return total


def block(
    net: Net, scope: str, x: str, hidden: str | None, memory: str | None = None, many: int = 0
) -> str:
    y = net.norm(f"{scope}/norm1", x)
    x = net.op(scope, "Add", x, attention(net, f"{scope}/self", y, y, hidden))
    if memory is not None:
        y = net.norm(f"{scope}/norm2", x)
        x = net.op(scope, "Add", x, attention(net, f"{scope}/cross", y, memory, hidden))
    y = net.norm(f"{scope}/norm3", x)
    inner = experts(net, f"{scope}/moe", y, many) if many else feed_forward(net, f"{scope}/ff", y)
    return net.op(scope, "Add", x, inner)


def seq2seq(net: Net, nodes: int) -> str:
    x, at = net.linear("/encoder/embed", "input"), 0
    hidden = mask(net, "/encoder/mask", x)
    while net.count < nodes * 0.4:
        x, at = block(net, f"/encoder/layers.{at}", x, hidden), at + 1
    y, at = net.linear("/decoder/embed", "other"), 0
    hidden = mask(net, "/decoder/mask", y)
    while net.count < nodes:
        y, at = block(net, f"/decoder/layers.{at}", y, hidden, x), at + 1
    return y


def decoder(net: Net, nodes: int) -> str:
    x, at = net.linear("/embed", "input"), 0
    while net.count < nodes:
        x, at = block(net, f"/layers.{at}", x, None), at + 1
    return x


def mixture(net: Net, nodes: int) -> str:
    x, at = net.linear("/embed", "input"), 0
    hidden = mask(net, "/mask", x)
    while net.count < nodes:
        x, at = block(net, f"/layers.{at}", x, hidden, many=32 if nodes > 30_000 else 16), at + 1
    return x


def conv(net: Net, scope: str, x: str, kernel: int = 1) -> str:
    weight = net.weight(f"{scope}.w{net.count}", WIDTH, WIDTH, kernel, kernel)
    y = net.op(scope, "Conv", x, weight, pads=[kernel // 2] * 4)
    return net.op(scope, "Relu", y)


def cnn(net: Net, nodes: int) -> str:
    x, stage, kept = conv(net, "/stem", "image", 3), 0, []
    while net.count < nodes:
        scope = f"/stage{stage}"
        if stage % 3 == 0:
            features = [x]
            for at in range((6, 12, 24)[stage // 3 % 3]):
                joined = net.op(scope, "Concat", *features, axis=1) if at else x
                features.append(conv(net, f"{scope}/{at}b", conv(net, f"{scope}/{at}a", joined), 3))
            x = conv(net, f"{scope}/join", net.op(scope, "Concat", *features, axis=1))
        elif stage % 3 == 1:
            for at in range(4):
                ways = [conv(net, f"{scope}/{at}w", x), conv(net, f"{scope}/{at}p", x)]
                ways += [conv(net, f"{scope}/{at}d", conv(net, f"{scope}/{at}c", x, 3), 3)]
                x = net.op(scope, "Concat", *ways, axis=1)
        else:
            for at in range(5):
                y = conv(net, f"{scope}/{at}b", conv(net, f"{scope}/{at}a", x), 3)
                x = net.op(scope, "Relu", net.op(scope, "Add", x, y))
            kept.append(x)
            if len(kept) > 2:
                x = conv(net, f"{scope}/skip", net.op(scope, "Concat", x, kept.pop(0), axis=1))
        stage += 1
    return net.op("", "GlobalAveragePool", x)


MODELS: dict[str, tuple[Callable[[Net, int], str], int]] = {
    "cnn_400": (cnn, 400),
    "cnn_1k": (cnn, 1000),
    "cnn_5k": (cnn, 5000),
    "seq2seq_400": (seq2seq, 330),
    "seq2seq_1k": (seq2seq, 940),
    "seq2seq_5k": (seq2seq, 4900),
    "experts_20k": (mixture, 20_000),
    "decoder_20k": (decoder, 20_000),
    "experts_50k": (mixture, 50_000),
    "decoder_50k": (decoder, 50_000),
}


def build(name: str) -> ModelProto:
    """The model of that name."""
    make, nodes = MODELS[name]
    net = Net()
    last = make(net, nodes)
    read = {tensor for node in net.nodes for tensor in node.input}
    kinds = (("input", ["batch", "time", WIDTH]), ("other", ["batch", "time", WIDTH]))
    images = (("image", [1, WIDTH, 32, 32]),)
    inputs = [
        helper.make_tensor_value_info(tensor, 1, shape)
        for tensor, shape in (*kinds, *images)
        if tensor in read
    ]
    result = helper.make_tensor_value_info(last, 1, None)
    graph = helper.make_graph(net.nodes, name, inputs, [result], list(net.stored.values()))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def main() -> None:
    """Write the models that were asked for, all by default."""
    from sparseview.app.server.noderows import wanted_by
    from sparseview.app.server.pictures import Pictures
    from sparseview.app.settings import Settings
    from sparseview.model.document import Model

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", default=list(MODELS))
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    for name in given.names:
        path = given.folder / f"{name}.onnx"
        save(build(name), path)
        data = Pictures().get(Model.open(path), "main", wanted_by(Settings()))
        path.with_suffix(".columns").write_bytes(data)
        print(f"{name}: {len(data):,} bytes of columns")


if __name__ == "__main__":
    main()
