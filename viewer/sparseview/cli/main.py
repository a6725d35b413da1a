"""The command `sparseview`: finds the command or the model in the first word, and runs it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

import click

from sparseview.cli import annotate, eval, help, open, prune, report
from sparseview.cli.errors import run_guarded
from sparseview.cli.lean import leave
from sparseview.version import VERSION

OWN_OPTIONS = ("-h", "--help", "--version")


class Root(click.Group):
    """A group whose first word may also be a model to open."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and (args[0] in self.commands or args[0] in OWN_OPTIONS):
            return super().parse_args(ctx, args)
        asked = [word for word in args if word in OWN_OPTIONS]
        if asked:
            return super().parse_args(ctx, asked)
        if args and not args[0].startswith("-") and _is_bare_word(args[0]):
            import difflib  # some milliseconds that only a wrong word costs

            near = difflib.get_close_matches(args[0], self.list_commands(ctx), 1)
            hint = f" Did you mean “{near[0]}”?" if near else " See sparseview --help."
            raise click.UsageError(f"“{args[0]}” is neither a command nor a file.{hint}")
        return super().parse_args(ctx, ["open", *args])

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage("sparseview", "[MODEL] [--browser | --serve [--port N]]")
        formatter.write_usage("sparseview", "COMMAND ...", prefix="       ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = [
            record
            for option in (*open.command.params, *self.get_params(ctx))
            if isinstance(option, click.Option)
            and (record := option.get_help_record(ctx)) is not None
        ]
        with formatter.section("Options"):
            formatter.write_dl(records)
        self.format_commands(ctx, formatter)


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="sparseview", message="%(prog)s %(version)s")
def root() -> None:
    """See where an ONNX model is sparse, prune it, and save the claim with the weights.

    Without MODEL: a start page. Fractions are 0..1; a percentage needs its sign (50%).
    """


for _command in (open, report, prune, annotate, eval, help):
    root.add_command(_command.command)


def _is_bare_word(word: str) -> bool:
    """No such file, and nothing in it that looks like a path or a file name."""
    return not os.path.exists(word) and not any(mark in word for mark in ("/", "\\", "."))


def run(args: Sequence[str]) -> int:
    """Run the command line and give its exit code: 0, 1 a check did not hold, 2, 130."""
    # A shell may start a command with these closed (`>&-`).
    sys.stdout = sys.stdout or io.TextIOWrapper(io.BytesIO())
    sys.stderr = sys.stderr or io.TextIOWrapper(io.BytesIO())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without Unicode shows ? instead of failing.
            stream.reconfigure(errors="replace")
    return run_guarded(lambda: _invoke(list(args)))


def _invoke(args: list[str]) -> object:
    # Not `root.main`: it answers Ctrl-C and closed pipes in click's own way.
    with root.make_context("sparseview", args) as context:
        return root.invoke(context)


def main() -> None:
    """The entry point of the installed command."""
    code = run(sys.argv[1:])
    leave(code)
