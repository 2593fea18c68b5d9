"""What was refused: whether it was InboundFlow that did not get through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..errors import SignatureMismatch, TimestampInFuture, TimestampTooOld
from ..locales import Texts
from ..operations import Finding, advice, problem
from ..store import Database

MINUTE_US = 60_000_000
DAY_US = 24 * 60 * MINUTE_US
SEVERAL = 3  # ten in a row disable the webhook; one or two may be somebody's trial
SIGNED = {error.reason for error in (SignatureMismatch, TimestampTooOld, TimestampInFuture)}  # as strangers' are not
# fmt: off
TEXTS = Texts({
    "compare": ("docs/troubleshooting.md says what each reason is; compare with what InboundFlow shows of the webhook",
                "docs/es/troubleshooting.md explica cada motivo; compáralo con lo que InboundFlow muestra del webhook"),
    "since":   ("{reasons} since a delivery was last stored", "{reasons} desde que se guardó la última entrega"),
    "since_why": ("if they are InboundFlow's, calls are lost; ten in a row disable the webhook",
                  "si son de InboundFlow, se pierden llamadas; diez seguidas desactivan el webhook"),
    "day":     ("{reasons} in the last 24 h", "{reasons} en las últimas 24 h"),
    "day_why": ("these may be anybody's, or InboundFlow's", "pueden ser de cualquiera, o de InboundFlow"),
})
# fmt: on
COMPARE = TEXTS("compare")


def check_refused(db: Database) -> Iterator[Finding]:
    """Of the last 24 h; a problem where nothing has been stored since, and it was signed. Raises StoreError."""
    now_us = db.now_us()
    [row] = db.read("SELECT coalesce(max(received_us), 0) AS us FROM deliveries WHERE received_us <= ?", (now_us,))
    since_stored = counted(db, max(row["us"], now_us - DAY_US), now_us)
    if sum(since_stored[reason] for reason in since_stored.keys() & SIGNED) >= SEVERAL:
        yield problem(
            "refused",
            TEXTS("since", reasons=by_reason(since_stored)),
            why=TEXTS("since_why"),
            do=COMPARE,
        )
    elif of_the_day := counted(db, now_us - DAY_US, now_us):
        yield advice(
            "refused",
            TEXTS("day", reasons=by_reason(of_the_day)),
            why=TEXTS("day_why"),
            do=COMPARE,
        )


def counted(db: Database, since_us: int, now_us: int) -> dict[str, int]:
    """How many by reason, in whole minutes, of which the first is not counted; nor what a clock ahead has noted."""
    sql = (
        "SELECT reason, sum(count) AS n FROM rejection_counts WHERE minute > ? AND minute <= ? "
        "GROUP BY reason ORDER BY n DESC, reason"
    )
    return {row["reason"]: int(row["n"]) for row in db.read(sql, (since_us // MINUTE_US, now_us // MINUTE_US))}


def by_reason(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {reason}" for reason, number in counts.items())
