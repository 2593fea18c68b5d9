"""What was refused: whether it was InboundFlow that did not get through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..errors import SignatureMismatch, TimestampInFuture, TimestampTooOld
from ..locales import Texts
from ..operations import Finding, advice, last_delivery, problem
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
    """Of each source in the last 24 h; a problem where nothing of it has been stored since, and it was signed.

    Raises StoreError.
    """
    now_us = db.now_us()
    for source, of_the_day in counted(db, now_us - DAY_US, now_us).items():
        last = last_delivery(db, source)
        since_us = max(last.received_us if last else 0, now_us - DAY_US)
        since_stored = counted(db, since_us, now_us).get(source, {})
        if sum(since_stored[reason] for reason in since_stored.keys() & SIGNED) >= SEVERAL:
            message = TEXTS("since", reasons=by_reason(since_stored))
            yield problem("refused", message, why=TEXTS("since_why"), do=COMPARE, source=source)
        else:
            message = TEXTS("day", reasons=by_reason(of_the_day))
            yield advice("refused", message, why=TEXTS("day_why"), do=COMPARE, source=source)


def counted(db: Database, since_us: int, now_us: int) -> dict[str, dict[str, int]]:
    """By source and reason, in whole minutes, of which the first is not counted; nor what a clock ahead has noted."""
    sql = (
        "SELECT source, reason, sum(count) AS n FROM rejection_counts WHERE minute > ? AND minute <= ? "
        "GROUP BY source, reason ORDER BY source, n DESC, reason"
    )
    counts: dict[str, dict[str, int]] = {}
    for row in db.read(sql, (since_us // MINUTE_US, now_us // MINUTE_US)):
        counts.setdefault(row["source"], {})[row["reason"]] = int(row["n"])
    return counts


def by_reason(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {reason}" for reason, number in counts.items())
