"""`sparseview report`: what is sparse, exactly, as a table, JSON or CSV."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click

from sparseview.cli.lean import lean


@click.command("report", short_help="Say what is sparse, exactly.")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--as",
    "kind",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="The kind of output.",
)
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write to this file."
)
@click.option("--layers", metavar="QUERY", help="Only the layers that match, like op:Conv.")
def command(model: Path, kind: str, output: Path | None, layers: str | None) -> None:
    """Measure every weight of MODEL and say what is sparse."""
    lean()
    from sparseview.cli.bar import progress_bar
    from sparseview.cli.output import check_target, write_text
    from sparseview.cli.readable import require_readable
    from sparseview.model.survey import refuse_data_file
    from sparseview.session import Session

    if output is not None:
        check_target(output, model, text=True)
    session = Session.open(model)
    if output is not None:
        refuse_data_file(session.model, output)
    told, compressed = kind == "json", kind != "table"  # what is not told takes no time
    with progress_bar() as progress, session.hashing() if told else nullcontext():
        ids = None if layers is None else session.select(layers, progress)
        facts = session.report(ids, progress, compressed=compressed, hashed=told)
        require_readable(session, ids)
    if kind == "json":
        write_text(facts.to_json(), output)
        return
    if kind == "csv":
        from sparseview.cli.csv import to_csv

        write_text(to_csv(facts).encode(), output)
        return
    from sparseview.cli.table import print_report

    rows = session.weights if ids is None else [session.row(weight_id) for weight_id in ids]
    print_report(session, facts, rows, output)
