"""Refuses to speak about weights whose data could not be read."""

from __future__ import annotations

from collections.abc import Iterable

from sparseview.errors import SparseviewError
from sparseview.session import Session


def require_readable(session: Session, ids: Iterable[int] | None = None) -> None:
    """Raise SparseviewError that tells the first problem and counts the others.

    A weight whose zero point nobody can know is no broken file: its row tells, the others stand.
    """
    rows = session.weights if ids is None else [session.row(weight_id) for weight_id in ids]
    weights = session.model.weights
    broken = [r for r in rows if r.problem is not None and weights[r.id].problem is None]
    if broken:
        others = len(broken) - 1
        rest = f" ({others} more weights cannot be read either.)" if others else ""
        raise SparseviewError(
            f"{session.path.name}, layer {broken[0].title}: {broken[0].problem}{rest}",
            code="unreadable",
        )
