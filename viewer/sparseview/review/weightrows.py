"""The rows of a model's weights as a tuple that a notebook shows as a table."""

from __future__ import annotations

from sparseview.review.rows import WeightRow
from sparseview.shares import percent

SHOWN = 200  # rows of a table in a notebook


class WeightRows(tuple[WeightRow, ...]):
    """A tuple of `WeightRow`; its last line in a notebook shows a table."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in ("layer", "op", "shape", "type", "zeros", ""))
        body = "".join(_line(row) for row in self[:SHOWN])
        more = f"<p>and {len(self) - SHOWN:,} more</p>" if len(self) > SHOWN else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _line(row: WeightRow) -> str:
    share = "not measured" if row.sparsity is None else percent(row.sparsity)
    from html import escape

    cells = (
        row.layer,
        row.op,
        " × ".join(map(str, row.shape)),
        row.dtype,
        share,
        row.problem or row.format or "",
    )
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
