"""The businesses that this inbox is for, beside the one that the environment describes. Secrets come and go sealed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from ..store import NOTE, Database, Transaction

CHANGED = "sources"  # the fact whose value is another one after every change
SECRETS = "SELECT source, secret, added_us, until_us FROM source_secrets ORDER BY id DESC"
EXPIRE = "UPDATE source_secrets SET until_us = ? WHERE source = ? AND (until_us IS NULL OR until_us > ?)"


@dataclass(frozen=True, kw_only=True)
class StoredSecret:
    sealed: str
    added_us: int
    until_us: int | None  # accepted until then; None: for good


@dataclass(frozen=True, kw_only=True)
class StoredSource:
    name: str
    sealed: str  # its variables
    created_us: int
    disabled_us: int | None
    secrets: tuple[StoredSecret, ...]  # the newest first


def sources_version(db: Database) -> str:
    """Another one after every change; "" where there never was a source. Raises StoreError."""
    rows = db.read("SELECT value FROM facts WHERE name = ?", (CHANGED,))
    return str(rows[0]["value"]) if rows else ""


def stored_sources(db: Database) -> list[StoredSource]:
    """By name. Raises StoreError."""
    secrets: dict[str, list[StoredSecret]] = {}
    for row in db.read(SECRETS):
        secret = StoredSecret(sealed=row["secret"], added_us=row["added_us"], until_us=row["until_us"])
        secrets.setdefault(row["source"], []).append(secret)
    return [
        StoredSource(
            name=row["name"],
            sealed=row["settings"],
            created_us=row["created_us"],
            disabled_us=row["disabled_us"],
            secrets=tuple(secrets.get(row["name"], ())),
        )
        for row in db.read("SELECT name, settings, created_us, disabled_us FROM sources ORDER BY name")
    ]


def next_expiry_us(db: Database) -> int | None:
    """When the next secret ceases to count that does still; None where none will. Raises StoreError."""
    us = db.read("SELECT min(until_us) AS us FROM source_secrets WHERE until_us > ?", (db.now_us(),))[0]["us"]
    return None if us is None else int(us)


def insert_source(tx: Transaction, name: str, sealed: str, now_us: int) -> bool:
    """Whether there was none of that name."""
    sql = "INSERT INTO sources (name, settings, created_us) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING"
    inserted = tx.execute(f"{sql} RETURNING name", (name, sealed, now_us)).fetchone()
    note_change(tx, now_us)
    return inserted is not None


def write_settings(tx: Transaction, name: str, sealed: str, now_us: int) -> None:
    tx.execute("UPDATE sources SET settings = ? WHERE name = ?", (sealed, name))
    note_change(tx, now_us)


def add_secret(tx: Transaction, name: str, sealed: str, now_us: int, until_us: int) -> None:
    """The new one counts from now on; those before it until `until_us`."""
    tx.execute("DELETE FROM source_secrets WHERE source = ? AND until_us <= ?", (name, now_us))
    tx.execute(EXPIRE, (until_us, name, until_us))
    tx.execute("INSERT INTO source_secrets (source, secret, added_us) VALUES (?, ?, ?)", (name, sealed, now_us))
    note_change(tx, now_us)


def replace_secrets(tx: Transaction, name: str, secrets: Sequence[tuple[str, StoredSecret]]) -> None:
    """The same secrets, sealed anew."""
    sql = "UPDATE source_secrets SET secret = ? WHERE source = ? AND secret = ?"
    tx.executemany(sql, [(sealed, name, secret.sealed) for sealed, secret in secrets])


def set_disabled(tx: Transaction, name: str, disabled_us: int | None, now_us: int) -> None:
    tx.execute("UPDATE sources SET disabled_us = ? WHERE name = ?", (disabled_us, name))
    note_change(tx, now_us)


def delete_source(tx: Transaction, name: str, now_us: int) -> None:
    """Its deliveries stay, until they are pruned or erased."""
    tx.execute("DELETE FROM source_secrets WHERE source = ?", (name,))
    tx.execute("DELETE FROM sources WHERE name = ?", (name,))
    note_change(tx, now_us)


def note_change(tx: Transaction, now_us: int) -> None:
    tx.execute(NOTE, (CHANGED, uuid.uuid4().hex, now_us))
