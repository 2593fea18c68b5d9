"""Mistakes that are seeded into the receiver: the sequences must find each."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from receiver.errors import NotStored
from receiver.inbox import AbandonedRuns, Attempts, Backlog, Inbox
from receiver.inbox.attempting import finish_runs
from receiver.inbox.losses import mark_abandoned
from receiver.inbox.states import CLAIMABLE
from receiver.operations.reopen import Reopening
from receiver.queue import RunQueue
from receiver.registry import Run
from receiver.worker.handling import HandlerProcess

Change = tuple[Any, str, Any]  # a module or a class, the name of its part, what takes the place of that

KEEP, OPEN, FINISH, RUN_OF = Inbox.keep, Backlog.open, Attempts.finish, HandlerProcess.run_of


def part(module: str, name: str, instead: Any) -> Change:
    return importlib.import_module(f"receiver.{module}"), name, instead


def other_words(module: str, name: str, text: str, instead: str) -> Change:
    """A statement in which something else stands for a piece of its text."""
    whole = getattr(importlib.import_module(f"receiver.{module}"), name)
    if text not in whole:
        raise ValueError(f"{name} has no {text}")
    return part(module, name, whole.replace(text, instead))


def nothing(*_: Any, **__: Any) -> int:
    return 0


def keep_early(inbox: Inbox, delivery: Any, **options: Any) -> str:
    try:
        return KEEP(inbox, delivery, **options)
    except NotStored:
        return "stored"


def open_in_two(backlog: Backlog, runs: Any, dispatched: Any, now_us: int) -> None:
    OPEN(backlog, [], dispatched, now_us)
    OPEN(backlog, runs, [], now_us)


def finish_for_others(tx: Any, ends: Any, owner: str, now_us: int) -> Any:
    for claim, _ in ends:
        tx.execute("UPDATE runs SET lease_owner = ?, attempts = ? WHERE id = ?", (owner, claim.attempt, claim.id))
    return finish_runs(tx, ends, owner, now_us)


def skip_unlooked(tx: Any, run: Any, why: str) -> bool:
    return bool(tx.execute("UPDATE runs SET state = 'skipped', last_error = ? WHERE id = ?", (why, run["id"])).rowcount)


def drop_records(attempts: Attempts, ends: Any, owner: str, now_us: int) -> dict[int, Any]:
    written = FINISH(attempts, [end for end in ends if end[0].id % 5], owner, now_us)
    return {claim.id: verdict for claim, verdict in ends} | written


def take_for_done(tx: Any, run: int, attempt: int, now_us: int) -> bool:
    lost = mark_abandoned(tx, run, attempt, now_us)
    tx.execute("UPDATE runs SET state = 'succeeded' WHERE id = ? AND failure = 'worker-lost'", (run,))
    return lost


def sure(process: HandlerProcess, *arguments: Any) -> Run:
    return replace(RUN_OF(process, *arguments), unsure=False)


MISTAKES: dict[str, list[Change]] = {
    "acknowledge-early": [(Inbox, "keep", keep_early)],
    "open-in-two": [(Backlog, "open", open_in_two)],
    "forget-flushes": [(RunQueue, "restore_marker", nothing), part("dispatch", "MISSING_AFTER_US", 1 << 60)],
    "claim-the-paused": [
        other_words("inbox.attempting", "CLAIM", "p.target = runs.target", "p.target = runs.target AND 1 = 0")
    ],
    "claim-the-ended": [other_words("inbox.attempting", "CLAIM", CLAIMABLE, "state <> 'running'")],
    "two-of-a-call": [
        other_words("inbox.opening", "DUE", "o.id <> r.id", "o.id = r.id"),
        other_words("inbox.attempting", "CLAIM", "o.id <> runs.id", "o.id = runs.id"),
    ],
    "drop-records": [(Attempts, "finish", drop_records)],
    "finish-for-others": [part("inbox.attempting", "finish_runs", finish_for_others)],
    "take-nothing-over": [(AbandonedRuns, "take_over", nothing)],
    "take-the-living-over": [(Attempts, "renew", lambda *_: []), (AbandonedRuns, "step_forward", nothing)],
    "take-the-lost-for-done": [part("inbox.takeover", "mark_abandoned", take_for_done)],
    "believe-the-clock": [part("inbox.leadership", "turn_back", nothing), part("dispatch", "limit_waits", nothing)],
    "cancel-unlooked": [part("operations.working", "skip", skip_unlooked)],
    "replay-what-succeeded": [part("operations.replay", "FAILED", ("dead", "skipped", "retrying", "succeeded"))],
    "replay-what-was-cancelled": [(Reopening, "stays", lambda *_: False)],
    "never-ask": [(HandlerProcess, "run_of", sure)],
}


@contextmanager
def mistaken(name: str) -> Iterator[None]:
    with ExitStack() as changes:
        for holder, where, instead in MISTAKES[name]:
            changes.enter_context(patch.object(holder, where, instead))
        yield
