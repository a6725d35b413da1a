"""The data in use as facts, after one sample was run through the model to see that it goes."""

from __future__ import annotations

import msgspec
import numpy as np

from sparseview.app.facts import DataFacts, FedInput, Pictures
from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.dtypes import dtype_name
from sparseview.pruning.evidence import Evidence
from sparseview.runtime.data import ImagePreparation, Options
from sparseview.runtime.data.preparation import HINT
from sparseview.runtime.engine import Engine
from sparseview.runtime.onnx_runtime import provider_named, short_name
from sparseview.runtime.signature import Input, inputs


def data_facts(model: Model, evidence: Evidence) -> DataFacts:
    """Facts of data; raises SparseviewError where the model does not run on their first sample."""
    samples = evidence.samples
    batch = samples.batch(next(samples.batches(1)))
    with Engine(model, provider=evidence.provider, lean=True) as engine:
        engine.run(batch)
    labels, how = samples.labels, samples.preparation
    return DataFacts(
        path=evidence.path,
        source=samples.source,
        synthetic=samples.synthetic,
        samples=samples.count,
        calibration=evidence.calibration.count,
        held_out=evidence.held_out.count,
        classes=None if labels is None else len(np.unique(labels)),
        notes=samples.notes,
        inputs=tuple(
            FedInput(each.name, wanted(each), _given(each, batch[each.name].shape))
            for each in inputs(model)
            if each.name in batch
        ),
        fixed=samples.fixed,
        pictures=None if how is None else msgspec.convert(msgspec.to_builtins(how), Pictures),
        tokenizer=None if samples.tokenizer is None else str(samples.tokenizer),
        provider=short_name(provider_named(evidence.provider)),
    )


def options(pictures: Pictures | None, tokenizer: str | None) -> Options:
    """How data are read, as a page asks for it; raises SparseviewError for what makes no sense."""
    try:
        how = (
            None
            if pictures is None
            else msgspec.convert(msgspec.to_builtins(pictures), ImagePreparation)
        )
    except msgspec.ValidationError as error:
        raise SparseviewError(
            f"That is no way to prepare pictures: {error}.", HINT, "request"
        ) from error
    return Options(how, tokenizer)


def wanted(each: Input) -> str:
    """What an input takes, without its name: "float32 [N, 3, 32, 32]"."""
    return str(each).removeprefix(f"{each.name} ")


def _given(each: Input, shape: tuple[int, ...]) -> str:
    return f"{dtype_name(each.dtype)} [{', '.join(map(str, shape))}]"
