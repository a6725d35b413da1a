"""What the native window owes the process when it is gone."""

from __future__ import annotations

import subprocess
import sys

# pywebview waits for a page's answer like this: a thread that is no daemon, a semaphore in a dict.
# The second question comes while the first thread is already being let go.
LEAVING = """
import threading, time
from sparseview.app.native import let_go
pending = {}
def ask(name, delay):
    time.sleep(delay)
    pending[name] = {"semaphore": threading.Semaphore(0)}
    pending[name]["semaphore"].acquire()
    del pending[name]
for name, delay in (("first", 0), ("second", 0.3)):
    threading.Thread(target=ask, args=(name, delay)).start()
time.sleep(0.1)
let_go(pending)
print("left")
"""


def test_threads_that_wait_for_a_page_that_is_gone_do_not_hold_the_process() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LEAVING], capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, "left\n"), done.stderr
