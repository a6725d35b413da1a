"""Bad input and interruptions end in one clear line and the right exit code, never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import builders
import onnx
import pytest
from cli.command import ROOT, refused, sparseview


@pytest.fixture
def path(tmp_path: Path) -> Path:
    there = tmp_path / "m.onnx"
    there.write_bytes(builders.network().SerializeToString())
    return there


COMMANDS = ["report", "prune", "annotate", ""]


def arguments(command: str, model: Path, out: Path) -> list[str | Path]:
    if command == "prune":
        return ["prune", model, "-o", out, "--sparsity", "50%"]
    if command == "annotate":
        return ["annotate", model, "-o", out]
    return [command, model] if command else [model, "--serve"]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c or "open")
def test_a_missing_file(tmp_path: Path, command: str) -> None:
    ran = sparseview(*arguments(command, tmp_path / "no.onnx", tmp_path / "out.onnx"))
    refused(ran, "no.onnx", "does not exist")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", COMMANDS[:3])
@pytest.mark.parametrize("kind", ["empty", "truncated", "text", "folder"])
def test_a_file_that_is_no_model(path: Path, command: str, kind: str) -> None:
    bad = path.with_name("bad.onnx")
    if kind == "folder":
        bad.mkdir()
    else:
        whole = path.read_bytes()
        bad.write_bytes({"empty": b"", "truncated": whole[:9000], "text": b"hello " * 99}[kind])
    refused(sparseview(*arguments(command, bad, path.with_name("out.onnx"))), "bad.onnx")
    assert not path.with_name("out.onnx").exists()


@pytest.mark.parametrize("command", COMMANDS[:3])
def test_missing_external_data(tmp_path: Path, command: str) -> None:
    model = tmp_path / "m.onnx"
    onnx.save(
        builders.network(), model, save_as_external_data=True, location="gone.data",
        size_threshold=100,
    )  # fmt: skip
    (tmp_path / "gone.data").unlink()
    ran = sparseview(*arguments(command, model, tmp_path / "out.onnx"))
    refused(ran, "gone.data", "conv1")
    assert [p.name for p in tmp_path.iterdir()] == ["m.onnx"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(path: Path) -> None:
    path.chmod(0)
    refused(sparseview("report", path), "m.onnx")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["reprot", "m.onnx"], "Did you mean “report”"),
        (["nonsense"], "neither a command nor a file"),
        (["report"], "MODEL"),
        (["report", "m.onnx", "--as", "xml"], "xml"),
        (["report", "m.onnx", "--no-such"], "--no-such"),
        (["m.onnx", "other.onnx"], "other.onnx"),
        (["m.onnx", "--browser", "--serve"], "exclude each other"),
        (["m.onnx", "--port", "80"], "--serve"),
        (["help", "nothing"], "annotation"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage(path: Path, words: list[str], told: str) -> None:
    refused(sparseview(*words, cwd=path.parent), told)


def test_help_and_version(path: Path) -> None:
    ran = sparseview("--help")
    assert ran.returncode == 0
    for word in ("report", "prune", "annotate", "eval", "--browser", "--serve", "[MODEL]"):
        assert word in ran.stdout
    for word in ("check", "diff", "potential", "render"):
        assert f"\n  {word} " not in ran.stdout, "help lists only what works"
    assert sparseview(path, "--help").stdout == ran.stdout
    assert sparseview("--version").stdout.startswith("sparseview ")
    page = sparseview("prune", "--help").stdout
    assert "--sparsity" in page and "--percentile" in page
    assert sparseview("help", "prune").stdout == page
    assert sparseview("help").stdout == ran.stdout


def test_the_annotation_page_ships_in_the_package() -> None:
    ran = sparseview("help", "annotation")
    assert ran.returncode == 0
    for word in ("__sparsity", "pkg.sparseview", "bsr:RxC", "channel:out", "metadata_props"):
        assert word in ran.stdout


def test_a_reader_that_leaves_early_is_no_error(path: Path) -> None:
    command = f'"{sys.executable}" -m sparseview report "{path}" --as json'
    ran = subprocess.run(
        ["bash", "-c", f"{command} | true; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "viewer")},
    )
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize(
    ("endless", "command"),
    [("review.measuring.count", "annotate"), ("pruning.scored.load", "prune --format 2:4")],
)
def test_interrupting_leaves_nothing_behind(
    tmp_path: Path, path: Path, endless: str, command: str
) -> None:
    # A measurement, or a plan, that never ends, inside the real command.
    module, _, name = endless.rpartition(".")
    code = (
        f"import os, sys, time, sparseview.{module} as m\n"
        "def slow(*_, **__):\n"
        "    os.write(1, b'measuring\\n')  # whole lines, from several threads\n"
        "    time.sleep(600)\n"
        f"m.{name} = slow\n"
        "from sparseview.cli.main import main\n"
        f"sys.argv = ['sparseview', *{command.split()}, sys.argv[1], '-o', sys.argv[2]]\n"
        "main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path), str(tmp_path / "out.onnx")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "viewer")},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "measuring\n"
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=180)
    assert process.returncode == 130
    assert errors == "sparseview: interrupted\n"
    assert [p.name for p in tmp_path.iterdir()] == ["m.onnx"]


@pytest.mark.parametrize(
    ("raised", "told"),
    [("MemoryError()", "memory"), ("PermissionError(13, 'Permission denied', 'x')", "denied"),
     ("ZeroDivisionError('a\\nb')", "ZeroDivisionError")],
)  # fmt: skip
def test_whatever_is_raised_ends_in_one_line(path: Path, raised: str, told: str) -> None:
    code = (
        "import sys, sparseview.session as s\n"
        "def broken(*a, **k): raise " + raised + "\n"
        "s.Session.summary = broken\n"
        "from sparseview.cli.main import run\n"
        "sys.exit(run(['report', sys.argv[1]]))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "viewer")},
    )
    refused(ran, told)


@pytest.mark.skipif(os.name == "nt", reason="POSIX shell")
@pytest.mark.parametrize(
    ("redirect", "code"), [(">&-", 0), ("2>&-", 0), (">/dev/full", 2)], ids=str
)
def test_closed_and_full_streams(path: Path, redirect: str, code: int) -> None:
    if "full" in redirect and not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    for kind in ("table", "json"):
        ran = subprocess.run(
            [
                "bash",
                "-c",
                f'"{sys.executable}" -m sparseview report "{path}" --as {kind} {redirect}',
            ],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT / "viewer")},
        )
        assert ran.returncode == code
        assert ran.stderr.count("\n") == (code != 0)
