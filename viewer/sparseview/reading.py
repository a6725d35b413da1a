"""The half of a session that changes nothing: what the model holds, measured, told to listeners."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparseview import query as queries
from sparseview.errors import SparseviewError
from sparseview.jobs import Job
from sparseview.model.document import Model
from sparseview.model.fingerprint import sha256
from sparseview.model.weights import Weight
from sparseview.progress import SILENT, Cancelled, Progress
from sparseview.review.ledger import Ledger
from sparseview.review.measuring import reading_order
from sparseview.review.rows import WeightRow
from sparseview.review.summary import Summary, summarise
from sparseview.review.weightrows import WeightRows
from sparseview.sparsity.storages.gzip import Gzip

if TYPE_CHECKING:
    from sparseview.review.crew import Result
    from sparseview.review.picture import Violations
    from sparseview.review.report import Report

Event = dict[str, Any]
Listener = Callable[[Event], None]


# Seconds between two looks at whether to go on measuring.
LOOK = 0.02


class Reading:
    """One opened model and what is known about its weights. Safe to use from any thread.

    Listeners hear, in the acting thread:

    - `{"type": "changed", "revision", "weights": [ids]}`: edited, undone, redone, protected, saved;
    - `{"type": "measured", "revision", "weights": [ids]}`: values of weights came in;
    - `{"type": "job", "job": JobFacts}`: a job moved or ended.
    """

    def __init__(self, model: Model) -> None:
        self._lock = threading.RLock()  # guards the fields; never held while weights are read
        self._model = model
        self._path = model.path
        self._revision = 0
        self._ledger = Ledger(model)
        self._sha256: str | None = None
        self._hashing = threading.Lock()
        self._hasher: threading.Thread | None = None
        self._listeners: list[Listener] = []
        self._job: Job | None = None
        self._urgent: tuple[int, ...] = ()  # weights to measure first
        self._rests_until = 0.0  # of the monotonic clock

    # What is there

    @property
    def model(self) -> Model:
        """The model as edited so far: an immutable snapshot."""
        return self._model

    @property
    def path(self) -> Path:
        """The file this session stands for: the opened one, or where it was saved last."""
        return self._path

    @property
    def revision(self) -> int:
        """Grows with every change of the model."""
        return self._revision

    @property
    def job(self) -> Job | None:
        """The job started last, also when it has ended."""
        return self._job

    @property
    def weights(self) -> WeightRows:
        """A row per use of a weight or embedding, in the order of ids: a tuple of `WeightRow`.

        Examples
        --------
        >>> session = sv.open(model)
        >>> [(row.layer, row.op, row.shape) for row in session.weights]
        [('fc1', 'Gemm', (32, 64)), ('fc2', 'Gemm', (10, 32))]
        """
        with self._lock:
            return WeightRows(self._ledger.row(weight.id) for weight in self._model.weights)

    def row(self, weight_id: int) -> WeightRow:
        """The row of one weight; raises SparseviewError for an unknown id."""
        with self._lock:
            return self._ledger.row(weight_id)

    def summary(self, ids: Iterable[int] | None = None) -> Summary:
        """Totals over all weights, or over those named."""
        with self._lock:
            chosen = self._chosen(ids)
            return summarise((w.constant.key, self._ledger.row(w.id)) for w in chosen)

    def select(self, query: str, progress: Progress = SILENT) -> tuple[int, ...]:
        """Ids of the rows that a query matches. Where it asks about values, the weights that its
        other terms leave are measured first.

        Examples
        --------
        >>> sv.open(model).select("op:Gemm sparsity<50%")
        (0, 1)
        """
        wanted = queries.compile(query)
        ids = tuple(row.id for row in self.weights if wanted.may(row))
        if wanted.measured:
            self.measure(self._together(ids), progress)
        return tuple(i for i in ids if wanted(self.row(i)))

    def sha256(self, progress: Progress = SILENT) -> str:
        """Hex digest of the opened .onnx file, external data apart; read once, then kept."""
        with self._hashing:  # `hashing` may be at it
            if self._sha256 is None:
                self._sha256 = sha256(self._model, progress)
            return self._sha256

    @contextmanager
    def hashing(self) -> Iterator[None]:
        """Compute `sha256` meanwhile, in a thread: hashing lets others run beside it."""
        from sparseview.review.copied import Plain

        aside = Progress()

        def work() -> None:
            # Whoever asks for the digest reads the file again then, and hears what is wrong.
            with suppress(Cancelled, SparseviewError):
                self.sha256(aside)

        thread = self._hasher = Plain(target=work, name="hash", daemon=True)
        thread.start()
        wanted = False
        try:
            yield
            wanted = True
        finally:
            if not wanted:
                aside.cancel()
            thread.join()

    def report(
        self,
        ids: Iterable[int] | None = None,
        progress: Progress = SILENT,
        *,
        compressed: bool = True,
        hashed: bool = True,
    ) -> Report:
        """The report over all weights or over those named; measures what is missing.

        `compressed`: also estimate each weight's bytes in gzip; else that is left null. `hashed`:
        also say the file's SHA-256; else that is left empty.
        """
        from sparseview.review.report import build

        chosen = [row.id for row in self.weights] if ids is None else list(ids)
        self.measure(self._together(chosen), progress, compressed=compressed)
        if compressed:
            for done, row in enumerate(map(self.row, chosen)):
                progress.step(done, len(chosen), "Compressing samples")
                if row.measured:
                    self.gzip(row.id)
        digest = self.sha256(progress) if hashed else ""
        with self._lock:
            rows = [self.row(weight_id) for weight_id in chosen]
            return build(self._model, digest, self.summary(chosen), rows)

    def violations(self, weight_id: int, format: str, limit: int = 200) -> Violations:
        """Where a weight breaks a structure of zeros, the first `limit` places; it is read anew.

        Of N:M the groups with too many non-zeros, of bsr and channel the blocks and channels that
        are zero in part. Raises SparseviewError where the format has no such units, or cannot
        apply to the weight's shape.
        """
        from sparseview.review.picture import Picture

        with self._lock:
            model, weight = self._model, self._ledger.weight(weight_id)
        return Picture(model, weight).violations(format, limit)

    # Measuring

    def measure(
        self,
        ids: Iterable[int] | None = None,
        progress: Progress = SILENT,
        threads: int | None = None,
        *,
        compressed: bool = False,
    ) -> None:
        """Measure what is not measured yet, of all weights or of those named.

        A weight that cannot be read gets a `problem` in its row, and the rest goes on.
        threads : how many weights at a time; None: one for each processor.
        compressed : also estimate the bytes in gzip of each that is measured.
        """
        with self._lock:
            todo = [w for w in self._chosen(ids) if not self._ledger.known(w.id)]
            todo = reading_order(self._model, todo)
        if not todo:
            return
        done = 0
        progress.step(done, len(todo), "Measuring")
        from sparseview.review.crew import Crew

        crew = Crew(
            todo,
            lambda: self._model,
            self._known,
            self._wishes,
            threads,
            compressed,
            self._hasher,
        )
        with closing(crew.results()) as results:
            for result in results:
                progress.check()
                if result is None:
                    continue
                self._keep(result)
                done += 1
                progress.step(done, len(todo), "Measuring")

    def prioritise(self, weight_ids: Iterable[int]) -> None:
        """Measure these first from now on, in their order: what is on screen."""
        self._urgent = tuple(weight_ids)

    def rest(self, seconds: float) -> None:
        """Begin to measure nothing more for so long: the processor is wanted for a picture."""
        self._rests_until = time.monotonic() + seconds

    def gzip(self, weight_id: int, exact: bool = False, progress: Progress = SILENT) -> Gzip:
        """Bytes of a weight's dense data in gzip, estimated from a sample or exact; kept.

        Its row tells them from then on. Raises SparseviewError where it cannot be read.
        """
        with self._lock:
            weight, model = self._ledger.weight(weight_id), self._model
            known = self._ledger.packed(weight)
        if known is not None and (known.exact or not exact):
            return known
        from sparseview.review.compressing import compress

        found = compress(model, weight, exact=exact, progress=progress)
        key = weight.constant.key
        with self._lock:
            if self._model.overlay.get(key) is model.overlay.get(key):
                self._ledger.put_packed(weight, found)
        return found

    def start_measuring(self) -> Job:
        """Measure everything in the background; results arrive as `measured` events."""
        return self.start("Measuring", lambda progress: self.measure(None, progress))

    def start(self, label: str, work: Callable[[Progress], None]) -> Job:
        """Run a long task on this session as its current job."""
        job = Job(label, work, lambda job: self._tell({"type": "job", "job": job.facts}))
        self._job = job
        return job

    # Listening

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Hear events from now on; the returned function ends it. Listeners must not raise."""
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    def close(self) -> None:
        """Stop the job and let the file go."""
        with self._lock:
            self._listeners.clear()
        if self._job is not None:
            self._job.cancel()
            self._job.wait()
        self._model.close()

    # Inside

    def _chosen(self, ids: Iterable[int] | None) -> Sequence[Weight]:
        return self._model.weights if ids is None else [self._ledger.weight(i) for i in ids]

    def _together(self, ids: Iterable[int]) -> list[int]:
        """These and the other weights of their operators: what an operator claims is about all."""
        nodes = {self._ledger.weight(i).node for i in ids}
        return [weight.id for weight in self._model.weights if weight.node in nodes]

    def _wishes(self) -> tuple[int, ...]:
        """What to measure first. Asked before each tensor: so here measuring rests."""
        while (left := self._rests_until - time.monotonic()) > 0:
            time.sleep(min(left, LOOK))
        return self._urgent

    def _known(self, weight_id: int) -> bool:
        with self._lock:
            return self._ledger.known(weight_id)

    def _keep(self, result: Result) -> None:
        """Store what was measured, unless the constant has changed since."""
        weight = result.weight
        key = weight.constant.key
        with self._lock:
            if self._model.overlay.get(key) is not result.model.overlay.get(key):
                return
            if result.found is not None:
                self._ledger.put({weight.id: result.found})
            elif result.problem is not None:
                self._ledger.put_problem(weight.id, result.problem)
            else:
                return
            if result.packed is not None and self._ledger.packed(weight) is None:
                self._ledger.put_packed(weight, result.packed)
            revision = self._revision
        self._tell({"type": "measured", "revision": revision, "weights": [weight.id]})

    def _changed(self, weights: Iterable[int]) -> None:
        event = {"type": "changed", "revision": self._revision, "weights": sorted(weights)}
        self._tell(event)

    def _tell(self, event: Event) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener(event)

    def _layer(self, weight_id: int) -> str:
        return self._model.title(self._model.nodes[self._model.weights[weight_id].node])
