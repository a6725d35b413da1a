"""What an annotation says: a claim, and the names and ranges that a claim may use."""

from __future__ import annotations

import math
import re

import msgspec

from sparseview.shares import percent

TOLERANCE = 0.005  # between two fractions of zeros: half a percentage point

BLOCKS = ("32x32", "16x16", "8x8", "4x4")
VECTORS = ("1x32", "32x1", "1x16", "16x1", "1x8", "8x1", "1x4", "4x1")
GROUP_SIZES = (2, 4, 8, 16, 32)
# Structural claims without a size, storage claims, and what we write for unlike weights.
BARE = frozenset({"bsr", "channel", "coo", "csr", "mixed"})
NAMES = BARE | {
    "dense",
    "unstructured",
    "channel:out",
    "channel:in",
    *(f"bsr:{size}" for size in BLOCKS + VECTORS),
}


class Claim(msgspec.Struct, frozen=True):
    """What one annotation declares of a weight, or of all weights of an operator together.

    sparsity : fraction of zeros 0..1, or None.  format : canonical lower-case name, or None.
    source : 'attribute', 'node_metadata', 'model_metadata' or 'doc_string'.
    zeros, elements : integer counts (model metadata only).
    invalid : what is wrong with it, in words; the parts that are wrong are None.
    """

    sparsity: float | None
    format: str | None
    source: str
    zeros: int | None = None
    elements: int | None = None
    invalid: str | None = None


class ClaimParts:
    """Collects the values of one annotation, with a sentence for each that is no valid value."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._sparsity: float | None = None
        self._format: str | None = None
        self._counts: dict[str, int] = {}
        self._invalid: list[str] = []

    def fraction(self, name: str, value: object) -> None:
        """A fraction of zeros, 0..1."""
        number = _number(value)
        if number is None or not 0 <= number <= 1:
            self.refuse(f"{name} is {_shown(value)}, not a fraction from 0 to 1")
        else:
            self._declare(name, number)

    def percent(self, name: str, value: object) -> None:
        """A share of zeros: up to 1 a fraction, above it a percentage."""
        number = _number(value)
        if number is None or not 0 <= number <= 100:
            self.refuse(f"{name} is {_shown(value)}, neither a fraction nor a percentage")
        else:
            self._declare(name, number if number <= 1 else number / 100)

    def format(self, name: str, value: object) -> None:
        known = canonical(value) if isinstance(value, str) else None
        if known is None:
            self.refuse(f"{name} is {_shown(value)}, which is no known format")
        elif self._format not in (None, known):
            self.refuse(f"{name} is {_shown(value)}, but {self._format} is declared too")
        else:
            self._format = known

    def count(self, name: str, value: object) -> None:
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            self._counts[name] = value
        else:
            self.refuse(f"{name} is {_shown(value)}, not a count")

    def refuse(self, text: str) -> None:
        self._invalid.append(text)

    def claim(self) -> Claim | None:
        """The claim, or None where nothing was said."""
        said = self._sparsity is not None or self._format is not None or self._counts
        if not said and not self._invalid:
            return None
        return Claim(
            self._sparsity,
            self._format,
            self._source,
            self._counts.get("zeros"),
            self._counts.get("elements"),
            "; ".join(self._invalid) or None,
        )

    def _declare(self, name: str, sparsity: float) -> None:
        if self._sparsity is None:
            self._sparsity = sparsity
        elif abs(self._sparsity - sparsity) > TOLERANCE:
            self.refuse(
                f"{name} says {percent(sparsity)}, but {percent(self._sparsity)} is declared too"
            )


def canonical(text: str) -> str | None:
    """A format's canonical name; None where it is unknown. Case and outer spaces do not matter."""
    name = text.strip().lower()
    if name in NAMES:
        return name
    groups = re.fullmatch(r"(\d{1,2}):(\d{1,2})", name, re.ASCII)
    if groups is None:
        return None
    kept, of = int(groups[1]), int(groups[2])
    return f"{kept}:{of}" if of in GROUP_SIZES and 1 <= kept <= of // 2 else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
