"""Runs the checks one after another, and shows what each has seen without the secret."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress

from .. import sender
from ..wire import TIMEOUT_S, connected
from . import checks  # they fill the table
from .evidence import evidence, redacted
from .judging import is_accepted
from .observer import Blind, observer
from .probe import Probe
from .table import GROUPS, TABLE, Check
from .verdict import NEEDS_EFFECTS, NEEDS_PREVIOUS, Outcome, Report, Result, Verdict, failed, skipped, warned

__all__ = ["CannotRun", "chosen", "run"]

assert checks  # noqa: S101 - imported for what it declares
Progress = Callable[[Check, int, int], None]
MISSING = {
    "effects": NEEDS_EFFECTS,
    "previous-secret": NEEDS_PREVIOUS,
}


SECRET, PATH = "Is the secret that of the receiver?", "Is the path of the URL right?"
EXEMPT = "Is the secret that of the receiver, and its route exempt from the framework's CSRF protection?"
REFUSALS = {400: SECRET, 401: SECRET, 403: EXEMPT, 404: PATH, 405: PATH, 419: EXEMPT, 422: EXEMPT}
LOG = "Its own log should say why."
PLAIN = "Conformance Test: no real caller, please ignore."  # what every JSON library writes in the same way
ANYWAY = "Nothing was checked; with --anyway all checks run."


class CannotRun(Exception):
    """Nothing was checked; the message says why."""


def run(
    url: str, secret: str, *, previous_secret: str = "", effects: str | None = None, only: Collection[int] = (),
    skip: Collection[int] = (), seed: int = 0, timeout_s: float = TIMEOUT_S, progress: Progress | None = None,
    anyway: bool = False,
) -> Report:  # fmt: skip
    """Check this receiver. It gets some hundreds of deliveries, all of a caller named "Conformance Test".

    `effects` is a URL or a command that tells how often a delivery had its effect; `only` and `skip` are numbers of
    checks. The same seed makes the same calls; their ids are new in each run. Raises CannotRun where the URL is of no
    use, nothing listens there, or, unless it is to run `anyway`, the first genuine delivery is refused.
    """
    plan = list(chosen(only, skip))
    preflight(url, secret, timeout_s)
    if not anyway:
        must_accept(Probe(url, secret, rng=random.Random(seed), timeout_s=timeout_s))
    results, lost = [], None
    for position, check in enumerate(plan):
        if progress:
            progress(check, position, len(plan))
        probe = Probe(
            url, secret, previous_secret=previous_secret, look=observer(effects) if effects else None,
            rng=random.Random(f"{seed}/{check.number}"), timeout_s=timeout_s,
        )  # fmt: skip
        began = time.monotonic()
        verdict = judged(check, probe)
        lost = verdict.lost if verdict.lost is not None else lost
        results.append(result(check, verdict, probe, time.monotonic() - began))
    return Report(url=redacted(url, probe_secrets(secret, previous_secret)), seed=seed, results=tuple(results),
                  lives_lost=lost)  # fmt: skip


def chosen(only: Collection[int] = (), skip: Collection[int] = ()) -> Iterator[Check]:
    """In the order of the groups. Raises CannotRun for a number that there is not."""
    for number in (*only, *skip):
        if number not in TABLE:
            raise CannotRun(f"There is no check {number}: they are {', '.join(map(str, sorted(TABLE)))}.")
    for check in sorted(TABLE.values(), key=lambda check: (GROUPS.index(check.group), check.number)):
        if (not only or check.number in only) and check.number not in skip:
            yield check


def preflight(url: str, secret: str, timeout_s: float) -> None:
    """Raises CannotRun where no check could tell anything."""
    try:
        sender.check(url)
    except sender.UnusableURL as error:
        raise CannotRun(str(error)) from error
    if not secret:
        raise CannotRun("Give --secret: without it nothing can be signed.")
    if not listens(url, timeout_s):
        raise CannotRun(f"Nothing can be reached at {url}. Start the receiver, or look at host and port.")


def must_accept(probe: Probe) -> None:
    """A genuine delivery, with an accent and in plain letters.

    Raises CannotRun where it takes neither: nearly every check would fail for the same reason.
    """
    answer = probe.send(probe.genuine())
    if is_accepted(answer) or is_accepted(probe.send(probe.draft(summary=PLAIN).request())):
        return
    failure = redacted(answer.failure, probe_secrets(probe.secret))
    came_back = f"answered {failure}" if answer.status else f"not answered: {failure}"
    what_to_do = "" if answer.status and answer.status // 100 == 3 else REFUSALS.get(answer.status or 0, LOG)
    raise CannotRun(" ".join(filter(None, [f"The first genuine delivery was {came_back}.", what_to_do, ANYWAY])))


def listens(url: str, timeout_s: float) -> bool:

    async def look() -> bool:
        async with asyncio.timeout(timeout_s), connected(url):
            return True

    with suppress(OSError, TimeoutError):
        return asyncio.run(look())
    return False


def judged(check: Check, probe: Probe) -> Verdict:
    options = {"effects": probe.look, "previous-secret": probe.previous_secret}
    if check.needs and not options[check.needs]:
        return skipped(MISSING[check.needs])
    try:
        verdict = check.judge(probe)
    except Blind as error:
        return failed(str(error))
    return advised(check, verdict) if check.is_advice and verdict.outcome is Outcome.FAILED else verdict


def advised(check: Check, verdict: Verdict) -> Verdict:
    return warned(f"{verdict.says}. Advice, as InboundFlow may never send this. {check.fix}")


def result(check: Check, verdict: Verdict, probe: Probe, took_s: float) -> Result:
    secrets = probe_secrets(probe.secret, probe.previous_secret)
    return Result(
        number=check.number, slug=check.slug, group=check.group, title=check.title, sends=check.sends,
        expected=check.expected, why=check.why, fix=check.fix,
        outcome=verdict.outcome, says=redacted(verdict.says, secrets),
        evidence=evidence(probe), took_s=round(took_s, 3),
    )  # fmt: skip


def probe_secrets(*secrets: str) -> tuple[str, ...]:
    return tuple(secret for secret in secrets if secret)
