"""A session as a notebook shows it; nothing that a model says is put in as HTML."""

from __future__ import annotations

from html import escape
from pathlib import Path

from sparseview.review.history import History
from sparseview.review.summary import Summary
from sparseview.review.weightrows import WeightRows
from sparseview.shares import percent


def session_html(path: Path, summary: Summary, history: History, rows: WeightRows) -> str:
    """Name, totals and the table of weights."""
    share = "not all measured" if summary.sparsity is None else percent(summary.sparsity)
    edits = history.position
    done = f" · {edits} edit{'s' * (edits != 1)}" if edits else ""
    return (
        f"<p><b>{escape(path.name)}</b> · {summary.weights:,} weights, "
        f"{summary.elements:,} elements · {share} zeros{done}</p>{rows._repr_html_()}"
    )
