"""Who may use the dashboard: people with a name and a password of their own, and a role at some or all businesses.

Whoever comes by single sign-on has their e-mail address as name, and no password.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import NotFound, OperationError
from ..settings import PASSWORD_CHARS
from ..store import Database, Transaction
from .audit import NOBODY, Actor, note
from .documents import columns_to_json

VIEWER, OPERATOR, OWNER = "viewer", "operator", "owner"
ROLES = (VIEWER, OPERATOR, OWNER)  # each may do what those before it may
EVERYWHERE = "*"
NAME_CHARS = 40  # as a session has it
EMAIL_CHARS = 254
EMAIL = re.compile(r"[!-?A-~]+@[!-?A-~]+")  # ASCII alone: of other signs several would be the same address here
SSO = "sso:"  # so begins what stands in place of the hash where there is no password; no password has that hash
MARK = "person"  # so begins the mark of a session that is a person's

ALL = "SELECT id, login, name, password, made_us FROM people"
OF_PEOPLE = "SELECT person, source, role FROM roles ORDER BY person, source"
SET_ROLE = """
INSERT INTO roles (person, source, role) VALUES (?, ?, ?)
ON CONFLICT (person, source) DO UPDATE SET role = excluded.role
"""


@dataclass(frozen=True, kw_only=True)
class Person:
    """`password` is a hash, or SSO with what no other person has."""

    id: int
    login: str
    name: str
    password: str = field(repr=False)
    made_us: int
    roles: Mapping[str, str]  # by source; at EVERYWHERE for all

    def role_at(self, source: str) -> str:
        return role_at(self.roles, source)

    @property
    def is_sso(self) -> bool:
        return self.password.startswith(SSO)

    @property
    def mark(self) -> str:
        """In a session; another one once the password is changed."""
        return f"{MARK} {self.id} {hashlib.sha256(self.password.encode()).hexdigest()[:32]}"

    def to_json(self) -> dict[str, Any]:
        return columns_to_json({"name": self.name, "made_us": self.made_us}) | {
            "sso": self.is_sso,
            "roles": dict(self.roles),
        }


def role_at(roles: Mapping[str, str], source: str) -> str:
    """The higher of the two where there is one at this source and one at all; "" where there is none."""
    held = [roles[name] for name in (source, EVERYWHERE) if roles.get(name) in ROLES]
    return max(held, key=ROLES.index, default="")


def login_of(name: str) -> str:
    """What is the same name, however it is typed."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def people(db: Database, *, source: str | None = None) -> list[Person]:
    """By name; those with a role at this source alone, or all. Raises StoreError."""
    roles: dict[int, dict[str, str]] = {}
    for row in db.read(OF_PEOPLE):
        roles.setdefault(row["person"], {})[row["source"]] = row["role"]
    rows = [Person(**dict(row), roles=roles.get(row["id"], {})) for row in db.read(f"{ALL} ORDER BY login")]
    return [person for person in rows if source is None or source in person.roles]


def person_named(db: Database, name: str) -> Person | None:
    """Raises StoreError."""
    return one(db, "login = ?", login_of(name))


def person_with_email(db: Database, email: str) -> Person | None:
    """Who may come by single sign-on with this address, which the provider has verified. Raises StoreError."""
    person = person_named(db, email) if is_email(email) else None
    return person if person and person.is_sso and person.roles else None


def is_email(name: str) -> bool:
    return len(name) <= EMAIL_CHARS and bool(EMAIL.fullmatch(name))


def person_of(db: Database, mark: str) -> Person | None:
    """Whose session has this mark; None where the password is another one now. Raises StoreError."""
    number = mark.split(" ")[1] if mark.startswith(f"{MARK} ") else ""
    person = one(db, "id = ?", int(number)) if number.isdigit() else None
    return person if person and person.mark == mark else None


def one(db: Database, condition: str, value: object) -> Person | None:
    rows = db.read(f"{ALL} WHERE {condition}", (value,))
    if not rows:
        return None
    roles = db.read("SELECT source, role FROM roles WHERE person = ?", (rows[0]["id"],))
    return Person(**dict(rows[0]), roles={row["source"]: row["role"] for row in roles})


def the_person(db: Database, name: str) -> Person:
    """Raises NotFound, StoreError."""
    if person := person_named(db, name):
        return person
    raise NotFound(f"There is nobody called {name}: `receiver people list` lists who there is.")


def add_person(db: Database, name: str, password: str | None, role: str, source: str, *, by: Actor = NOBODY) -> Person:
    """Without a password: for single sign-on, with the e-mail address as name.

    Raises OperationError where there is somebody of that name, or it is none; StoreError.
    """
    name = " ".join(name.split())
    check_name(name, is_sso=password is None)
    check_role(role)
    stored = SSO + secrets.token_urlsafe() if password is None else hashed(password)
    now_us = db.now_us()

    def write(tx: Transaction) -> bool:
        sql = (
            "INSERT INTO people (login, name, password, made_us) VALUES (?, ?, ?, ?) ON CONFLICT (login) DO NOTHING "
            "RETURNING id"
        )
        row = tx.execute(sql, (login_of(name), name, stored, now_us)).fetchone()
        if row is not None:
            tx.execute(SET_ROLE, (row["id"], source, role))
            note(tx, now_us, "person-add", {"person": name, "role": role}, source=source_of_note(source), by=by)
        return row is not None

    if not db.commit(write):
        raise OperationError(f"There is somebody called {name} already.")
    return the_person(db, name)


def set_role(db: Database, name: str, source: str, role: str, *, by: Actor = NOBODY) -> None:
    """At one source, or at EVERYWHERE; "" takes it away. Raises NotFound, OperationError, StoreError."""
    person, now_us = the_person(db, name), db.now_us()
    if role:
        check_role(role)

    def write(tx: Transaction) -> None:
        if role:
            tx.execute(SET_ROLE, (person.id, source, role))
        else:
            tx.execute("DELETE FROM roles WHERE person = ? AND source = ?", (person.id, source))
        detail = {"person": person.name, "role": role or "none"}
        note(tx, now_us, "person-role", detail, source=source_of_note(source), by=by)

    db.commit(write)


def set_password(db: Database, name: str, password: str, *, by: Actor = NOBODY) -> None:
    """Their sessions end. Raises NotFound, OperationError, StoreError."""
    person = the_person(db, name)
    if person.is_sso:
        raise OperationError(f"{person.name} comes by single sign-on, and has no password here.")
    stored, now_us = hashed(password), db.now_us()

    def write(tx: Transaction) -> None:
        tx.execute("UPDATE people SET password = ? WHERE id = ?", (stored, person.id))
        note(tx, now_us, "person-password", {"person": person.name}, by=by)

    db.commit(write)


def remove_person(db: Database, name: str, *, by: Actor = NOBODY) -> None:
    """What they did stays written down, with their name. Raises NotFound, StoreError."""
    person, now_us = the_person(db, name), db.now_us()

    def write(tx: Transaction) -> None:
        tx.execute("DELETE FROM roles WHERE person = ?", (person.id,))
        tx.execute("DELETE FROM people WHERE id = ?", (person.id,))
        note(tx, now_us, "person-remove", {"person": person.name}, by=by)

    db.commit(write)


def source_of_note(source: str) -> str:
    return "" if source == EVERYWHERE else source


def check_name(name: str, *, is_sso: bool) -> None:
    if is_sso and not is_email(name):
        raise OperationError("For single sign-on the name is an e-mail address, such as ana@example.com.")
    if not is_sso and (not name or len(name) > NAME_CHARS or not name.isprintable()):
        raise OperationError(f"A name has 1 to {NAME_CHARS} characters.")


def check_role(role: str) -> None:
    if role not in ROLES:
        raise OperationError(f"There is no role {role}: take {', '.join(ROLES)}.")


def hashed(password: str) -> str:
    """Takes some 80 ms and 32 MB. Raises OperationError where it would be guessed."""
    from werkzeug.security import generate_password_hash  # the core's processes do without it

    if len(password.strip()) < PASSWORD_CHARS:
        raise OperationError(f"Take {PASSWORD_CHARS} characters or more: four words in a row are easy to keep.")
    return generate_password_hash(unicodedata.normalize("NFC", password).strip())
