"""From what a person types to the deliveries that are meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import Ambiguous, NotFound
from ..locales import Texts
from ..store import Database, Row
from .commands import command

# fmt: off
TEXTS = Texts({
    "none":    ("There is no delivery and no call {name}. {command} lists what there is.",
                "No hay ninguna entrega ni llamada {name}. {command} muestra lo que hay."),
    "several": ("{name} begins the ids of several: {keys}, … Write more of the one.",
                "{name} es el comienzo de varios identificadores: {keys}, … Escribe más letras del que buscas."),
    "sources": ("{name} is in several sources: {sources}. Say which with --source.",
                "{name} está en varios negocios: {sources}. Di cuál con --source."),
})
# fmt: on
MATCHES = 50  # deliveries of one name: more than a call has, and as many as a person reads
LAST = "\U0010ffff"  # sorts behind whatever a key holds

# One after another, each found in the index by the one before: DISTINCT would read a key of every delivery.
SOURCES = """
WITH RECURSIVE sources (name) AS (
    SELECT min(source) FROM deliveries
    UNION ALL
    SELECT (SELECT min(d.source) FROM deliveries AS d WHERE d.source > sources.name) FROM sources
    WHERE sources.name IS NOT NULL
)
SELECT name FROM sources WHERE name IS NOT NULL
"""


Look = Callable[[Database, str, str], Sequence[Row]]


@dataclass(frozen=True, kw_only=True)
class Named:
    """A delivery by its number in the database, which is one delivery's alone: two sources may have one key."""

    id: int
    source: str
    key: str


def named(db: Database, name: str, *, source: str | None = None) -> list[Named]:
    """The deliveries that are meant: of this key in each source, else of this call, else those whose key begins so,
    else those of the call whose id begins so.

    At most 50, oldest first; `source` None looks in every source. Raises NotFound where there are none, Ambiguous where
    several calls' ids begin so, StoreError.
    """
    looks = (with_key, of_call, with_prefix, of_call_with_prefix)
    if matches := matching(db, looks, sources_of(db, source), name):
        return matches
    raise NotFound(TEXTS("none", name=name, command=f"`{command('deliveries')}`"))


def named_exactly(db: Database, names: Sequence[str], *, source: str | None = None) -> tuple[int, ...]:
    """The numbers of the deliveries that are meant, for what changes them.

    Raises NotFound, and Ambiguous as `resolve` does or where a name is one in several sources; StoreError.
    """
    return tuple(delivery.id for name in names for delivery in of_one_source(name, resolve(db, name, source=source)))


def of_one_source(name: str, matches: Sequence[Named]) -> Sequence[Named]:
    sources = sorted({delivery.source for delivery in matches})
    if len(sources) > 1:
        raise Ambiguous(TEXTS("sources", name=name, sources=", ".join(map(repr, sources[:5]))))
    return matches


def resolve(db: Database, name: str, *, source: str | None = None) -> list[Named]:
    """One delivery, or those of one call, by the id or by the beginning of it; in each source that has it.

    Raises NotFound, Ambiguous where several ids begin so, StoreError.
    """
    sources = sources_of(db, source)
    if whole := matching(db, (with_key, of_call), sources, name):
        return whole
    deliveries = matching(db, (with_prefix,), sources, name)
    call = call_named(db, name, source=source) if name else ""
    ids = [*dict.fromkeys(delivery.key for delivery in deliveries), *([call] if call else [])]
    if len(ids) > 1:
        raise Ambiguous(TEXTS("several", name=name, keys=", ".join(ids[:3])))
    return deliveries or named(db, call or name, source=source)


def call_named(db: Database, name: str, *, source: str | None = None) -> str:
    """The id of the call that has this id, or whose id begins so; "" where there is none.

    Raises Ambiguous where several calls' ids begin so, StoreError.
    """
    sources = sources_of(db, source)
    if matching(db, (of_call,), sources, name):
        return name
    calls = list(dict.fromkeys(call for each in sources for call in calls_with_prefix(db, each, name)))
    if len(calls) > 1:
        raise Ambiguous(TEXTS("several", name=name, keys=", ".join(calls[:3])))
    return calls[0] if calls else ""


def sources_of(db: Database, source: str | None) -> list[str]:
    return [row["name"] for row in db.read(SOURCES)] if source is None else [source]


def matching(db: Database, looks: Sequence[Look], sources: Sequence[str], name: str) -> list[Named]:
    """What the first of the `looks` finds that finds any."""
    for look in looks:
        rows = [row for source in sources for row in look(db, source, name)] if name else []
        if rows:
            matches = [Named(id=row["id"], source=row["source"], key=row["key"]) for row in rows]
            return sorted(matches, key=lambda delivery: delivery.id)[:MATCHES]
    return []


def with_key(db: Database, source: str, name: str) -> Sequence[Row]:
    return db.read("SELECT id, source, key FROM deliveries WHERE source = ? AND key = ?", (source, name))


def of_call(db: Database, source: str, name: str) -> Sequence[Row]:
    sql = "SELECT id, source, key FROM deliveries WHERE call_id = ? AND source = ? ORDER BY id LIMIT ?"
    return db.read(sql, (name, source, MATCHES))


def with_prefix(db: Database, source: str, name: str) -> Sequence[Row]:
    """By the range of the index in SQLite; Postgres may sort keys in another order than by their characters."""
    condition, values = ("key >= ? AND key < ?", (name, name + LAST)) if not db.shared else ("1 = 1", ())
    return db.read(
        f"SELECT id, source, key FROM deliveries WHERE source = ? AND {condition} AND substr(key, 1, ?) = ? "
        "ORDER BY key LIMIT ?",
        (source, *values, len(name), name, MATCHES),
    )


def of_call_with_prefix(db: Database, source: str, name: str) -> Sequence[Row]:
    """Raises Ambiguous: a call has several deliveries, which are not to be mixed with another's."""
    calls = calls_with_prefix(db, source, name)
    if len(calls) > 1:
        raise Ambiguous(TEXTS("several", name=name, keys=", ".join(calls)))
    return of_call(db, source, calls[0]) if calls else ()


def calls_with_prefix(db: Database, source: str, name: str) -> list[str]:
    """Three at most."""
    condition, values = ("call_id >= ? AND call_id < ?", (name, name + LAST)) if not db.shared else ("1 = 1", ())
    rows = db.read(
        f"SELECT DISTINCT call_id FROM deliveries WHERE {condition} AND source || '' = ? AND substr(call_id, 1, ?) = ? "
        "ORDER BY call_id LIMIT 3",
        (*values, source, len(name), name),
    )
    return [row["call_id"] for row in rows]
