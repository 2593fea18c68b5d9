"""Who is signed in to the dashboard: of each session a row, by the hash of the token in its cookie."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..store import NOTE, Database, Transaction
from .audit import Actor, note
from .people import EMAIL_CHARS, EVERYWHERE, OWNER, person_of, role_at, source_of_note

TOKEN_BYTES = 32
IDLE_US = 12 * 3_600_000_000  # a working day: who went home signs in again
OLDEST_US = 7 * 86_400_000_000
SEEN_EVERY_US = 60_000_000  # a look at a page is written down no more often
NAME_CHARS = 40
SIGNING_KEY = "secret key"  # a fact: what signs the cookies of those who have not signed in
LINK_S = 600  # a link to sign in
OF_CALLERS = ("searches", "kept", "saved", "next")
COLUMNS = "id, name, created_us, seen_us, data, password_mark"


@dataclass(frozen=True, kw_only=True)
class Session:
    id: int
    name: str  # as whoever signed in called themselves
    roles: Mapping[str, str]  # by source
    person: str  # who has a password of their own, by their login; "" of whoever has DASHBOARD_PASSWORD
    created_us: int
    seen_us: int
    data: Mapping[str, Any]

    def role_at(self, source: str) -> str:
        return role_at(self.roles, source)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def find_session(db: Database, token: str, mark: str) -> Session | None:
    """The session of this token, unless it has ended, or another password is set meanwhile. Raises StoreError."""
    now_us = db.now_us()
    sql = f"SELECT {COLUMNS} FROM sessions WHERE token_hash = ? AND seen_us > ? AND created_us > ?"
    rows = db.read(sql, (hash_of(token), now_us - IDLE_US, now_us - OLDEST_US))
    return session_of(db, rows[0], mark) if rows else None


def session_of(db: Database, row: Mapping[str, Any], mark: str) -> Session | None:
    """With the roles that they have now. `mark` is that of DASHBOARD_PASSWORD, whose holder is the owner of all."""
    columns = {name: value for name, value in dict(row).items() if name != "password_mark"}
    columns["data"] = json.loads(row["data"])
    if row["password_mark"] == mark:
        return Session(**columns, roles={EVERYWHERE: OWNER}, person="")
    person = person_of(db, row["password_mark"])
    return Session(**columns, roles=person.roles, person=person.login) if person and person.roles else None


def sign_in(
    db: Database,
    name: str,
    mark: str,
    by: Actor,
    *,
    sources: Collection[str] = ("",),
    link: str = "",
    sso: bool = False,
    data: Mapping[str, Any] | None = None,
) -> str | None:
    """Begin a session, and return its token. None where `link` has been used already. Raises StoreError.

    It is written down in the history of these `sources`.
    """
    token, now_us = secrets.token_urlsafe(TOKEN_BYTES), db.now_us()

    def write(tx: Transaction) -> str | None:
        if link and not use(tx, link, now_us):
            return None
        tx.execute("DELETE FROM sessions WHERE seen_us < ? OR created_us < ?", (now_us - IDLE_US, now_us - OLDEST_US))
        sql = (
            "INSERT INTO sessions (token_hash, name, role, created_us, seen_us, password_mark, data) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id"
        )
        values = (hash_of(token), name[:EMAIL_CHARS], OWNER, now_us, now_us, mark, json.dumps(data or {}))
        session = tx.execute(sql, values).fetchone()["id"]
        actor = Actor(who=name[:EMAIL_CHARS], address=by.address, session=session)
        way = "sso" if sso else "link" if link else "password"
        for source in sorted({source_of_note(source) for source in sources}):
            note(tx, now_us, "sign-in", {"by": [way]}, source=source, by=actor)
        return token

    return db.commit(write)


def use(tx: Transaction, link: str, now_us: int) -> bool:
    """Whether nobody has used this link before."""
    tx.execute("DELETE FROM facts WHERE name LIKE 'link: %' AND noted_us < ?", (now_us - 10 * LINK_S * 1_000_000,))
    sql = "INSERT INTO facts (name, value, noted_us) VALUES (?, '', ?) ON CONFLICT (name) DO NOTHING"
    return bool(tx.execute(sql, (f"link: {hash_of(link)}", now_us)).rowcount)


def forget_searches(tx: Transaction) -> None:
    """What people searched for, or wrote and did not send yet, may name somebody who is erased."""
    for row in tx.execute("SELECT id, data FROM sessions").fetchall():
        data = json.loads(row["data"])
        kept = {name: value for name, value in data.items() if name not in OF_CALLERS}
        if kept != data:
            tx.execute("UPDATE sessions SET data = ? WHERE id = ?", (json.dumps(kept), row["id"]))


def keep_session(db: Database, session: int, data: Mapping[str, Any] | None, *, name: str | None = None) -> None:
    """That somebody looked just now, with what is to be known when they look next. Raises StoreError."""
    now_us = db.now_us()

    def write(tx: Transaction) -> None:
        tx.execute("UPDATE sessions SET seen_us = ? WHERE id = ?", (now_us, session))
        if data is not None:
            tx.execute("UPDATE sessions SET data = ? WHERE id = ?", (json.dumps(dict(data)), session))
        if name is not None:
            tx.execute("UPDATE sessions SET name = ? WHERE id = ?", (name[:NAME_CHARS], session))

    db.commit(write)


def sign_out(db: Database, by: Actor, *, person: str = "", everywhere: bool = False) -> None:
    """End this session, or all there are; of a person all of theirs. Raises StoreError."""
    now_us = db.now_us()

    def write(tx: Transaction) -> None:
        if everywhere and person:
            mine = "(SELECT password_mark FROM sessions WHERE id = ?)"
            tx.execute(f"DELETE FROM sessions WHERE password_mark = {mine}", (by.session,))
        elif everywhere:
            tx.execute("DELETE FROM sessions")
        else:
            tx.execute("DELETE FROM sessions WHERE id = ?", (by.session,))
        note(tx, now_us, "sign-out-all" if everywhere else "sign-out", {}, by=by)

    db.commit(write)


def signed_in(db: Database, mark: str, source: str = "") -> list[Session]:
    """Those that have not ended, the newest first, of people with a role at this source.

    Whoever has DASHBOARD_PASSWORD, or a role at all sources, is listed at that of the environment alone.
    Raises StoreError.
    """
    now_us = db.now_us()
    sql = f"SELECT {COLUMNS} FROM sessions WHERE seen_us > ? AND created_us > ? ORDER BY id DESC"
    rows = db.read(sql, (now_us - IDLE_US, now_us - OLDEST_US))
    found = [each for row in rows if (each := session_of(db, row, mark))]
    return [each for each in found if source in each.roles or (not source and EVERYWHERE in each.roles)]


def note_wrong_password(db: Database, by: Actor, tries: int, row: int | None) -> int:
    """One note for the tries of an address: `row`, or a new one. Returns its number. Raises StoreError."""
    now_us = db.now_us()

    def write(tx: Transaction) -> int:
        detail = {"tries": tries}
        sql = "UPDATE audit SET detail = ?, at_us = ? WHERE id = ? AND action = 'wrong-password'"
        if row is not None and tx.execute(sql, (json.dumps(detail), now_us, row)).rowcount:
            return row
        return note(tx, now_us, "wrong-password", detail, by=by)

    return db.commit(write)


def note_look(db: Database, by: Actor, action: str, detail: Mapping[str, Any], *, source: str = "") -> None:
    """Write down that somebody looked at what is not shown to everybody. Raises StoreError."""
    now_us = db.now_us()
    db.commit(lambda tx: note(tx, now_us, action, detail, source=source, by=by))


def secret_key(db: Database) -> str:
    """What signs the cookies of those who are not signed in; made when it is first asked for. Raises StoreError."""
    sql = "SELECT value FROM facts WHERE name = ?"
    if rows := db.read(sql, (SIGNING_KEY,)):
        return str(rows[0]["value"])
    made, now_us = secrets.token_urlsafe(TOKEN_BYTES), db.now_us()

    def write(tx: Transaction) -> str:
        row = tx.execute(sql, (SIGNING_KEY,)).fetchone()
        if row is None:
            tx.execute(NOTE, (SIGNING_KEY, made, now_us))
        return made if row is None else str(row["value"])

    return db.commit(write)
