"""Whether the database's own settings let a 200 mean that the delivery is on the disk."""

from __future__ import annotations

from ..operations import Finding, advice, fine, problem
from ..store import Database, Transaction

FULL = 2  # SQLite's number for synchronous = FULL; EXTRA is 3
SPARE_CONNECTIONS = 5  # of a Postgres: a deploy starts new processes before the old ones end
LOST = "after a crash or a power cut a delivery that was acknowledged may be gone"
SETTINGS = "SELECT current_setting('{0}') AS {0}"
# Of the server what is not kept for its superusers, and of this role what it is allowed (-1: all).
CONNECTIONS = """
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS server_limit,
    (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
    (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS role_limit,
    (SELECT count(*) FROM pg_stat_activity WHERE usename = current_user) AS role_used
"""


def in_sqlite(tx: Transaction) -> list[Finding]:
    """As the receiver opens the file: asked on the connection that writes."""
    findings = []
    if (mode := tx.execute("PRAGMA journal_mode").fetchone()["journal_mode"]) != "wal":
        findings.append(
            problem(
                "database",
                f"SQLite's journal is {mode} rather than WAL",
                why="reading holds up receiving; a network drive cannot do WAL, and damages the file at worst",
                do="put DATA_DIR on a disk of this machine",
            )
        )
    if tx.execute("PRAGMA synchronous").fetchone()["synchronous"] < FULL:
        findings.append(
            problem("database", "SQLite does not wait for the disk", why=LOST, do="set PRAGMA synchronous = FULL")
        )
    return findings or [fine("database", "each write is on the disk before it is acknowledged (WAL, FULL)")]


def check_encoding(tx: Transaction) -> list[Finding]:
    encoding = tx.execute(SETTINGS.format("server_encoding")).fetchone()["server_encoding"]
    if encoding == "UTF8":
        return []
    return [
        problem(
            "database",
            f"its encoding is {encoding}, which cannot hold every text",
            why="no receiver starts on it",
            do="make another one (CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0), and set DATABASE_URL to it",
        )
    ]


def in_postgres(tx: Transaction) -> list[Finding]:
    """As the receiver begins its transactions, whatever the role's own settings."""
    commit, fsync, pages = (
        tx.execute(SETTINGS.format(name)).fetchone()[name]
        for name in ("synchronous_commit", "fsync", "full_page_writes")
    )
    findings = []
    if commit in ("off", "local"):
        findings.append(
            problem(
                "database",
                f"Postgres's synchronous_commit is {commit}",
                why=LOST,
                do="remove the pooler or the setting that changes it: it should be on",
            )
        )
    if "off" in (fsync, pages):
        name = "fsync" if fsync == "off" else "full_page_writes"
        findings.append(
            advice(
                "database",
                f"Postgres's {name} is off",
                why=f"{LOST}, unless its storage sees to that by itself, as some hosts' does",
                do=f"on a server of your own: ALTER SYSTEM SET {name} = on, and reload it",
            )
        )
    return findings or [fine("database", "each write is on the disk before it is acknowledged (synchronous_commit on)")]


def check_connections(db: Database) -> list[Finding]:
    [row] = db.read(CONNECTIONS)
    usage = [(row["used"], row["server_limit"]), (row["role_used"], row["role_limit"])]
    return [
        problem(
            "database",
            f"{used} of {limit} connections are taken",
            why="a process that starts now may get none",
            do="end what else is connected, or take a larger plan",
        )
        for used, limit in usage
        if limit >= 0 and limit - used < SPARE_CONNECTIONS
    ]
