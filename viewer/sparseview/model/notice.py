"""A remark on a model that opened all the same."""

from __future__ import annotations

import msgspec


class Notice(msgspec.Struct, frozen=True):
    """Something about the model that its user should know, though it opened."""

    message: str
    hint: str = ""
    code: str = "notice"
