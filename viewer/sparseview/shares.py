"""A share 0..1 as people read it: '96.49 %', never a false 0 or 100."""

from __future__ import annotations


def percent(share: float, decimals: int = 2, *, fixed: bool = False) -> str:
    """In per cent; what would only round to 0 or to 100 is told as a bound.

    fixed : nothing at all and all of it have these decimals too, for columns.
    """
    step = 10.0**-decimals
    value = 100 * share
    if share in (0, 1) and not fixed:
        return f"{value:.0f} %"
    if 0 < value < step / 2:
        return f"< {step:.{decimals}f} %"
    if 100 - step / 2 < value < 100:
        return f"> {100 - step:.{decimals}f} %"
    return f"{value:.{decimals}f} %"
