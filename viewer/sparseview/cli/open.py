"""`sparseview [MODEL]`: opens the window, the browser, or serves until Ctrl-C."""

from __future__ import annotations

from pathlib import Path

import click

from sparseview.errors import SparseviewError


@click.command("open", hidden=True)
@click.argument("model", required=False)
@click.option("--browser", is_flag=True, help="Open in the default browser.")
@click.option("--serve", is_flag=True, help="Print the address and serve until Ctrl-C.")
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    help="With --serve: the port; otherwise a free one.",
)
def command(model: str | None, browser: bool, serve: bool, port: int | None) -> None:
    """Open MODEL in the window."""
    if browser and serve:
        raise click.UsageError("--browser and --serve exclude each other.")
    if port is not None and not serve:
        raise click.UsageError("--port goes with --serve.")
    path = Path(model) if model is not None else None
    if path is not None and not path.exists():
        raise SparseviewError(f"{path} does not exist.", "Check the path.", "missing")
    from sparseview.app.window import launch

    launch(path, "browser" if browser else "serve" if serve else "window", port)
