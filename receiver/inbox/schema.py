"""The tables, as numbered migrations. Additive first, contracting a release later, so that a roll-back works.

Times are UTC, integer microseconds, in columns ending `_us`.
"""

from __future__ import annotations

from ..errors import ConfigurationError, StoreError
from .database import Database, Transaction

FIRST = """
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL DEFAULT '',
    key TEXT NOT NULL,
    event TEXT NOT NULL,
    organization_id TEXT,
    call_id TEXT,
    caller_phone TEXT,
    received_us INTEGER NOT NULL,
    dispatched_us INTEGER,
    body BLOB NOT NULL,
    received_body BLOB,
    headers TEXT NOT NULL,
    problems TEXT NOT NULL,
    UNIQUE (source, key)
);
CREATE INDEX deliveries_undispatched ON deliveries (id) WHERE dispatched_us IS NULL;

CREATE TABLE conflicts (
    id INTEGER PRIMARY KEY,
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
    received_us INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (delivery_id, body)
);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
    handler TEXT NOT NULL,
    target TEXT NOT NULL DEFAULT '',
    call_id TEXT,
    state TEXT NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'queued', 'running', 'succeeded', 'retrying', 'dead', 'skipped')),
    attempts INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    next_attempt_us INTEGER NOT NULL,
    queued_us INTEGER,
    lease_owner TEXT,
    lease_until_us INTEGER,
    outcome TEXT,
    last_error TEXT,
    UNIQUE (delivery_id, handler, target)
);
CREATE INDEX runs_open ON runs (handler, target, state, next_attempt_us)
    WHERE state IN ('pending', 'queued', 'running', 'retrying');
CREATE INDEX runs_of_a_call ON runs (call_id, handler, target)
    WHERE state IN ('pending', 'queued', 'running', 'retrying');

CREATE TABLE attempts (
    run_id INTEGER NOT NULL REFERENCES runs (id),
    number INTEGER NOT NULL,
    started_us INTEGER NOT NULL,
    ended_us INTEGER,
    result TEXT,
    detail TEXT,
    PRIMARY KEY (run_id, number)
);

CREATE TABLE pauses (
    handler TEXT NOT NULL,
    target TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL,
    since_us INTEGER NOT NULL,
    PRIMARY KEY (handler, target)
);

CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    until_us INTEGER NOT NULL
);

CREATE TABLE rejections (
    minute INTEGER NOT NULL,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (minute, reason)
);

CREATE TABLE rejection_samples (
    id INTEGER PRIMARY KEY,
    received_us INTEGER NOT NULL,
    reason TEXT NOT NULL,
    headers TEXT NOT NULL
);
"""

# Bodies are too large for a Postgres index, so the few conflicts of a delivery are compared when one is noted.
SECOND = """
CREATE TABLE conflicts_2 (
    id INTEGER PRIMARY KEY,
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
    received_us INTEGER NOT NULL,
    body BLOB NOT NULL
);
INSERT INTO conflicts_2 (delivery_id, received_us, body)
    SELECT delivery_id, received_us, body FROM conflicts ORDER BY id;
DROP TABLE conflicts;
ALTER TABLE conflicts_2 RENAME TO conflicts;
CREATE INDEX conflicts_of_a_delivery ON conflicts (delivery_id);

CREATE INDEX deliveries_received ON deliveries (received_us);
CREATE INDEX deliveries_of_a_call ON deliveries (call_id);
CREATE INDEX runs_dead ON runs (handler, target) WHERE state = 'dead';

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL
);

CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    noted_us INTEGER NOT NULL
);
"""

THIRD = """
CREATE TABLE paces (
    handler TEXT NOT NULL,
    target TEXT NOT NULL DEFAULT '',
    next_us INTEGER NOT NULL DEFAULT 0,
    held_until_us INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (handler, target)
);
"""

MIGRATIONS = [FIRST, SECOND, THIRD]
MIGRATE_S = 300  # an index over a year of deliveries takes its time


def migrate(db: Database) -> int:
    """Bring the database to the newest schema; how many steps that took.

    Safe when many processes start at once: one does it, the rest wait. Raises StoreError.
    """

    def climb(tx: Transaction) -> int:
        db.lock_schema(tx)
        version = db.schema_version(tx)
        for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
            for statement in filter(str.strip, script.split(";")):
                tx.execute(db.ddl(statement))
            db.set_schema_version(tx, number)
        return max(0, len(MIGRATIONS) - version)

    return db.commit(climb, timeout_s=MIGRATE_S)


def prepare(db: Database, *, newest: bool = False) -> None:
    """At the start of a process: migrate a file of our own, look at a shared database only.

    Receiving works on tables a version older, so that an upgrade need not stop it; working on runs does not
    (`newest`). Raises ConfigurationError where the tables are older than that or not there, and as `migrate` does;
    StoreError where `newest` is wanted, and `receiver migrate` is all that is missing.
    """
    if not db.shared:
        migrate(db)
        return
    version = db.commit(db.schema_version)
    if version < len(MIGRATIONS) - 1:
        raise ConfigurationError(
            "The database has no inbox of this version yet. Run `receiver migrate` once, with the same DATABASE_URL."
        )
    if newest and version < len(MIGRATIONS):
        raise StoreError("its tables are a version older: run `receiver migrate` with the same DATABASE_URL")
