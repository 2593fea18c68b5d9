"""The worker: whether what is kept also reaches its destinations."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from .. import inbox, registry, store
from ..errors import StoreError
from ..inbox import UNATTENDED_US
from ..settings import Settings
from ..store import Database, was_moved
from .finding import Finding, advice, fine, problem

WAITS = "what is received waits until one does, or nothing is received at all"
START = {
    "Heroku": "start it: heroku ps:scale worker=1:basic, or set WEB_COMMAND=up",
    "": "start it: receiver up, or receiver worker beside receiver web",
}


def check_worker(settings: Settings, activations: Sequence[registry.Activation]) -> Iterator[Finding]:
    if not settings.database_url and not settings.database_path.exists():
        return
    with contextlib.closing(store.connect(settings)) as db, contextlib.suppress(StoreError):  # check_storage says so
        yield seen(db, START.get(settings.platform, START[""]))
        yield from compared(db, activations)


def compared(db: Database, activations: Sequence[registry.Activation]) -> Iterator[Finding]:
    """A second terminal without the receiver's variables sees another receiver than the one that runs."""
    if differing := list(registry.differences(inbox.handlers_on(db), activations)):
        yield problem(
            "variables",
            f"the worker that runs has others than this command: {'; '.join(differing)}",
            why="what is said of destinations holds for this command's variables alone, and replay goes by them too",
            do="give this command those of the receiver (in this terminal too: export …); "
            "or, where they were changed, start the receiver again",
        )


def seen(db: Database, start: str) -> Finding:
    """By the lease that whichever worker leads renews every second or so; runs have leases of their own."""
    now_us = db.now_us()
    led = db.read("SELECT until_us FROM leases WHERE name = 'dispatcher'")
    if db.commit(was_moved):
        return problem(
            "worker",
            "this inbox was moved to another database, and is closed",
            why="nothing is kept here or brought anywhere any more",
            do="set DATABASE_URL to the Postgres it was moved to; "
            "or, where no receiver has run on that, go back: receiver copy --to … --undo-cutover",
        )
    if led and led[0]["until_us"] > now_us:
        return fine("worker", "one runs")
    if waiting := inbox.undispatched_count(db):
        return problem(
            "worker",
            f"none runs, and {waiting} deliveries wait for it",
            why="InboundFlow was told that they arrived, and nobody has seen them",
            do=start,
        )
    if led and led[0]["until_us"] < now_us - UNATTENDED_US:
        minutes = (now_us - led[0]["until_us"]) // 60_000_000
        gone = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
        return problem("worker", f"none has run for {gone}", why=WAITS, do=start)
    return advice("worker", "none runs at the moment", why=WAITS, do=start)
