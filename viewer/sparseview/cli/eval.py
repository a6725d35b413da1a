"""`sparseview eval`: accuracy where there are labels, drift and layer errors beside a baseline."""

from __future__ import annotations

from pathlib import Path

import click

from sparseview.cli.about_data import about_data
from sparseview.cli.lean import lean

FILE = click.Path(path_type=Path)


@click.command("eval", short_help="Say how good it is, on data.")
@click.argument("model", type=FILE)
@click.option(
    "--data",
    metavar="PATH",
    required=True,
    help="What it is fed: .npz (y: labels), a folder of .npz, .npy or images, test_data_set "
    "folders, lines of text, or synthetic[:N].",
)
@click.option(
    "--baseline", metavar="DENSE", type=FILE, help="The model that it was made from: adds drift."
)
@click.option(
    "--as",
    "kind",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="The kind of output.",
)
@click.option("-o", "--output", metavar="FILE", type=FILE, help="Write to this file.")
@about_data
def command(
    model: Path,
    data: str,
    baseline: Path | None,
    kind: str,
    output: Path | None,
    images: str | None,
    tokenizer: str | None,
    provider: str | None,
) -> None:
    """Run MODEL on data: accuracy where there are labels, drift beside a baseline.

    Drift is the relative L2 distance of all outputs, mean over samples. Samples that calibrated one
    of the models are left out, as far as its own recipe tells.
    """
    lean(algebra=True)
    from sparseview.cli.bar import progress_bar
    from sparseview.cli.output import check_target, write_text
    from sparseview.model.document import Model
    from sparseview.model.survey import refuse_data_file
    from sparseview.pruning.spared import spared
    from sparseview.runtime.data import Options, read
    from sparseview.runtime.evaluation import evaluate
    from sparseview.runtime.onnx_runtime import provider_named

    if output is not None:
        check_target(output, model, text=True)
    opened = Model.open(model)
    dense = None if baseline is None else Model.open(baseline)
    for each in (opened, dense):
        if output is not None and each is not None:
            refuse_data_file(each, output)
    provider_named(provider)  # one that is not there is told before anything is read
    options = Options(images=images, tokenizer=tokenizer)
    with progress_bar() as progress:
        samples = spared(
            read(opened, data, options), data, [each for each in (opened, dense) if each], progress
        )
        found = evaluate(opened, samples, dense, provider=provider, progress=progress)
    if kind == "json":
        write_text(found.to_json(), output)
        return
    from sparseview.cli.verdict import print_evaluation

    print_evaluation(found, opened.titles, output)
