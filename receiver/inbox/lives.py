"""InboundFlow's count of consecutive failures, as well as it can be seen from here: ten disable the webhook.

Each refusal of a request that carries InboundFlow's mark is a row of `lost_lives`, until a success ends the streak.
A webhook belongs to one organisation, so only a success of the same organisation ends what was refused to it: a test
of the operator's own, which has another, clears nothing. An organisation is known here once two of its deliveries
were acknowledged. One that is not, and was refused once, is a stray: a test, or somebody who copied the mark.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ..store import Database, Row, Transaction
from .clock import SLACK_US

LIVES = 10  # consecutive failures that disable a webhook, as InboundFlow documents
KNOWN_FROM = 2  # a test with a made-up organisation is seen once
ROWS_OF_ONE = LIVES + 2  # of an organisation: more change nothing
STRAYS_KEPT = 50
ROWS_KEPT = 500  # of a source
ORGANIZATIONS_KEPT = 20  # of a source, those acknowledged last
FORGOTTEN_US = 7 * 86_400_000_000  # where others were acknowledged since: the organisation is no longer connected

LOST = "SELECT id, organization_id, at_us, reason FROM lost_lives WHERE source = ? ORDER BY at_us, id"
ANSWERED = "SELECT organization_id, answered_us, deliveries FROM organizations WHERE source = ?"
# What was written already, in a commit that seemed to fail, is not written again.
LOSE = """
INSERT INTO lost_lives (source, organization_id, at_us, reason) SELECT ?, ?, ?, ? WHERE NOT EXISTS
    (SELECT 1 FROM lost_lives WHERE source = ? AND organization_id = ? AND at_us = ? AND reason = ?)
"""
ACKNOWLEDGE = """
INSERT INTO organizations (source, organization_id, answered_us, deliveries) VALUES (?, ?, ?, ?)
ON CONFLICT (source, organization_id) DO UPDATE SET deliveries = organizations.deliveries + excluded.deliveries,
    answered_us = CASE WHEN organizations.answered_us > excluded.answered_us
                  THEN organizations.answered_us ELSE excluded.answered_us END
"""
CLOCK_WAS_AHEAD = (
    "UPDATE organizations SET answered_us = ? WHERE source = ? AND answered_us > ?",  # what it ended is gone
    "UPDATE lost_lives SET at_us = ? WHERE source = ? AND at_us > ?",
)
FORGET_ORGANIZATIONS = """
DELETE FROM organizations WHERE source = ? AND organization_id NOT IN
    (SELECT organization_id FROM organizations WHERE source = ? ORDER BY answered_us DESC LIMIT ?)
"""


@dataclass(frozen=True, kw_only=True)
class Lost:
    """How many lives are lost, of a source, with the reasons of these refusals."""

    lost: int = 0
    since_us: int = 0
    last_us: int = 0
    reasons: Mapping[str, int]


def lost_lives(db: Database, source: str = "") -> Lost:
    """Raises StoreError."""
    counted = streak(*standing(db.read(LOST, (source,)), db.read(ANSWERED, (source,)), db.now_us()))
    if not counted:
        return Lost(reasons={})
    reasons = dict(Counter(row["reason"] for row in counted).most_common())
    times = [row["at_us"] for row in counted]
    return Lost(lost=min(LIVES, len(counted)), since_us=min(times), last_us=max(times), reasons=reasons)


def streak(rows: Sequence[Row], homes: Collection[str]) -> list[Row]:
    """The refusals that count: the longest streak of one organisation, with what could not be read.

    Strays make one streak together where no organisation is known, and none where one is.
    """
    strays = strays_in(rows, homes)
    owners = {row["organization_id"] for row in rows} - strays - {""}
    groups = [[row for row in rows if row["organization_id"] == owner] for owner in owners]
    if not homes:
        groups.append([row for row in rows if row["organization_id"] in strays])
    unread = [row for row in rows if not row["organization_id"]]
    return max(groups, key=len, default=[]) + unread


def known(answered: Sequence[Row]) -> set[str]:
    return {row["organization_id"] for row in answered if row["deliveries"] >= KNOWN_FROM} - {""}


def strays_in(rows: Sequence[Row], homes: Collection[str]) -> set[str]:
    times = Counter(row["organization_id"] for row in rows)
    return {name for name, number in times.items() if name and number == 1 and name not in homes}


def write_lives(
    tx: Transaction,
    source: str,
    refused: Sequence[tuple[str, int, str]],
    acknowledged: Mapping[str, tuple[int, int]],
    now_us: int,
) -> None:
    """Add refusals (organisation, time, reason) and successes (time of the last, number) of one process.

    In the order of their times, as other processes write theirs sooner or later.
    """
    names = sorted(acknowledged)  # in one order, as two processes may write the same
    tx.executemany(ACKNOWLEDGE, [(source, name, *acknowledged[name]) for name in names])
    tx.executemany(LOSE, [(source, *refusal) * 2 for refusal in refused])
    for sql, believed_us in zip(CLOCK_WAS_AHEAD, (0, now_us), strict=True):
        tx.execute(sql, (believed_us, source, now_us + SLACK_US))
    tx.execute(FORGET_ORGANIZATIONS, (source, source, ORGANIZATIONS_KEPT))
    settle(tx, source, now_us)


def settle(tx: Transaction, source: str, now_us: int) -> None:
    """Remove what a later success ended, and what there is too much of."""
    rows, answered = tx.execute(LOST, (source,)).fetchall(), tx.execute(ANSWERED, (source,)).fetchall()
    lasting, homes = standing(rows, answered, now_us, by_guess=False)
    kept = {row["id"] for row in bounded(lasting, strays_in(lasting, homes))}
    tx.executemany("DELETE FROM lost_lives WHERE id = ?", [(row["id"],) for row in rows if row["id"] not in kept])


def standing(
    rows: Sequence[Row], answered: Sequence[Row], now_us: int, *, by_guess: bool = True
) -> tuple[list[Row], set[str]]:
    """The refusals that no success has ended, and the organisations that are known.

    `by_guess` says what a success of an organisation that is not known ends where none is: all that is nobody's. What
    tells better may come in a moment, from another process.
    """
    homes = known(answered)
    strays = strays_in(rows, homes)
    enders = homes or ({row["organization_id"] for row in answered} if by_guess else set())
    return [row for row in rows if not any(ends(success, row, enders, strays, now_us) for success in answered)], homes


def ends(success: Row, row: Row, enders: Collection[str], strays: Collection[str], now_us: int) -> bool:
    if success["answered_us"] < row["at_us"]:
        return False
    if success["organization_id"] == row["organization_id"] or row["at_us"] < now_us - FORGOTTEN_US:
        return True
    is_anybodys = not row["organization_id"] or row["organization_id"] in strays
    return is_anybodys and success["organization_id"] in enders


def bounded(rows: Sequence[Row], strays: Collection[str]) -> list[Row]:
    """The newest; strays make room first, so that nobody pushes out with made-up names what InboundFlow was told."""
    left, newest = Counter[str](), []
    for row in reversed(rows):
        name = "a stray" if row["organization_id"] in strays else row["organization_id"]
        left[name] += 1
        if left[name] <= (STRAYS_KEPT if row["organization_id"] in strays else ROWS_OF_ONE):
            newest.append(row)
    return newest[:ROWS_KEPT]
