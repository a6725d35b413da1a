"""The query language, by the list of cases that the page's own implementation passes too."""

from __future__ import annotations

import json
from dataclasses import make_dataclass
from pathlib import Path

import pytest

from sparseview import query
from sparseview.errors import SparseviewError

CASES = json.loads((Path(__file__).parent / "query_cases.json").read_text("utf-8"))
GOOD = [case for case in CASES["cases"] if "matches" in case]
BAD = [case for case in CASES["cases"] if case.get("error")]


@pytest.mark.parametrize("case", GOOD, ids=[case["query"] or "(empty)" for case in GOOD])
def test_a_query_matches_its_rows(case):
    test = query.compile(case["query"])
    assert [row["layer"] for row in CASES["rows"] if test(row)] == case["matches"]


@pytest.mark.parametrize("case", BAD, ids=[case["query"] for case in BAD])
def test_a_bad_term_is_told_in_a_sentence(case):
    with pytest.raises(SparseviewError, match="is not understood") as told:
        query.compile(case["query"])
    assert told.value.hint.endswith(".")


def test_rows_may_be_objects():
    row = CASES["rows"][0]
    made = make_dataclass("Row", row)(**row)
    assert query.compile(f'"{row["layer"]}"')(made)


def test_every_case_says_what_it_expects():
    assert len(GOOD) + len(BAD) == len(CASES["cases"])
