"""Several businesses on one receiver: each a source with an address, secrets, destinations and settings of its own.

What is in the database is sealed with SECRET_KEY. What runs looks every few seconds whether anything was changed.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets as random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .. import inbox, registry
from ..errors import ConfigurationError, NotFound, OperationError, StoreError
from ..inbox import StoredSource
from ..registry import Activation, Handler
from ..sealing import Sealer, shown
from ..settings import Settings, read
from ..sources import Source
from ..store import Database, Transaction
from . import audit
from .documents import columns_to_json
from .sources import single_source

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
RESERVED = ("probe",)  # what /readyz writes goes by that name
OVERLAP_S = 24 * 3600  # how long the secret before is accepted beside a new one
SHORTEST_SECRET = 16

# What a source may set of its own, besides the variables of handlers.
OWN = (
    "BUSINESS_CLOSED_ON",
    "BUSINESS_LANGUAGE",
    "BUSINESS_NAME",
    "BUSINESS_TIMEZONE",
    "INBOUNDFLOW_TIMESTAMP_TOLERANCE_SECONDS",
    "RETENTION_DAYS",
)
# What is the operator's alone: whoever configures a source must reach no file and no private address of this machine.
OPERATORS = ("FORWARD_ALLOW_HOSTS", "GOOGLE_APPLICATION_CREDENTIALS")


@dataclass(frozen=True, kw_only=True)
class Business:
    """A source as people see it."""

    name: str
    path: str
    disabled: bool
    created_us: int
    secrets: tuple[Mapping[str, Any], ...]  # when each was added, until when it counts; never itself
    settings: Mapping[str, str] = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        document = columns_to_json({"name": self.name, "path": self.path, "created_us": self.created_us})
        return document | {
            "disabled": self.disabled,
            "secrets": [columns_to_json(secret) for secret in self.secrets],
            "settings": shown(self.settings),
        }


@dataclass
class Routing:
    """The activations of all sources, read again where a source was changed."""

    settings: Settings
    handlers: Mapping[str, Handler]
    env: Mapping[str, str]

    def version(self, db: Database) -> str:
        return inbox.sources_version(db)

    def single(self) -> Sequence[Activation]:
        """Those of the business that the environment describes."""
        return registry.activate(self.handlers, self.env)

    def only(self, name: str) -> Routing:
        """The same for this handler alone: one that needs nothing is on only where no other is, and looks at all."""
        handler = self.handlers[name]
        return replace(self, handlers={name: handler}) if handler.needs else self

    def of(self, business: Business) -> Sequence[Activation]:
        return registry.activate(self.handlers, environment_of(business.settings, self.env))

    def activations(self, db: Database) -> Sequence[Activation]:
        """Those of the environment alone where there is no source. Raises StoreError, ConfigurationError."""
        if not self.version(db):
            return self.single()
        return all_activations(db, self.settings, self.handlers, self.env)


def path_of(name: str) -> str:
    return f"/webhooks/inboundflow/{name}" if name else "/webhooks/inboundflow"


def sealer(settings: Settings) -> Sealer:
    """By the variables, or by the file that one's own machine has."""
    if settings.secret_keys:
        return Sealer(settings.secret_keys.values)
    with contextlib.suppress(OSError):
        return Sealer([settings.secret_key_path.read_bytes().strip()])
    return Sealer(())


def make_key(settings: Settings) -> Path | None:
    """On one's own machine, with a file as its database: a key in a file of its owner's. None where there is one."""
    if sealer(settings) or settings.platform or settings.database_url:
        return None
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(settings.secret_key_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(random.token_urlsafe(32) + "\n")
    return settings.secret_key_path


def businesses(db: Database, settings: Settings) -> list[Business]:
    """All sources, by name. Raises StoreError, and ConfigurationError where the key does not open them."""
    seal = sealer(settings)
    return [business(row, seal) for row in inbox.stored_sources(db)]


def business(row: StoredSource, seal: Sealer) -> Business:
    return Business(
        name=row.name,
        path=path_of(row.name),
        disabled=row.disabled_us is not None,
        created_us=row.created_us,
        secrets=tuple({"added_us": secret.added_us, "until_us": secret.until_us} for secret in row.secrets),
        settings=seal.open(row.sealed),
    )


def add_source(
    db: Database,
    routing: Routing,
    name: str,
    *,
    secret: str = "",
    variables: Mapping[str, str] | None = None,
) -> str:
    """Returns its signing secret, which is made where none is given. Raises OperationError, ConfigurationError."""
    if not NAME.fullmatch(name) or name in RESERVED:
        raise OperationError(
            f"{name!r} cannot be a source's name: it is part of its address, so take 1 to 63 of a-z, 0-9 and -, "
            "with a letter or digit first and last."
        )
    secret, variables, now_us = checked_secret(secret), checked(variables or {}, routing), db.now_us()
    seal = sealer(routing.settings)
    sealed = seal.seal(variables), seal.seal(secret)

    def write(tx: Transaction) -> bool:
        if not inbox.insert_source(tx, name, sealed[0], now_us):
            return False
        inbox.add_secret(tx, name, sealed[1], now_us, now_us)
        audit.note(tx, now_us, "source-add", {"variables": sorted(variables)}, source=name)
        return True

    if not db.commit(write):
        raise OperationError(f"There is a source {name} already: receiver sources set {name} NAME=VALUE changes it.")
    return secret


def change_settings(
    db: Database,
    routing: Routing,
    name: str,
    variables: Mapping[str, str],
) -> None:
    """Set these variables of a source; an empty value takes one away. Raises NotFound, OperationError."""
    seal, now_us = sealer(routing.settings), db.now_us()
    before = seal.open(the_source(db, name).sealed)
    after = {key: value for key, value in {**before, **variables}.items() if value}
    sealed = seal.seal(checked(after, routing))

    def write(tx: Transaction) -> None:
        inbox.write_settings(tx, name, sealed, now_us)
        audit.note(tx, now_us, "source-set", {"variables": sorted(variables)}, source=name)

    db.commit(write)


def rotate_secret(db: Database, settings: Settings, name: str, *, secret: str = "", overlap_s: int = OVERLAP_S) -> str:
    """Returns the new signing secret; the one before is accepted for `overlap_s` more. Raises NotFound."""
    the_source(db, name)
    secret, now_us = checked_secret(secret), db.now_us()
    sealed = sealer(settings).seal(secret)

    def write(tx: Transaction) -> None:
        inbox.add_secret(tx, name, sealed, now_us, now_us + overlap_s * 1_000_000)
        audit.note(tx, now_us, "source-rotate", {"overlap_s": overlap_s}, source=name)

    db.commit(write)
    return secret


def disable_source(db: Database, name: str, *, disabled: bool) -> None:
    """A disabled one is answered as one that does not exist, and its runs wait. Raises NotFound."""
    the_source(db, name)
    now_us = db.now_us()

    def write(tx: Transaction) -> None:
        inbox.set_disabled(tx, name, now_us if disabled else None, now_us)
        audit.note(tx, now_us, "source-disable" if disabled else "source-enable", {}, source=name)

    db.commit(write)


def remove_source(db: Database, name: str) -> int:
    """Its secrets, settings and tokens go. Returns how many of its deliveries are left. Raises NotFound."""
    if the_source(db, name).disabled_us is None:
        raise OperationError(f"{name} receives deliveries: receiver sources disable {name} first.")
    now_us = db.now_us()

    def write(tx: Transaction) -> None:
        inbox.delete_source(tx, name, now_us)
        tx.execute("DELETE FROM tokens WHERE source = ?", (name,))
        audit.note(tx, now_us, "source-remove", {}, source=name)

    db.commit(write)
    return int(db.read("SELECT count(*) AS n FROM deliveries WHERE source = ?", (name,))[0]["n"])


def apply_source(
    db: Database,
    routing: Routing,
    name: str,
    wanted: Mapping[str, str],
    *,
    dry_run: bool,
) -> str:
    """Bring a source to these variables, of which `secret` is its signing secret. Returns what was done, in words.

    Raises OperationError, ConfigurationError.
    """
    variables = {key: value for key, value in wanted.items() if key != "secret" and value}
    secret = wanted.get("secret", "")
    checked(variables, routing)
    rows = [row for row in inbox.stored_sources(db) if row.name == name]
    if not rows:
        if not dry_run:
            add_source(db, routing, name, secret=secret, variables=variables)
        return f"{name}: added"
    seal = sealer(routing.settings)
    before = seal.open(rows[0].sealed)
    names = sorted(key for key in before.keys() | variables.keys() if before.get(key) != variables.get(key))
    rotated = bool(secret) and seal.open(rows[0].secrets[0].sealed) != secret
    if names and not dry_run:
        change_settings(db, routing, name, {key: variables.get(key, "") for key in names})
    if rotated and not dry_run:
        rotate_secret(db, routing.settings, name, secret=secret)
    changes = [*names, *(["its secret"] if rotated else [])]
    return f"{name}: {', '.join(changes)} changed" if changes else f"{name}: as it is"


def seal_anew(db: Database, settings: Settings) -> int:
    """Seal everything with the present SECRET_KEY, so that the one before can be forgotten. Returns how many sources.

    Raises ConfigurationError where neither opens them.
    """
    seal, rows, now_us = sealer(settings), inbox.stored_sources(db), db.now_us()
    anew = [
        (row.name, seal.seal(seal.open(row.sealed)), [(seal.seal(seal.open(s.sealed)), s) for s in row.secrets])
        for row in rows
    ]

    def write(tx: Transaction) -> None:
        for name, sealed, kept in anew:
            inbox.replace_secrets(tx, name, kept)
            inbox.write_settings(tx, name, sealed, now_us)

    db.commit(write)
    return len(rows)


def the_source(db: Database, name: str) -> StoredSource:
    rows = inbox.stored_sources(db)
    for row in rows:
        if row.name == name:
            return row
    there = ", ".join(row.name for row in rows[:20])
    raise NotFound(f"There is no source {name}. " + (f"There are: {there}." if rows else "There is none yet."))


def checked_secret(secret: str) -> str:
    if secret and len(secret) < SHORTEST_SECRET:
        raise OperationError(f"A signing secret should have {SHORTEST_SECRET} characters or more.")
    return secret or random.token_urlsafe(32)


def checked(variables: Mapping[str, str], routing: Routing) -> dict[str, str]:
    """The same, without blanks around the values. Raises OperationError for what is nobody's, or makes no sense."""
    values = {name: value.strip() for name, value in variables.items()}
    known = {*OWN, *registry.variables(routing.handlers.values())}
    for name in values:
        if is_operators(name):
            raise OperationError(f"{name} is set for the receiver as a whole, in its environment, and for no source.")
        if name not in known:
            meant = registry.resembled(name, known)
            raise OperationError(f"Nothing reads {name}." + (f" Is {meant} meant?" if meant else ""))
        if leads_to_private(values[name], routing.env):
            raise OperationError(
                f"{name} leads to a private address. If that is meant, add its host:port to FORWARD_ALLOW_HOSTS, "
                "in the environment of the receiver."
            )
    try:
        read({name: value for name, value in values.items() if name in OWN})
    except ConfigurationError as error:
        raise OperationError(str(error)) from error
    for activation in registry.activate(routing.handlers, environment_of(values, routing.env)):
        if activation.state == "misconfigured" and any(name in values for name in names_of(activation.handler)):
            raise OperationError(f"{activation.handler.name}: {activation.why}")
    return values


def is_operators(name: str) -> bool:
    """What ends in _API_URL is there to point tests at a played server."""
    return name in OPERATORS or name.endswith("_API_URL")


def leads_to_private(value: str, env: Mapping[str, str]) -> bool:
    """Whether a URL in it names a private address that the operator does not allow, whatever its handler checks."""
    from ..toolkit import allowed_hosts, is_private_host  # it loads an HTTP client, which the web process does not need

    allowed = {entry.rpartition(":")[0] for entry in allowed_hosts(env.get("FORWARD_ALLOW_HOSTS", ""))}
    with contextlib.suppress(ValueError):  # the handler tells of a URL that is none
        hosts = {urlsplit(word).hostname or "" for word in value.split() if "://" in word}
        return any(is_private_host(host) for host in hosts - allowed - {""})
    return False


def names_of(handler: Handler) -> Iterable[str]:
    return registry.variables([handler])


def environment_of(variables: Mapping[str, str], env: Mapping[str, str]) -> dict[str, str]:
    """What a source's handlers see: its own variables, and the operator's of those that no source may set."""
    operators = {name: value for name, value in env.items() if is_operators(name)}
    return {**operators, **variables}


def all_sources(db: Database, settings: Settings) -> dict[str, Source]:
    """What requests are checked against, by name; "" where the environment describes a business.

    Raises StoreError, and ConfigurationError where the key does not open them.
    """
    seal, now_us = sealer(settings), db.now_us()
    by_name = {row.name: source_of(row, seal, now_us) for row in inbox.stored_sources(db) if row.disabled_us is None}
    return single(settings) | by_name


def single(settings: Settings) -> dict[str, Source]:
    return {"": single_source(settings)} if settings.has_business else {}


def source_of(row: StoredSource, seal: Sealer, now_us: int) -> Source:
    own = read(seal.open(row.sealed))
    kept = [secret for secret in row.secrets if secret.until_us is None or secret.until_us > now_us]
    return replace(
        single_source(own), name=row.name, secrets=tuple(seal.open(secret.sealed).encode() for secret in kept)
    )


def all_activations(
    db: Database, settings: Settings, handlers: Mapping[str, Handler], env: Mapping[str, str]
) -> list[Activation]:
    """What is on for the business of the environment, and for each source that is not disabled.

    Raises StoreError, and ConfigurationError where the key does not open them.
    """
    seal, rows = sealer(settings), inbox.stored_sources(db)
    of_sources = [
        replace(activation, source=row.name)
        for row in rows
        if row.disabled_us is None
        for activation in registry.activate(handlers, environment_of(seal.open(row.sealed), env))
    ]
    own = registry.activate(handlers, env)
    return [*(map(without_halves, own) if rows and not settings.has_business else own), *of_sources]


def without_halves(activation: Activation) -> Activation:
    """Where nothing is received for the environment's business, its variables may be there for something else: those
    of e-mail for alerts. What is set by half is off."""
    is_half = activation.state == "misconfigured" and not activation.handler.broken
    return replace(activation, state="off", why="") if is_half else activation


def variables_of(db: Database, settings: Settings, env: Mapping[str, str], name: str) -> dict[str, str]:
    """What the handlers of a source see. Raises StoreError, NotFound, ConfigurationError where no key opens it."""
    return environment_of(sealer(settings).open(the_source(db, name).sealed), env) if name else dict(env)


def unread(db: Database, settings: Settings, handlers: Iterable[Handler]) -> dict[str, list[str]]:
    """The variables of sources that nothing reads any more, each with the names of those sources.

    None can be set that nothing reads, so what read them is gone. Raises StoreError, ConfigurationError.
    """
    seal, known = sealer(settings), {*OWN, *registry.variables(handlers)}
    found: dict[str, list[str]] = {}
    for row in inbox.stored_sources(db):
        for name in seal.open(row.sealed).keys() - known if row.disabled_us is None else ():
            found.setdefault(name, []).append(row.name)
    return found


def source_names(db: Database) -> list[str]:
    """Of those that are not disabled; none where the database does not say."""
    with contextlib.suppress(StoreError):
        return [row.name for row in inbox.stored_sources(db) if row.disabled_us is None]
    return []
