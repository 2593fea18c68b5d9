"""What was refused: whether it was InboundFlow that did not get through."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from .. import store
from ..errors import SignatureMismatch, StoreError, TimestampInFuture, TimestampTooOld
from ..settings import Settings
from ..store import Database
from .finding import Finding, advice, problem

MINUTE_US = 60_000_000
DAY_US = 24 * 60 * MINUTE_US
SEVERAL = 3  # ten in a row disable the webhook; one or two may be somebody's trial
SIGNED = {error.reason for error in (SignatureMismatch, TimestampTooOld, TimestampInFuture)}  # as strangers' are not
MEND = "docs/troubleshooting.md says what each reason is; compare with what InboundFlow shows of the webhook"


def check_refused(settings: Settings) -> Iterator[Finding]:
    if not settings.database_url and not settings.database_path.exists():
        return
    with contextlib.closing(store.connect(settings)) as db, contextlib.suppress(StoreError):  # check_storage says so
        yield from refused(db)


def refused(db: Database) -> Iterator[Finding]:
    """Of the last 24 h; a problem where nothing has been stored since, and it was signed."""
    now_us = db.now_us()
    [row] = db.read("SELECT coalesce(max(received_us), 0) AS us FROM deliveries")
    in_vain = counted(db, max(row["us"], now_us - DAY_US))
    if sum(in_vain[reason] for reason in in_vain.keys() & SIGNED) >= SEVERAL:
        yield problem(
            "refused",
            f"{told(in_vain)} since a delivery was last stored",
            why="if they are InboundFlow's, calls are lost; ten in a row disable the webhook",
            do=MEND,
        )
    elif of_the_day := counted(db, now_us - DAY_US):
        yield advice(
            "refused", f"{told(of_the_day)} in the last 24 h", why="these may be anybody's, or InboundFlow's", do=MEND
        )


def counted(db: Database, since_us: int) -> dict[str, int]:
    """How many by reason, in whole minutes, of which the first is not counted."""
    sql = (
        "SELECT reason, sum(count) AS n FROM rejection_counts WHERE minute > ? GROUP BY reason ORDER BY n DESC, reason"
    )
    return {row["reason"]: int(row["n"]) for row in db.read(sql, (since_us // MINUTE_US,))}


def told(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {reason}" for reason, number in counts.items())
