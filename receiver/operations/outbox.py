"""Notices that are to go out: one row for each way, so that one that fails holds no other up, and one machine sends."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial

from ..errors import InboundFlowError
from ..registry import Activation, Notice, within
from ..store import Database, Row, Transaction

log = logging.getLogger("receiver.alerts")

AT_ONCE = 10  # in one turn of the chore, which may not take for ever
CLAIM_US = 60_000_000  # nobody else sends it meanwhile: longer than a notifier may take
WAITS_S = (10, 30, 120, 600, 1800)  # then every half hour
LONGEST_US = max(WAITS_S) * 1_000_000 + CLAIM_US
TRIES = 53  # a day: nobody wants to be told of it any more. Counted, as a clock that is ahead makes everything old
WAITING = 1000  # rows: what waits for a way that was switched off goes when so much is newer, whatever the clock says
SENT_AND_KEPT_US, KEPT_US = 7 * 86_400_000_000, 30 * 86_400_000_000

PUT = "INSERT INTO alerts (channel, made_us, notice, next_us) VALUES (?, ?, ?, ?)"
CLEAN = f"""
DELETE FROM alerts WHERE (ended_us IS NOT NULL AND (made_us < ? OR (problem = '' AND made_us < ?)))
    OR id <= (SELECT max(id) FROM alerts) - {WAITING}
"""
OLDEST = """
SELECT id, notice, made_us, tries, next_us, problem FROM alerts WHERE channel = ? AND ended_us IS NULL
ORDER BY id LIMIT 1
"""
CLAIM = "UPDATE alerts SET tries = tries + 1, next_us = ? WHERE id = ? AND tries = ? AND ended_us IS NULL"
SENT = "UPDATE alerts SET ended_us = ?, problem = '' WHERE id = ?"
FAILED = "UPDATE alerts SET next_us = ?, problem = ?, ended_us = ? WHERE id = ?"
LAST_MADE = "SELECT coalesce(max(made_us), 0) AS us FROM alerts"


@dataclass(frozen=True, kw_only=True)
class Unsent:
    """How many notices wait for a way to work, since when, and what it met."""

    channel: str
    number: int
    since_us: int
    problem: str


def put(tx: Transaction, notice: Notice, channels: Sequence[str], now_us: int) -> None:
    text = json.dumps(asdict(notice))
    tx.executemany(PUT, [(channel, now_us, text, now_us) for channel in channels])
    tx.execute(CLEAN, (now_us - KEPT_US, now_us - SENT_AND_KEPT_US))


def last_made_us(read: Callable[[str], Sequence[Row]]) -> int:
    return int(read(LAST_MADE)[0]["us"])


def channels_of(activations: Sequence[Activation]) -> list[str]:
    """The name of each way that is on: one for each recipient."""
    return [
        channel(activation, target)
        for activation in activations
        if activation.state == "on"
        for target in activation.targets
    ]


def sending(db: Database, activations: Sequence[Activation]) -> dict[str, Callable[[], str]]:
    """For each way that is on, a chore that sends what waits for it."""
    return {
        channel(activation, target): partial(send_due, db, activation, target)
        for activation in activations
        if activation.state == "on"
        for target in activation.targets
    }


def channel(activation: Activation, target: str) -> str:
    return f"{activation.handler.name} {target}".rstrip()


def send_due(db: Database, activation: Activation, target: str) -> str:
    """A chore: send what waits for this way, oldest first, until one fails; "" or what is wrong. Raises StoreError."""
    name = channel(activation, target)
    for _ in range(AT_ONCE):
        rows = db.read(OLDEST, (name,))
        now_us = db.now_us()
        if not rows or not is_due(rows[0], now_us) or not claim(db, rows[0], now_us):
            return str(rows[0]["problem"]) if rows else ""
        if problem := send_one(db, activation, target, rows[0]):
            return problem
    return ""


def is_due(row: Row, now_us: int) -> bool:
    """What lies further ahead than the longest wait was written by a clock that was ahead."""
    return not 0 < row["next_us"] - now_us <= LONGEST_US


def claim(db: Database, row: Row, now_us: int) -> bool:
    return db.commit(lambda tx: tx.execute(CLAIM, (now_us + CLAIM_US, row["id"], row["tries"])).rowcount == 1)


def send_one(db: Database, activation: Activation, target: str, row: Row) -> str:
    problem = send(activation, target, kept_notice(row["notice"]))
    now_us = db.now_us()
    if not problem:
        db.commit(lambda tx: tx.execute(SENT, (now_us, row["id"])))
        return ""
    is_given_up = row["tries"] + 1 >= TRIES
    next_us = now_us + int(WAITS_S[min(row["tries"], len(WAITS_S) - 1)] * 1e6)
    db.commit(lambda tx: tx.execute(FAILED, (next_us, problem, now_us if is_given_up else None, row["id"])))
    log.warning("an alert did not go out by %s: %s", activation.handler.name, problem)
    return problem


def kept_notice(text: str) -> Notice:
    """Without what only another version has put there."""
    names = {field.name for field in fields(Notice)}
    return Notice(**{name: value for name, value in json.loads(text).items() if name in names})


def send(activation: Activation, target: str, notice: Notice) -> str:
    """ "" or what went wrong, in a sentence without a secret."""
    try:
        with within(activation.handler.timeout_s):
            activation.handler.function(notice, activation.targets[target])
    except InboundFlowError as error:
        return str(error)
    except Exception as error:  # a stranger's error text may hold a secret
        return f"it failed ({type(error).__name__})"
    return ""


def unsent(db: Database) -> list[Unsent]:
    """The ways by which something did not go out, by name. Raises StoreError."""
    return list(
        grouped(db.read("SELECT channel, made_us, problem FROM alerts WHERE problem <> '' ORDER BY channel, id"))
    )


def grouped(rows: Sequence[Row]) -> Iterator[Unsent]:
    for name in dict.fromkeys(row["channel"] for row in rows):
        own = [row for row in rows if row["channel"] == name]
        yield Unsent(channel=name, number=len(own), since_us=own[0]["made_us"], problem=own[-1]["problem"])
