"""`sparseview annotate`: measures and writes annotations, changes no weight."""

from __future__ import annotations

from pathlib import Path

import click

from sparseview.cli.lean import lean


@click.command("annotate", short_help="Measure and write annotations; changes no weight.")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    required=True,
    type=click.Path(path_type=Path),
    help="The annotated model.",
)
@click.option("--overwrite", is_flag=True, help="Allow OUT to be MODEL itself.")
def command(model: Path, output: Path, overwrite: bool) -> None:
    """Measure every weight of MODEL and save it with annotations as OUT."""
    lean()
    from sparseview.amounts import size
    from sparseview.cli.bar import progress_bar
    from sparseview.cli.output import check_target
    from sparseview.cli.readable import require_readable
    from sparseview.cli.text import clean, percent, plural
    from sparseview.session import Session

    check_target(output, model, overwrite=overwrite)
    session = Session.open(model)
    with progress_bar() as progress:
        session.measure(None, progress)
        require_readable(session)
        before = session.summary()
        saved = session.save(output, overwrite=True, progress=progress)
    total = session.summary()
    click.echo(
        f"Annotated {plural(total.weights, 'weight')}, {percent(total.sparsity)} sparse: "
        f"{clean(str(saved.path))} ({size(saved.bytes)})"
    )
    wrong = before.annotations.disagree
    if wrong:
        click.echo(f"{plural(wrong, 'false claim')} of the source replaced.")
