"""Every way a command can end: one line on stderr and an exit code, never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import click

from sparseview.cli.text import clean
from sparseview.errors import SparseviewError
from sparseview.progress import Cancelled

BAD_INPUT = 2
INTERRUPTED = 130


def run_guarded(command: Callable[[], object]) -> int:
    """Run a command and give its exit code: 0, what it asked for, 2, or 130 when interrupted."""
    try:
        code = command()
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as asked:
        return asked.exit_code
    except (KeyboardInterrupt, click.Abort, Cancelled):
        _say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (`| head`) has all it wanted.
        _drop_output()
        return 0
    except click.ClickException as error:
        _say(f"error: {error.format_message()}")
    except SparseviewError as error:
        _say(f"error: {error}")
    except MemoryError:
        _say("error: there is not enough memory for this.")
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _say(f"error: {place}{error.strerror or error}")
        _drop_output()
    except Exception as error:
        if os.environ.get("SPARSEVIEW_DEBUG"):
            raise
        _say(
            f"error: something unforeseen went wrong ({type(error).__name__}: {error}). "
            "Set SPARSEVIEW_DEBUG=1 to see where, and please report it."
        )
    return BAD_INPUT


def _drop_output() -> None:
    """Let go of what could not be written; the interpreter would try again at exit, and complain.

    What still goes to a working stdout goes there first.
    """
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(line: str) -> None:
    try:
        print(f"sparseview: {clean(' '.join(line.split()))}", file=sys.stderr, flush=True)
    except OSError:
        # A closed stderr: the exit code is all that can still be told.
        return
