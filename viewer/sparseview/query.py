"""The query language of the search box and of --layers: which rows of a report a text means.

Terms are separated by spaces and all must match. A word matches anywhere in the layer's name or
its operator; `"exact"` is a layer's whole name; `op:Conv`, `dtype:int8`, `kind:embedding`,
`format:2:4` (or a family: nm, bsr, channel), `declared:wrong|right|any|none`; `sparsity<50%` and
`params>1M` compare with < <= > >= = !=; `-` before a term excludes. Case does not matter.
tests/query_cases.json holds the page's own implementation against this one.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sparseview.errors import SparseviewError

Row = Any  # a mapping, or an object with attributes: layer, title, op, format, sparsity, ...
Test = Callable[[Row], bool]

_TERM = re.compile(r'\s*(-?)(?:"([^"]*)"(?=\s|$)|(\S+))')
_COMPARISON = re.compile(r"(sparsity|params)(<=|>=|!=|<|>|=)(.*)", re.IGNORECASE | re.DOTALL)
# Terms, all of them understood, that only a measured row can answer.
_MEASURED = re.compile(r"sparsity[<>=!]|format:|declared:(right|wrong)", re.IGNORECASE)
_AMOUNT = re.compile(r"(\d+\.?\d*|\.\d+)(%|[kmgb])?", re.IGNORECASE)
_SUFFIX = {"k": 1e3, "m": 1e6, "g": 1e9, "b": 1e9}
_FAMILIES = {"nm": ":", "bsr": "bsr:", "channel": "channel:"}
_FORMAT = re.compile(r"dense|unstructured|channel:(in|out)|bsr:\d+x\d+|\d+:\d+")
_CLAIMS: dict[str, Test] = {
    "any": lambda row: _get(row, "declared") is not None,
    "none": lambda row: _get(row, "declared") is None,
    "right": lambda row: _get(row, "agrees") is True,
    "wrong": lambda row: _get(row, "agrees") is False,
}
# Two fractions closer than this are the same: typed decimals are not binary fractions.
_SAME = 1e-9


class Query(NamedTuple):
    """A test on report rows (mappings or objects): all terms hold.

    plain : those about what the file says of a weight.  measured : those about what its values
    are, which a row tells once it is measured.
    """

    plain: tuple[Test, ...]
    measured: tuple[Test, ...]

    def may(self, row: Row) -> bool:
        """Whether the row matches, or may once it is measured."""
        return all(test(row) for test in self.plain)

    def __call__(self, row: Row) -> bool:
        return self.may(row) and all(test(row) for test in self.measured)


def compile(text: str) -> Query:
    """What a text asks for; raises SparseviewError for a bad term.

    An empty text matches every row. A row that is not measured matches no sparsity comparison.
    """
    plain: list[Test] = []
    measured: list[Test] = []
    text = text.strip()
    at = 0
    while at < len(text):
        found = _TERM.match(text, at)
        assert found is not None  # after strip() at least one character is left for \S+
        at = found.end()
        minus, exact, word = found.groups()
        test = _exactly(exact) if exact is not None else _term(word)
        asks = exact is None and _MEASURED.match(word) is not None
        (measured if asks else plain).append(_not(test) if minus else test)
    return Query(tuple(plain), tuple(measured))


def _term(term: str) -> Test:
    if '"' in term:
        raise _bad(term, 'Put the whole name between two quotes: "/block1/conv1/Conv".')
    comparison = _COMPARISON.fullmatch(term)
    if comparison is not None:
        name, sign, amount = comparison.groups()
        return _compare(term, name.lower(), sign, amount)
    field, colon, value = term.lower().partition(":")
    if colon and field in ("sparsity", "params"):
        raise _bad(term, "Compare with <, <=, >, >=, = or !=: sparsity<50%, params>1M.")
    if colon and field in ("op", "dtype", "kind", "format", "declared"):
        return _field(term, field, value)
    word = term.lower()  # a title stands for the address of a layer without a name
    return lambda row: any(word in _text(row, key) for key in ("layer", "title", "op"))


def _field(term: str, field: str, value: str) -> Test:
    if field == "declared":
        if value not in _CLAIMS:
            raise _bad(term, f"Say one of: {', '.join(f'declared:{c}' for c in _CLAIMS)}.")
        return _CLAIMS[value]
    if field == "format" and value in _FAMILIES:
        return _family(value)
    if field == "format" and not _FORMAT.fullmatch(value):
        raise _bad(
            term, "Formats: dense, unstructured, channel:out, bsr:4x4, 2:4, or nm, bsr, channel."
        )
    if field == "kind" and value not in ("weight", "embedding"):
        raise _bad(term, "Say kind:weight or kind:embedding.")
    if not value:
        raise _bad(term, f"Say which one, for example {field}:{_EXAMPLES[field]}.")
    return lambda row: _text(row, field) == value


_EXAMPLES = {"op": "Conv", "dtype": "int8"}


def _family(family: str) -> Test:
    if family == "nm":
        return lambda row: re.fullmatch(r"\d+:\d+", _text(row, "format")) is not None
    return lambda row: _text(row, "format").startswith(_FAMILIES[family])


def _compare(term: str, name: str, sign: str, amount: str) -> Test:
    wanted = _fraction(term, amount) if name == "sparsity" else _count(term, amount)
    key, same = ("sparsity", _SAME) if name == "sparsity" else ("elements", 0.0)

    def test(row: Row) -> bool:
        value = _get(row, key)
        if value is None:
            return False
        if abs(value - wanted) <= same:
            return sign in ("=", "<=", ">=")
        if sign in ("=", "!="):
            return sign == "!="
        return bool((operator.lt if sign[0] == "<" else operator.gt)(value, wanted))

    return test


def _fraction(term: str, amount: str) -> float:
    found = _AMOUNT.fullmatch(amount)
    if found is None or (found[2] or "%") != "%":
        raise _bad(term, "Give a fraction or a percentage: sparsity<0.5 or sparsity<50%.")
    value = float(found[1]) / (100 if found[2] else 1)
    if value > 1:
        raise _bad(term, f"A fraction ends at 1; for a percentage write {found[1]}%."
                   if not found[2] else "A percentage ends at 100%.")  # fmt: skip
    return value


def _count(term: str, amount: str) -> float:
    found = _AMOUNT.fullmatch(amount)
    if found is None or found[2] == "%":
        raise _bad(term, "Give a number of weights: params>1000, params>10K or params>1M.")
    return float(found[1]) * _SUFFIX.get((found[2] or "").lower(), 1)


def _exactly(name: str) -> Test:
    if not name:
        raise _bad('""', 'Put a name between the quotes: "/block1/conv1/Conv".')
    return lambda row: name in (_get(row, "layer"), _get(row, "title"))


def _not(test: Test) -> Test:
    return lambda row: not test(row)


def _get(row: Row, key: str) -> Any:
    return row.get(key) if isinstance(row, Mapping) else getattr(row, key, None)


def _text(row: Row, key: str) -> str:
    return str(_get(row, key) or "").lower()


def _bad(term: str, hint: str) -> SparseviewError:
    return SparseviewError(f"The search term {term} is not understood.", hint, "query")
