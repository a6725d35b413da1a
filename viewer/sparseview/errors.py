"""The one error that reaches a user: a sentence that says what is wrong and where, and a hint."""

from __future__ import annotations


class SparseviewError(Exception):
    """Bad input or a refused wish, told so that a person can act on it.

    One CLI line (exit code 2), one JSON shape and one toast are made from it.

    Parameters
    ----------
    message : what is wrong and where, one sentence.
    hint : what to do about it, one sentence; may be empty.
    code : a short machine-readable word, for tests and for the page.
    """

    def __init__(self, message: str, hint: str = "", code: str = "error") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()
