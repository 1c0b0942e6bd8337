"""The one kind of failure a step explains to its reader, and how a step ends by it."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

TERMINATION_LOG = Path("/dev/termination-log")
"""Kubernetes copies it into the status of the pod; absent elsewhere."""


class StepError(Exception):
    """Says in one sentence what is wrong, where (file and row) and what would be right."""


def exit_status(step: str, run: Callable[[], None]) -> int:
    """Runs a step; a failure becomes one sentence on the log and in the termination message, and status 1."""
    try:
        run()
    except StepError as error:
        return fail(str(error))
    except MemoryError:
        return fail(f"{step} ran out of memory: raise the memory limit of its container.")
    except OSError as error:
        return fail(f"{step} cannot use {error.filename or 'a file'}: {error.strerror or error}.")
    return 0


def fail(sentence: str) -> int:
    line = " ".join(sentence.split())
    print(line, file=sys.stderr, flush=True)
    if TERMINATION_LOG.exists() and os.access(TERMINATION_LOG, os.W_OK):
        TERMINATION_LOG.write_text(line)
    return 1
