"""Runs: one handler working on one delivery. Who may work on which, since when, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..store import HANDLERS, NOTE, Database, Row, Transaction
from .claims import CANCELLED, OPEN, RUN_LEASE_US, Claim, Verdict, claim, finish, give_up_on

EARLIER_MOST = 50  # a call has four events, as far as is known
DISPATCHER_LEASE_US = 5_000_000  # another machine's dispatcher takes over this long after the last sign of life
UNATTENDED_US = 60_000_000  # a worker opens a delivery's runs within a second; one that restarts is back in a minute


def unattended(db: Database) -> int:
    """How many deliveries have waited for a minute, while no dispatcher leads. Raises StoreError."""
    now_us = db.now_us()
    [row] = db.read(
        "SELECT count(*) AS n FROM deliveries WHERE dispatched_us IS NULL AND received_us < ? "
        "AND NOT EXISTS (SELECT 1 FROM leases WHERE leases.name = 'dispatcher' AND until_us > ?)",
        (now_us - UNATTENDED_US, now_us),
    )
    return int(row["n"])


class Runs:
    def __init__(self, db: Database) -> None:
        self.db = db

    # Opening and handing out: the dispatcher's side

    def lead(self, owner: str, now_us: int, handlers: str = "") -> bool:
        """Whether `owner` is the one dispatcher, from now until its lease ends. `handlers` are noted as being on."""

        def take(tx: Transaction) -> bool:
            row = tx.execute(
                "INSERT INTO leases (name, owner, until_us) VALUES ('dispatcher', ?, ?) "
                "ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until_us = excluded.until_us "
                "WHERE leases.owner = excluded.owner OR leases.until_us < ? RETURNING owner",
                (owner, now_us + DISPATCHER_LEASE_US, now_us),
            ).fetchone()
            if row and handlers:
                tx.execute(NOTE, (HANDLERS, handlers, now_us))
            return row is not None

        return self.db.commit(take)

    def let_go(self, owner: str, now_us: int, *, timeout_s: float) -> None:
        """Another dispatcher may lead at once. The row stays: it tells that runs were once worked on here."""
        sql = "UPDATE leases SET until_us = ? WHERE name = 'dispatcher' AND owner = ?"
        self.db.commit(lambda tx: tx.execute(sql, (now_us - 1, owner)), timeout_s=timeout_s)

    def handlers_on(self) -> str:
        """What the dispatcher that leads noted as being on; "" where none leads."""
        rows = self.db.read(
            "SELECT value FROM facts WHERE name = ? "
            "AND EXISTS (SELECT 1 FROM leases WHERE leases.name = 'dispatcher' AND until_us > ?)",
            (HANDLERS, self.db.now_us()),
        )
        return str(rows[0]["value"]) if rows else ""

    def undispatched(self, limit: int) -> Sequence[Row]:
        return self.db.read(
            "SELECT id, event, call_id FROM deliveries WHERE dispatched_us IS NULL ORDER BY id LIMIT ?", (limit,)
        )

    def open(self, wanted: Iterable[tuple[Row, str, str]], dispatched: Sequence[int], now_us: int) -> None:
        """Open a run for each (delivery, handler, target), and mark the deliveries dispatched."""
        rows = [(d["id"], handler, target, d["call_id"], now_us) for d, handler, target in wanted]

        def write(tx: Transaction) -> None:
            tx.executemany(
                "INSERT INTO runs (delivery_id, handler, target, call_id, next_attempt_us) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING",
                rows,
            )
            tx.executemany("UPDATE deliveries SET dispatched_us = ? WHERE id = ?", [(now_us, d) for d in dispatched])

        self.db.commit(write)

    def spread(self, handler: str, targets: Iterable[str]) -> None:
        """Runs opened while a handler's targets were unknown (misconfigured) become one run for each target."""
        of_nobody = f"handler = ? AND target = '' AND attempts = 0 AND state = 'pending' AND {OPEN}"
        if not self.db.read(f"SELECT 1 FROM runs WHERE {of_nobody} LIMIT 1", (handler,)):
            return

        def write(tx: Transaction) -> None:
            for target in targets:
                tx.execute(
                    "INSERT INTO runs (delivery_id, handler, target, call_id, next_attempt_us) "
                    f"SELECT delivery_id, handler, ?, call_id, next_attempt_us FROM runs WHERE {of_nobody} "
                    "ON CONFLICT DO NOTHING",
                    (target, handler),
                )
            tx.execute(f"DELETE FROM runs WHERE {of_nobody}", (handler,))

        self.db.commit(write)

    def due(self, handler: str, target: str, now_us: int, limit: int) -> list[int]:
        """Ids of runs that may start, oldest first, and never two of one call."""
        rows = self.db.read(
            f"SELECT id FROM runs AS r WHERE handler = ? AND target = ? AND {OPEN} "
            "AND state IN ('pending', 'retrying') AND next_attempt_us <= ? "
            f"AND NOT EXISTS (SELECT 1 FROM runs AS o WHERE o.call_id = r.call_id AND o.{OPEN} "
            "AND o.handler = r.handler AND o.target = r.target AND o.id <> r.id AND (o.state IN ('queued', 'running') "
            "OR (o.state IN ('pending', 'retrying') AND o.next_attempt_us <= ? AND o.id < r.id))) "
            "ORDER BY id LIMIT ?",
            (handler, target, now_us, now_us, limit),
        )
        return [row["id"] for row in rows]

    def like(self, run: int, handler: str, target: str, now_us: int, limit: int) -> list[int]:
        """Ids of runs whose delivery is of the same event, itself among them, that may be claimed now: oldest first."""
        rows = self.db.read(
            "SELECT r.id FROM runs AS r JOIN deliveries AS d ON d.id = r.delivery_id "
            f"WHERE r.handler = ? AND r.target = ? AND r.{OPEN} AND r.state <> 'running' AND r.next_attempt_us <= ? "
            "AND d.event = (SELECT event FROM deliveries AS e JOIN runs AS m ON m.delivery_id = e.id WHERE m.id = ?) "
            f"AND NOT EXISTS (SELECT 1 FROM runs AS o WHERE o.call_id = r.call_id AND o.{OPEN} "
            "AND o.handler = r.handler AND o.target = r.target AND o.id <> r.id "
            "AND (o.state = 'running' OR (o.next_attempt_us <= ? AND o.id < r.id))) ORDER BY r.id LIMIT ?",
            (handler, target, now_us, run, now_us, limit),
        )
        return [row["id"] for row in rows]

    def by_event(self, ids: Sequence[int]) -> list[list[int]]:
        """These runs, those whose deliveries are of the same event together."""
        marks = ", ".join("?" * len(ids))
        groups: dict[str, list[int]] = {}
        for row in self.db.read(
            "SELECT r.id, d.event FROM runs AS r JOIN deliveries AS d ON d.id = r.delivery_id "
            f"WHERE r.id IN ({marks}) ORDER BY r.id",
            ids,
        ):
            groups.setdefault(row["event"], []).append(row["id"])
        return list(groups.values())

    def mark_queued(self, ids: Sequence[int], now_us: int) -> None:
        values = [(now_us, run) for run in ids]
        self.db.commit(
            lambda tx: tx.executemany(
                "UPDATE runs SET state = 'queued', queued_us = ? WHERE id = ? AND state IN ('pending', 'retrying')",
                values,
            )
        )

    def queued(self, handler: str, target: str) -> dict[int, int]:
        """Queued runs, each with the time it was queued at, in microseconds."""
        rows = self.db.read(
            f"SELECT id, queued_us FROM runs WHERE handler = ? AND target = ? AND state = 'queued' AND {OPEN}",
            (handler, target),
        )
        return {row["id"]: row["queued_us"] for row in rows}

    def unqueue(self, ids: Sequence[int] | None = None) -> None:
        """These queued runs wait again (all of them by default): their jobs are gone."""
        sql = "UPDATE runs SET state = 'pending', queued_us = NULL WHERE state = 'queued' AND " + OPEN
        if ids is None:
            self.db.commit(lambda tx: tx.execute(sql))
        else:
            self.db.commit(lambda tx: tx.executemany(f"{sql} AND id = ?", [(run,) for run in ids]))

    def take_over(self, handler: str, timeout_us: int, now_us: int) -> int:
        """Make runs whose worker is gone due again, once their last call must have ended. Returns how many."""

        def write(tx: Transaction) -> int:
            lost = tx.execute(
                "SELECT r.id, r.attempts FROM runs AS r "
                "JOIN attempts AS a ON a.run_id = r.id AND a.number = r.attempts "
                f"WHERE r.handler = ? AND r.state = 'running' AND r.{OPEN} "
                "AND r.lease_until_us < ? AND a.started_us < ?",
                (handler, now_us, now_us - timeout_us),
            ).fetchall()
            return sum(give_up_on(tx, run["id"], run["attempts"], now_us) for run in lost)

        if not self.db.read(
            f"SELECT 1 FROM runs WHERE handler = ? AND state = 'running' AND {OPEN} LIMIT 1", (handler,)
        ):
            return 0
        return self.db.commit(write)

    def paused(self) -> set[tuple[str, str]]:
        return {(row["handler"], row["target"]) for row in self.db.read("SELECT handler, target FROM pauses")}

    # Attempting: the worker's side

    def claim(self, ids: Sequence[int], owner: str, now_us: int) -> list[Claim]:
        """Take those of these runs that are to be had now, and record that their next attempts begin."""

        def write(tx: Transaction) -> list[Claim]:
            claims = [claim(self.db, tx, run, owner, now_us) for run in ids]
            return [one for one in claims if one is not None]

        return self.db.commit(write)

    def earlier(self, run: int) -> Sequence[Row]:
        """Deliveries of the same call that the same handler has attempted at the same target, each with its outcome.

        The outcome is "" where no attempt has succeeded yet.
        """
        return self.db.read(
            "SELECT d.*, coalesce(o.outcome, '') AS outcome FROM runs AS r "
            "JOIN deliveries AS d ON d.call_id = r.call_id "
            "JOIN runs AS o ON o.delivery_id = d.id AND o.handler = r.handler AND o.target = r.target "
            "WHERE r.id = ? AND o.id <> r.id AND o.attempts > 0 AND (o.state <> 'skipped' OR o.last_error LIKE ?) "
            "ORDER BY o.id LIMIT ?",
            (run, f"{CANCELLED}%", EARLIER_MOST),  # what was cancelled may have been sent before
        )

    def renew(self, owner: str, ids: Sequence[int], now_us: int) -> list[int]:
        """Keep these runs of `owner`; ids of those that are still its own."""
        sql = "UPDATE runs SET lease_until_us = ? WHERE id = ? AND state = 'running' AND lease_owner = ?"
        until_us = now_us + RUN_LEASE_US

        def write(tx: Transaction) -> list[int]:
            return [run for run in ids if tx.execute(sql, (until_us, run, owner)).rowcount]

        return self.db.commit(write)

    def finish(self, ends: Sequence[tuple[Claim, Verdict]], owner: str, now_us: int) -> list[int]:
        """Record how attempts ended; ids of the runs that were not somebody else's by then, or finished already."""
        return self.db.commit(
            lambda tx: [claim.id for claim, verdict in ends if finish(tx, claim, owner, verdict, now_us)]
        )
