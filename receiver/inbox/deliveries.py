"""Keeping a delivery: a unique constraint, not a look beforehand, decides whether it is new."""

from __future__ import annotations

import json
import uuid

from ..errors import NotStored, RejectedRequest, StoreError
from ..events import Delivery
from ..store import Database, Row, Transaction

CONFLICTS_KEPT = 5  # other signed bytes under an id that is kept: a few tell the story, more would fill the disk
PROBE_BYTES = 4096

INSERT = """
INSERT INTO deliveries
    (source, key, event, organization_id, call_id, caller_phone, received_us, body, received_body, headers, problems)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (source, key) DO NOTHING
"""


class Inbox:
    def __init__(self, db: Database) -> None:
        self.db = db

    def keep(self, delivery: Delivery, *, timeout_s: float = 8) -> str:
        """`stored` or `duplicate`, once it is on disk; the dispatcher is told, and not waited for.

        Raises NotStored; for a stale delivery that is not kept already, the reason why it is stale.
        """
        if delivery.stale:
            return self.look_up(delivery, delivery.stale, timeout_s)
        values = columns(delivery)  # before the transaction, for which other processes wait
        try:
            return self.db.commit(lambda tx: keep(tx, delivery, values), timeout_s=timeout_s, nudges=True)
        except StoreError as error:
            raise NotStored from error

    def look_up(self, delivery: Delivery, stale: RejectedRequest, timeout_s: float) -> str:
        """On the thread that commits, as whoever reads here waits for the disk, and a whole process with him."""
        sql = "SELECT 1 AS kept FROM deliveries WHERE source = ? AND key = ?"
        try:
            is_kept = self.db.commit(
                lambda tx: tx.execute(sql, (delivery.source, delivery.key)).fetchone(), timeout_s=timeout_s
            )
        except StoreError as error:
            raise NotStored from error
        if not is_kept:
            raise stale
        return "duplicate"

    def probe(self) -> None:
        """Write as a delivery is written, and leave nothing. Raises NotStored."""
        try:
            self.db.commit(write_and_remove, timeout_s=4)
        except StoreError as error:
            raise NotStored from error


def write_and_remove(tx: Transaction) -> None:
    """A delivery of a usual size, which nobody sees: what a transaction removes again goes to the disk all the same.

    Each has a key of its own, so that no process waits for another's. Raises StoreError.
    """
    probe = Delivery(source="probe", key=uuid.uuid4().hex, event="probe", body=bytes(PROBE_BYTES), received_us=0)
    tx.execute(INSERT, columns(probe))
    tx.execute("DELETE FROM deliveries WHERE source = ? AND key = ?", (probe.source, probe.key))


def keep(tx: Transaction, delivery: Delivery, values: tuple[object, ...]) -> str:
    if tx.execute(INSERT, values).rowcount:
        return "stored"
    note_conflict(tx, delivery)
    return "duplicate"


def columns(delivery: Delivery) -> tuple[object, ...]:
    return (
        delivery.source,
        delivery.key,
        delivery.event,
        delivery.organization_id,
        delivery.call_id,
        delivery.caller_phone,
        delivery.received_us,
        delivery.body,
        delivery.received_body,
        json.dumps(dict(delivery.headers)),
        json.dumps(delivery.problems) if delivery.problems else "[]",
    )


def note_conflict(tx: Transaction, delivery: Delivery) -> None:
    """The same id with other signed bytes: kept beside the first, and never run.

    Nothing is kept beside a tombstone (inbox/tombstones.py), or a repeat would bring back what was erased. It is known
    by its empty body, as the web process receives on tables a version older too, which have no `erased_us`.
    """
    kept = tx.execute(
        "SELECT id, (body = ? OR length(body) = 0) AS same, "
        "(SELECT count(*) FROM conflicts WHERE delivery_id = deliveries.id) AS noted "
        "FROM deliveries WHERE source = ? AND key = ?",
        (delivery.body, delivery.source, delivery.key),
    ).fetchone()
    if not kept["same"] and kept["noted"] < CONFLICTS_KEPT:
        tx.execute(
            "INSERT INTO conflicts (delivery_id, received_us, body) SELECT d.id, ?, ? FROM deliveries AS d "
            "WHERE d.id = ? AND NOT EXISTS (SELECT 1 FROM conflicts AS c WHERE c.delivery_id = d.id AND c.body = ?)",
            (delivery.received_us, delivery.body, kept["id"], delivery.body),
        )


def from_row(row: Row) -> Delivery:
    return Delivery(
        source=row["source"],
        key=row["key"],
        event=row["event"],
        organization_id=row["organization_id"],
        call_id=row["call_id"],
        caller_phone=row["caller_phone"],
        received_us=row["received_us"],
        body=row["body"],
        received_body=row["received_body"],
        headers=json.loads(row["headers"]),
        problems=tuple(json.loads(row["problems"])),
    )
