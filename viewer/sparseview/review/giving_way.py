"""Lets others go first where processors are few: above all who draws the page."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

NICENESS = 5


def give_way() -> None:
    """Of this thread only, until it ends."""
    if sys.platform == "linux":  # elsewhere a thread has no niceness of its own
        # Not allowed everywhere, as in some containers; then all are equal.
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
