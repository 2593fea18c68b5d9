"""The states of a run, and which verb leads from which to which.

    pending ──▶ queued ──▶ running ──▶ succeeded | dead | skipped
                 ▲            │
                 └─ retrying ◀┘        (retrying waits as pending does, until its next attempt is due)

    verb            from                                to            where
    open            (a delivery)                        pending       opening
    mark_queued     pending, retrying                   queued        opening, after the push to Redis
    unqueue         queued                              pending       opening, where the job was lost
    claim           pending, queued, retrying           running       attempting
    (refused claim) queued                              pending       attempting: paused, throttled, its call under way
    finish          running                             succeeded, retrying, dead, skipped (filtered)
    mark_abandoned  running, its lease ended            retrying, dead  losses, where the worker is gone
    replay          dead, skipped, retrying, succeeded  pending       operations
    cancel          pending, queued, retrying, dead     skipped       operations
    erase           pending, queued, retrying, dead     skipped       tombstones; running, where its worker is gone

What failed carries a slug, by which listings, alerts and metrics group: FAILURES has those that the core gives.

A run that waits has `next_attempt_us`; a running one has a lease, until when nobody else may have it.
"""

from __future__ import annotations

STATES = ("pending", "queued", "running", "succeeded", "retrying", "dead", "skipped")
ENDED = ("succeeded", "dead", "skipped")
FAILURES = {
    "dns": "the destination's name was not found",
    "private-address": "the destination's name led to a private address",
    "connect": "nobody answered at its address",
    "tls": "its certificate, or the encryption, did not hold",
    "timeout": "no answer in time",
    "no-answer": "the connection ended without an answer",
    "refused-<status>": "it answered with this HTTP status",
    "retry-later": "the handler asked for another attempt",
    "paused": "every next call would be refused too",
    "gave-up": "no repeat can succeed",
    "raised": "something escaped the handler",
    "unrecordable": "the database refuses to keep how the attempt ended",
    "lease-lost": "another worker has the run",
    "worker-lost": "the worker was gone before the attempt ended",
    "overran": "the attempt took longer than its handler may",
}
CANCELLABLE = ("pending", "queued", "retrying", "dead")
CANCELLED = "cancelled: "  # so begins the last_error of a skipped run that somebody ended by hand

# Conditions on `runs`; they begin with the column, so that f"o.{OPEN}" is one on the alias `o`. OPEN has the very
# words of the partial indexes: without them SQLite reads every run there is.
OPEN = "state IN ('pending', 'queued', 'running', 'retrying')"
WAITING = "state IN ('pending', 'retrying')"  # with no job in Redis
CLAIMABLE = "state IN ('pending', 'queued', 'retrying')"
NOT_PAUSED = """NOT EXISTS (SELECT 1 FROM pauses AS p
                  WHERE p.source = runs.source AND p.handler = runs.handler AND p.target = runs.target)"""


def of_same_call(run: str) -> str:
    """That `o` is another open run of this one's call, in its lane.

    With `|| ''` Postgres looks for it by its call, as SQLite does anyway. By the lane alone, which it takes for as few,
    it reads all that waits there: 700 runs each looked through the other 700, in each round of the dispatcher.
    """
    return f"""o.call_id = {run}.call_id AND o.{OPEN} AND o.id <> {run}.id
      AND o.source || '' = {run}.source AND o.handler = {run}.handler AND o.target = {run}.target"""


ALONE_OF_ITS_CALL = f"""NOT EXISTS (
    SELECT 1 FROM runs AS o WHERE {of_same_call("runs")} AND o.state = 'running')"""
