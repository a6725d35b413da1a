"""A small convolutional network in plain numpy: layers that run forward, backward, and to ONNX.

Images are [N, H, W, C] inside; weights lie as ONNX stores them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

Array = NDArray[np.float32]


@dataclass
class Writer:
    """Collects the ONNX nodes and initializers."""

    nodes: list[NodeProto] = field(default_factory=list)
    tensors: list[TensorProto] = field(default_factory=list)

    def node(self, op: str, path: str, inputs: list[str], **attributes: Any) -> str:
        """Add a node called path/op; gives the name of its output."""
        name = f"{path}/{op}"
        output = f"{name}_output"
        self.nodes.append(helper.make_node(op, inputs, [output], name=name, **attributes))
        return output

    def tensor(self, name: str, array: Array) -> str:
        self.tensors.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name


class Layer(Protocol):
    """One step; backward is called once after each forward."""

    def forward(self, x: Array) -> Array: ...
    def backward(self, dy: Array) -> Array: ...
    def emit(self, writer: Writer, x: str) -> str: ...


@dataclass
class Weighted:
    """A layer's weight and bias, their gradients, and the mask that pruning leaves."""

    path: str
    weight: Array
    attributes: dict[str, Any] = field(default_factory=dict)
    mask: Any = True
    bias_mask: Any = True

    def __post_init__(self) -> None:
        self.bias = np.zeros(self.weight.shape[0], np.float32)
        self.slopes = [np.zeros_like(self.weight), np.zeros_like(self.bias)]

    @property
    def name(self) -> str:
        return self.path.strip("/").replace("/", ".")

    def apply_mask(self) -> None:
        self.weight *= self.mask
        self.bias *= self.bias_mask


@dataclass
class Conv(Weighted):
    """A convolution with "same" padding; weight [K, C, R, R]."""

    stride: int = 1

    def forward(self, x: Array) -> Array:
        k, c, r, _ = self.weight.shape
        pad = r // 2
        self._shape = x.shape
        x = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(x, (r, r), (1, 2))
        windows = windows[:, :: self.stride, :: self.stride]
        self._grid = windows.shape[:3]
        self._columns = windows.reshape(-1, c * r * r)
        return np.asarray(self._columns @ self.weight.reshape(k, -1).T + self.bias).reshape(
            *self._grid, k
        )

    def backward(self, dy: Array) -> Array:
        k, c, r, _ = self.weight.shape
        pad, s = r // 2, self.stride
        n, h, w, _ = self._shape
        flat = dy.reshape(-1, k)
        self.slopes = [(flat.T @ self._columns).reshape(self.weight.shape), flat.sum(0)]
        columns = (flat @ self.weight.reshape(k, -1)).reshape(*self._grid, c, r, r)
        dx = np.zeros((n, h + 2 * pad, w + 2 * pad, c), np.float32)
        gh, gw = self._grid[1:]
        for i in range(r):
            for j in range(r):
                dx[:, i : i + s * gh : s, j : j + s * gw : s] += columns[..., i, j]
        return dx[:, pad : pad + h, pad : pad + w]

    def emit(self, writer: Writer, x: str) -> str:
        r = self.weight.shape[2]
        inputs = [
            x,
            writer.tensor(f"{self.name}.weight", self.weight),
            writer.tensor(f"{self.name}.bias", self.bias),
        ]
        return writer.node(
            "Conv", self.path, inputs,
            kernel_shape=[r, r], pads=[r // 2] * 4, strides=[self.stride] * 2, **self.attributes,
        )  # fmt: skip


@dataclass
class Depthwise(Weighted):
    """A 3x3 convolution of each channel alone; weight [C, 1, 3, 3]."""

    def forward(self, x: Array) -> Array:
        self._x = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        h, w = x.shape[1:3]
        y: Array = np.broadcast_to(self.bias, x.shape).copy()
        for i in range(3):
            for j in range(3):
                y += self._x[:, i : i + h, j : j + w] * self.weight[:, 0, i, j]
        return y

    def backward(self, dy: Array) -> Array:
        h, w = dy.shape[1:3]
        dx = np.zeros_like(self._x)
        slope = np.zeros_like(self.weight)
        for i in range(3):
            for j in range(3):
                slope[:, 0, i, j] = (self._x[:, i : i + h, j : j + w] * dy).sum((0, 1, 2))
                dx[:, i : i + h, j : j + w] += dy * self.weight[:, 0, i, j]
        self.slopes = [slope, dy.sum((0, 1, 2))]
        return np.asarray(dx[:, 1:-1, 1:-1])

    def emit(self, writer: Writer, x: str) -> str:
        inputs = [
            x,
            writer.tensor(f"{self.name}.weight", self.weight),
            writer.tensor(f"{self.name}.bias", self.bias),
        ]
        return writer.node(
            "Conv", self.path, inputs,
            kernel_shape=[3, 3], pads=[1] * 4, group=len(self.weight), **self.attributes,
        )  # fmt: skip


@dataclass
class Linear(Weighted):
    """A fully connected layer; weight [out, in], written as Gemm or as MatMul and Add."""

    gemm: bool = True

    def forward(self, x: Array) -> Array:
        self._x = x
        return np.asarray(x @ self.weight.T + self.bias)

    def backward(self, dy: Array) -> Array:
        self.slopes = [dy.T @ self._x, dy.sum(0)]
        return np.asarray(dy @ self.weight)

    def emit(self, writer: Writer, x: str) -> str:
        bias = writer.tensor(f"{self.name}.bias", self.bias)
        if self.gemm:
            weight = writer.tensor(f"{self.name}.weight", self.weight)
            return writer.node("Gemm", self.path, [x, weight, bias], transB=1, **self.attributes)
        weight = writer.tensor(f"{self.name}.weight", self.weight.T)
        y = writer.node("MatMul", self.path, [x, weight], **self.attributes)
        return writer.node("Add", self.path, [y, bias])


@dataclass
class Relu:
    path: str

    def forward(self, x: Array) -> Array:
        self._on = x > 0
        return np.asarray(x * self._on)

    def backward(self, dy: Array) -> Array:
        return np.asarray(dy * self._on)

    def emit(self, writer: Writer, x: str) -> str:
        return writer.node("Relu", self.path, [x])


@dataclass
class AveragePool:
    """The mean of each 2x2 square."""

    path: str

    def forward(self, x: Array) -> Array:
        n, h, w, c = x.shape
        return np.asarray(x.reshape(n, h // 2, 2, w // 2, 2, c).mean((2, 4)))

    def backward(self, dy: Array) -> Array:
        return np.asarray((dy / 4).repeat(2, 1).repeat(2, 2))

    def emit(self, writer: Writer, x: str) -> str:
        return writer.node("AveragePool", self.path, [x], kernel_shape=[2, 2], strides=[2, 2])


@dataclass
class Flatten:
    """To [N, C * H * W], in ONNX's order."""

    path: str

    def forward(self, x: Array) -> Array:
        self._shape = x.shape
        return np.asarray(x.transpose(0, 3, 1, 2).reshape(len(x), -1))

    def backward(self, dy: Array) -> Array:
        n, h, w, c = self._shape
        return np.asarray(dy.reshape(n, c, h, w).transpose(0, 2, 3, 1))

    def emit(self, writer: Writer, x: str) -> str:
        return writer.node("Flatten", self.path, [x])


@dataclass
class Residual:
    """Its layers, added to what goes in."""

    path: str
    body: list[Layer]

    def forward(self, x: Array) -> Array:
        y = x
        for layer in self.body:
            y = layer.forward(y)
        return np.asarray(x + y)

    def backward(self, dy: Array) -> Array:
        dx = dy
        for layer in reversed(self.body):
            dx = layer.backward(dx)
        return np.asarray(dy + dx)

    def emit(self, writer: Writer, x: str) -> str:
        y = x
        for layer in self.body:
            y = layer.emit(writer, y)
        return writer.node("Add", self.path, [x, y])


def weighted(layers: list[Layer]) -> Iterator[Weighted]:
    """The layers that have weights, in order."""
    for layer in layers:
        if isinstance(layer, Residual):
            yield from weighted(layer.body)
        elif isinstance(layer, Weighted):
            yield layer
