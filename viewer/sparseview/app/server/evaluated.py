"""What is known about the edits of the open model by its data; prunes by data add to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparseview.errors import SparseviewError
from sparseview.model.edits import Edit
from sparseview.progress import Progress
from sparseview.pruning.request import PruneRequest, understand
from sparseview.review.storing import Skipped
from sparseview.session import Session

if TYPE_CHECKING:
    from sparseview.pruning.evidence import Evidence
    from sparseview.review.evaluation import Evaluations


def data(session: Session) -> Evidence:
    """The data in use; SparseviewError where none is chosen."""
    if session.data is None:
        raise SparseviewError(
            "No data are chosen.", "Choose samples of what the model is fed.", "no-data"
        )
    return session.data


def driven(request: PruneRequest) -> bool:
    """Whether its method goes by data, or how its target is shared out. Raises SparseviewError for
    a request that makes no sense."""
    return understand(request).by_data


class Evaluated:
    """One per app: evaluations of the open session, as long as it has the same data.

    ONNX Runtime is imported when the first of them is asked for.
    """

    def __init__(self) -> None:
        self._session: Session | None = None
        self._kept: Evaluations | None = None

    def of(self, session: Session) -> Evaluations:
        """Raises SparseviewError where no data are chosen."""
        from sparseview.review.evaluation import Evaluations

        evidence = data(session)
        if (
            self._session is not session
            or self._kept is None
            or self._kept.evidence is not evidence
        ):
            self._session, self._kept = session, Evaluations(evidence)
        return self._kept

    def prune(
        self, session: Session, request: PruneRequest, progress: Progress
    ) -> tuple[Edit, tuple[Skipped, ...]]:
        """Prune; what a method found about its layers on the way is kept. Gives the edit, and
        what a method that goes by data left as it is."""
        if not driven(request):
            return session.prune(request, progress), ()
        from sparseview.review.evaluation import LayerEffect

        kept, before = self.of(session), session.model
        made = session.preview(request, progress)  # its plan is the prune's
        edit = session.prune(request, progress)
        # Against the file, and of the inputs there: only where nothing was edited before.
        fresh = () if before.overlay else made.rows
        kept.learn(
            session.model,
            (
                LayerEffect(r.weight, r.layer, r.layer_error, None, r.remark)
                for r in fresh
                if r.layer_error is not None
            ),
        )
        return edit, made.skipped
