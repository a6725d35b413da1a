"""The one colour scale, viridis over 0..100 % sparsity, for a terminal's true colours."""

from __future__ import annotations

# Viridis (Smith and van der Walt, CC0) at ninths; linear in sRGB between them, within 2 of 255.
_STOPS = (
    (68, 1, 84),
    (71, 44, 122),
    (59, 81, 139),
    (44, 113, 142),
    (33, 144, 141),
    (39, 173, 129),
    (92, 200, 99),
    (170, 220, 50),
    (253, 231, 37),
)


def colour(fraction: float) -> tuple[int, int, int]:
    """sRGB 0..255 of a sparsity 0..1."""
    place = min(max(fraction, 0.0), 1.0) * (len(_STOPS) - 1)
    low = min(int(place), len(_STOPS) - 2)
    part = place - low
    red, green, blue = (
        round(a + part * (b - a)) for a, b in zip(_STOPS[low], _STOPS[low + 1], strict=True)
    )
    return red, green, blue


def style(fraction: float) -> str:
    """A rich style: the colour behind black or white, whichever contrasts more (WCAG 2.2)."""
    red, green, blue = colour(fraction)
    light = 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)
    # Contrast with black (L + 0.05) / 0.05 exceeds that with white 1.05 / (L + 0.05) from here on.
    # Named colours would follow the terminal's theme.
    text = "rgb(0,0,0)" if (light + 0.05) ** 2 > 0.05 * 1.05 else "rgb(255,255,255)"
    return f"{text} on rgb({red},{green},{blue})"


def _linear(channel: int) -> float:
    value = channel / 255
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
