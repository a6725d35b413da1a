"""How a picture becomes an input: guessed from the model, shown, and corrected by the user."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta
from onnx import TensorProto

from sparseview.errors import SparseviewError
from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.model.dtypes import storage
from sparseview.runtime.signature import Input, inputs, wants

# Of ImageNet's pictures, in 0..1, as almost everybody normalises.
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
USUAL = 224  # pixels, where the model leaves its size free
LARGE = 2.0  # a constant above it, at the input, is about values 0..255
PASSED = frozenset({"Identity", "Cast", "Transpose"})
Size = Annotated[int, Meta(ge=1, le=1 << 14)]


class ImagePreparation(msgspec.Struct, frozen=True):
    """What is done to a picture, in this order: resized, cut, channels ordered, then
    (value * scale - mean) / std for each channel, and laid out."""

    height: Annotated[Size, Meta(title="Height")]
    width: Annotated[Size, Meta(title="Width")]
    layout: Annotated[Literal["NCHW", "NHWC"], Meta(title="Layout")] = "NCHW"
    order: Annotated[Literal["RGB", "BGR", "L"], Meta(title="Channels")] = "RGB"
    scale: Annotated[float, Meta(title="Scale", description="Of values 0..255.")] = 1 / 255
    mean: Annotated[tuple[float, ...], Meta(title="Mean", min_length=1, max_length=3)] = (0.0,)
    std: Annotated[tuple[float, ...], Meta(title="Std", min_length=1, max_length=3)] = (1.0,)
    fit: Annotated[
        Literal["crop", "stretch"],
        Meta(title="Fit", description="crop: the middle 7/8; stretch: all of it."),
    ] = "crop"

    def __str__(self) -> str:
        mean, std = (",".join(f"{v:g}" for v in each) for each in (self.mean, self.std))
        return (
            f"size={self.height}x{self.width} fit={self.fit} layout={self.layout} "
            f"order={self.order} scale={self.scale:.6g} mean={mean} std={std}"
        )


def image_input(model: Model) -> Input:
    """The one input that a picture fits; raises SparseviewError where there is none."""
    wanted = inputs(model)
    fits = [each for each in wanted if _layout(each) is not None]
    if len(fits) != 1 or len(wanted) != 1:
        raise SparseviewError(f"{model.path.name} does not take one picture.", wants(model), "data")
    return fits[0]


def guess(model: Model) -> ImagePreparation:
    """From the shape and type of the input, and what the graph does to it first."""
    each = image_input(model)
    layout = _layout(each)
    assert layout is not None and each.dims is not None
    channels, height, width = (
        (each.dims[1], each.dims[2], each.dims[3])
        if layout == "NCHW"
        else (each.dims[3], each.dims[1], each.dims[2])
    )
    plain = ImagePreparation(
        height=height if isinstance(height, int) else USUAL,
        width=width if isinstance(width, int) else USUAL,
        layout=layout,
        order="L" if channels == 1 else "RGB",
    )
    if storage(each.dtype).dtype.kind in "iu" and storage(each.dtype).meaning is None:
        middle = 128.0 if each.dtype == TensorProto.INT8 else 0.0
        return msgspec.structs.replace(plain, scale=1.0, mean=(middle,))
    constants = list(_first_constants(model, each.name))
    if constants:  # the graph normalises by itself
        raw = any(value > LARGE or 0 < value < 1 / 64 for value in constants)
        return msgspec.structs.replace(plain, scale=1.0) if raw else plain
    if channels == 1:
        return plain
    return msgspec.structs.replace(plain, mean=MEAN, std=STD)


def corrected(preparation: ImagePreparation, text: str) -> ImagePreparation:
    """The preparation with what a text like `order=BGR scale=1 mean=104,117,124 size=224x224` says
    instead. Raises SparseviewError for what it does not understand."""
    given: dict[str, object] = {}
    for word in text.replace(";", " ").split():
        key, sign, value = word.partition("=")
        if not sign or not value:
            raise _strange(word)
        try:
            if key == "size":
                height, _, width = value.partition("x")
                given |= {"height": int(height), "width": int(width or height)}
            elif key in ("mean", "std"):
                given[key] = tuple(float(part) for part in value.split(","))
            elif key in ("height", "width"):
                given[key] = int(value)
            elif key == "scale":
                over, _, under = value.partition("/")
                given[key] = float(over) / float(under or 1)
            elif key in ("layout", "order"):
                given[key] = value.upper()
            elif key == "fit":
                given[key] = value
            else:
                raise _strange(word)
        except (ValueError, ZeroDivisionError):
            raise _strange(word) from None
    try:
        told = {**msgspec.structs.asdict(preparation), **given}
        return checked(msgspec.convert(told, ImagePreparation))
    except msgspec.ValidationError as error:
        raise SparseviewError(
            f"That is no way to prepare pictures: {error}.", HINT, "data"
        ) from None


def checked(preparation: ImagePreparation) -> ImagePreparation:
    """The preparation itself; raises SparseviewError where it cannot be done."""
    channels = 1 if preparation.order == "L" else 3
    for name in ("mean", "std"):
        count = len(getattr(preparation, name))
        if count not in (1, channels):
            raise SparseviewError(
                f"{name} has {count} numbers, and the pictures have {channels} channels.",
                HINT,
                "data",
            )
    numbers = (preparation.scale, *preparation.mean, *preparation.std)
    if not np.isfinite(numbers).all() or not all(preparation.std):
        raise SparseviewError(
            "Pictures are divided by std: it cannot be 0, and all must be finite.", HINT, "data"
        )
    return preparation


HINT = "Write like: size=224x224 fit=crop layout=NCHW order=RGB scale=1/255 mean=0.5 std=0.5."


def _strange(word: str) -> SparseviewError:
    return SparseviewError(f"{word!r} says nothing about how pictures are prepared.", HINT, "data")


def _layout(each: Input) -> Literal["NCHW", "NHWC"] | None:
    if each.dims is None or len(each.dims) != 4:
        return None
    if each.dims[1] in (1, 3):
        return "NCHW"
    return "NHWC" if each.dims[3] in (1, 3) else None


def _first_constants(model: Model, name: str) -> Iterator[float]:
    """The sizes of the constants that the graph scales or shifts its input by, before all else."""
    graph, constants = model.proto.graph, model.constants(0)
    found = True
    while found:
        found = False
        for node in graph.node:
            if not node.input or node.input[0] != name:
                continue
            if node.op_type == "ImageScaler":
                yield LARGE + 1
            elif node.op_type in ("Sub", "Add", "Mul", "Div") and node.input[1] in constants:
                constant = constants[node.input[1]]
                if max(constant.shape, default=1) <= 4:
                    values = tensors.to_float(tensors.read(model, constant), constant.dtype)
                    yield float(np.abs(values).max(initial=0))
            elif node.op_type not in PASSED:
                continue
            name, found = node.output[0], True
            break
