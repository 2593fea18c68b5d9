"""A log that is held back: it goes to a file while people read something else, and is shown where something fails."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

SHOWN_LINES = 25
STDERR = 2


@contextlib.contextmanager
def held_back(path: Path) -> Iterator[None]:
    """Whatever this process and its children write to stderr meanwhile goes to the file."""
    terminal = os.dup(STDERR)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    os.dup2(file, STDERR)
    os.close(file)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(terminal, STDERR)
        os.close(terminal)


def last_lines(path: Path) -> str:
    lines = path.read_text(errors="replace").splitlines()
    return "\n".join(f"  {line}" for line in lines[-SHOWN_LINES:])
