"""Runs the checks all at once, each in a thread, and gives up on one that says nothing: one that hangs delays none."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ..errors import ConfigurationError, InboundFlowError
from ..locales import Texts
from ..operations import Finding, problem

TOTAL_S = 11  # of all together: a second more than the public address gets

# fmt: off
TEXTS = Texts({
    "silent":     ("no answer within {seconds} s", "no respondió en {seconds} s"),
    "silent_why": ("whatever needs it waits as long", "lo que la necesita espera lo mismo"),
    "silent_do":  ("see that it runs and can be reached, and try again",
                   "comprueba que funciona y que se llega a ella, y vuelve a intentarlo"),
    "failed":     ("the check failed ({reason})", "la comprobación falló ({reason})"),
    "failed_do":  ("try again; if it fails again, look at docs/troubleshooting.md",
                   "vuelve a intentarlo; si falla otra vez, mira docs/es/troubleshooting.md"),
})
# fmt: on

Check = Callable[[], Iterable[Finding]]


@dataclass(kw_only=True)
class Progress:
    """What a check has yielded so far, and why it ended before its end."""

    findings: list[Finding] = field(default_factory=list)
    failure: Exception | None = None


def run_concurrently(checks: Mapping[str, Check], *, total_s: float = TOTAL_S) -> Iterator[Finding]:
    """What each yields, in this order. Raises ConfigurationError where the variables are such that it cannot look."""
    progress = {what: Progress() for what in checks}
    threads = {
        what: threading.Thread(target=run, args=(check, progress[what]), daemon=True) for what, check in checks.items()
    }
    for thread in threads.values():
        thread.start()
    ends = time.monotonic() + total_s
    for what, thread in threads.items():
        thread.join(max(0, ends - time.monotonic()))
        failure = progress[what].failure
        if isinstance(failure, ConfigurationError):
            raise failure
        yield from list(progress[what].findings)
        if thread.is_alive():
            yield no_answer(what, total_s)
        elif failure:
            yield failed(what, failure)


def run(check: Check, progress: Progress) -> None:
    try:
        for finding in check():
            progress.findings.append(finding)
    except Exception as error:
        progress.failure = error


def no_answer(what: str, total_s: float) -> Finding:
    return problem(what, TEXTS("silent", seconds=f"{total_s:.0f}"), why=TEXTS("silent_why"), do=TEXTS("silent_do"))


def failed(what: str, error: Exception) -> Finding:
    """An error of somebody else's library may hold a secret in its text: only its name is shown."""
    ours = isinstance(error, InboundFlowError) and error.args
    reason = error.args[0] if ours else type(error).__name__
    return problem(what, TEXTS("failed", reason=reason), do=TEXTS("failed_do"))
