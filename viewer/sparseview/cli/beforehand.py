"""What a prune by data goes by and will take: lines that are printed before it begins."""

from __future__ import annotations

from collections.abc import Iterator

from sparseview.amounts import size
from sparseview.cli.text import clean, plural
from sparseview.progress import Progress
from sparseview.pruning.by_data import LEVELS
from sparseview.pruning.methods import get
from sparseview.pruning.request import PruneRequest
from sparseview.session import Session


def beforehand(session: Session, request: PruneRequest, progress: Progress) -> Iterator[str]:
    """Nothing where the prune does not go by data. Runs one sample.

    Raises SparseviewError where the data do not run through the model, or take too much memory.
    """
    data = session.data
    limited = request.max_drift is not None or request.min_cosine is not None
    by_method = get(request.method).needs != "nothing"
    if data is None or not (by_method or limited or request.budget == "sensitivity"):
        return
    told = session.foresee(request, progress)
    samples = data.samples
    what = "synthetic sample" if samples.synthetic else "sample"
    yield (
        f"Data: {clean(samples.source)} · {plural(data.calibration.count, what)} to calibrate on, "
        f"{data.held_out.count:,} held out"
    )
    yield from (f"  {clean(note)}" for note in samples.notes)
    if not data.held_out.count:
        yield "  of a single sample nothing is held out: what the prune did cannot be judged"
    if samples.synthetic:
        yield "  made up: no evidence of quality"
    if not told.layers:
        return
    if request.budget == "sensitivity":
        yield (
            f"First each layer is pruned alone, to {len(LEVELS)} levels, as far as that is not "
            "measured yet"
        )
    runs = f"{'at most ' * limited}{plural(told.runs, 'run')} of them through the model, "
    yield (
        f"It takes {runs * by_method}about {size(told.bytes)} of memory beside the model's own, "
        f"for {plural(told.layers, 'layer')}"
    )
