"""`sparseview prune`: prunes, annotates, saves, and prints what changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sparseview.cli.fraction import Fraction, Percentile

if TYPE_CHECKING:
    pass


@click.command("prune", short_help="Prune to a target, annotate and save.")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    required=True,
    type=click.Path(path_type=Path),
    help="The pruned model.",
)
@click.option(
    "--method", metavar="M", default="magnitude", show_default=True, help="How zeros are chosen."
)
@click.option(
    "--format",
    "structure",
    metavar="F",
    default="unstructured",
    show_default=True,
    help="Where zeros may fall: 2:4, bsr:4x4, channel:out, ...",
)
@click.option(
    "--sparsity", metavar="S", type=Fraction(), help="The zero fraction afterwards: 0.5 or 50%."
)
@click.option(
    "--percentile", metavar="P", type=Percentile(), help="The same as --sparsity P%: 0 to 100."
)
@click.option(
    "--threshold", metavar="T", type=click.FLOAT, help="Zero what is smaller in magnitude."
)
@click.option(
    "--scope",
    type=click.Choice(["layer", "global"]),
    default="layer",
    show_default=True,
    help="Whether each layer reaches S, or all together.",
)
@click.option("--layers", metavar="QUERY", help="Only the layers that match, like op:Conv.")
@click.option("--overwrite", is_flag=True, help="Allow OUT to be MODEL itself.")
def command(
    model: Path,
    output: Path,
    method: str,
    structure: str,
    sparsity: float | None,
    percentile: float | None,
    threshold: float | None,
    scope: str,
    layers: str | None,
    overwrite: bool,
) -> None:
    """Prune MODEL to a target and save it, annotated, as OUT.

    An N:M format alone is a target too: 2:4 means 50%.
    """
    given = [value for value in (sparsity, percentile, threshold) if value is not None]
    if len(given) > 1:
        raise click.UsageError("--sparsity, --percentile and --threshold exclude each other.")
    from sparseview.cli.bar import progress_bar
    from sparseview.cli.changes import print_changes
    from sparseview.cli.output import check_target
    from sparseview.cli.readable import require_readable
    from sparseview.pruning.prune import PruneRequest
    from sparseview.session import Session

    check_target(output, model, overwrite=overwrite)
    session = Session.open(model)
    before = session.weights
    if layers is not None:
        session.select(layers)  # a query that cannot be read is told before the long work
    with progress_bar() as progress:
        session.measure(None, progress)
        require_readable(session)
        before = session.weights
        total = session.summary().sparsity
        request = PruneRequest(
            weights=session.targets(layers),
            method=method,
            format=structure,
            sparsity=sparsity,
            percentile=percentile,
            threshold=threshold,
            scope=scope,  # type: ignore[arg-type]
        )
        preview = session.preview(request, progress)
        edit = session.prune(request, progress)
        saved = session.save(output, overwrite=True, progress=progress)
    print_changes(
        edit.label, structure, preview, before, (total, session.summary().sparsity), saved
    )
