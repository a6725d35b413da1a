"""The options that say how data are read and run: the same for every command that takes --data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    _Amount = click.ParamType[int]
else:
    _Amount = click.ParamType  # older clicks know no type argument

F = TypeVar("F", bound=Callable[..., Any])


class Amount(_Amount):
    """Bytes: 500M, 2G, 1.5GiB."""

    name = "amount"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        from sparseview.amounts import parsed

        return parsed(str(value))


def about_data(command: F) -> F:
    """Adds --images, --tokenizer and --provider."""
    for option in reversed(
        (
            click.option(
                "--images",
                metavar="HOW",
                help="How pictures are prepared, where the guess is wrong: 'order=BGR scale=1 "
                "mean=104,117,124 std=1 size=224x224 fit=crop'.",
            ),
            click.option(
                "--tokenizer", metavar="FILE", help="The tokenizer.json for lines of text."
            ),
            click.option(
                "--provider",
                metavar="P",
                help="ONNX Runtime's execution provider that runs the model: cuda; without it the "
                "CPU.",
            ),
        )
    ):
        command = option(command)
    return command


def require_data(given: Mapping[str, object]) -> None:
    """Refuse options about data where there are none."""
    for name, value in given.items():
        if value is not None:
            raise click.UsageError(f"--{name} is about data: give --data too.")
