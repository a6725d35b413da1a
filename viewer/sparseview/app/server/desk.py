"""What lies on the desk of one running app: the open session, its problem, its jobs.

Opening runs beside the page: the page is up at once, and a failed open keeps the open model.
"""

from __future__ import annotations

import gc
import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import msgspec

from sparseview.app.events import (
    AskDataEvent,
    AskOpenEvent,
    ChangedEvent,
    LabelsEvent,
    StateEvent,
)
from sparseview.app.facts import DataFacts, ModelFacts, Problem, State
from sparseview.app.kinds import FileKind, is_data
from sparseview.app.server.broadcast import Broadcast
from sparseview.app.server.demo import demo_model
from sparseview.app.server.describe import model_facts, notices
from sparseview.app.server.noderows import wanted_by
from sparseview.app.server.pictures import Pictures
from sparseview.app.server.pulse import Pulse
from sparseview.app.server.replies import absolute, problem_of
from sparseview.app.settings import Settings, SettingsFile
from sparseview.errors import SparseviewError
from sparseview.jobs import Job, JobFacts
from sparseview.model import shapes
from sparseview.progress import Progress
from sparseview.review.history import History
from sparseview.session import Session
from sparseview.version import VERSION

Types = dict[int, dict[str, tuple[str, tuple[int | str | None, ...] | None]]]
NO_HISTORY = History((), 0, 0)
PATIENCE = 10.0  # seconds for a job to end when the app does
# A page that is on its way has so many times the patience to show the picture.
MORE = 4.0
# Seconds for which a page that tells of its moving picture is heard; it tells again meanwhile.
MOVING = 0.5
LOOK = 0.05
# Seconds from a picture of a large graph to what is least urgent; by node, and at most.
LULL_PER_NODE = 2.5e-5
LULL = 0.8


class NativeWindow(Protocol):
    """What a native window can do that a page cannot."""

    def ask_open(self, kind: FileKind) -> str | None:
        """The system's open dialog; None if it was cancelled."""

    def ask_folder(self) -> str | None:
        """The system's dialog for a folder; None if it was cancelled."""

    def ask_save(self, folder: str, name: str, kind: FileKind) -> str | None:
        """The system's save dialog, starting at a suggestion; None if it was cancelled."""

    def toggle_full_screen(self) -> None:
        """Fill the screen, or be a window again."""

    def close(self) -> None:
        """Close without asking again."""


class Desk:
    """One per launch. Its methods may be called from any thread.

    Parameters
    ----------
    settings : where settings and recent files are kept.
    patience : seconds that measuring waits for a page to show the first picture, with which it
        would compete for the processor.

    `window` is set while a native window shows the page.
    """

    def __init__(self, settings: SettingsFile | None = None, patience: float = 0.0) -> None:
        self.window: NativeWindow | None = None
        self.broadcast = Broadcast()
        self.pictures = Pictures()
        self.types: Types | None = None  # what shape inference found, once it has
        self._settings = settings or SettingsFile()
        self._pulse = Pulse(self.broadcast, self._running)
        self._opening = threading.Lock()  # one open at a time
        self._patience = patience
        self._shown = threading.Event()  # a page has asked for what follows the picture
        self._coming = threading.Event()  # a page was asked for
        self._still_from = 0.0  # of the monotonic clock
        self._lock = threading.RLock()
        self._session: Session | None = None
        self._facts: ModelFacts | None = None
        self._problem: Problem | None = None
        self._data: DataFacts | None = None  # what the open session prunes by
        self._serials = itertools.count(1)
        self._jobs: dict[int, Job] = {}
        self._at_work: list[tuple[Session | None, Job]] = []  # whose answer a page waits for
        self._measuring: Job | None = None
        self._trials: dict[str, Progress] = {}  # what would be, as it is worked out now
        self._watchers: list[Callable[[], None]] = []

    # What is there

    @property
    def session(self) -> Session:
        """The open session; SparseviewError where none is open."""
        session = self._session
        if session is None:
            raise SparseviewError("No model is open.", "Open one first.", "no-model")
        return session

    @property
    def open_path(self) -> str | None:
        return None if self._session is None else str(self._session.path)

    @property
    def dirty(self) -> bool:
        """Whether closing would lose edits."""
        return self._session is not None and self._session.dirty

    def state(self) -> State:
        """Everything that the page's frame shows."""
        with self._lock:
            session = self._session
            return State(
                revision=0 if session is None else session.revision,
                version=VERSION,
                native_dialogs=self.window is not None,
                demo=demo_model() is not None,
                settings=self._settings.settings,
                recent=self._settings.recent,
                model=self._facts,
                problem=self._problem,
                history=NO_HISTORY if session is None else session.history,
                job=self._running(),
                data=self._data,
            )

    def first_look(self) -> tuple[State, bytes | None]:
        """The state, and the columns of the main graph as that state wants them, if at hand."""
        with self._lock:
            state, session = self.state(), self._session
        if session is None:
            return state, None
        return state, self.pictures.ready(session.model, "main", wanted_by(state.settings))

    # Changing it

    def change_settings(self, settings: Settings) -> None:
        self._settings.change(settings)
        self.tell()

    def open(self, path: str, discard: bool = False) -> Job:
        """Open a model in the background; the job's error says what was wrong.

        Raises SparseviewError (code "unsaved") where edits would be lost and `discard` is not set.
        """
        self.guard(discard)
        return self.start(f"Opening {os.path.basename(path)}", lambda _: self._open(path))

    def offer(self, path: str) -> None:
        """A path that was dropped on the window: data for the open model, or a model, about which
        is asked first where edits are unsaved."""
        if is_data(path):
            self.broadcast.send(AskDataEvent(path))
        elif self.dirty:
            self.broadcast.send(AskOpenEvent(path))
        else:
            self.open(path)

    def fed(self, session: Session, data: DataFacts | None) -> None:
        """The session prunes by other data from now on, or by none."""
        with self._lock:
            if session is not self._session:
                return
            self._data = data
        self.tell()

    def close_model(self, discard: bool) -> None:
        """Go back to the start page."""
        self.guard(discard)
        with self._lock:
            old, self._session, self._facts, self._problem = self._session, None, None, None
            self.types = self._data = None
        self._leave(old)
        self.tell()

    def guard(self, discard: bool) -> None:
        if self.dirty and not discard:
            raise SparseviewError(
                "The open model has unsaved edits.", "Save it, or discard the edits.", "unsaved"
            )

    def start(self, label: str, work: Callable[[Progress], None]) -> Job:
        """Run a task as a job that the page sees and can cancel."""
        return self._watch(Job(label, work, self._job_moved))

    def run(self, label: str, work: Callable[[Progress], None]) -> None:
        """Run a task on the open session as a job, wait for it, and raise what it raised. Where
        another model takes the session's place, it is cancelled."""
        session = self._session
        job = self.start(label, work)
        with self._lock:
            self._at_work.append((session, job))
        job.wait()
        with self._lock:
            self._at_work.remove((session, job))
        finish(job)

    def saved(self, session: Session) -> None:
        """Follow a save: the session stands for another file now, or for one of another size."""
        path = str(session.path)
        with self._lock:
            if session is not self._session or self._facts is None:
                return
            known = self._facts
            self._facts = facts = model_facts(session.model, path, known.serial, known.notices)
        self._settings.remember(path, facts.bytes, session.summary().sparsity)
        self.tell()

    def cancel(self, job_id: int) -> None:
        with self._lock:
            job = self._jobs.get(job_id)
        if job is not None:
            job.cancel()

    def new_preview(self) -> Progress:
        """The progress of a preview that begins now; the one before it is stopped."""
        return self._begin("preview")

    def new_outlook(self) -> Progress:
        """Likewise of an outlook. The wish has changed: previews and comparisons stop, too."""
        return self._begin("outlook", "preview", "comparison")

    def new_comparison(self) -> Progress:
        """Likewise of a comparison of formats."""
        return self._begin("comparison")

    def new_foresight(self) -> Progress:
        """Likewise of a look at what a prune by data will take."""
        return self._begin("foresight")

    def _begin(self, kind: str, *others: str) -> Progress:
        with self._lock:
            for one in (kind, *others):
                if one in self._trials:
                    self._trials.pop(one).cancel()
            self._trials[kind] = Progress()
            return self._trials[kind]

    def shut(self) -> None:
        """End every job and stream; unsaved edits are gone."""
        self._patience = 0.0
        self._shown.set()
        with self._lock:
            old, self._session = self._session, None
            jobs = tuple(self._jobs.values())
        for job in jobs:
            job.cancel()
        for job in jobs:
            job.wait(PATIENCE)  # a save that is under way ends whole, or not at all
        self._leave(old)
        self._pulse.stop()
        self.broadcast.close()

    # Telling

    def tell(self) -> None:
        """Send the whole state to every page, and let the window follow."""
        self.broadcast.send(StateEvent(self.state()))
        for watcher in tuple(self._watchers):
            watcher()

    def page_asked(self) -> None:
        """A page is on its way: what waits for the picture has reason to."""
        self._coming.set()

    def picture_shown(self) -> None:
        """A page has laid out the graph: what waited for it may begin."""
        self._shown.set()

    def picture_moves(self) -> None:
        """Somebody moves about in the picture: what can wait does, for a moment."""
        self._still_from = time.monotonic() + MOVING
        session = self._session
        if session is not None:
            session.rest(MOVING)

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call `watcher` after each change of the state, in the acting thread."""
        self._watchers.append(watcher)

    # Inside

    def _open(self, path: str) -> None:
        with self._opening:
            full = str(absolute(path))
            try:
                with undisturbed():
                    session = Session.open(full)
                    facts = model_facts(session.model, full, next(self._serials))
            except Exception as error:
                with self._lock:
                    self._problem = problem_of(error)
                self.tell()
                raise
            with self._lock:
                old, self._session = self._session, session
                self._facts, self._problem, self.types, self._data = facts, None, None, None
            self._leave(old)
        session.subscribe(lambda event: self._heard(session, event))
        self._settings.remember(full, facts.bytes, None)
        self._shown.clear()
        self.tell()
        # The first picture comes before what would compete with it for the processor.
        with undisturbed():
            self.pictures.get(session.model, "main", wanted_by(self._settings.settings))
        if not self._shown.wait(self._patience) and self._coming.is_set():
            self._shown.wait(MORE * self._patience)
        self._stand_still()
        self._measuring = session.start_measuring()
        self._watch(self._measuring)
        threading.Thread(
            target=self._infer, args=(session,), name="shape inference", daemon=True
        ).start()
        self._look_through(session)

    def _look_through(self, session: Session) -> None:
        """Tell what is wrong with the file: that takes as long as opening it did."""
        # In steps, each of which a picture that moves can put off.
        self._lull(session)
        session.model.check(self._stand_still)
        self._stand_still()
        found = notices(session.model)
        with self._lock:
            if not found or self._session is not session or self._facts is None:
                return
            self._facts = msgspec.structs.replace(self._facts, notices=found)
        self.tell()

    def _stand_still(self) -> None:
        """Wait until no picture moves."""
        while (left := self._still_from - time.monotonic()) > 0 and self._session is not None:
            time.sleep(min(left, LOOK))

    def _lull(self, session: Session) -> None:
        """Wait a little before work that cannot be put off once it runs: who has just got a picture
        and wants to move about in it begins meanwhile."""
        time.sleep(min(len(session.model.nodes) * LULL_PER_NODE, LULL))
        self._stand_still()

    def _infer(self, session: Session) -> None:
        self._lull(session)
        found = shapes.infer(session.model)
        with self._lock:
            if self._session is not session:
                return
            self.types = found
        self.broadcast.send(LabelsEvent())

    def _leave(self, session: Session | None) -> None:
        self._pulse.forget()
        if session is None:
            return
        with self._lock:
            jobs = [job for on, job in self._at_work if on is session]
        for job in jobs:
            job.cancel()
        for job in jobs:
            job.wait(PATIENCE)
        session.close()

    def _heard(self, session: Session, event: dict[str, Any]) -> None:
        if session is not self._session:
            return
        if event["type"] == "measured":
            self._pulse.measured(session, event["weights"])
        elif event["type"] == "changed":
            weights = tuple(event["weights"])
            rows = tuple(session.row(weight) for weight in weights)
            self.broadcast.send(ChangedEvent(session.revision, weights, rows, session.summary()))
            self.tell()
        elif event["type"] == "job":
            with self._lock:
                job = self._jobs.get(event["job"].id)
            if job is not None:
                self._job_moved(job)

    def _watch(self, job: Job) -> Job:
        with self._lock:
            self._jobs[job.id] = job
        self._job_moved(job)
        return job

    def _job_moved(self, job: Job) -> None:
        with self._lock:
            for known in [j.id for j in self._jobs.values() if j.state != "running"]:
                del self._jobs[known]
        if job is self._measuring:
            self._measured(job)
        self._pulse.job_moved()

    def _measured(self, job: Job) -> None:
        """The model's recent entry gets its sparsity, or the page is told why there is none."""
        session, facts = self._session, self._facts
        if job.state == "done" and session is not None and facts is not None:
            self._settings.remember(facts.path, facts.bytes, session.summary().sparsity)
        elif job.error is not None:
            with self._lock:
                self._problem = problem_of(job.error)
            self.tell()

    def _running(self) -> JobFacts | None:
        """The job started last that still runs."""
        with self._lock:
            running = [job for job in self._jobs.values() if job.state == "running"]
        return running[-1].facts if running else None


def finish(job: Job) -> None:
    """Raise what an ended job raised."""
    if job.error is not None:
        raise job.error
    if job.state == "cancelled":
        raise SparseviewError("The work was cancelled.", "Nothing was changed.", "cancelled")


@contextmanager
def undisturbed() -> Iterator[None]:
    """No search for garbage meanwhile: what opening makes stays, and to look through it costs."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
