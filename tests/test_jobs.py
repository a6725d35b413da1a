"""Jobs end in exactly one state, tell their steps, and stop when asked."""

from __future__ import annotations

import threading

import pytest

from sparseview.errors import SparseviewError
from sparseview.jobs import Job
from sparseview.progress import Progress


def test_a_job_runs_and_tells_its_steps() -> None:
    heard: list[tuple[int, int, str]] = []

    def work(progress: Progress) -> None:
        progress.step(1, 3, "one")
        progress.step(2, 3, "two")

    gate = threading.Event()
    job = Job(
        "Measuring",
        lambda progress: (gate.wait(60), work(progress))[1],
        lambda job: heard.append((job.facts.done, job.facts.total, job.facts.state)),
    )
    assert job.facts.state == "running"
    gate.set()
    assert job.wait(60)
    assert heard == [(1, 3, "running"), (2, 3, "running"), (2, 3, "done")]
    assert job.facts.label == "Measuring"


def test_cancel_stops_a_job_at_its_next_step() -> None:
    started, go = threading.Event(), threading.Event()
    reached: list[str] = []

    def work(progress: Progress) -> None:
        started.set()
        go.wait(60)
        progress.step(1, 2)
        reached.append("past the step")

    job = Job("Measuring", work)
    started.wait(60)
    assert not job.wait(0)
    job.cancel()
    go.set()
    assert job.wait(60)
    assert job.state == "cancelled"
    assert reached == []
    job.cancel()
    assert job.state == "cancelled"


@pytest.mark.parametrize("raised", [SparseviewError("No file.", code="missing"), KeyError("x")])
def test_what_a_job_raises_is_kept_as_its_error(raised: Exception) -> None:
    heard: list[str] = []

    def work(progress: Progress) -> None:
        raise raised

    job = Job("Measuring", work, lambda job: heard.append(job.state))
    assert job.wait(60)
    assert heard == ["failed"]
    assert isinstance(job.error, SparseviewError)
    if isinstance(raised, SparseviewError):
        assert job.error is raised
    else:
        assert "Measuring" in job.error.message
        assert job.error.__cause__ is raised


def test_jobs_have_different_ids() -> None:
    jobs = [Job("x", lambda progress: None) for _ in range(3)]
    assert all(job.wait(60) for job in jobs)
    assert len({job.id for job in jobs}) == 3
