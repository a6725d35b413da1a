"""Fractions as options take them: 0.5 and 50% are the same, a bare 50 is refused."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    _Number = click.ParamType[float]
else:
    _Number = click.ParamType  # older clicks know no type argument


class Fraction(_Number):
    """A number from 0 to 1, or a percentage with its sign."""

    name = "fraction"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        text = str(value).strip()
        try:
            if text.endswith("%"):
                from decimal import Decimal  # some milliseconds, only where a share is given

                # Decimal, so that 7% is 0.07 and not 0.07000000000000001.
                number = float(Decimal(text[:-1].strip()).scaleb(-2))
            else:
                number = float(text)
        except (ValueError, ArithmeticError):
            self.fail(f"“{text}” is no number: write a fraction like 0.5, or 50%.", param, ctx)
        if math.isnan(number) or number < 0:
            self.fail(f"“{text}” must be from 0 to 1, or from 0% to 100%.", param, ctx)
        if number > 1:
            hint = "" if text.endswith("%") or number > 100 else f": did you mean {text}%?"
            self.fail(f"“{text}” is more than everything{hint or '.'}", param, ctx)
        return number


class Percentile(_Number):
    """A number from 0 to 100, with or without its sign."""

    name = "percentile"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        text = str(value).strip().removesuffix("%").strip()
        try:
            number = float(text)
        except ValueError:
            self.fail(f"“{value}” is no number from 0 to 100.", param, ctx)
        if not 0 <= number <= 100:
            self.fail(f"“{value}” must be from 0 to 100.", param, ctx)
        return number
