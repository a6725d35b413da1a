"""Saves one changed tensor and checks, with onnx alone, that nothing else changed."""

from __future__ import annotations

from pathlib import Path

import onnx
import protos

from sparseview.model.document import Model
from sparseview.model.save import save
from sparseview.model.tensors import read


def halve(path: Path, key: str, target: Path, model: Model | None = None) -> None:
    """Zero every other element of the constant, save to `target`, and compare with the source."""
    model = model or Model.open(path)
    array = read(model, model.constant(key)).copy()
    array.reshape(-1)[::2] = 0
    save(model.with_overlay(model.overlay.with_({key: array})), target)

    before = onnx.load(path, load_external_data=False)
    after = onnx.load(target, load_external_data=False)
    source, saved = protos.tensors(before), protos.tensors(after)
    assert saved.keys() == source.keys()
    changed = [k for k in saved if saved[k].SerializeToString() != source[k].SerializeToString()]
    if not changed:  # every other element was zero already
        assert target.read_bytes() == path.read_bytes()
        return
    assert len(changed) == 1, (key, changed)
    place = changed[0]
    expected = protos.dense(source[place], str(path.parent)).copy()
    expected.reshape(-1)[::2] = 0
    assert protos.bits(protos.dense(saved[place], str(target.parent))) == protos.bits(expected)
    protos.clear(saved[place])
    protos.clear(source[place])
    assert after.SerializeToString(deterministic=True) == before.SerializeToString(
        deterministic=True
    )
    back = Model.open(target)
    assert protos.bits(read(back, back.constant(key))) == protos.bits(array)
