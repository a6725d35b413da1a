"""A remark on a model that opened all the same."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about the model that its user should know, though it opened."""

    message: str
    hint: str = ""
    code: str = "notice"
