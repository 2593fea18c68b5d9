"""Tokens by which a partner's program reads the deliveries of one source. Only the SHA-256 of each is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import NotFound, OperationError
from ..store import Database, Row, Transaction
from . import audit
from .businesses import the_source
from .documents import columns_to_json

PREFIX = "ifr"  # so that scanners for secrets, and people, see what it is
NAME_CHARS = 80

ALL = """
SELECT t.id, t.source, t.name, t.digest, t.created_us, t.used_us, s.disabled_us
FROM tokens AS t LEFT JOIN sources AS s ON s.name = t.source ORDER BY t.source, t.created_us, t.id
"""
ADD = "INSERT INTO tokens (id, source, name, digest, created_us) VALUES (?, ?, ?, ?, ?)"
USED = "UPDATE tokens SET used_us = ? WHERE id = ?"


@dataclass(frozen=True, kw_only=True)
class Token:
    """`id` is the part of it that may be shown. `disabled`: its source receives nothing at the time."""

    id: str
    source: str
    name: str
    digest: str = field(repr=False)
    created_us: int
    used_us: int | None
    disabled: bool

    def to_json(self) -> dict[str, Any]:
        columns = {"id": self.id, "source": self.source, "name": self.name}
        return columns_to_json(columns | {"created_us": self.created_us, "used_us": self.used_us})


def tokens(db: Database) -> list[Token]:
    """By source, the oldest first. Raises StoreError."""
    return [token(row) for row in db.read(ALL)]


def token(row: Row) -> Token:
    columns = dict(row)
    return Token(disabled=columns.pop("disabled_us") is not None, **columns)


def add_token(db: Database, name: str, *, source: str = "") -> str:
    """Returns the token, which nobody can show again. Raises NotFound for an unknown source, OperationError."""
    if not 0 < len(name) <= NAME_CHARS or not name.isprintable():
        raise OperationError(f"A token's name says who has it: 1 to {NAME_CHARS} printable characters.")
    if source:
        the_source(db, source)
    id, now_us = secrets.token_hex(4), db.now_us()
    text = f"{PREFIX}_{id}_{secrets.token_urlsafe(32)}"

    def write(tx: Transaction) -> None:
        tx.execute(ADD, (id, source, name, digest_of(text), now_us))
        audit.note(tx, now_us, "token-add", {"token": id, "name": name}, source=source)

    db.commit(write)
    return text


def remove_token(db: Database, id: str) -> Token:
    """Raises NotFound, StoreError."""
    removed = next((each for each in tokens(db) if each.id == id), None)
    if removed is None:
        raise NotFound(f"There is no token {id}: receiver tokens list shows the ids.")
    now_us = db.now_us()

    def write(tx: Transaction) -> None:
        tx.execute("DELETE FROM tokens WHERE id = ?", (id,))
        audit.note(tx, now_us, "token-remove", {"token": id, "name": removed.name}, source=removed.source)

    db.commit(write)
    return removed


def note_token_use(db: Database, used: Mapping[str, int]) -> None:
    """When each was last used, by id. Raises StoreError."""
    rows = [(used_us, id) for id, used_us in used.items()]
    db.commit(lambda tx: tx.executemany(USED, rows))


def token_in(text: str, by_id: Mapping[str, Token]) -> Token | None:
    """The token that this text is, or None. Compared in constant time."""
    parts = text.split("_", 2)
    known = by_id.get(parts[1]) if len(parts) == 3 and parts[0] == PREFIX else None
    return known if known and hmac.compare_digest(known.digest, digest_of(text)) else None


def digest_of(text: str) -> str:
    """It is long and random, so one round is enough."""
    return hashlib.sha256(text.encode()).hexdigest()
