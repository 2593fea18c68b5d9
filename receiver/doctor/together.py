"""Runs the checks all at once, each in a thread, and gives up on what is silent: one that hangs delays none."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ..errors import ConfigurationError, InboundFlowError
from .finding import Finding, problem

TOTAL_S = 11  # of all together: a second more than the public address gets

Look = Callable[[], Iterable[Finding]]


@dataclass(kw_only=True)
class Family:
    """What one group of checks has found so far, and why it ended before its end."""

    what: str
    found: list[Finding] = field(default_factory=list)
    failed: Exception | None = None


def together(looks: Mapping[str, Look], *, total_s: float = TOTAL_S) -> Iterator[Finding]:
    """What each finds, in this order. Raises ConfigurationError where the variables are such that it cannot look."""
    families = [Family(what=what) for what in looks]
    threads = [threading.Thread(target=run, args=(one, looks[one.what]), daemon=True) for one in families]
    for thread in threads:
        thread.start()
    ends = time.monotonic() + total_s
    for one, thread in zip(families, threads, strict=True):
        thread.join(max(0, ends - time.monotonic()))
        if isinstance(one.failed, ConfigurationError):
            raise one.failed
        yield from list(one.found)
        if thread.is_alive():
            yield silent(one.what, total_s)
        elif one.failed:
            yield broken(one.what, one.failed)


def run(family: Family, look: Look) -> None:
    try:
        for finding in look():
            family.found.append(finding)
    except Exception as error:
        family.failed = error


def silent(what: str, total_s: float) -> Finding:
    return problem(
        what,
        f"no answer within {total_s:.0f} s",
        why="whatever needs it waits as long",
        do="see that it runs and can be reached, and try again",
    )


def broken(what: str, error: Exception) -> Finding:
    """An error of somebody else's library may hold a secret in its text: only its name is shown."""
    said = str(error) if isinstance(error, InboundFlowError) else type(error).__name__
    return problem(
        what, f"the check failed ({said})", do="try again; if it fails again, look at docs/troubleshooting.md"
    )
