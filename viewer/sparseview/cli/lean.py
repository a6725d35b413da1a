"""What a command that soon ends does without: threads of linear algebra, looking for garbage.

Both take longer than measuring a hundred megabytes.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

# What numpy's OpenBLAS asks when it is loaded; it starts a thread for each processor otherwise.
THREADS = "OPENBLAS_NUM_THREADS"
# Objects that a command makes before the first look for cycles among them: far more than importing
# and an ordinary model take. What is large, arrays, is freed without such looks.
OBJECTS = 500_000


def lean(algebra: bool = False) -> None:
    """To be called before a command imports numpy.

    algebra : it will multiply or solve, and is to have every processor for that.
    """
    gc.set_threshold(OBJECTS, 20, 50)
    if algebra or "numpy" in sys.modules or THREADS in os.environ:
        return
    os.environ[THREADS] = "1"
    try:
        import numpy  # noqa: F401
    finally:
        del os.environ[THREADS]  # processes started later decide for themselves


def leave(code: int) -> NoReturn:
    """End the process: everything is written and closed by now, so that nothing needs taking down.

    Where threads still run, or what was printed cannot be delivered, the interpreter ends as usual.
    """
    gc.freeze()
    if threading.active_count() == 1:
        with suppress(OSError, ValueError):  # a closed pipe, a closed stream
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    sys.exit(code)
