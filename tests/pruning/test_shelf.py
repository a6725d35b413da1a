"""Sweeps outlive their session: on disk, for just what they depend on, and never in the way."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import builders
import msgspec
import numpy as np
import onnx
import pytest
from fed_network import network_file, samples_file

import sparseview as sv
from sparseview.progress import Cancelled, Progress
from sparseview.pruning import shelf
from sparseview.pruning.sensitivity import Point
from sparseview.runtime.drift import Reference
from sparseview.session import Session

WISH: dict[str, Any] = {"method": "wanda", "budget": "sensitivity", "sparsity": 0.7}
Count = Callable[[], int]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPARSEVIEW_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "sweeps"


@pytest.fixture
def network(tmp_path: Path) -> Path:
    samples_file(tmp_path, 40)
    return network_file(tmp_path)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Count:
    """How many points were measured since it was asked last."""
    calls = [0]
    plain = Reference.drift

    def counted(self: Reference, *given: Any, **more: Any) -> Any:
        calls[0] += 1
        return plain(self, *given, **more)

    monkeypatch.setattr(Reference, "drift", counted)

    def since() -> int:
        found, calls[0] = calls[0], 0
        return found

    return since


def opened(path: Path, **options: Any) -> Session:
    session = sv.open(path)
    session.use_data(path.with_name("some.npz"), **options)
    return session


def levels(session: Session, progress: Progress | None = None, **wish: Any) -> dict[str, float]:
    """What a budget by sensitivity comes to."""
    request = session.request(**{**WISH, **wish})
    made = session.preview(request, progress or Progress())
    return {row.layer: row.after for row in made.rows}


def test_a_later_session_measures_nothing_again(
    network: Path, cache: Path, measured: Count
) -> None:
    first = levels(opened(network))
    points = measured()
    assert points >= 3 * 6
    assert levels(opened(network)) == first and measured() == 0
    moved = network.rename(network.with_name("other.onnx"))
    (network.parent / "some.npz").rename(moved.with_name("some.npz"))
    assert levels(opened(moved), sparsity=0.5) != first and measured() == 0
    assert len(list(cache.iterdir())) == 1


@pytest.mark.parametrize("at", [4, 11])
def test_a_sweep_that_was_broken_off_goes_on_in_a_later_session(
    network: Path, cache: Path, measured: Count, at: int
) -> None:
    whole = levels(opened(network))
    (file,) = cache.iterdir()
    file.unlink()
    points = measured()
    progress = Progress(lambda *_: progress.cancel() if done[0] >= at else None)
    done = [0]
    plain = Reference.drift

    def counted(self: Reference, *given: Any, **more: Any) -> Any:
        done[0] += 1
        return plain(self, *given, **more)

    session = opened(network)
    before = session.model
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reference, "drift", counted)
        with pytest.raises(Cancelled):
            levels(session, progress)
    assert session.model is before and not session.history.edits
    broken_off = measured()
    assert at <= broken_off < points
    assert levels(opened(network)) == whole
    assert measured() == points - broken_off


def test_what_the_numbers_depend_on_makes_another_sweep(
    network: Path, cache: Path, measured: Count
) -> None:
    levels(opened(network))
    assert measured()
    for session, wish in (
        (opened(network, calibration=9), {}),
        (opened(network), {"format": "2:4"}),
        (opened(network), {"method": "magnitude"}),
    ):
        levels(session, **wish)
        assert measured()
    session = opened(network)
    session.prune("fc", sparsity=0.5, method="magnitude")
    levels(session)
    assert measured()
    # The same edit in another session leaves the same values; undone, it is the file again.
    session = opened(network)
    session.prune("fc", sparsity=0.5, method="magnitude")
    levels(session)
    session.undo()
    levels(session)
    assert measured() == 0
    proto = onnx.load(network)
    proto.producer_name = "somebody else"
    onnx.save(proto, network)
    levels(opened(network))
    assert measured()
    assert len(list(cache.iterdir())) == 6


def test_external_data_are_part_of_what_it_depends_on(
    tmp_path: Path, cache: Path, measured: Count
) -> None:
    path = tmp_path / "network.onnx"
    x = np.random.default_rng(1).standard_normal((20, 8, 8, 8)).astype(np.float32)
    np.savez(tmp_path / "some.npz", x=x)

    def save(seed: float) -> None:
        proto = builders.network()
        weight = onnx.numpy_helper.to_array(proto.graph.initializer[0]) + np.float32(seed)
        proto.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(weight, "conv1.weight"))
        (tmp_path / "weights.bin").unlink(missing_ok=True)
        onnx.save(proto, path, save_as_external_data=True, location="weights.bin")

    save(0)
    file = path.read_bytes()
    levels(opened(path))
    assert measured()
    save(0.5)
    assert path.read_bytes() == file  # only the data beside it are others
    levels(opened(path))
    assert measured()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[" * 9999, b"\xff\xfe", b'{"schema": "sparseview.sweep/0"}',
        b'{"schema": "sparseview.sweep/1", "key": {}, "points": {}}',
    ],
)  # fmt: skip
def test_a_file_that_is_broken_counts_as_absent(
    network: Path, cache: Path, measured: Count, content: bytes
) -> None:
    first = levels(opened(network))
    points = measured()
    (file,) = cache.iterdir()
    file.write_bytes(content)
    assert levels(opened(network)) == first and measured() == points
    assert levels(opened(network)) == first and measured() == 0  # and is written anew


def test_points_that_nobody_measured_are_left_out(cache: Path) -> None:
    key = {"model": "m"}
    shelf.write(key, {"w": (Point(0.5, 0.9, 0.1), Point(7.0, 0.9, 0.1))})
    shelf.write({"model": "n"}, {"w": (Point(0.5, 0.9, 0.1),)})
    assert shelf.read(key) == {}
    assert shelf.read({"model": "n"}) == {"w": (Point(0.5, 0.9, 0.1),)}


def test_what_two_sessions_measure_is_put_together(cache: Path) -> None:
    key = {"model": "m"}
    shelf.write(key, {"v": (Point(0.5, 0.9, 0.1),), "w": (Point(0.5, 0.9, 0.1),)})
    shelf.write(key, {"w": (Point(0.7, 0.8, 0.2), Point(0.9, None, None))})
    assert shelf.read(key) == {
        "v": (Point(0.5, 0.9, 0.1),),
        "w": (Point(0.5, 0.9, 0.1), Point(0.7, 0.8, 0.2), Point(0.9, None, None)),
    }


def test_the_oldest_go_where_there_are_too_many(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "MOST_FILES", 3)
    points = {"w": (Point(0.5, 0.9, 0.1),)}
    for number in range(5):
        shelf.write({"number": number}, points)
        for age, file in enumerate(sorted(cache.iterdir(), key=lambda f: f.stat().st_mtime)):
            os.utime(file, (1000 + age, 1000 + age))
    assert [bool(shelf.read({"number": n})) for n in range(5)] == [False, False, True, True, True]
    monkeypatch.setattr(shelf, "MOST_BYTES", 1)
    shelf.write({"number": 9}, points)
    assert [file.name for file in cache.iterdir()] == [shelf._place({"number": 9}).name]


def test_a_folder_that_cannot_be_written_stops_nothing(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SPARSEVIEW_CACHE", str(tmp_path / "file"))
    assert levels(opened(network))
    monkeypatch.setenv("SPARSEVIEW_CACHE", "off")
    assert shelf.folder() is None and levels(opened(network))


def test_where_sweeps_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SPARSEVIEW_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert shelf.folder() == tmp_path / "sparseview" / "sweeps"
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert shelf.folder() == tmp_path / "local" / "sparseview" / "sweeps"
    monkeypatch.setattr("sys.platform", "darwin")
    assert shelf.folder() == Path.home() / "Library" / "Caches" / "sparseview" / "sweeps"


def test_a_file_tells_all_that_its_points_depend_on(network: Path, cache: Path) -> None:
    levels(opened(network))
    (file,) = cache.iterdir()
    told = msgspec.json.decode(file.read_bytes())
    assert told["schema"] == shelf.SCHEMA and set(told["points"]) == {
        "main/conv1.weight", "main/conv2.weight", "main/fc.weight",
    }  # fmt: skip
    key = told["key"]
    assert key["method"] == "wanda" and key["data"]["samples"] == 40
    assert set(key) == {
        "version", "model", "values", "method", "format", "params", "samples", "data",
    }  # fmt: skip
    assert str(network) not in file.read_text()  # whose it is, not where it lies


def test_a_file_in_the_place_of_another_tells_nothing_of_it(cache: Path) -> None:
    key, other = {"model": "m"}, {"model": "n"}
    shelf.write(other, {"w": (Point(0.5, 0.9, 0.1),)})
    (file,) = cache.iterdir()
    shelf.write(key, {"w": (Point(0.5, 0.2, 0.7),)})
    shelf._place(key).write_bytes(file.read_bytes())
    assert shelf.read(key) == {} and shelf.read(other)


def test_what_is_read_is_not_the_oldest(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "MOST_FILES", 2)
    points = {"w": (Point(0.5, 0.9, 0.1),)}
    for number in range(2):
        shelf.write({"number": number}, points)
        os.utime(shelf._place({"number": number}), (1000 + number, 1000 + number))
    assert shelf.read({"number": 0}) == points
    shelf.write({"number": 2}, points)
    assert [bool(shelf.read({"number": n})) for n in range(3)] == [True, False, True]


def test_a_level_that_is_measured_again_is_there_once(cache: Path) -> None:
    key = {"model": "m"}
    shelf.write(key, {"w": (Point(0.5, 0.9, 0.1), Point(0.7, 0.8, 0.2))})
    shelf.write(key, {"w": (Point(0.5, 0.91, 0.1),)})
    assert shelf.read(key) == {"w": (Point(0.5, 0.91, 0.1), Point(0.7, 0.8, 0.2))}
