"""`sparseview help TOPIC`: the pages that ship inside the package."""

from __future__ import annotations

import click

TOPICS = {"annotation": "annotation.md"}


@click.command("help", short_help="Print a page: help annotation.")
@click.argument("topic", required=False)
@click.pass_context
def command(ctx: click.Context, topic: str | None) -> None:
    """Print a page: `help annotation` is the format that runtimes read."""
    root = ctx.find_root()
    if topic is None:
        click.echo(root.get_help())
        return
    named = root.command.get_command(root, topic) if isinstance(root.command, click.Group) else None
    if named is not None and not named.hidden:
        with click.Context(named, parent=root, info_name=topic) as named_ctx:
            click.echo(named.get_help(named_ctx))
        return
    if topic not in TOPICS:
        raise click.UsageError(f"There is no page “{topic}”. There is: {', '.join(TOPICS)}.")
    from importlib.resources import files

    click.echo(files("sparseview").joinpath(TOPICS[topic]).read_text("utf-8"), nl=False)
