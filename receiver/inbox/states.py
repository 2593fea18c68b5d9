"""The states of a run, and which verb leads from which to which.

                  open                mark_queued               claim
    (a delivery) ───────▶ pending ──────────────────▶ queued ─────────────▶ running
                            ▲  ▲  ◀──────────────────   │                    │  │  │
                            │  │    unqueue (job lost)  └── claim (refused:  │  │  │
                            │  │                            back to pending) │  │  │ finish
                            │  └─────────────┐                               │  │  ├──────▶ succeeded
                     replay │         replay │    finish, lose (worker gone) │  │  ├──────▶ dead
                            │                └──── retrying ◀────────────────┘  │  └──────▶ skipped (filtered)
                            │                         │  ▲                      │
                            │                         └──┘ mark_queued, claim: as from pending
                            └──── dead, skipped, and succeeded where that is asked for
    cancel: pending, queued, retrying, dead ──▶ skipped

A run that waits has `next_attempt_us`; a running one has a lease, and whoever finds that lease ended may lose it.
"""

from __future__ import annotations

STATES = ("pending", "queued", "running", "succeeded", "retrying", "dead", "skipped")
ENDED = ("succeeded", "dead", "skipped")
CANCELLABLE = ("pending", "queued", "retrying", "dead")
CANCELLED = "cancelled: "  # so begins the last_error of a skipped run that somebody ended by hand

# Conditions on `runs`. OPEN has the very words of the partial indexes: without them SQLite reads every run there is.
OPEN = "state IN ('pending', 'queued', 'running', 'retrying')"
WAITING = "state IN ('pending', 'retrying')"  # with no job in Redis
CLAIMABLE = "state IN ('pending', 'queued', 'retrying')"
