"""`sparseview prune`: prunes, annotates, saves, and prints what changed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sparseview.cli.about_data import Amount, about_data, require_data
from sparseview.cli.fraction import Fraction, Percentile
from sparseview.cli.lean import lean

if TYPE_CHECKING:
    from sparseview.model.stores import Store

FILE = click.Path(path_type=Path)


@click.command("prune", short_help="Prune to a target, annotate and save.")
@click.argument("model", type=FILE)
@click.option("-o", "--output", metavar="OUT", required=True, type=FILE, help="The pruned model.")
@click.option(
    "--method",
    metavar="M",
    help="How zeros are chosen: magnitude; with --data also wanda, sparsegpt, reconstruction. "
    "Without it: reconstruction where there are data, else magnitude.",
)
@click.option(
    "--data",
    metavar="PATH",
    help="What the model is fed: .npz (y: labels), a folder of .npz, .npy or images, "
    "test_data_set folders, lines of text, or synthetic[:N]. What is not calibrated on is held out "
    "and tells what the prune did.",
)
@click.option(
    "--calibration",
    metavar="N",
    type=click.IntRange(1),
    help="How many samples to calibrate on; without it four fifths of them.",
)
@about_data
@click.option(
    "--memory",
    metavar="SIZE",
    type=Amount(),
    help="What statistics and solvers may take, as 500M or 2G; without it half of what is free.",
)
@click.option(
    "--param",
    "params",
    metavar="NAME=VALUE",
    multiple=True,
    help="A parameter of the method, as order=one-pass, bias=keep, rounds=1, damp=0.01.",
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
    type=click.Choice(["layer", "global", "global-rms"]),
    default="layer",
    show_default=True,
    help="Whether each layer reaches S, or all together by one border on |w|, or on |w| over the "
    "root mean square of its layer.",
)
@click.option(
    "--budget",
    metavar="B",
    default="uniform",
    show_default=True,
    help="uniform: S where it can be had. overall: S over all chosen layers, exactly, those "
    "included that stay as they are. sensitivity: likewise, shared out so that the outputs drift "
    "least (with --data); what it measures is kept in the user's cache folder (SPARSEVIEW_CACHE: "
    "another one, or off), and goes on there where it was broken off. Or a JSON or CSV file of "
    "layers and their levels; layers that are not in it take S, or stay.",
)
@click.option(
    "--max-drift",
    metavar="D",
    type=click.FLOAT,
    help="Instead of a target: as sparse as the outputs' relative L2 on held-out --data allows.",
)
@click.option(
    "--min-cosine", metavar="C", type=click.FLOAT, help="The same for their cosine: 0.99."
)
@click.option("--layers", metavar="QUERY", help="Only the layers that match, like op:Conv.")
@click.option(
    "--protect",
    metavar="QUERY",
    help="Never prune the layers that match; OUT remembers it, and whoever prunes OUT obeys it.",
)
@click.option(
    "--unprotect",
    metavar="QUERY",
    help="Prune the layers that match although MODEL says that they are never to be pruned.",
)
@click.option("--keep-ends", is_flag=True, help="Leave the first and the last layer as they are.")
@click.option(
    "--store",
    type=click.Choice(["dense", "onnx-sparse"]),
    help="Store weights dense, or as ONNX sparse tensors those that get smaller; without it each "
    "as it was.",
)
@click.option("--masks", metavar="FILE.npz", type=FILE, help="Also write the masks of all weights.")
@click.option("--save-recipe", metavar="FILE", type=FILE, help="Also write what was done, as data.")
@click.option(
    "--recipe",
    metavar="FILE",
    type=FILE,
    help="Do again what a recipe says (or a model that carries one); excludes all other options "
    "about pruning.",
)
@click.option(
    "--force",
    is_flag=True,
    help="Store sparse also what grows; replay a recipe on another file than its own.",
)
@click.option("--overwrite", is_flag=True, help="Allow OUT to be MODEL itself.")
@click.pass_context
def command(
    context: click.Context,
    /,
    model: Path,
    output: Path,
    masks: Path | None,
    save_recipe: Path | None,
    recipe: Path | None,
    store: Store | None,
    data: str | None,
    calibration: int | None,
    images: str | None,
    tokenizer: str | None,
    provider: str | None,
    memory: int | None,
    force: bool,
    overwrite: bool,
    **wish: Any,
) -> None:
    """Prune MODEL to a target and save it, annotated, as OUT.

    An N:M format alone is a target too: 2:4 means 50%.

    Layers that were protected when MODEL was saved stay as they are, and are listed; --unprotect
    lets them in. A recipe that is replayed says itself which layers stay.
    """
    given = [wish[name] for name in ("sparsity", "percentile", "threshold")]
    if sum(value is not None for value in given) > 1:
        raise click.UsageError("--sparsity, --percentile and --threshold exclude each other.")
    if recipe is not None:
        _alone(context, wish)
    reading = {"calibration": calibration, "images": images, "tokenizer": tokenizer}
    if data is None:
        require_data({**reading, "provider": provider, "memory": memory})
    lean(algebra=recipe is not None or data is not None)
    from sparseview.cli.bar import progress_bar
    from sparseview.cli.beforehand import beforehand
    from sparseview.cli.changes import print_changes
    from sparseview.cli.output import check_apart, check_target
    from sparseview.cli.wishes import asked, pruned, replayed
    from sparseview.model.survey import refuse_data_file
    from sparseview.review.provenance import write
    from sparseview.session import Session

    check_target(output, model, overwrite=overwrite)
    beside = [file for file in (masks, save_recipe) if file is not None]
    for file in beside:
        check_target(file, model)
    check_apart([output, *beside])
    session = Session.open(model)
    for file in beside:
        refuse_data_file(session.model, file)
    with progress_bar() as progress:
        if data is not None:
            how = {name: value for name, value in reading.items() if value is not None}
            session.use_data(data, provider, progress, memory=memory, **how)
        request = None if recipe is not None else asked(session, wish, progress)
        told = [] if request is None else list(beforehand(session, request, progress))
    if told:
        click.echo("\n".join([*told, ""]))
        sys.stdout.flush()  # now, also into a pipe
    with progress_bar() as progress:
        if request is not None:
            changes = pruned(session, request, progress)
        elif recipe is not None:
            changes = replayed(session, recipe, force, progress)
        saved = session.save(output, True, progress, store=store, force=force)
        if masks is not None:
            session.export_masks(masks, True, progress)
        if save_recipe is not None:
            write(session.recipe(progress), save_recipe, overwrite=True)
    print_changes(changes, session, saved, beside)


def _alone(context: click.Context, wish: dict[str, Any]) -> None:
    """Refuse a recipe together with other options about pruning."""
    own = click.core.ParameterSource.COMMANDLINE
    for name in wish:
        if context.get_parameter_source(name) is own:
            option = {"structure": "format", "params": "param"}.get(name, name.replace("_", "-"))
            raise click.UsageError(f"--recipe excludes --{option}: it says all that itself.")
