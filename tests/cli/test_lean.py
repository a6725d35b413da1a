"""A command that soon ends starts no threads for algebra; whoever asks for them gets them."""

import os
import subprocess
import sys

import pytest

COUNT = "import os, numpy; print(len(os.listdir('/proc/self/task')), os.environ.get(KEY))"


def run(script: str, **environment: str) -> list[str]:
    clean = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", f"KEY = 'OPENBLAS_NUM_THREADS'\n{script}\n{COUNT}"],
        check=True, capture_output=True, text=True, env={**clean, **environment},
    )  # fmt: skip
    return done.stdout.split()


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads in /proc")
def test_numpy_comes_without_threads_and_leaves_the_environment_alone() -> None:
    plain, _ = run("")
    alone, left = run("from sparseview.cli.lean import lean; lean()")
    assert (alone, left) == ("1", "None")
    assert run("from sparseview.cli.lean import lean; lean(algebra=True)")[0] == plain


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads in /proc")
def test_what_the_user_says_about_threads_stays() -> None:
    asked = run("from sparseview.cli.lean import lean; lean()", OPENBLAS_NUM_THREADS="2")
    assert asked[1] == "2"


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "with a thread"])
def test_leaving_delivers_what_was_printed_and_the_code(beside: bool) -> None:
    script = "import time, threading; from sparseview.cli.lean import leave; print('told')\n"
    if beside:
        script += (
            "def work(): time.sleep(0.2); print('late')\nthreading.Thread(target=work).start()\n"
        )
    done = subprocess.run(
        [sys.executable, "-c", f"{script}leave(3)"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert done.stdout.split() == (["told", "late"] if beside else ["told"])
