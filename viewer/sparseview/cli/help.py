"""`sparseview help TOPIC`: the pages that ship inside the package."""

from __future__ import annotations

import click

TOPICS = {"annotation": "annotation.md"}


@click.command("help", short_help="Print a page: help annotation.")
@click.argument("topic", required=False)
@click.pass_context
def command(ctx: click.Context, topic: str | None) -> None:
    """Print a page: `help annotation` is the format that runtimes read."""
    if topic is None:
        parent = ctx.find_root()
        click.echo(parent.get_help())
        return
    if topic not in TOPICS:
        raise click.UsageError(f"There is no page “{topic}”. There is: {', '.join(TOPICS)}.")
    from importlib.resources import files

    click.echo(files("sparseview").joinpath(TOPICS[topic]).read_text("utf-8"), nl=False)
